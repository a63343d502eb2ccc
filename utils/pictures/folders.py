"""A folder of labelled pictures: the name of a folder is the label. See chapter 22."""

import hashlib
import os
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"}
ENDS = 2**17  # bytes at either end of a file that tell it from others
NAMED = 10  # files that one sentence names at most


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures, still in their files.

    folder: what was searched; paths: the files in it; digests: what tells one file from another.
    labels: int32, shape (n,), the index of the class; class_names: the names of the folders.
    """

    folder: Path
    paths: tuple[Path, ...]
    digests: tuple[str, ...]
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
            digests=tuple(self.digests[i] for i in indices),
            labels=self.labels[np.asarray(indices, int)],
        )


def find_pictures(folder: str | os.PathLike) -> Pictures:
    """The pictures in the folders inside `folder`; a folder's name is the label of its pictures.

    What cannot be used is named in a sentence and left out: a class with no picture or with one,
    a picture that lies in two classes, a second copy inside a class. Whether a picture can be
    read shows only when it is read.

    Raises:
        FileNotFoundError, NotADirectoryError: there is no such folder.
        ValueError: fewer than two classes are left.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"There is no folder {folder}.")
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{folder} is a file: name the folder around the classes."
        )
    found = {}
    for place in sorted(folder.iterdir(), key=lambda path: path.name):
        if place.is_dir() and not place.name.startswith("."):
            found[place] = sorted(
                path
                for path in place.iterdir()
                if path.suffix.lower() in SUFFIXES
                and not path.name.startswith(".")
                and path.is_file()
            )
    paths = [path for inside in found.values() for path in inside]
    digests = {path: _digest(path) for path in paths}
    unwanted = _copies(paths, digests, folder)
    classes = {}
    for place, inside in found.items():
        good = [path for path in inside if path not in unwanted]
        if len(good) >= 2:
            classes[unicodedata.normalize("NFC", place.name)] = good
        else:
            has = "one picture" if good else "no picture"
            print(
                f"The class {_name(place, folder)!r} has {has} and is left out: it needs two."
            )
    if len(classes) < 2:
        raise ValueError(
            f"{folder} has {len(classes)} class folders with pictures, and at least two are "
            f"needed: put the pictures of each class into a folder with its name."
        )
    paths = [path for inside in classes.values() for path in inside]
    counts = [len(inside) for inside in classes.values()]
    return Pictures(
        folder=folder,
        paths=tuple(paths),
        digests=tuple(digests[path] for path in paths),
        labels=np.repeat(np.arange(len(classes)), counts).astype(np.int32),
        class_names=tuple(classes),
    )


def _name(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return unicodedata.normalize(
        "NFC", name
    )  # macOS takes letters such as those of Korean apart


def _digest(path: Path) -> str:
    """A hash of the size and of both ends of a file, of the whole of it up to 256 kB."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(ENDS))
        file.seek(max(ENDS, size - ENDS))
        digest.update(file.read(ENDS))
    return digest.hexdigest()


def _copies(paths: list[Path], digests: dict[Path, str], folder: Path) -> set[Path]:
    """The files to leave out: pictures in two classes, and second copies in one; names them."""
    same = defaultdict(list)
    for path in paths:
        if path.stat().st_size:
            same[digests[path]].append(path)
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
        print(
            skipped(
                double, folder, "copied within its class", "copied within their class"
            )
        )
    return unwanted | set(double)


def skipped(paths: Sequence[Path], folder: Path, one: str, more: str) -> str:
    names = [_name(path, folder) for path in paths[:NAMED]]
    if len(paths) > NAMED:
        names.append(f"{len(paths) - NAMED:,} more")
    what = (
        f"1 picture is {one}"
        if len(paths) == 1
        else f"{len(paths):,} pictures are {more}"
    )
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
        for part, indices in zip(
            parts,
            np.split(own, [len(own) - tests - valids, len(own) - tests]),
            strict=True,
        ):
            part.extend(indices.tolist())
