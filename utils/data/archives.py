"""Packed files, found or downloaded, checked and unpacked.

A file is used only if its hash is right; it is written aside and renamed into place once it is.
Nothing is unpickled, and no archive can write outside its folder.
"""

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.cache import alone, keep, short
from utils.data.fetch import BadFile, download, folders, pooch, stream


@dataclass(frozen=True)
class GzipFile:
    """One gzipped file of a data set.

    sha256, size: of the uncompressed bytes, so that any gzip of them will do.
    """

    name: str
    sha256: str
    size: int
    mirrors: tuple[str, ...]


def contents(files: Mapping[str, GzipFile]) -> dict[str, bytes] | None:
    """The bytes of all files, found or downloaded and kept; None if one cannot be had.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    found, silent = {}, set()
    for key, file in files.items():
        content = _local(file)
        if content is None:
            content = download(file.mirrors, lambda url, f=file: _fetch(url, f), silent)
        if content is None:
            return None
        found[key] = content
    return found


def _local(file: GzipFile) -> bytes | None:
    for folder in folders():
        path = folder / file.name
        try:
            if path.is_file():
                return unzip(path.read_bytes(), file)
        except (BadFile, OSError) as error:
            print(f"{short(path)} is not used: {error}.")
    return None


def _fetch(url: str, file: GzipFile) -> bytes:
    packed = io.BytesIO()
    stream(url, packed)
    content = unzip(packed.getvalue(), file)
    keep(cache.CACHE / file.name, lambda path: path.write_bytes(packed.getvalue()))
    return content


def unzip(packed: bytes, file: GzipFile) -> bytes:
    """The uncompressed bytes, their hash checked; no more of them than there should be.

    Raises:
        BadFile: it is not a whole gzip file, or not of these bytes.
    """
    try:
        with gzip.open(io.BytesIO(packed)) as unpacking:
            content = unpacking.read(file.size + 1)
    except EOFError:
        raise BadFile(f"the gzip file breaks off after {len(packed):,} bytes") from None
    except (gzip.BadGzipFile, zlib.error):
        start = packed[:15].decode("ascii", "replace")
        raise BadFile(
            f"it is not a whole gzip file, it begins with {start!r}"
        ) from None
    if len(content) > file.size:
        raise BadFile(f"there is more in it than {file.size:,} bytes")
    compare(hashlib.sha256(content).hexdigest(), file.sha256)
    return content


def compare(found: str, expected: str) -> None:
    """Raise BadFile if two SHA-256 differ."""
    if found != expected:
        raise BadFile(
            f"its SHA-256 is {found[:12]}... and should be {expected[:12]}..."
        )


@dataclass(frozen=True)
class Archive:
    """A .tar.gz file with one folder in it.

    sha256: of the file itself.
    lacks: looks into the folder and says in half a sentence what is missing, "" if it is whole.
    """

    name: str
    folder: str
    sha256: str
    mirrors: tuple[str, ...]
    lacks: Callable[[Path], str]


def unpacked(archive: Archive) -> Path | None:
    """The archive's folder; None if there is none.

    It is used as it lies in COURSE_DATA_DIR or the cache, if it is whole, else unpacked into the
    cache from an archive that lies there, else from a download.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    for folder in folders():
        place = folder / archive.folder
        if place.is_dir():
            if not (lack := archive.lacks(place)):
                return place
            print(f"{short(place)} is not used: {lack}.")
    for folder in folders():
        path = folder / archive.name
        try:
            if path.is_file():
                return unpack(path, archive)
        except (BadFile, OSError) as error:
            print(f"{short(path)} is not used: {error}.")
    return download(archive.mirrors, lambda url: _fetch_archive(url, archive))


def _fetch_archive(url: str, archive: Archive) -> Path:
    """Download beside the cache's files and unpack; the archive is not kept."""
    cache.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.CACHE, prefix=".part-") as folder:
        part = Path(folder) / archive.name
        with part.open("wb") as file:
            stream(url, file)
        return unpack(part, archive)


def unpack(path: Path, archive: Archive) -> Path:
    """Check the file's hash and unpack it into the cache: aside, then renamed.

    Raises:
        BadFile: the hash is wrong, the archive is damaged or not whole, or it would write outside
            its folder.
        OSError: it cannot be written.
    """
    compare(pooch.file_hash(path, "sha256"), archive.sha256)
    place = cache.CACHE / archive.folder
    cache.CACHE.mkdir(parents=True, exist_ok=True)
    with (
        alone(place),
        tempfile.TemporaryDirectory(dir=cache.CACHE, prefix=".part-") as aside,
    ):
        if place.is_dir() and not archive.lacks(place):  # another process was faster
            return place
        made = Path(aside) / archive.folder
        _extract(path, Path(aside))
        if not made.is_dir():
            raise BadFile(f"there is no folder {archive.folder} in it")
        if lack := archive.lacks(made):
            raise BadFile(lack)
        if place.exists():  # it may be somebody's own: it is moved, not lost
            old = tempfile.mkdtemp(dir=cache.CACHE, prefix=f"{archive.folder}-old-")
            os.replace(place, Path(old) / archive.folder)
            print(f"{short(place)} is moved to {short(Path(old))}.")
        os.replace(made, place)
    return place


def _extract(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
    except tarfile.FilterError as error:
        raise BadFile(
            f"its member {error.tarinfo.name!r} leads out of the folder; nothing is unpacked"
        ) from None
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error):
        raise BadFile("it is not a whole .tar.gz file") from None
