"""Where the files of a data set come from: a folder, the cache, a mirror; or a stand-in is made.

The order is: files in the folder that COURSE_DATA_DIR names, files in data/cache/, the official
download, the stand-in. COURSE_OFFLINE=1 skips the download. A file is used only if its hash is
right; a download is written aside and renamed into place once it is. Nothing here is unpickled.
"""

import functools
import gzip
import hashlib
import os
import queue
import tarfile
import tempfile
import threading
import time
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from utils import cache
from utils.cache import keep, short
from utils.session import someone_watches

import requests

with (
    warnings.catch_warnings()
):  # pooch's progress bar asks for widgets that need not be there
    warnings.simplefilter("ignore")
    import pooch

# Seconds: for all mirrors together to give a first answer, and for one silence in a download.
PROBE_SECONDS = 4
SILENCE_SECONDS = 5


class BadFile(ValueError):
    """A file is not what it should be; the message says what it is."""


@dataclass(frozen=True)
class GzipFile:
    """One gzipped file of a data set, known by a hash.

    hash: "sha256:..." of the uncompressed bytes, so that any gzip of them will do, or "md5:..."
        of the gzip file itself, where only that is published.
    """

    name: str
    hash: str
    mirrors: tuple[str, ...]


def data_dir() -> Path | None:
    """The folder that COURSE_DATA_DIR names, seen from the course's folder; None if unset.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    value = os.environ.get("COURSE_DATA_DIR")
    if not value:
        return None
    folder = cache.ROOT / Path(value).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"COURSE_DATA_DIR names {value!r}, but there is no such folder: "
            "correct it, or unset it to let the course download its data."
        )
    return folder


def local(file: GzipFile) -> bytes | None:
    """The file's content from COURSE_DATA_DIR or the cache, or None."""
    for folder in (data_dir(), cache.CACHE):
        path = folder / file.name if folder else None
        try:
            if path and path.is_file():
                return unzip(path.read_bytes(), file)
        except (BadFile, OSError) as error:
            print(f"{short(path)} is not used: {error}.")
    return None


def unzip(content: bytes, file: GzipFile) -> bytes:
    """The uncompressed bytes, their hash checked; raises BadFile."""
    try:
        unzipped = gzip.decompress(content)
    except EOFError:
        raise BadFile(
            f"the gzip file breaks off after {len(content):,} bytes"
        ) from None
    except (gzip.BadGzipFile, zlib.error):
        start = content[:15].decode("ascii", "replace")
        raise BadFile(
            f"it is not a whole gzip file, it begins with {start!r}"
        ) from None
    kind, _, expected = file.hash.partition(":")
    name, hashed = {"sha256": ("SHA-256", unzipped), "md5": ("MD5", content)}[kind]
    found = hashlib.new(kind, hashed, usedforsecurity=False).hexdigest()
    if found != expected:
        raise BadFile(f"its {name} is {found[:12]}... and should be {expected[:12]}...")
    return unzipped


# Downloads


def download(file, fetch=None):
    """Fetch the file from the first mirror that has it, keep it in the cache; None if none has.

    `file` is a GzipFile, and the answer its bytes; or, with `fetch` for another kind of file,
    what `fetch(url, file)` returns.
    """
    fetch = fetch or _fetch
    if os.environ.get("COURSE_OFFLINE") == "1":
        return None
    there = _answering(tuple(map(_site, file.mirrors))) - _fell_silent
    for url in file.mirrors:
        if _site(url) not in there:
            continue
        for _ in range(2):
            try:
                return fetch(url, file)
            except requests.Timeout:
                _fell_silent.add(_site(url))
                reason = f"it fell silent for {SILENCE_SECONDS} s"
                break
            except BadFile as error:
                reason = error
            except requests.HTTPError as error:
                reason = f"it answered with HTTP status {error.response.status_code}"
            except requests.RequestException:
                reason = "the connection broke"
        print(f"{url} is not used: {reason}.")
    return None


