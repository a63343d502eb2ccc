"""Film reviews: the Large Movie Review Dataset if it can be had, else its stand-in."""

import gzip
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.cache import short
from utils.data.archives import compare
from utils.data.fetch import BadFile, download, folders, pooch, stream, why_not
from utils.drawings.reviews import reviews
from utils.records import record

import numpy as np

_FOLDER = "aclImdb"
_NAME = "aclImdb_v1.tar.gz"
_SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
_MIRRORS = (f"https://ai.stanford.edu/~amaas/data/sentiment/{_NAME}",)
_KINDS = ("neg", "pos")  # in the order of their labels
_MEMBER = re.compile(rf"(?:\./)?{_FOLDER}/(train|test)/(neg|pos)/([^/]+\.txt)")
_MOST_BYTES = 2**20  # of a review; the longest of the real ones has about 14,000

# (half, kind) to the reviews in it, by the names of their files
_Texts = dict[tuple[str, str], dict[str, bytes]]


@dataclass(frozen=True)
class Reviews:
    """Film reviews with labels, in two halves.

    x_train, x_test: lists of raw texts, with the marks of HTML that are in them.
    y_train, y_test: int32, shape (n,), 0 for a bad review and 1 for a good one.
    class_names: bad, good.
    source: "real" or "stand-in" (written by utils/drawings/reviews.py).
    """

    x_train: list[str]
    y_train: np.ndarray
    x_test: list[str]
    y_test: np.ndarray
    class_names: tuple[str, str]
    source: str


def load_imdb() -> Reviews:
    """Reviews of films (Maas and others, 2011), good or bad: 25,000 to learn from, 25,000 to test.

    The folder aclImdb or an archive aclImdb*.tar.gz, in COURSE_DATA_DIR or the cache, may hold
    fewer of them. The order is shuffled, and the same each time. Bytes that are not UTF-8 become
    the sign U+FFFD, empty reviews are left out, and a line says so. Introduced in chapter 18.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    texts, source, why = _local() or download(_MIRRORS, _fetch), "real", ""
    if texts is None:
        texts, source, why = reviews(), "stand-in", why_not()
    x_train, y_train = _half(texts, "train")
    x_test, y_test = _half(texts, "test")
    print(
        f"IMDB: ~{len(x_train):,} / ~{len(x_test):,} reviews to train / test, "
        f"source: ~{source}{why}"
    )
    record(data="IMDB", source=source)
    return Reviews(x_train, y_train, x_test, y_test, ("bad", "good"), source)


def _local() -> _Texts | None:
    """The reviews of the first folder or archive that is whole."""
    for folder in folders():
        inside = folder / _FOLDER
        if any((inside / half).exists() for half in ("train", "test")):
            try:
                return _whole(_files(inside))
            except (BadFile, OSError) as error:
                print(f"{short(inside)} is not used: {error}.")
        packed = [*folder.glob("aclImdb*.tar.gz"), *inside.glob("aclImdb*.tar.gz")]
        for path in sorted(packed, key=lambda path: (path.name != _NAME, path)):
            try:
                return _unpacked(path)
            except (BadFile, OSError) as error:
                print(f"{short(path)} is not used: {error}.")
    return None


def _fetch(url: str) -> _Texts:
    """Download beside the cache's files, check, read, and keep the archive."""
    cache.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.CACHE, prefix=".part-") as folder:
        part = Path(folder) / _NAME
        with part.open("wb") as file:
            stream(url, file)
        texts = _unpacked(part)
        os.replace(part, cache.CACHE / _NAME)
    return texts


def _files(folder: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """Half, kind, name and bytes of each review in a folder."""
    for half in ("train", "test"):
        for kind in _KINDS:
            for path in (folder / half / kind).glob("*.txt"):
                _not_too_long(path.name, path.stat().st_size)
                yield half, kind, path.name, path.read_bytes()


def _unpacked(path: Path) -> _Texts:
    """The reviews in an archive, read from it in place: nothing is written to the disk.

    Raises:
        BadFile: it has the official name and not the official hash, it is damaged or not whole,
            or a member leads out of its folder.
    """
    if path.name == _NAME:
        compare(pooch.file_hash(path, "sha256"), _SHA256)
    try:
        with tarfile.open(path) as tar:
            return _whole(_members(tar))
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error):
        raise BadFile("it is not a whole .tar.gz file") from None


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, str, str, bytes]]:
    for member in tar:
        if ".." in member.name.split("/"):
            raise BadFile(f"its member {member.name!r} leads out of the folder")
        place = _MEMBER.fullmatch(member.name)
        if place and member.isreg():
            _not_too_long(place[3], member.size)
            yield (*place.groups(), tar.extractfile(member).read())


def _not_too_long(name: str, size: int) -> None:
    if size > _MOST_BYTES:
        raise BadFile(f"{name} has {size:,} bytes, which is no review")


def _whole(found: Iterator[tuple[str, str, str, bytes]]) -> _Texts:
    """The reviews by half, kind and name; raises BadFile if a half has none of a kind."""
    texts: _Texts = {(half, kind): {} for half in ("train", "test") for kind in _KINDS}
    for half, kind, name, content in found:
        texts[half, kind][name] = content
    for (half, kind), some in texts.items():
        if not any(content.strip() for content in some.values()):
            raise BadFile(f"there is no review in {half}/{kind}")
    return texts


def _half(texts: _Texts, half: str) -> tuple[list[str], np.ndarray]:
    """The texts of a half in their shuffled order, and their labels."""
    decoded, labels, empty, broken = [], [], 0, 0
    for label, kind in enumerate(_KINDS):
        for _, content in sorted(texts[half, kind].items()):
            if not content.strip():
                empty += 1
                continue
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError:
                text = content.decode("utf-8", "replace")
                broken += 1
            decoded.append(text)
            labels.append(label)
    if empty:
        print(f"IMDB: ~{empty:,} empty reviews are left out of the {half} half.")
    if broken:
        print(
            f"IMDB: ~{broken:,} reviews of the {half} half are not UTF-8; what cannot be read "
            "became U+FFFD."
        )
    order = np.random.default_rng(0).permutation(len(decoded))
    return [decoded[number] for number in order], np.array(labels, np.int32)[order]
