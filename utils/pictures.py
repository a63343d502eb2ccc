"""A folder of labelled pictures becomes features: chapter 22. The folder's name is the label.

Pictures are read in a stream, a batch at a time, so that ten thousand large photographs need no
more memory than ten. What a backbone makes of them is computed once and kept in data/cache/.
"""

import hashlib
import os
import unicodedata
import zipfile
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from utils import files
from utils.backbones import Backbone
from utils.runtime import keras, tf

import numpy as np
from PIL import Image, ImageOps

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"}
ENDS = 2**17  # bytes at either end of a file that tell it from others
NAMED = 10  # files that one sentence names at most


class BadPicture(ValueError):
    """A file is not a picture that can be read; the message names it and says why."""


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
            _sentence(
                double, folder, "copied within its class", "copied within their class"
            )
        )
    return unwanted | set(double)


def _sentence(paths: Sequence[Path], folder: Path, one: str, more: str) -> str:
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
    return tuple(np.array(part, int) for part in parts)


# Reading


def read_picture(path: str | os.PathLike, side: int) -> np.ndarray:
    """The middle square of a picture, uint8 of shape (side, side, 3).

    A JPEG is decoded at an eighth, a quarter or half of its size where that is enough.

    Raises:
        FileNotFoundError: there is no such file.
        BadPicture: it is not a picture, or a damaged one.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no picture {path}.")
    if path.is_dir():
        raise BadPicture(f"{path} is a folder, not a picture.")
    try:
        with Image.open(path) as image:
            image.draft("RGB", (side, side))
            if image.mode == "P":
                image = image.convert("RGBA")
            image = ImageOps.exif_transpose(image).convert("RGB")
            fitted = ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)
            return np.asarray(fitted)
    except Image.UnidentifiedImageError:
        raise BadPicture(f"{path} is not a picture that can be read.") from None
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can make Pillow raise almost anything
        raise BadPicture(f"{path} is damaged: {error}.") from None


def stream(
    paths: Sequence[Path], side: int, batch_size: int = 32
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Read pictures in order, batch by batch; only two batches are in memory at a time.

    Yields the indices of the readable pictures of a batch and the pictures, uint8 of shape
    (n, side, side, 3). What cannot be read is left out.
    """

    def read(index: int) -> tuple[int, np.ndarray | None]:
        try:
            return index, read_picture(paths[index], side)
        except (BadPicture, OSError):
            return index, None

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        ahead = deque()
        for first in range(0, len(paths), batch_size):
            numbers = range(first, min(first + batch_size, len(paths)))
            ahead.append([threads.submit(read, number) for number in numbers])
            if len(ahead) == 2:
                yield from _read_batch(ahead.popleft())
        while ahead:
            yield from _read_batch(ahead.popleft())


def _read_batch(reading) -> Iterator[tuple[list[int], np.ndarray]]:
    good = [
        done for done in (future.result() for future in reading) if done[1] is not None
    ]
    if good:
        indices, pixels = zip(*good, strict=True)
        yield list(indices), np.stack(pixels)


def read_all(pictures: Pictures, side: int) -> np.ndarray:
    """All pictures in memory, uint8 of shape (n, side, side, 3); for small sets.

    Raises:
        BadPicture: one of them cannot be read.
    """
    pixels = np.empty((len(pictures), side, side, 3), np.uint8)
    unread = set(range(len(pictures)))
    for indices, batch in stream(pictures.paths, side):
        pixels[indices] = batch
        unread.difference_update(indices)
    for index in unread:
        read_picture(pictures.paths[index], side)  # says why
    return pixels


