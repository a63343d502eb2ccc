"""The flowers: photographs where there are any, else drawings."""

import hashlib
import io
import shutil
import tarfile
from dataclasses import replace

from utils.data import load_flowers, load_photographs, photos
from utils.drawings import flowers

import pytest


@pytest.fixture
def small_stand_in(monkeypatch):
    """Two drawings a kind instead of 200."""
    original = flowers.write_flowers

    def write_flowers(folder):
        original(folder, count=2)

    monkeypatch.setattr(flowers, "PICTURES", 2)
    monkeypatch.setattr(flowers, "write_flowers", write_flowers)


def fill(folder, names=tuple(flowers.FLOWERS)):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "a.jpg").write_bytes(b"not looked at here")
    return folder


def test_a_folder_in_the_data_folder_is_used_as_it_is(
    empty_cache, tmp_path, monkeypatch, capsys
):
    folder = fill(tmp_path / "mine/flower_photos")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    loaded = load_flowers()
    assert (loaded.folder, loaded.source) == (folder, "real")
    assert loaded.class_names == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert not empty_cache.exists()
    assert capsys.readouterr().out == "Flowers: ~5 pictures of 5 kinds, source: ~real\n"


def test_an_incomplete_folder_is_named_and_the_cache_used(
    empty_cache, tmp_path, monkeypatch, capsys, small_stand_in
):
    mine = fill(tmp_path / "mine/flower_photos")
    shutil.rmtree(mine / "roses")
    monkeypatch.setenv("COURSE_DATA_DIR", str(mine.parent))
    good = fill(empty_cache / "flower_photos")
    assert load_flowers().folder == good
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{mine} is not used: there is no picture in roses."
    assert second.endswith("source: ~real")
    shutil.rmtree(good)
    assert load_flowers().source == "stand-in"
    _, second = capsys.readouterr().out.splitlines()
    assert second == (
        "Flowers: ~10 pictures of 5 kinds, source: ~stand-in (COURSE_OFFLINE=1)"
    )


def test_an_unwritable_cache_and_a_download_give_the_stand_in(
    online, serve, monkeypatch, capsys, small_stand_in
):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("flower_photos/daisy/a.jpg"))
    content = packed.getvalue()
    archive = replace(
        photos._FLOWERS,
        sha256=hashlib.sha256(content).hexdigest(),
        mirrors=(serve(lambda path: content) + "/flower_photos.tgz",),
    )
    monkeypatch.setattr(photos, "_FLOWERS", archive)
    online.write_text("a file where the folder should be")
    loaded = load_flowers()
    assert loaded.source == "stand-in"
    assert len(list(loaded.folder.glob("*/*.jpg"))) == 10
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3 and all("cannot be written" in line for line in said[:2])
    assert said[2].endswith("source: ~stand-in (no download)")


def test_the_mirrors_speak_https():
    assert all(url.startswith("https://") for url in photos._FLOWERS.mirrors)


@pytest.fixture
def three(monkeypatch):
    """The three photographs are to hold other bytes."""
    contents = {"parrot.jpg": b"one", "cat_720p.jpg": b"two", "hot_dog.jpg": b"three"}
    hashes = {
        key: hashlib.sha256(contents[key[0]]).hexdigest() for key in photos._PHOTOGRAPHS
    }
    monkeypatch.setattr(photos, "_PHOTOGRAPHS", hashes)
    return contents


def test_photographs_of_the_data_folder(
    three, empty_cache, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "mine/imagenet/pictures"
    folder.mkdir(parents=True)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    for name, content in three.items():
        (folder / name).write_bytes(content)
    loaded = load_photographs()
    assert loaded.names == ("macaw", "Egyptian cat", "hotdog")
    assert [path.read_bytes() for path in loaded.paths] == [b"one", b"two", b"three"]
    assert load_photographs("stand-in").names == ("fish", "heart", "cogwheel")
    capsys.readouterr()
    (folder / "parrot.jpg").write_bytes(b"another")
    assert load_photographs().source == "stand-in"
    said = capsys.readouterr().out.splitlines()
    assert "parrot.jpg is not used: its SHA-256 is" in said[0]
    assert said[1] == "Photographs: 3, source: ~stand-in (COURSE_OFFLINE=1)"


def test_a_download_of_photographs_is_checked_and_kept(three, empty_cache, monkeypatch):
    def stream(url, file):
        file.write(three[url.rsplit("/", 1)[1]])

    monkeypatch.setattr(photos, "stream", stream)
    monkeypatch.setattr(photos, "download", lambda urls, fetch, silent: fetch(urls[0]))
    loaded = load_photographs()
    assert loaded.source == "real"
    kept = empty_cache / "imagenet/pictures"
    assert sorted(path.name for path in kept.iterdir()) == sorted(three)
