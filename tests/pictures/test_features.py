"""What a backbone makes of pictures, the cache of it, and the label of one picture."""

import errno
import os
import unicodedata
import weakref
from dataclasses import replace
from types import SimpleNamespace

from utils.pictures import features as features_module
from utils.pictures.features import (
    bottlenecks,
    forget_bottlenecks,
    label_image,
)
from utils.pictures.folders import find_pictures
from utils.pictures.reading import BadPicture, read_all
from utils.session import keras

import numpy as np
import pytest
from PIL import Image

DAMAGED = {
    "cut off": lambda good: good[: len(good) // 2],
    "empty": lambda good: b"",
    "text": lambda good: b"I am not a picture.",
    "zeros": lambda good: bytes(len(good)),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_picture_is_named_counted_and_skipped(
    folder, empty_cache, backbone, capsys, damage
):
    bad = folder / "dog/3.jpg"
    bad.write_bytes(damage(bad.read_bytes()))
    found = find_pictures(folder)
    for _ in range(2):  # the second time from the cache
        features, readable = bottlenecks(found, backbone)
        assert (
            capsys.readouterr().out == "1 picture is damaged and skipped: dog/3.jpg.\n"
        )
        assert len(features) == len(readable) == 7
        assert "dog/3.jpg" not in readable.names()
    with pytest.raises(BadPicture, match="3.jpg"):
        read_all(found, 16)


def test_many_damaged_pictures_are_counted_and_the_first_named(
    folder, capsys, empty_cache, backbone
):
    for number in range(12):
        (folder / "dog" / f"x{number:02}.jpg").write_bytes(b"%d" % number)
    bottlenecks(find_pictures(folder), backbone)
    said = capsys.readouterr().out
    assert said.startswith("12 pictures are damaged and skipped: dog/x00.jpg, ")
    assert said.endswith("dog/x09.jpg, 2 more.\n")


def test_nothing_but_damaged_pictures_stops_with_a_sentence(
    folder, empty_cache, backbone
):
    for number, path in enumerate(folder.glob("*/*.jpg")):
        path.write_bytes(b"%d" % number)
    with pytest.raises(BadPicture, match="None of the 8 pictures"):
        bottlenecks(find_pictures(folder), backbone)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_with_letters_of_any_kind(tmp_path, noise, empty_cache, backbone, form):
    for kind in ("장미", "해바라기"):
        for number in range(2):
            name = unicodedata.normalize(form, f"{kind}/꽃 사진 {number} ü.JPG")
            noise(tmp_path / "내 꽃" / name, seed=number + 10 * len(kind))
    found = find_pictures(tmp_path / "내 꽃")
    assert found.class_names == ("장미", "해바라기")
    assert "해바라기/꽃 사진 1 ü.JPG" in found.names()
    features, readable = bottlenecks(found, backbone)
    assert len(features) == len(readable) == 4


# What the system refuses


@pytest.mark.parametrize("after", [0, 1], ids=["at first", "later"])
@pytest.mark.parametrize("name", ["EMFILE", "EACCES", "EIO", "ENOENT"])
def test_an_error_of_the_system_stops_and_nothing_is_kept(
    folder, empty_cache, backbone, refuse, capsys, name, after
):
    found = find_pictures(folder)
    number = getattr(errno, name)
    patch = refuse(folder / "dog/3.jpg", number, after)
    says = "There is no picture" if name == "ENOENT" else os.strerror(number)
    with pytest.raises(OSError, match=says) as raised:
        bottlenecks(found, backbone)
    assert "3.jpg" in str(raised.value)
    assert not list(empty_cache.rglob("*.npz"))
    patch.undo()
    features, readable = bottlenecks(found, backbone)
    assert len(features) == len(readable) == 8
    assert capsys.readouterr().out == ""


def test_only_the_features_stay_in_memory(folder, empty_cache):
    """Of the pictures themselves, no more than the last batch and this one."""
    seen = []

    def features(pixels):
        seen.append(weakref.ref(pixels))
        assert sum(pixels() is not None for pixels in seen) <= 2
        return np.zeros((len(pixels), 1), np.float32)

    tiny = SimpleNamespace(name="tiny", key="", side=16, width=1, features=features)
    bottlenecks(find_pictures(folder), tiny, batch_size=1)
    assert len(seen) == 8


# The cache


def count_streams(monkeypatch):
    calls, stream = [], features_module.stream

    def counting(*options):
        calls.append(1)
        return stream(*options)

    monkeypatch.setattr(features_module, "stream", counting)
    return calls


def test_features_are_computed_once(folder, empty_cache, backbone, monkeypatch):
    calls = count_streams(monkeypatch)
    found = find_pictures(folder)
    first, _ = bottlenecks(found, backbone)
    second, _ = bottlenecks(find_pictures(folder), backbone)
    assert len(calls) == 1
    np.testing.assert_array_equal(first, second)
    assert first.shape == (8, backbone.width)
    forget_bottlenecks(found, backbone)
    third, _ = bottlenecks(found, backbone)
    assert len(calls) == 2
    np.testing.assert_array_equal(first, third)
    forget_bottlenecks(found, backbone)
    forget_bottlenecks(found, backbone)


def test_the_key_changes_with_the_pictures_and_the_backbone(
    folder, noise, empty_cache, backbone, monkeypatch
):
    calls = count_streams(monkeypatch)

    def computed(backbone=backbone):
        before = len(calls)
        bottlenecks(find_pictures(folder), backbone)
        return len(calls) > before

    assert computed()
    assert not computed()
    assert computed(replace(backbone, key="other weights"))

    path = folder / "cat/0.jpg"
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)  # of the same size and, below, the same time
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert computed()
    path.rename(folder / "cat/renamed.jpg")
    assert computed()
    (folder / "cat/renamed.jpg").unlink()
    assert computed()
    noise(folder / "dog/new.jpg", seed=50)
    assert computed()
    assert not computed()


def test_a_large_picture_that_changed_in_its_middle_is_read_again(
    folder, empty_cache, backbone
):
    path = folder / "cat/large.bmp"
    Image.new("RGB", (500, 500), "black").save(path)
    stat = path.stat()
    assert stat.st_size > 2**19
    before, _ = bottlenecks(find_pictures(folder), backbone)
    content = bytearray(path.read_bytes())
    middle = slice(2**18, len(content) - 2**18)
    content[middle] = b"\xff" * len(content[middle])
    path.write_bytes(content)  # of the same size and, below, the same time
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after, _ = bottlenecks(find_pictures(folder), backbone)
    assert (before != after).any(axis=1).sum() == 1


@pytest.mark.parametrize("damage", ["cut", "text", "other shape", "not finite"])
def test_a_damaged_cache_is_named_and_made_again(
    folder, empty_cache, backbone, capsys, damage
):
    found = find_pictures(folder)
    first, _ = bottlenecks(found, backbone)
    (place,) = (empty_cache / "features").iterdir()
    if damage == "cut":
        place.write_bytes(place.read_bytes()[:200])
    elif damage == "text":
        place.write_text("not a cache")
    else:
        wrong = first[:, :3] if damage == "other shape" else first * np.nan
        np.savez(place, features=wrong, good=np.arange(8))
    for said in ("damaged and is made again", ""):
        again, _ = bottlenecks(found, backbone)
        assert said in capsys.readouterr().out
        np.testing.assert_array_equal(first, again)


def test_an_unwritable_cache_costs_only_the_cache(
    folder, empty_cache, backbone, capsys
):
    empty_cache.write_text("a file where the folder should be")
    features, _ = bottlenecks(find_pictures(folder), backbone)
    assert len(features) == 8
    assert "cannot be written" in capsys.readouterr().out


def test_label_image_prints_the_classes_with_scores(folder, backbone, capsys):
    model = keras.Sequential([backbone.model, keras.layers.Dense(3)])
    model.build((None, 64, 64, 3))
    scores = label_image(folder / "cat/0.jpg", model, ("a", "b", "장미"))
    said = [line.rsplit(" ", 1) for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in said] == list(scores)
    assert sorted(scores.values(), reverse=True) == list(scores.values())
    assert sum(scores.values()) == pytest.approx(1)
    with pytest.raises(FileNotFoundError):
        label_image(folder / "none.jpg", model, ("a", "b", "c"))