def _fetch(url: str, file: GzipFile) -> bytes:
    """Download to a file beside its place in the cache; rename it only once its hash is right."""
    fetch = pooch.HTTPDownloader(progressbar=someone_watches(), timeout=SILENCE_SECONDS)
    place = cache.CACHE / file.name
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part"
        fetch(url, str(part), None)
        content = part.read_bytes()
    unzipped = unzip(content, file)
    keep(place, lambda path: path.write_bytes(content))
    return unzipped


_fell_silent: set[str] = set()


def _site(url: str) -> str:
    return urlsplit(url)._replace(path="", query="").geturl()


@functools.cache
def _answering(sites: tuple[str, ...]) -> frozenset[str]:
    """The sites that answer at all, asked side by side; decided within PROBE_SECONDS.

    Threads, because a look-up of a name can hang for much longer than any time-out of requests.
    """
    answers: queue.Queue[str | None] = queue.Queue()

    def ask(site: str) -> None:
        try:
            requests.head(site, timeout=PROBE_SECONDS)
            answers.put(site)
        except requests.RequestException:
            answers.put(None)

    for site in sites:
        threading.Thread(target=ask, args=(site,), daemon=True).start()
    found = []
    end = time.monotonic() + PROBE_SECONDS
    for _ in sites:
        try:
            found.append(answers.get(timeout=max(0, end - time.monotonic())))
        except queue.Empty:
            break
    return frozenset(site for site in found if site)


def answers(site: str) -> bool:
    """Whether a site answers at all; decided within PROBE_SECONDS."""
    return bool(_answering((site,)))


# Archives


@dataclass(frozen=True)
class Archive:
    """A .tar.gz file with one folder in it, of the name `folder`; sha256 is that of the file."""

    name: str
    folder: str
    sha256: str
    mirrors: tuple[str, ...]


def unpacked(archive: Archive) -> Path | None:
    """The archive's folder: as it lies in COURSE_DATA_DIR or the cache, else unpacked from a
    local or a downloaded archive into the cache; None if there is none."""
    folders = [folder for folder in (data_dir(), cache.CACHE) if folder]
    for folder in folders:
        if (folder / archive.folder).is_dir():
            return folder / archive.folder
    for folder in folders:
        path = folder / archive.name
        try:
            if path.is_file():
                return unpack(path, archive)
        except (BadFile, OSError) as error:
            print(f"{short(path)} is not used: {error}.")
    return download(archive, _fetch_archive)


def unpack(path: Path, archive: Archive) -> Path:
    """Unpack the file into the cache: aside, then renamed; its hash is checked first.

    Raises:
        BadFile: the hash is wrong, or the archive is damaged, or it would write outside its folder.
        OSError: it cannot be written.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != archive.sha256:
        raise BadFile(
            f"its SHA-256 is {found[:12]}... and should be {archive.sha256[:12]}..."
        )
    place = cache.CACHE / archive.folder
    cache.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.CACHE, prefix=".part-") as aside:
        try:
            with tarfile.open(path) as tar:
                tar.extractall(aside, filter="data")
        except tarfile.FilterError as error:
            raise BadFile(
                f"its member {error.tarinfo.name!r} leads out of the folder; nothing is unpacked"
            ) from None
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error):
            raise BadFile("it is not a whole .tar.gz file") from None
        if not (Path(aside) / archive.folder).is_dir():
            raise BadFile(f"there is no folder {archive.folder} in it")
        if not place.is_dir():  # else another process was faster
            os.replace(Path(aside) / archive.folder, place)
    return place


def _fetch_archive(url: str, archive: Archive) -> Path:
    """Download beside the cache's files, in a stream, and unpack; the archive is not kept."""
    fetch = pooch.HTTPDownloader(progressbar=someone_watches(), timeout=SILENCE_SECONDS)
    cache.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.CACHE, prefix=".part-") as folder:
        part = Path(folder) / "part"
        fetch(url, str(part), None)
        return unpack(part, archive)
