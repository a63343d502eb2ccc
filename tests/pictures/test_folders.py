"""Folders of labelled pictures, good and bad; backbones by name; the cache of their features."""

import hashlib
import io
import os
import resource
import shutil
import tarfile
import unicodedata
from dataclasses import replace

from utils import backbones, data, flowers, pictures
from utils.session import keras

import numpy as np
import pytest
from PIL import Image


def jpeg(path, side=40, seed=0, **options):
    """A picture of noise; another seed, another picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(256, size=(side, side, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two classes of four pictures each."""
    for number in range(8):
        kind = ("cat", "dog")[number % 2]
        jpeg(tmp_path / "mine" / kind / f"{number}.jpg", seed=number)
    return tmp_path / "mine"


@pytest.fixture(scope="module")
def backbone():
    """The course's network with weights drawn at random: the same each time, and no file."""
    keras.utils.set_random_seed(1)
    model = backbones.course_network()
    return backbones.Backbone("course", model, backbones.COURSE_SIDE, "a key")


# Finding


def test_a_readers_own_folder_gives_its_labels(folder, capsys):
    found = pictures.find_pictures(folder)
    assert found.class_names == ("cat", "dog")
    assert found.labels.tolist() == [0] * 4 + [1] * 4
    assert found.names()[0] == "cat/0.jpg"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_with_letters_of_any_kind(tmp_path, empty_cache, backbone, form):
    for kind in ("장미", "해바라기"):
        for number in range(2):
            name = unicodedata.normalize(form, f"{kind}/꽃 사진 {number} ü.JPG")
            jpeg(tmp_path / "내 꽃" / name, seed=number + 10 * len(kind))
    found = pictures.find_pictures(tmp_path / "내 꽃")
    assert found.class_names == ("장미", "해바라기")
    assert "해바라기/꽃 사진 1 ü.JPG" in found.names()
    features, readable = pictures.bottlenecks(found, backbone)
    assert len(features) == len(readable) == 4


@pytest.mark.parametrize(("count", "says"), [(0, "no picture"), (1, "one picture")])
def test_a_class_of_none_or_one_is_named_and_left_out(folder, capsys, count, says):
    (folder / "bird").mkdir()
    if count:
        jpeg(folder / "bird" / "a.jpg", seed=99)
    assert pictures.find_pictures(folder).class_names == ("cat", "dog")
    said = capsys.readouterr().out
    assert said == f"The class 'bird' has {says} and is left out: it needs two.\n"


def test_fewer_than_two_classes_stop_with_a_sentence(folder):
    shutil.rmtree(folder / "dog")
    with pytest.raises(ValueError, match="has 1 class folders with pictures"):
        pictures.find_pictures(folder)


