"""The stand-ins of MNIST and Fashion-MNIST: form, difficulty, and a test that is unseen."""

from utils.drawings import clothes, digits

import numpy as np
import pytest


@pytest.fixture(scope="module")
def drawn_digits():
    return digits.mnist()


@pytest.fixture(scope="module")
def drawn_clothes():
    return clothes.fashion_mnist()


def test_the_digits_have_mnists_form(drawn_digits):
    assert drawn_digits["train_images"].shape == (60_000, 28, 28)
    assert drawn_digits["test_images"].shape == (10_000, 28, 28)
    assert {array.dtype for array in drawn_digits.values()} == {np.dtype(np.uint8)}
    for part in ("train", "test"):
        assert set(drawn_digits[f"{part}_labels"]) == set(range(10))
    images = drawn_digits["train_images"]
    edge = np.concatenate([images[:, 0], images[:, :, 0]])
    assert (edge > 0).mean() < 0.01, "room at the edges, as in MNIST"


def test_the_clothes_have_the_real_sets_form(drawn_clothes):
    for part, count in [("train", 60_000), ("test", 10_000)]:
        assert drawn_clothes[f"{part}_images"].shape == (count, 28, 28)
        labels = np.bincount(drawn_clothes[f"{part}_labels"])
        assert labels.tolist() == [count // 10] * 10
    assert {array.dtype for array in drawn_clothes.values()} == {np.dtype(np.uint8)}
    filled = (drawn_clothes["train_images"] > 20).mean(axis=(1, 2))
    assert np.mean(filled < 0.05) < 0.001, "no picture is as good as empty"


def test_the_digits_are_the_same_each_time(drawn_digits):
    for name, array in digits.mnist().items():
        np.testing.assert_array_equal(array, drawn_digits[name])


def test_the_clothes_are_the_same_each_time(drawn_clothes):
    for name, array in clothes.fashion_mnist().items():
        np.testing.assert_array_equal(array, drawn_clothes[name])


@pytest.mark.parametrize(
    ("module", "make"), [(digits, "mnist"), (clothes, "fashion_mnist")]
)
def test_no_design_of_the_test_pictures_is_one_of_the_training(
    module, make, monkeypatch
):
    designs = []

    def vary(pictures, chosen, rng, **options):
        used = pictures[np.unique(chosen)].reshape(-1, 28 * 28)
        designs.append({design.tobytes() for design in used})
        return np.zeros((len(chosen), 28, 28), np.uint8)

    monkeypatch.setattr(module, "vary", vary)
    getattr(module, make)()
    train, test = designs
    assert len(train) > 1000 and len(test) > 300
    assert not train & test


def test_the_clothes_are_about_as_hard_as_the_real_ones(drawn_clothes):
    """Logistic regression is published with 0.84 on the real set, and shirts as its worst."""
    from sklearn.linear_model import LogisticRegression

    x = drawn_clothes["train_images"][:6000].reshape(6000, -1) / 255
    model = LogisticRegression(max_iter=60, tol=1e-2)
    model.fit(x, drawn_clothes["train_labels"][:6000])
    x_test = drawn_clothes["test_images"][:4000].reshape(4000, -1) / 255
    true = drawn_clothes["test_labels"][:4000]
    answers = model.predict(x_test)
    assert 0.7 < np.mean(answers == true) < 0.9
    recall = [np.mean(answers[true == kind] == kind) for kind in range(10)]
    assert np.argmin(recall) == clothes.SHIRT
