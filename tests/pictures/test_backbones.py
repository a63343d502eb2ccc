"""Backbones by name, with weights from a file, from Keras, or from the course."""

from utils.pictures.backbones import (
    COURSE_WEIGHTS,
    SIDES,
    course_network,
    load_backbone,
)
from utils.pictures.features import bottlenecks
from utils.pictures.folders import find_pictures
from utils.pictures.reading import read_all
from utils.session import keras

import numpy as np
import pytest


@pytest.mark.parametrize("name", ["MobileNetV2", "InceptionV3", "NASNetMobile"])
def test_imagenet_backbones_with_weights_from_a_file(
    folder, tmp_path, empty_cache, name
):
    side = SIDES[name]
    keras.utils.set_random_seed(2)
    build = getattr(keras.applications, name)
    model = build(include_top=False, weights=None, input_shape=(side, side, 3))
    model.save_weights(tmp_path / "its.weights.h5")
    backbone = load_backbone(name, tmp_path / "its.weights.h5")
    found = find_pictures(folder).take([0, 7])
    features, _ = bottlenecks(found, backbone)

    assert features.shape == (2, backbone.width)
    for ours, saved in zip(
        backbone.model.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, saved)
    if name == "MobileNetV2":  # the others would take long
        scaled = read_all(found, side) / np.float32(127.5) - 1
        expected = np.asarray(model(scaled, training=False)).mean((1, 2))
        np.testing.assert_allclose(features, expected, atol=1e-4)


def test_weights_of_another_network_and_names_of_none(tmp_path):
    course_network().save_weights(tmp_path / "course.weights.h5")
    with pytest.raises(ValueError, match="does not hold the weights of MobileNetV2"):
        load_backbone("MobileNetV2", tmp_path / "course.weights.h5")
    with pytest.raises(FileNotFoundError, match="There is no file of weights"):
        load_backbone("MobileNetV2", tmp_path / "none.weights.h5")
    with pytest.raises(
        ValueError, match="no backbone 'ResNet'; there is MobileNetV2, Inc"
    ):
        load_backbone("ResNet")


def test_without_a_network_the_courses_own_is_used(
    empty_cache, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    backbone = load_backbone("InceptionV3")
    assert backbone.name == "course"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 and "COURSE_OFFLINE=1" in said[0]


def test_the_courses_backbone_is_small_and_its_key_that_of_its_weights(tmp_path):
    assert COURSE_WEIGHTS.stat().st_size <= 3_000_000
    backbone = load_backbone("course")
    assert backbone.key == load_backbone("course").key
    model = course_network()
    model.save_weights(tmp_path / "other.weights.h5")
    other = load_backbone("course", tmp_path / "other.weights.h5")
    assert other.key != backbone.key
