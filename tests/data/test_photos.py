"""The flowers: photographs where there are any, else drawings."""

import hashlib
import io
import shutil
import tarfile
from dataclasses import replace

from utils.data import load_flowers, photos
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
