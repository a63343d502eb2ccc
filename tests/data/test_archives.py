"""Packed files, good and bad: found, downloaded, checked, unpacked."""

import gzip
import hashlib
import io
import tarfile
import tracemalloc

from utils.data import archives, fetch
from utils.data.archives import Archive, GzipFile, contents, unpacked, unzip
from utils.data.fetch import BadFile

import pytest

# Gzip files


def test_a_download_is_checked_kept_and_used_again(
    online, serve, file_at, content, packed
):
    asked = []
    files = {"a": file_at(serve(lambda path: asked.append(path) or packed))}
    for _ in range(2):
        assert contents(files) == {"a": content}
    assert asked == ["/f.gz"]
    assert [path.name for path in (online / "toy").iterdir()] == ["file.gz"]


def test_any_gzip_of_the_right_bytes_will_do(online, serve, file_at, content, packed):
    other = gzip.compress(content, compresslevel=0)
    assert other != packed
    assert contents({"a": file_at(serve(lambda path: other))}) == {"a": content}


BAD_ANSWERS = {
    "truncated": (lambda packed: packed[:-9], "breaks off"),
    "wrong hash": (lambda packed: gzip.compress(b"else"), "SHA-256"),
    "an HTML page": (
        lambda packed: b"<!DOCTYPE html><h1>Log in to the network</h1>",
        "begins with '<!DOCTYPE html>'",
    ),
    "not there": (lambda packed: None, "HTTP status 404"),
}


