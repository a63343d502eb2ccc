"""A folder of labelled pictures: the name of a folder is the label. See chapter 22."""

import hashlib
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp"}
UNREAD = {  # pictures as well, but of kinds that are not read here
    ".heic", ".heif", ".avif", ".tif", ".tiff", ".svg", ".jp2", ".jxl", ".ico", ".psd",
    ".eps", ".tga", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2",
}  # fmt: skip
NAMED = 10  # files that one sentence names at most


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures, still in their files.

    folder: what was searched; paths: the files in it.
    labels: int32, shape (n,), the index of the class; class_names: the names of the folders.
    """

    folder: Path
    paths: tuple[Path, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def names(self) -> list[str]:
        return [_name(path, self.folder) for path in self.paths]

    def take(self, indices: Sequence[int]) -> "Pictures":
        """Only these pictures, in this order."""
        return replace(
            self,
            paths=tuple(self.paths[i] for i in indices),
            labels=self.labels[np.asarray(indices, int)],
        )


def find_pictures(folder: str | os.PathLike) -> Pictures:
    """The pictures in the folders inside `folder`; a folder's name is the label of its pictures.

    What cannot be used is named in a sentence and left out: a class with no picture or with one,
    a picture that lies in two classes, a second copy inside a class, a picture of a kind that
    cannot be read here, such as .heic. Whether a picture is whole shows only when it is read.

    Raises:
        FileNotFoundError, NotADirectoryError: there is no such folder.
        ValueError: fewer than two classes are left.
        OSError: the system does not let a file be read.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"There is no folder {folder}.")
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{folder} is a file: name the folder around the classes."
        )
    found = _search(folder)
    paths = [path for inside in found.values() for path in inside]
    unwanted = _copies(paths, folder)
    classes = {}
    for place, inside in found.items():
        good = [path for path in inside if path not in unwanted]
        if len(good) >= 2:
            classes[unicodedata.normalize("NFC", place.name)] = good
        else:
            name, has = _name(place, folder), "one picture" if good else "no picture"
            print(f"The class {name!r} has {has} and is left out: it needs two.")
    if len(classes) < 2:
        raise ValueError(
            f"{folder} has {len(classes)} class folders with pictures, and at least two are "
            f"needed: put the pictures of each class into a folder with its name."
        )
    counts = [len(inside) for inside in classes.values()]
    return Pictures(
        folder=folder,
        paths=tuple(path for inside in classes.values() for path in inside),
        labels=np.repeat(np.arange(len(classes)), counts).astype(np.int32),
        class_names=tuple(classes),
    )


def _search(folder: Path) -> dict[Path, list[Path]]:
    """The pictures in each class folder; names those of kinds that cannot be read here."""
    found, unread = {}, []
    for place in sorted(folder.iterdir(), key=lambda path: path.name):
        if place.is_dir() and not place.name.startswith("."):
            files = sorted(p for p in place.iterdir() if not p.name.startswith("."))
            found[place] = _with_suffix(files, SUFFIXES)
            unread += _with_suffix(files, UNREAD)
    if unread:
        kinds = ", ".join(sorted({path.suffix.lower() for path in unread}))
        what = f"of a kind that cannot be read here ({kinds}; save as JPEG or PNG)"
        print(skipped(unread, folder, what, what))
    return found


def _with_suffix(files: list[Path], suffixes: set[str]) -> list[Path]:
    return [p for p in files if p.suffix.lower() in suffixes and p.is_file()]


def _name(path: Path, folder: Path) -> str:
    """In composed letters: macOS takes those of Korean and others apart."""
    return unicodedata.normalize("NFC", path.relative_to(folder).as_posix())


def content_hashes(paths: Sequence[Path]) -> list[str]:
    """The SHA-256 of each file, of the whole of it; large files are streamed.

    Raises:
        OSError: the system does not let a file be read.
    """

    def content_hash(path: Path) -> str:
        with system_errors(path), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    with ThreadPoolExecutor() as threads:
        return list(threads.map(content_hash, paths))


@contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """Say in a sentence why the system cannot read a picture, which may itself be good."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no picture {path}.") from None
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path} cannot be read now ({error.strerror}): it may be a good picture, so "
            "put this right and run it again.",
        ) from None


def _copies(paths: list[Path], folder: Path) -> set[Path]:
    """The files to leave out: pictures in two classes, and second copies in one; names them."""
    sizes = {path: path.stat().st_size for path in paths}
    shared = Counter(size for size in sizes.values() if size)
    alike = [path for path in paths if shared[sizes[path]] > 1]
    same = defaultdict(list)
    for path, content in zip(alike, content_hashes(alike), strict=True):
        same[content].append(path)
    unwanted, double = set(), []
    for copies in same.values():
        if len({path.parent for path in copies}) > 1:
            names = " and ".join(_name(path, folder) for path in copies)
            print(
                f"Check the labels: {names} are the same picture in two classes, "
                "so none of them is used."
            )
            unwanted.update(copies)
        elif len(copies) > 1:
            double += copies[1:]
    if double:
        one, more = "copied within its class", "copied within their class"
        print(skipped(double, folder, one, more))
    return unwanted | set(double)


def skipped(paths: Sequence[Path], folder: Path, one: str, more: str) -> str:
    names = [_name(path, folder) for path in paths[:NAMED]]
    if len(paths) > NAMED:
        names.append(f"{len(paths) - NAMED:,} more")
    what = f"{len(paths):,} pictures are {more}"
    if len(paths) == 1:
        what = f"1 picture is {one}"
    return f"{what} and skipped: {', '.join(names)}."


def split(
    pictures: Pictures, valid: float = 0.1, test: float = 0.4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The indices of the pictures to train, validate and test with.

    The hash of its name decides where a picture goes, so that the same pictures are the test
    every time, and a new picture moves hardly any other. Each class is cut by itself and has at
    least one picture to train and one to test.

    Raises:
        ValueError: the shares leave nothing to train with, or a class has fewer than two pictures.
    """
    if not (valid >= 0 and test > 0 and valid + test < 1):
        raise ValueError(
            f"Shares of {valid} and {test} leave nothing to train or test with."
        )
    parts = [], [], []
    names = np.array(pictures.names())
    for label, class_name in enumerate(pictures.class_names):
        own = np.flatnonzero(pictures.labels == label)
        if len(own) < 2:
            raise ValueError(
                f"The class {class_name!r} has fewer than two readable pictures."
            )
        hashes = [hashlib.sha256(name.encode()).digest() for name in names[own]]
        own = own[sorted(range(len(own)), key=hashes.__getitem__)]
        tests = min(max(1, round(test * len(own))), len(own) - 1)
        valids = min(round(valid * len(own)), len(own) - 1 - tests)
        cuts = np.split(own, [len(own) - tests - valids, len(own) - tests])
        for part, indices in zip(parts, cuts, strict=True):
            part.extend(indices.tolist())
    return tuple(np.array(part, int) for part in parts)
