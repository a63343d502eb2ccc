"""ImageNet's weights are found, checked and used; or one line says that they are not."""

from utils.pictures import imagenet
from utils.pictures.backbones import load_backbone
from utils.pictures.imagenet import (
    NETWORKS,
    imagenet_names,
    imagenet_network,
    untrained,
)
from utils.session import keras

import numpy as np
import pytest


@pytest.fixture(scope="module")
def headless(tmp_path_factory):
    """A file with weights for MobileNetV2 without its last layer."""
    keras.utils.set_random_seed(3)
    path = tmp_path_factory.mktemp("weights") / "its.weights.h5"
    untrained("MobileNetV2", whole=False).save_weights(path)
    return path


@pytest.fixture
def places(empty_cache, tmp_path, monkeypatch):
    """The three places where weights are looked for, in their order; all empty."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    found = [
        tmp_path / "data" / "imagenet",
        empty_cache / "imagenet",
        tmp_path / "keras" / "models",
    ]
    for place in found:
        place.mkdir(parents=True)
    # Keras's own files are of the old form; ours is told by its name
    return found


def put(source, place, monkeypatch):
    """The file under a name that Keras reads as its new form."""
    name = "mobile.weights.h5"
    network = NETWORKS["MobileNetV2"]
    renamed = imagenet.Network(224, network.whole, imagenet.Weights(name, "http://no"))
    monkeypatch.setitem(NETWORKS, "MobileNetV2", renamed)
    (place / name).write_bytes(source.read_bytes())
    return place / name


@pytest.mark.parametrize("number", [0, 1, 2])
def test_weights_are_found_in_each_of_three_places(
    headless, places, monkeypatch, capsys, number
):
    put(headless, places[number], monkeypatch)
    backbone = load_backbone()
    assert (backbone.name, backbone.source) == ("MobileNetV2", "real")
    assert capsys.readouterr().out == "ImageNet's MobileNetV2, source: ~real\n"
    expected = untrained("MobileNetV2", whole=False)
    expected.load_weights(headless)
    for ours, saved in zip(
        backbone.model.get_weights(), expected.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, saved)


def test_a_bad_file_is_named_left_alone_and_the_next_one_used(
    headless, places, monkeypatch, capsys
):
    put(headless, places[2], monkeypatch)
    bad = places[0] / "mobile.weights.h5"
    bad.write_bytes(b"no weights")
    assert imagenet_network("MobileNetV2", whole=False) is not None
    said = capsys.readouterr().out
    assert said == f"{bad} is not used: it does not hold the weights of MobileNetV2.\n"
    assert bad.read_bytes() == b"no weights"


def test_a_file_of_another_hash_is_not_used(headless, places, monkeypatch, capsys):
    path = put(headless, places[0], monkeypatch)
    other = imagenet.Weights(path.name, "http://no", "0" * 32)
    network = imagenet.Network(224, other, other)
    monkeypatch.setitem(NETWORKS, "MobileNetV2", network)
    assert imagenet_network("MobileNetV2", whole=False) is None
    assert "is not used: its MD5 is not 000" in capsys.readouterr().out


def test_a_download_is_kept_only_if_it_holds_the_weights(
    headless, places, monkeypatch, capsys
):
    put(headless, places[0], monkeypatch).unlink()
    monkeypatch.delenv("COURSE_OFFLINE")
    content = [b"a page that asks you to sign in", headless.read_bytes()]
    monkeypatch.setattr(
        imagenet, "stream", lambda url, file: file.write(content.pop(0))
    )
    monkeypatch.setattr(imagenet, "download", lambda urls, fetch: tried(fetch, urls[0]))
    kept = places[1] / "mobile.weights.h5"
    assert imagenet_network("MobileNetV2", whole=False) is None
    assert not kept.exists()
    assert imagenet_network("MobileNetV2", whole=False) is not None
    assert kept.read_bytes() == headless.read_bytes()


def tried(fetch, url):
    try:
        return fetch(url)
    except imagenet.BadFile:
        return None


def test_the_thousand_names_differ():
    names = imagenet_names()
    assert len(names) == len(set(names)) == 1000
    assert [names[i] for i in (0, 88, 285, 934, 985)] == [
        "tench",
        "macaw",
        "Egyptian cat",
        "hotdog",
        "daisy",
    ]


def test_the_untrained_control_has_the_same_form_and_other_weights():
    backbone = load_backbone("course")
    control = backbone.untrained(seed=1)
    assert control.name == "untrained course"
    assert control.key == backbone.untrained(seed=1).key
    assert len({control.key, backbone.key, backbone.untrained(seed=2).key}) == 3
    assert [w.shape for w in control.model.get_weights()] == [
        w.shape for w in backbone.model.get_weights()
    ]
