"""One function a data set: the real one if it can be had, else its stand-in.

The order is: files in the folder that COURSE_DATA_DIR names, files in data/cache/, the official
download, the stand-in. COURSE_OFFLINE=1 skips the download. A file is used only if its hash is
right; a download is written aside and renamed into place once it is. Nothing here is unpickled.
"""

import functools
import gzip
import hashlib
import os
import queue
import tempfile
import threading
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from utils import standins
from utils.checks import record
from utils.runtime import someone_watches

import numpy as np
import requests

with (
    warnings.catch_warnings()
):  # pooch's progress bar asks for widgets that need not be there
    warnings.simplefilter("ignore")
    import pooch

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "data" / "cache"

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


@dataclass(frozen=True)
class Images:
    """Labelled pictures in three parts.

    x_train, x_valid, x_test: float32, shape (n, height, width), 0.0 is paper and 1.0 is ink.
    y_train, y_valid, y_test: int32, shape (n,), the index of the class.
    class_names: the classes in the order of their indices.
    source: "real" or "stand-in".
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str


_MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
_MNIST = {
    part: GzipFile(
        f"mnist/{name}.gz",
        f"sha256:{sha256}",
        tuple(m + name + ".gz" for m in _MNIST_MIRRORS),
    )
    for part, name, sha256 in [
        (
            "train_images",
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        (
            "train_labels",
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        (
            "test_images",
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        (
            "test_labels",
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ]
}

_FASHION_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
_FASHION = {
    part: GzipFile(
        f"fashion-mnist/{name}.gz",
        f"md5:{md5}",
        tuple(m + name + ".gz" for m in _FASHION_MIRRORS),
    )
    for part, name, md5 in [
        ("train_images", "train-images-idx3-ubyte", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train_labels", "train-labels-idx1-ubyte", "25c81989df183df01b3e8a0aad5dffbe"),
        ("test_images", "t10k-images-idx3-ubyte", "bef4ecab320f06d8554ea6380940ec79"),
        ("test_labels", "t10k-labels-idx1-ubyte", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
}
_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load_mnist() -> Images:
    """Handwritten digits (LeCun, Cortes and Burges, 1998): 55,000 / 5,000 / 10,000 of 28x28.

    The validation pictures are the first 5,000 of the 60,000 training pictures, as in
    TensorFlow's first tutorials. Introduced in chapter 8.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    arrays, source, why = _real_or_stand_in(_MNIST, standins.mnist)
    images = _images(arrays, tuple("0123456789"), source)
    _say("MNIST", images, why)
    return images


