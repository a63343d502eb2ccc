"""The reviews: from a folder, an archive, a download, or written by rule."""

import hashlib
import io
import tarfile

from utils import cache
from utils.data import fetch, load_imdb, reviews
from utils.drawings import reviews as written

import numpy as np
import pytest

NAMES = [f"{half}/{kind}" for half in ("train", "test") for kind in ("neg", "pos")]
WHOLE = {f"{name}/{n}_1.txt": f"{name} {n}".encode() for name in NAMES for n in (1, 2)}


def fill(folder, files=WHOLE):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def packed(files=WHOLE, top="aclImdb/"):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(top + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


@pytest.fixture
def mine(empty_cache, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def few_stand_ins(monkeypatch):
    monkeypatch.setattr(written, "REVIEWS", 3)


def is_whole(loaded):
    assert loaded.source == "real"
    for half in ("train", "test"):
        texts, labels = getattr(loaded, f"x_{half}"), getattr(loaded, f"y_{half}")
        assert isinstance(texts, list) and labels.dtype == np.int32
        kinds = ("neg", "pos")
        found = {f"{half}/{kinds[y]}" for y in labels}
        assert found == {f"{half}/neg", f"{half}/pos"}
        for text, label in zip(texts, labels, strict=True):
            assert text[:-2] == f"{half}/{kinds[label]}"
    return True


def test_a_folder_is_read(mine, empty_cache, capsys):
    fill(mine / "aclImdb")
    loaded = load_imdb()
    assert is_whole(loaded) and loaded.class_names == ("bad", "good")
    assert (
        capsys.readouterr().out
        == "IMDB: ~4 / ~4 reviews to train / test, source: ~real\n"
    )
    assert load_imdb().x_train == loaded.x_train, "the same order each time"
    assert not empty_cache.exists()


@pytest.mark.parametrize("place", ["aclImdb_part.tar.gz", "aclImdb/aclImdb_x.tar.gz"])
def test_an_archive_is_read_in_place(mine, empty_cache, place):
    (mine / "aclImdb").mkdir()
    unsupervised = {"train/unsup/1_0.txt": b"?", "README": b"read me"}
    (mine / place).write_bytes(packed(WHOLE | unsupervised))
    assert is_whole(load_imdb())
    assert not empty_cache.exists() and len(list(mine.rglob("*"))) == 2


def test_the_cache_is_looked_into_after_the_data_folder(mine, empty_cache):
    fill(empty_cache / "aclImdb")
    assert is_whole(load_imdb())


def without(name):
    return {file: text for file, text in WHOLE.items() if not file.startswith(name)}


BAD_ARCHIVES = {
    "climbs out": (packed(WHOLE | {"../../escaped": b"!"}), "leads out of the folder"),
    "absolute link": (packed(top="/aclImdb/"), "there is no review in train/neg"),
    "cut off": (packed()[:80], "not a whole .tar.gz"),
    "no archive": (b"<!DOCTYPE html>", "not a whole .tar.gz"),
    "another folder": (packed(top="other/"), "there is no review in train/neg"),
    "a kind is missing": (
        packed(without("test/pos")),
        "there is no review in test/pos",
    ),
    "a film, not a review": (
        packed(WHOLE | {"train/pos/3_9.txt": bytes(2**20 + 1)}),
        "3_9.txt has 1,048,577 bytes",
    ),
}


@pytest.mark.parametrize(("content", "says"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_a_bad_archive_is_named_and_the_stand_in_used(
    mine, tmp_path, capsys, few_stand_ins, content, says
):
    path = mine / "aclImdb_mine.tar.gz"
    path.write_bytes(content)
    assert load_imdb().source == "stand-in"
    said, last = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{path} is not used: ") and says in said
    assert last.endswith("source: ~stand-in (COURSE_OFFLINE=1)")
    assert path.read_bytes() == content and not list(tmp_path.rglob("escaped"))


def test_the_official_name_needs_the_official_hash(mine, capsys, few_stand_ins):
    (mine / "aclImdb_v1.tar.gz").write_bytes(packed())
    assert load_imdb().source == "stand-in"
    assert "its SHA-256 is" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_folder_of_labels_is_named(mine, capsys, few_stand_ins, name):
    fill(mine / "aclImdb", without(name))
    assert load_imdb().source == "stand-in"
    said = capsys.readouterr().out.splitlines()[0]
    assert said == f"{mine / 'aclImdb'} is not used: there is no review in {name}."


def test_bad_bytes_and_empty_reviews_are_handled_and_named(mine, capsys):
    more = {"train/pos/3_1.txt": b"caf\xe9", "train/neg/3_1.txt": b" \n"}
    korean = {"test/pos/3_1.txt": "재미있다 🙂".encode()}
    fill(mine / "aclImdb", WHOLE | more | korean)
    loaded = load_imdb()
    assert "caf\ufffd" in loaded.x_train and "재미있다 🙂" in loaded.x_test
    assert (len(loaded.x_train), len(loaded.x_test)) == (5, 5)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "IMDB: ~1 empty reviews are left out of the train half."
    assert said[1].startswith("IMDB: ~1 reviews of the train half are not UTF-8;")
    assert len(said) == 3


def test_a_kind_with_nothing_but_empty_reviews_is_missing(mine, capsys, few_stand_ins):
    fill(mine / "aclImdb", without("train/pos") | {"train/pos/1_9.txt": b""})
    assert load_imdb().source == "stand-in"
    assert "there is no review in train/pos" in capsys.readouterr().out


def test_a_download_is_checked_kept_and_used_again(online, serve, monkeypatch):
    content, asked = packed(), []
    site = serve(lambda path: asked.append(path) or content)
    monkeypatch.setattr(reviews, "_MIRRORS", (f"{site}/aclImdb_v1.tar.gz",))
    monkeypatch.setattr(reviews, "_SHA256", hashlib.sha256(content).hexdigest())
    for _ in range(2):
        assert is_whole(load_imdb())
    assert asked == ["/aclImdb_v1.tar.gz"]
    assert [path.name for path in online.iterdir()] == ["aclImdb_v1.tar.gz"]


def test_a_wrong_download_leaves_nothing(
    online, serve, monkeypatch, capsys, few_stand_ins
):
    site = serve(lambda path: packed())
    monkeypatch.setattr(reviews, "_MIRRORS", (f"{site}/aclImdb_v1.tar.gz",))
    assert load_imdb().source == "stand-in"
    said = capsys.readouterr().out.splitlines()
    assert "its SHA-256 is" in said[0] and said[-1].endswith("(no download)")
    assert not list(online.iterdir())


def test_an_unwritable_cache_is_named_before_the_download(
    online, serve, monkeypatch, capsys, few_stand_ins
):
    online.write_text("a file where the folder should be")
    asked = []
    site = serve(lambda path: asked.append(path) or packed())
    monkeypatch.setattr(reviews, "_MIRRORS", (f"{site}/aclImdb_v1.tar.gz",))
    assert load_imdb().source == "stand-in"
    assert "cannot be written" in capsys.readouterr().out and not asked


def test_the_mirrors_speak_https_and_offline_asks_none(
    empty_cache, monkeypatch, few_stand_ins
):
    assert all(url.startswith("https://") for url in reviews._MIRRORS)
    monkeypatch.setattr(fetch, "_answering", lambda sites: pytest.fail("asked"))
    assert load_imdb().source == "stand-in"


def test_a_folder_that_is_none_is_an_error(empty_cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(cache.CACHE / "nowhere"))
    with pytest.raises(FileNotFoundError, match="COURSE_DATA_DIR names"):
        load_imdb()
