"""Naming the thing in a picture."""

from utils.drawings import SHAPES, draw
from utils.pictures.classifiers import load_classifier, predict_image
from utils.pictures.reading import BadPicture

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def course():
    return load_classifier("course")


def test_the_courses_own_names_its_drawings(course):
    pictures = np.concatenate(
        [draw(kind, 4, [7, n], course.side) for n, kind in enumerate(SHAPES.values())]
    )
    scores = course.probabilities(pictures)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    right = scores.argmax(axis=1) == np.repeat(np.arange(len(SHAPES)), 4)
    assert right.mean() > 0.85


def test_predict_image_prints_the_best_first(course, tmp_path, capsys):
    picture = draw(SHAPES["fish"], 1, 3, 100)[0]
    Image.fromarray(picture).save(tmp_path / "a.png")
    scores = predict_image(tmp_path / "a.png", top=3, classifier=course)
    said = capsys.readouterr().out.splitlines()
    assert said == [f"{name} {score:.3f}" for name, score in scores.items()]
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert next(iter(scores)) == "fish"
    assert len(predict_image(tmp_path / "a.png", 29, course)) == 29


def test_what_cannot_be_named_gets_one_sentence(course, tmp_path):
    (tmp_path / "a.jpg").write_text("text")
    with pytest.raises(BadPicture, match="is not a picture that can be read"):
        predict_image(tmp_path / "a.jpg", classifier=course)
    Image.new("L", (30, 30)).save(tmp_path / "b.png")
    for top in (0, 30):
        with pytest.raises(ValueError, match=f"top is {top}: ask for 1 to 29"):
            predict_image(tmp_path / "b.png", top, course)
    with pytest.raises(ValueError, match="no classifier 'VGG'; there is MobileNetV2"):
        load_classifier("VGG")


def test_without_weights_the_courses_own_is_used(
    empty_cache, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    classifier = load_classifier()
    assert (classifier.name, classifier.source) == ("course", "stand-in")
    assert capsys.readouterr().out == (
        "ImageNet's MobileNetV2, source: ~stand-in (COURSE_OFFLINE=1; "
        "the course's own network instead)\n"
    )