def load_fashion_mnist() -> Images:
    """Ten kinds of clothes (Xiao, Rasul and Vollgraf, 2017): 55,000 / 5,000 / 10,000 of 28x28.

    As with MNIST, the validation pictures are the first 5,000 of the 60,000 training pictures.
    Introduced in chapter 11.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    arrays, source, why = _real_or_stand_in(_FASHION, standins.fashion_mnist)
    images = _images(arrays, _CLOTHES, source)
    _say("Fashion-MNIST", images, why)
    return images


def _images(
    arrays: Mapping[str, np.ndarray], class_names: tuple[str, ...], source: str
) -> Images:
    x_train, x_test = (
        np.divide(arrays[part], 255, dtype=np.float32)
        for part in ("train_images", "test_images")
    )
    y_train, y_test = (
        arrays[k].astype(np.int32) for k in ("train_labels", "test_labels")
    )
    return Images(
        x_train=x_train[5000:],
        y_train=y_train[5000:],
        x_valid=x_train[:5000],
        y_valid=y_train[:5000],
        x_test=x_test,
        y_test=y_test,
        class_names=class_names,
        source=source,
    )


def _say(title: str, images: Images, why: str) -> None:
    counts = " / ".join(
        f"{len(y):,}" for y in (images.y_train, images.y_valid, images.y_test)
    )
    print(
        f"{title}: {counts} pictures to train / validate / test, source: ~{images.source}{why}"
    )
    record(data=title, source=images.source)


def _real_or_stand_in(
    files: Mapping[str, GzipFile], make: Callable[[], dict[str, np.ndarray]]
) -> tuple[dict[str, np.ndarray], str, str]:
    """The arrays of all files, or, if one of them cannot be had, those of the stand-in.

    Returns the arrays, the source, and for a stand-in the reason in brackets.
    """
    arrays = {}
    for key, file in files.items():
        content = _local(file) or _download(file)
        if content is None:
            offline = os.environ.get("COURSE_OFFLINE") == "1"
            why = "COURSE_OFFLINE=1" if offline else "no download"
            return _cached_stand_in(make), "stand-in", f" ({why})"
        arrays[key] = _from_idx(content)
    return arrays, "real", ""


def _from_idx(content: bytes) -> np.ndarray:
    """The uint8 array in an IDX file: a magic number that ends in the rank, the sizes, the data."""
    rank = content[3]
    sizes = np.frombuffer(content, ">i4", count=rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)


# Take-off distances

TABLES = ROOT / "data"  # the small tables that the course ships
_TAKEOFF_TABLES = {"takeoff_train.csv": (300, 3), "takeoff_test.csv": (80, 3)}
_OLD_TAKEOFF_TABLES = {
    "trainset.csv": (300, 3),
    "testset_x.csv": (80, 2),
    "testset_y.csv": (80, 1),
}


@dataclass(frozen=True)
class TakeOff:
    """How far an aeroplane rolls before it lifts off.

    x_train (300, 2), x_test (80, 2): float32, speed in km/h and weight in tonnes.
    y_train (300, 1), y_test (80, 1): float32, the distance in metres; the training rows carry
        noise of up to 100 m to either side, the test rows are exact to half a metre.
    source: "real" (the old course's tables) or "stand-in" (data/make_takeoff.py).
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str


def load_takeoff() -> TakeOff:
    """Take-off distances: 300 rows to learn from, 80 to test. Introduced in chapter 10.

    The tables of the old course if COURSE_DATA_DIR has them, else those that data/ ships.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder, or a table in data/ is missing.
        BadFile: a table in data/ is not what it should be.
    """
    old = (data_dir() or CACHE) / "takeoff"
    tables, source = None, "stand-in"
    if old.is_dir():
        try:
            train, *test = _tables(old, _OLD_TAKEOFF_TABLES)
            tables, source = (train, np.hstack(test)), "real"
        except (BadFile, FileNotFoundError) as error:
            print(f"{_short(old)} is not used: {error}.")
    if tables is None:
        remedy = "`python data/make_takeoff.py` makes it again."
        try:
            tables = _tables(TABLES, _TAKEOFF_TABLES)
        except (BadFile, FileNotFoundError) as error:
            raise type(error)(f"In {_short(TABLES)}, {error}: {remedy}") from None
    train, test = tables
    print(
        f"Take-off: {len(train)} / {len(test)} rows to train / test, source: ~{source}"
    )
    record(data="Take-off", source=source)
    return TakeOff(train[:, :2], train[:, 2:], test[:, :2], test[:, 2:], source)


def _tables(folder: Path, shapes: Mapping[str, tuple[int, int]]) -> list[np.ndarray]:
    """The numbers in each CSV file below its first line, float32; raises BadFile."""
    tables = []
    for name, shape in shapes.items():
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(f"{name} is missing")
        try:
            lines = path.read_text("utf-8").splitlines()[1:]
            table = np.array([line.split(",") for line in lines], np.float32)
        except ValueError:
            raise BadFile(
                f"{name} is not a table of {shape[1]} numbers a line"
            ) from None
        if table.shape != shape:
            raise BadFile(f"{name} has the shape {table.shape} and should have {shape}")
        if not np.isfinite(table).all():
            raise BadFile(f"{name} has a value that is not a finite number")
        tables.append(table)
    return tables


def data_dir() -> Path | None:
    """The folder that COURSE_DATA_DIR names, seen from the course's folder; None if unset.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    value = os.environ.get("COURSE_DATA_DIR")
    if not value:
        return None
    folder = ROOT / Path(value).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"COURSE_DATA_DIR names {value!r}, but there is no such folder: "
            "correct it, or unset it to let the course download its data."
        )
    return folder


def _local(file: GzipFile) -> bytes | None:
    """The file's content from COURSE_DATA_DIR or the cache, or None."""
    for folder in (data_dir(), CACHE):
        path = folder / file.name if folder else None
        try:
            if path and path.is_file():
                return _unzip(path.read_bytes(), file)
        except (BadFile, OSError) as error:
            print(f"{_short(path)} is not used: {error}.")
    return None


def _unzip(content: bytes, file: GzipFile) -> bytes:
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


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


# Downloads


def _download(file: GzipFile) -> bytes | None:
    """Fetch the file from the first mirror that has it, keep it in the cache; None if none has."""
    if os.environ.get("COURSE_OFFLINE") == "1":
        return None
    there = _answering(tuple(map(_site, file.mirrors))) - _fell_silent
    for url in file.mirrors:
        if _site(url) not in there:
            continue
        for _ in range(2):
            try:
                return _fetch(url, file)
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
    download = pooch.HTTPDownloader(
        progressbar=someone_watches(), timeout=SILENCE_SECONDS
    )
    place = CACHE / file.name
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part"
        download(url, str(part), None)
        content = part.read_bytes()
    unzipped = _unzip(content, file)
    _keep(place, lambda path: path.write_bytes(content))
    return unzipped


def _keep(place: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file beside its place and rename it; say so if that cannot be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".part-") as folder:
            part = Path(folder) / place.name
            write(part)
            os.replace(part, place)
    except OSError as error:
        print(f"{_short(place)} cannot be written ({error.strerror}): it is not kept.")


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


# Stand-ins


def _cached_stand_in(
    make: Callable[[], dict[str, np.ndarray]],
) -> dict[str, np.ndarray]:
    """The stand-in's arrays, made once and kept in the cache as long as its code is the same."""
    version = hashlib.sha256(Path(standins.__file__).read_bytes()).hexdigest()[:8]
    path = CACHE / "standins" / f"{make.__name__}-{version}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        print(f"{_short(path)} is damaged and is made again ({error}).")
    arrays = make()
    _keep(path, lambda part: np.savez(part, **arrays))
    return arrays