@pytest.mark.parametrize(("damage", "sentence"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_is_named_and_the_next_mirror_used(
    online, serve, capsys, file_at, content, packed, damage, sentence
):
    bad, good = serve(lambda path: damage(packed)), serve(lambda path: packed)
    assert contents({"a": file_at(bad, good)}) == {"a": content}
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{bad}/f.gz is not used: ") and sentence in said


@pytest.mark.parametrize(("damage", "sentence"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_download_leaves_no_file(
    online, serve, file_at, packed, damage, sentence
):
    assert contents({"a": file_at(serve(lambda path: damage(packed)))}) is None
    assert not [path for path in online.rglob("*") if path.is_file()]


def test_a_silent_mirror_is_asked_once_for_all_files_of_a_load(
    online, serve, file_at, content, packed, monkeypatch
):
    slow, good = serve(lambda path: None), serve(lambda path: packed)
    tried, stream = [], archives.stream

    def silent(url, file):
        tried.append(url)
        if url.startswith(slow):
            raise fetch.requests.Timeout
        stream(url, file)

    monkeypatch.setattr(archives, "stream", silent)
    files = {n: file_at(slow, good, name=f"toy/{n}.gz") for n in "ab"}
    assert contents(files) == dict.fromkeys("ab", content)
    assert tried == [f"{site}/f.gz" for site in (slow, good, good)]


def test_no_more_is_unpacked_than_there_should_be():
    size = 100_000_000
    bomb = gzip.compress(bytes(size), compresslevel=1)
    file = GzipFile("bomb.gz", hashlib.sha256(bytes(10)).hexdigest(), 10, ())
    tracemalloc.start()
    with pytest.raises(BadFile, match="more in it than 10 bytes"):
        unzip(bomb, file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 10


def test_an_unwritable_cache_costs_only_the_cache(
    online, serve, capsys, file_at, content, packed
):
    online.write_text("a file where the folder should be")
    assert contents({"a": file_at(serve(lambda path: packed))}) == {"a": content}
    assert "cannot be written" in capsys.readouterr().out
    assert online.read_text() == "a file where the folder should be"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [(lambda packed: packed[:30], "breaks off"), BAD_ANSWERS["wrong hash"]],
)
def test_a_damaged_local_file_is_named_left_alone_and_not_used(
    empty_cache,
    capsys,
    tmp_path,
    monkeypatch,
    file_at,
    content,
    packed,
    damage,
    sentence,
):
    path = tmp_path / "mine/toy/file.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(damage(packed))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    assert contents({"a": file_at()}) is None
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{path} is not used: ") and sentence in said
    assert path.read_bytes() == damage(packed)
    (empty_cache / "toy").mkdir(parents=True)
    (empty_cache / "toy/file.gz").write_bytes(packed)
    assert contents({"a": file_at()}) == {"a": content}


# Archives


def tar(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def lacks(folder) -> str:
    return "" if (folder / "a.txt").is_file() else "there is no a.txt"


WHOLE = {"toys/a.txt": b"a"}


def archive_of(content: bytes, *mirrors: str) -> Archive:
    sha256 = hashlib.sha256(content).hexdigest()
    return Archive("toys.tgz", "toys", sha256, mirrors, lacks)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    return folder


def test_an_archive_is_unpacked_into_the_cache(empty_cache, mine, capsys):
    content = tar(WHOLE | {"toys/LICENSE.txt": b"CC-BY"})
    (mine / "toys.tgz").write_bytes(content)
    for _ in range(2):
        assert unpacked(archive_of(content)) == empty_cache / "toys"
    assert (empty_cache / "toys/a.txt").read_bytes() == b"a"
    assert capsys.readouterr().out == ""
    seen = [path.name for path in empty_cache.iterdir() if path.name[0] != "."]
    assert seen == ["toys"] and not list(empty_cache.glob(".part-*"))


def test_an_archive_is_downloaded_and_only_its_folder_kept(online, serve):
    content = tar(WHOLE)
    site = serve(lambda path: content)
    assert unpacked(archive_of(content, f"{site}/toys.tgz")) == online / "toys"
    assert not list(online.rglob("*.tgz")) and not list(online.glob(".part-*"))


BAD_ARCHIVES = {
    "climbs out": (WHOLE | {"toys/../../escaped": b"!"}, None, "leads out"),
    "cut off": (WHOLE, 80, "not a whole .tar.gz"),
    "another folder": ({"other/a.txt": b""}, None, "no folder toys"),
    "not whole": ({"toys/b.txt": b""}, None, "there is no a.txt"),
}


@pytest.mark.parametrize(
    ("members", "cut", "says"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES
)
def test_a_bad_archive_is_refused(
    empty_cache, mine, tmp_path, capsys, members, cut, says
):
    content = tar(members)[:cut]
    (mine / "toys.tgz").write_bytes(content)
    assert unpacked(archive_of(content)) is None
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{mine / 'toys.tgz'} is not used: ") and says in said
    assert not list(tmp_path.rglob("escaped"))
    assert not list(empty_cache.glob("[!.]*")) + list(empty_cache.glob(".part-*"))


def test_an_archive_of_a_wrong_hash_is_not_opened(
    empty_cache, mine, capsys, monkeypatch
):
    (mine / "toys.tgz").write_bytes(tar(WHOLE))
    monkeypatch.setattr(tarfile, "open", lambda path: pytest.fail("opened"))
    assert unpacked(archive_of(b"another")) is None
    assert "its SHA-256 is" in capsys.readouterr().out


def test_an_incomplete_folder_does_not_hide_the_cache(empty_cache, mine, capsys):
    (mine / "toys").mkdir()
    (empty_cache / "toys").mkdir(parents=True)
    (empty_cache / "toys/a.txt").write_text("a")
    assert unpacked(archive_of(b"")) == empty_cache / "toys"
    said = f"{mine / 'toys'} is not used: there is no a.txt.\n"
    assert capsys.readouterr().out == said


def test_an_incomplete_folder_in_the_cache_makes_room_and_is_not_lost(
    online, serve, capsys
):
    (online / "toys").mkdir(parents=True)
    (online / "toys/my.txt").write_text("mine")
    content = tar(WHOLE)
    site = serve(lambda path: content)
    assert unpacked(archive_of(content, f"{site}/toys.tgz")) == online / "toys"
    assert (online / "toys/a.txt").is_file()
    (old,) = online.glob("toys-old-*/toys/my.txt")
    assert old.read_text() == "mine"
    first, second = capsys.readouterr().out.splitlines()
    assert "there is no a.txt" in first
    assert second == f"{online / 'toys'} is moved to {old.parents[1]}."


def test_a_folder_that_another_process_made_meanwhile_is_used(
    empty_cache, mine, monkeypatch
):
    content = tar(WHOLE)
    (mine / "toys.tgz").write_bytes(content)
    archive = archive_of(content)
    unpacked(archive)
    made = (empty_cache / "toys").stat()
    assert archives.unpack(mine / "toys.tgz", archive) == empty_cache / "toys"
    now = (empty_cache / "toys").stat()
    assert (made.st_ino, made.st_mtime_ns) == (now.st_ino, now.st_mtime_ns)


def test_an_archive_for_an_unwritable_cache_is_refused_before_the_download(
    online, serve, capsys
):
    online.write_text("a file where the folder should be")
    asked, content = [], tar(WHOLE)
    site = serve(lambda path: asked.append(path) or content)
    assert unpacked(archive_of(content, f"{site}/toys.tgz")) is None
    assert "cannot be written" in capsys.readouterr().out
    assert not asked