def test_a_folder_that_is_none(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        pictures.find_pictures(tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError, match="is a file"):
        pictures.find_pictures(folder / "cat/0.jpg")


def test_a_picture_in_two_classes_is_warned_of_and_not_used(folder, capsys):
    shutil.copy(folder / "cat/0.jpg", folder / "dog/other name.jpg")
    found = pictures.find_pictures(folder)
    assert (
        capsys.readouterr().out
        == "Check the labels: cat/0.jpg and dog/other name.jpg are the same picture "
        "in two classes, so none of them is used.\n"
    )
    assert not {"cat/0.jpg", "dog/other name.jpg"} & set(found.names())


def test_a_second_copy_in_a_class_is_counted_and_skipped(folder, capsys):
    shutil.copy(folder / "cat/0.jpg", folder / "cat/copy.jpg")
    assert len(pictures.find_pictures(folder)) == 8
    said = capsys.readouterr().out
    assert said == "1 picture is copied within its class and skipped: cat/copy.jpg.\n"


def test_what_is_no_picture_by_its_name_is_left_alone(folder):
    (folder / "LICENSE.txt").write_text("a file beside the classes")
    (folder / "cat/notes.txt").write_text("a file inside a class")
    (folder / "cat/._0.jpg").write_bytes(b"what macOS leaves on other discs")
    (folder / ".git").mkdir()
    assert len(pictures.find_pictures(folder)) == 8


# Splitting


def test_a_split_is_by_name_whole_and_for_each_class(folder):
    found = pictures.find_pictures(folder)
    parts = pictures.split(found, valid=0.25, test=0.25)
    assert sorted(np.concatenate(parts).tolist()) == list(range(8))
    for part, count in zip(parts, (2, 1, 1), strict=True):
        assert np.bincount(found.labels[part]).tolist() == [count, count]
    back = found.take(range(7, -1, -1))
    assert set(back.take(pictures.split(back, 0.25, 0.25)[2]).names()) == set(
        found.take(parts[2]).names()
    )


def test_a_split_of_two_pictures_has_one_to_train_and_one_to_test(folder):
    found = pictures.find_pictures(folder).take([0, 1, 4, 5])
    assert [len(part) for part in pictures.split(found)] == [2, 0, 2]
    with pytest.raises(ValueError, match="'cat' has fewer than two"):
        pictures.split(found.take([0, 2, 3]))
    with pytest.raises(ValueError, match="leave nothing"):
        pictures.split(found, valid=0.5, test=0.5)


# Reading

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
    found = pictures.find_pictures(folder)
    for _ in range(2):  # the second time from the cache
        features, readable = pictures.bottlenecks(found, backbone)
        assert (
            capsys.readouterr().out == "1 picture is damaged and skipped: dog/3.jpg.\n"
        )
        assert len(features) == len(readable) == 7
        assert "dog/3.jpg" not in readable.names()
    with pytest.raises(pictures.BadPicture, match="3.jpg"):
        pictures.read_all(found, 16)


def test_many_damaged_pictures_are_counted_and_the_first_named(
    folder, capsys, empty_cache, backbone
):
    for number in range(12):
        (folder / "dog" / f"x{number:02}.jpg").write_bytes(b"%d" % number)
    pictures.bottlenecks(pictures.find_pictures(folder), backbone)
    said = capsys.readouterr().out
    assert said.startswith("12 pictures are damaged and skipped: dog/x00.jpg, ")
    assert said.endswith("dog/x09.jpg, 2 more.\n")


def test_nothing_but_damaged_pictures_stops_with_a_sentence(
    folder, empty_cache, backbone
):
    for number, path in enumerate(folder.glob("*/*.jpg")):
        path.write_bytes(b"%d" % number)
    with pytest.raises(pictures.BadPicture, match="None of the 8 pictures"):
        pictures.bottlenecks(pictures.find_pictures(folder), backbone)


def test_what_is_no_picture_gets_one_sentence(folder, tmp_path):
    (tmp_path / "a.jpg").write_text("text")
    for path, error, says in [
        (tmp_path / "nowhere.jpg", FileNotFoundError, "There is no picture"),
        (folder, pictures.BadPicture, "is a folder"),
        (tmp_path / "a.jpg", pictures.BadPicture, "is not a picture that can be read"),
    ]:
        with pytest.raises(error, match=says):
            pictures.read_picture(path, 16)


def test_pictures_of_other_forms(tmp_path):
    red = Image.new("RGB", (60, 40), "red")
    turned = Image.new("RGB", (40, 20), "red")
    turned.paste("blue", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned.save(tmp_path / "turned.png", exif=exif)
    for mode, name in [
        ("L", "l.png"),
        ("P", "p.gif"),
        ("RGBA", "a.png"),
        ("CMYK", "c.jpg"),
    ]:
        red.convert(mode).save(tmp_path / name)
        pixels = pictures.read_picture(tmp_path / name, 8)
        assert (pixels.shape, pixels.dtype) == ((8, 8, 3), np.uint8)
        if mode != "L":
            assert pixels[4, 4, 0] > 200 and pixels[4, 4, 1] < 60, name
    pixels = pictures.read_picture(tmp_path / "turned.png", 10)
    assert pixels[5, 1, 0] == 255 and pixels[5, 8, 2] == 255


def test_a_stream_keeps_the_order_and_leaves_out_the_damaged(folder):
    found = pictures.find_pictures(folder)
    found.paths[4].write_bytes(b"")
    seen = list(pictures.stream(found.paths, 16, batch_size=3))
    assert [indices for indices, _ in seen] == [[0, 1, 2], [3, 5], [6, 7]]
    assert [pixels.shape for _, pixels in seen] == [(n, 16, 16, 3) for n in (3, 2, 2)]


def test_batches_for_fit(folder):
    found = pictures.find_pictures(folder)
    once = [labels.numpy().tolist() for _, labels in pictures.batches(found, 16, 3)]
    assert once == [[0, 0, 0], [0, 1, 1], [1, 1]]
    endless = pictures.batches(found, 16, 8, seed=0).take(3)
    rounds = [labels.numpy().tolist() for _, labels in endless]
    assert [sorted(labels) for labels in rounds] == [[0] * 4 + [1] * 4] * 3
    assert rounds[0] != rounds[1]


def test_large_pictures_are_streamed(folder, tmp_path, backbone, empty_cache):
    """300 different pictures of 12 megapixels: decoded whole, one of them has 36 MB."""
    big = jpeg(tmp_path / "big.jpg", side=8)
    Image.open(big).resize((4000, 3000)).save(big, quality=60)
    content = big.read_bytes()
    for number in range(300):
        kind = folder / ("cat", "dog")[number % 2]
        (kind / f"big{number:03}.jpg").write_bytes(content + b"%d" % number)
    found = pictures.find_pictures(folder)
    pictures.bottlenecks(found.take(range(8)), backbone)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    features, readable = pictures.bottlenecks(found, backbone)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(readable) == len(features) == 308
    assert grown < 150 * 1024, f"{grown / 1024:.0f} MB more"


# The cache


def count_streams(monkeypatch):
    calls = []
    stream = pictures.stream
    monkeypatch.setattr(
        pictures, "stream", lambda *options: calls.append(1) or stream(*options)
    )
    return calls


def test_features_are_computed_once(folder, empty_cache, backbone, monkeypatch):
    calls = count_streams(monkeypatch)
    found = pictures.find_pictures(folder)
    first, _ = pictures.bottlenecks(found, backbone)
    second, _ = pictures.bottlenecks(pictures.find_pictures(folder), backbone)
    assert len(calls) == 1
    np.testing.assert_array_equal(first, second)
    assert first.shape == (8, backbone.width)


def test_the_key_changes_with_the_pictures_and_the_backbone(
    folder, empty_cache, backbone, monkeypatch
):
    calls = count_streams(monkeypatch)

    def computed(backbone=backbone):
        before = len(calls)
        pictures.bottlenecks(pictures.find_pictures(folder), backbone)
        return len(calls) > before

    assert computed()
    assert not computed()
    assert computed(replace(backbone, key="other weights"))

    path = folder / "cat/0.jpg"
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[-20] ^= (
        1  # the same size and, below, the same time: only the content is new
    )
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert computed()
    path.rename(folder / "cat/renamed.jpg")
    assert computed()
    (folder / "cat/renamed.jpg").unlink()
    assert computed()
    jpeg(folder / "dog/new.jpg", seed=50)
    assert computed()
    assert not computed()


def test_a_large_picture_that_changed_in_its_middle_is_read_again(
    folder, empty_cache, backbone
):
    path = folder / "cat/large.bmp"
    Image.new("RGB", (400, 400), "black").save(path)
    assert path.stat().st_size > 2 * pictures.ENDS
    os.utime(path, ns=(0, 0))
    before, _ = pictures.bottlenecks(pictures.find_pictures(folder), backbone)
    content = bytearray(path.read_bytes())
    middle = slice(pictures.ENDS + 1, len(content) - pictures.ENDS)
    content[middle] = b"\xff" * len(content[middle])
    path.write_bytes(content)
    after, _ = pictures.bottlenecks(pictures.find_pictures(folder), backbone)
    assert (before != after).any(axis=1).sum() == 1


@pytest.mark.parametrize("damage", ["cut", "text", "other shape", "not finite"])
def test_a_damaged_cache_is_named_and_made_again(
    folder, empty_cache, backbone, capsys, damage
):
    found = pictures.find_pictures(folder)
    first, _ = pictures.bottlenecks(found, backbone)
    (place,) = (empty_cache / "features").iterdir()
    if damage == "cut":
        place.write_bytes(place.read_bytes()[:200])
    elif damage == "text":
        place.write_text("not a cache")
    else:
        wrong = first[:, :3] if damage == "other shape" else first * np.nan
        np.savez(place, features=wrong, good=np.arange(8))
    for said in ("damaged and is made again", ""):
        again, _ = pictures.bottlenecks(found, backbone)
        assert said in capsys.readouterr().out
        np.testing.assert_array_equal(first, again)


def test_an_unwritable_cache_costs_only_the_cache(
    folder, empty_cache, backbone, capsys
):
    empty_cache.write_text("a file where the folder should be")
    features, _ = pictures.bottlenecks(pictures.find_pictures(folder), backbone)
    assert len(features) == 8
    assert "cannot be written" in capsys.readouterr().out


# Backbones


@pytest.mark.parametrize("name", ["MobileNetV2", "InceptionV3", "NASNetMobile"])
def test_imagenet_backbones_with_weights_from_a_file(
    folder, tmp_path, empty_cache, name
):
    side = backbones.SIDES[name]
    keras.utils.set_random_seed(2)
    build = getattr(keras.applications, name)
    model = build(include_top=False, weights=None, input_shape=(side, side, 3))
    model.save_weights(tmp_path / "its.weights.h5")
    backbone = backbones.load_backbone(name, tmp_path / "its.weights.h5")
    found = pictures.find_pictures(folder).take([0, 7])
    features, _ = pictures.bottlenecks(found, backbone)

    assert features.shape == (2, backbone.width)
    for ours, saved in zip(
        backbone.model.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, saved)
    if name == "MobileNetV2":  # the others would take long
        scaled = pictures.read_all(found, side) / np.float32(127.5) - 1
        expected = np.asarray(model(scaled, training=False)).mean((1, 2))
        np.testing.assert_allclose(features, expected, atol=1e-4)


def test_weights_of_another_network_and_names_of_none(tmp_path):
    backbones.course_network().save_weights(tmp_path / "course.weights.h5")
    with pytest.raises(ValueError, match="does not hold the weights of MobileNetV2"):
        backbones.load_backbone("MobileNetV2", tmp_path / "course.weights.h5")
    with pytest.raises(FileNotFoundError, match="There is no file of weights"):
        backbones.load_backbone("MobileNetV2", tmp_path / "none.weights.h5")
    with pytest.raises(ValueError, match="no backbone 'ResNet'; there is course, Mob"):
        backbones.load_backbone("ResNet")


def test_without_a_network_the_courses_own_is_used(
    empty_cache, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    backbone = backbones.load_backbone("InceptionV3")
    assert backbone.name == "course"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 and "COURSE_OFFLINE=1" in said[0]


def test_the_courses_backbone_is_small_and_its_key_that_of_its_weights(tmp_path):
    assert backbones.COURSE_WEIGHTS.stat().st_size <= 3_000_000
    backbone = backbones.load_backbone()
    assert backbone.key == backbones.load_backbone().key
    model = backbones.course_network()
    model.save_weights(tmp_path / "other.weights.h5")
    other = backbones.load_backbone("course", tmp_path / "other.weights.h5")
    assert other.key != backbone.key


def test_label_image_prints_the_classes_with_scores(folder, backbone, capsys):
    model = keras.Sequential([backbone.model, keras.layers.Dense(3)])
    model.build((None, 64, 64, 3))
    scores = pictures.label_image(folder / "cat/0.jpg", model, ("a", "b", "장미"))
    said = [line.rsplit(" ", 1) for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in said] == list(scores)
    assert sorted(scores.values(), reverse=True) == list(scores.values())
    assert sum(scores.values()) == pytest.approx(1)
    with pytest.raises(FileNotFoundError):
        pictures.label_image(folder / "none.jpg", model, ("a", "b", "c"))


# The flowers


def tar(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """archive(members): a flower archive in COURSE_DATA_DIR, its hash the expected one."""

    def make(members, cut=None):
        content = tar(members)[:cut]
        (tmp_path / "data").mkdir()
        (tmp_path / "data/flower_photos.tgz").write_bytes(content)
        monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
        sha256 = hashlib.sha256(content).hexdigest()
        monkeypatch.setattr(data, "_FLOWERS", replace(data._FLOWERS, sha256=sha256))
        return tmp_path

    return make


PHOTO = b"not looked at here"
PHOTOS = {f"flower_photos/{name}/a.jpg": PHOTO for name in flowers.FLOWERS}


def test_an_archive_is_unpacked_into_the_cache(empty_cache, archive, capsys):
    archive(PHOTOS | {"flower_photos/LICENSE.txt": b"CC-BY"})
    loaded = data.load_flowers()
    assert loaded.source == "real"
    assert loaded.folder == empty_cache / "flower_photos"
    assert loaded.class_names == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert (loaded.folder / "tulips/a.jpg").read_bytes() == PHOTO
    assert capsys.readouterr().out == "Flowers: ~5 pictures of 5 kinds, source: ~real\n"
    assert [path.name for path in empty_cache.iterdir()] == ["flower_photos"]


@pytest.fixture
def small_stand_in(monkeypatch):
    """Two drawings a kind instead of 200."""
    original = flowers.write_flowers

    def write_flowers(folder):
        original(folder, count=2)

    monkeypatch.setattr(flowers, "PICTURES", 2)
    monkeypatch.setattr(flowers, "write_flowers", write_flowers)


BAD_ARCHIVES = {
    "climbs out": (
        PHOTOS | {"flower_photos/../../escaped.jpg": b"!"},
        None,
        "leads out",
    ),
    "cut off": (PHOTOS, 100, "not a whole .tar.gz"),
    "another folder": ({"other/a.jpg": b""}, None, "no folder flower_photos"),
}


@pytest.mark.parametrize(
    ("members", "cut", "says"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES
)
def test_a_bad_archive_is_refused_and_the_stand_in_used(
    empty_cache, archive, capsys, small_stand_in, members, cut, says
):
    place = archive(members, cut)
    assert data.load_flowers().source == "stand-in"
    first, _ = capsys.readouterr().out.splitlines()
    assert first.startswith(str(place)) and says in first
    assert not list(place.rglob("escaped.jpg"))
    assert [path.name for path in empty_cache.iterdir()] == ["standins"]


def test_an_archive_of_a_wrong_hash_is_not_opened(
    empty_cache, archive, capsys, small_stand_in, monkeypatch
):
    archive(PHOTOS)
    monkeypatch.setattr(data, "_FLOWERS", replace(data._FLOWERS, sha256="0" * 64))
    assert data.load_flowers().source == "stand-in"
    assert "its SHA-256 is" in capsys.readouterr().out


def test_a_folder_in_the_data_folder_is_used_as_it_is(
    empty_cache, tmp_path, monkeypatch, capsys, small_stand_in
):
    for name in flowers.FLOWERS:
        jpeg(tmp_path / "mine/flower_photos" / name / "a.jpg")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    assert data.load_flowers().folder == tmp_path / "mine/flower_photos"
    assert not empty_cache.exists()
    shutil.rmtree(tmp_path / "mine/flower_photos/roses")
    assert data.load_flowers().source == "stand-in"
    assert "there is no picture in roses" in capsys.readouterr().out


def test_the_stand_in_is_kept_and_made_again_when_not_whole(
    empty_cache, small_stand_in, capsys
):
    folder = data.load_flowers().folder
    assert len(pictures.find_pictures(folder)) == 10
    made = folder / "roses/000.jpg"
    time = made.stat().st_mtime_ns
    assert data.load_flowers().folder == folder
    assert made.stat().st_mtime_ns == time
    (folder / "roses/001.jpg").write_bytes(b"")
    data.load_flowers()
    assert "is not whole and is made again" in capsys.readouterr().out
    assert (folder / "roses/001.jpg").stat().st_size > 0
    assert len(list((empty_cache / "standins").iterdir())) == 1


def test_drawings_are_the_same_each_time_and_no_kind_has_colours_of_its_own():
    sets = {
        name: flowers.draw(kind, 96, [0, 1]) for name, kind in flowers.FLOWERS.items()
    }
    for name, drawn in sets.items():
        assert (drawn.shape, drawn.dtype) == ((96, 96, 96, 3), np.uint8)
        again = flowers.draw(flowers.FLOWERS[name], 32, [0, 1])
        np.testing.assert_array_equal(drawn[:32], again)
    means = np.array([drawn.mean((0, 1, 2)) for drawn in sets.values()])
    assert np.ptp(means, axis=0).max() < 25, "of 255"
    assert len(flowers.OTHERS) == 29
    assert not set(flowers.OTHERS.values()) & set(flowers.FLOWERS.values())
