"""The stand-in for film reviews: form, and that words without their order do not solve it."""

from utils.drawings import reviews as written

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression


@pytest.fixture(scope="module")
def texts():
    return written.reviews()


def half(texts, name):
    found = {kind: list(texts[name, kind].values()) for kind in ("neg", "pos")}
    labels = np.repeat([0, 1], [len(found["neg"]), len(found["pos"])])
    return [text.decode() for text in found["neg"] + found["pos"]], labels


def test_form(texts):
    assert set(texts) == {(a, b) for a in ("train", "test") for b in ("neg", "pos")}
    assert {len(some) for some in texts.values()} == {2_500}
    lengths = [len(text.split()) for text in half(texts, "train")[0]]
    assert min(lengths) > 20 and max(lengths) < 400
    assert np.std(lengths) > 15, "of different lengths, as the real ones"


def test_the_reviews_are_the_same_each_time(texts):
    assert written.reviews() == texts


def test_no_review_is_in_both_halves_or_twice(texts):
    train, test = (half(texts, name)[0] for name in ("train", "test"))
    assert len(set(train + test)) == 10_000


def score(texts, words):
    """The test accuracy of a logistic regression on runs of up to `words` words."""
    (x_train, y_train), (x_test, y_test) = (half(texts, n) for n in ("train", "test"))
    counter = CountVectorizer(ngram_range=(1, words), max_features=10_000, binary=True)
    model = LogisticRegression(C=0.1, max_iter=300)
    model.fit(counter.fit_transform(x_train), y_train)
    return model.score(counter.transform(x_test), y_test)


def test_the_order_of_the_words_matters(texts):
    words, pairs = score(texts, 1), score(texts, 2)
    assert 0.6 < words < 0.72, "a word tells something, as in real reviews"
    assert pairs > words + 0.15
    assert pairs < 0.95, "not solved by pairs either"
