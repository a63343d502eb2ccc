"""Where the files of a data set come from: a folder, the cache, a mirror; or a stand-in is made.

The order is: files in the folder that COURSE_DATA_DIR names, files in data/cache/, the official
download, the stand-in. COURSE_OFFLINE=1 skips the download. archives.py says which files will do.
"""

import os
import queue
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

from utils import cache
from utils.cache import short

import requests

with warnings.catch_warnings():  # its progress bar asks for widgets that may be missing
    warnings.simplefilter("ignore")
    import pooch

# Seconds: for all mirrors together to give a first answer, and for one silence in a download.
PROBE_SECONDS = 4
SILENCE_SECONDS = 5

T = TypeVar("T")


class BadFile(ValueError):
    """A file is not what it should be; the message says what it is."""


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


def folders() -> list[Path]:
    """Where files are looked for: COURSE_DATA_DIR, if it is set, and then the cache."""
    return [folder for folder in (data_dir(), cache.CACHE) if folder]


def _offline() -> bool:
    return os.environ.get("COURSE_OFFLINE") == "1"


def why_not() -> str:
    """Why a stand-in is used, for the end of the line that names the source."""
    return " (COURSE_OFFLINE=1)" if _offline() else " (no download)"


def download(
    mirrors: Iterable[str], fetch: Callable[[str], T], silent: set[str] | None = None
) -> T | None:
    """What `fetch(url)` returns for the first mirror that has the file; None if none has.

    Args:
        fetch: downloads from a URL; may raise BadFile, OSError and what requests raises.
        silent: collects the sites that do not answer, not to be asked again in this load.
    """
    if _offline():
        return None
    silent = set() if silent is None else silent
    sites = {_site(url) for url in mirrors}
    silent |= sites - _answering(sites - silent)
    for url in mirrors:
        if _site(url) in silent:
            continue
        for _ in range(2):
            try:
                return fetch(url)
            except requests.Timeout:
                silent.add(_site(url))
                _answered.discard(_site(url))
                reason = f"it fell silent for {SILENCE_SECONDS} s"
                break
            except BadFile as error:
                reason = error
            except requests.HTTPError as error:
                reason = f"it answered with HTTP status {error.response.status_code}"
            except requests.RequestException:
                reason = "the connection broke"
            except OSError as error:
                place = short(cache.CACHE)
                reason = f"{place} cannot be written ({error.strerror})"
                break
        print(f"{url} is not used: {reason}.")
    return None


def stream(url: str, file: BinaryIO) -> None:
    """Download into an open file, with a progress bar if someone watches."""
    from utils.session import someone_watches  # loads TensorFlow

    fetch = pooch.HTTPDownloader(progressbar=someone_watches(), timeout=SILENCE_SECONDS)
    fetch(url, file, None)


def _site(url: str) -> str:
    return urlsplit(url)._replace(path="", query="").geturl()


_answered: set[str] = set()  # the sites that have; one that has not is asked again


def _answering(sites: set[str]) -> set[str]:
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

    unknown = sites - _answered
    for site in unknown:
        threading.Thread(target=ask, args=(site,), daemon=True).start()
    end = time.monotonic() + PROBE_SECONDS
    for _ in unknown:
        try:
            site = answers.get(timeout=max(0, end - time.monotonic()))
        except queue.Empty:
            break
        if site:
            _answered.add(site)
    return sites & _answered


def answers(site: str) -> bool:
    """Whether a site answers at all; decided within PROBE_SECONDS."""
    return site in _answering({site})