def batches(
    pictures: Pictures, side: int, batch_size: int = 32, seed: int | None = None
) -> "tf.data.Dataset":
    """An endless stream for `fit` of (pictures, labels); each round in an order of its own.

    Args:
        seed: of the shuffling; None keeps the order and ends after one round.
    """

    def rounds():
        number = 0
        while seed is not None or number == 0:
            order = np.arange(len(pictures))
            if seed is not None:
                order = np.random.default_rng([seed, number]).permutation(len(pictures))
            chosen = pictures.take(order)
            for indices, pixels in stream(chosen.paths, side, batch_size):
                yield pixels, chosen.labels[indices]
            number += 1

    form = (
        tf.TensorSpec((None, side, side, 3), tf.uint8),
        tf.TensorSpec((None,), tf.int32),
    )
    return tf.data.Dataset.from_generator(rounds, output_signature=form).prefetch(1)


# Bottleneck features


def bottlenecks(
    pictures: Pictures, backbone: Backbone, batch_size: int = 32
) -> tuple[np.ndarray, Pictures]:
    """What the backbone makes of each picture: its bottleneck features, computed once.

    They are kept under a key of the names and contents of the pictures (of a file above 256 kB
    its size, its ends and the time of its last change), the backbone and its weights. Pictures
    that cannot be read are named, counted and skipped.

    Returns:
        float32 of shape (n, features), and the n pictures that could be read.

    Raises:
        BadPicture: none of them could be read.
    """
    place = files.CACHE / "features" / f"{backbone.name}-{_key(pictures, backbone)}.npz"
    kept = _kept(place, len(pictures), backbone)
    if kept is None:
        features, good = [], []
        for indices, pixels in stream(pictures.paths, backbone.side, batch_size):
            features.append(backbone.features(pixels))
            good += indices
        if not good:
            raise BadPicture(f"None of the {len(pictures)} pictures can be read.")
        kept = np.concatenate(features), np.array(good)
        files.keep(place, lambda part: np.savez(part, features=kept[0], good=kept[1]))
    features, good = kept
    bad = [
        pictures.paths[i]
        for i in sorted(set(range(len(pictures))) - set(good.tolist()))
    ]
    if bad:
        print(_sentence(bad, pictures.folder, "damaged", "damaged"))
    return features, pictures.take(good)


def _key(pictures: Pictures, backbone: Backbone) -> str:
    key = hashlib.sha256(f"2 {backbone.key} {backbone.side}\n".encode())
    for path, name, digest in zip(
        pictures.paths, pictures.names(), pictures.digests, strict=True
    ):
        about = path.stat()  # the digest of a large file leaves out its middle
        changed = about.st_mtime_ns if about.st_size > 2 * ENDS else ""
        key.update(f"{digest} {changed} {name}\n".encode())
    return key.hexdigest()[:16]


def _kept(
    place: Path, count: int, backbone: Backbone
) -> tuple[np.ndarray, np.ndarray] | None:
    """The features and the readable pictures from the cache, or None; a damaged file is named."""
    try:
        with np.load(place, allow_pickle=False) as arrays:
            features, good = arrays["features"], arrays["good"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        features, good = None, None
    if (
        features is not None
        and features.shape == (len(good), backbone.width)
        and np.isfinite(features).all()
        and set(good.tolist()) <= set(range(count))
    ):
        return features, good
    print(f"{files.short(place)} is damaged and is made again.")
    return None


def label_image(
    path: str | os.PathLike, model: keras.Model, class_names: Sequence[str]
) -> dict[str, float]:
    """Print and return the score of each class for a picture, the best first.

    Args:
        path: a picture of any size.
        model: takes pictures with values from 0 to 255, gives a logit for each class.
        class_names: in the order of the logits.

    Raises:
        FileNotFoundError, BadPicture: as `read_picture`.
    """
    pixels = read_picture(path, model.input_shape[1])
    logits = model(pixels[None].astype(np.float32), training=False)
    shares = np.asarray(tf.nn.softmax(logits)[0], float)
    scores = {class_names[i]: float(shares[i]) for i in np.argsort(-shares)}
    for name, score in scores.items():
        print(f"{name} {score:.4f}")
    return scores
