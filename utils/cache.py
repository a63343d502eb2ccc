"""Where files are kept: written aside and renamed, made once. Loads no TensorFlow."""

import atexit
import hashlib
import inspect
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "data" / "cache"


def short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def keep(place: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file beside its place and rename it; say so if that cannot be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".part-") as folder:
            part = Path(folder) / place.name
            write(part)
            os.replace(part, place)
    except OSError as error:
        print(f"{short(place)} cannot be written ({error.strerror}): it is not kept.")


def cached_stand_in(
    make: Callable[[], dict[str, np.ndarray]],
) -> dict[str, np.ndarray]:
    """The stand-in's arrays, made once and kept in the cache as long as its code is the same."""
    code = Path(inspect.getsourcefile(make)).read_bytes()
    version = hashlib.sha256(code).hexdigest()[:8]
    path = CACHE / "standins" / f"{make.__name__}-{version}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        print(f"{short(path)} is damaged and is made again ({error}).")
    arrays = make()
    keep(path, lambda part: np.savez(part, **arrays))
    return arrays


def cached_folder(make: Callable[[Path], None], count: int) -> Path:
    """The stand-in's folder of `count` files, made by `make(folder)` and kept like the arrays."""
    code = Path(inspect.getsourcefile(make)).read_bytes()
    version = hashlib.sha256(code).hexdigest()[:8]
    place = CACHE / "standins" / f"{make.__name__}-{version}"
    if place.is_dir():
        if sum(path.stat().st_size > 0 for path in place.glob("*/*")) == count:
            return place
        print(f"{short(place)} is not whole and is made again.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=".part-"))
    except OSError as error:
        print(f"{short(place)} cannot be written ({error.strerror}): it is not kept.")
        place, aside = None, Path(tempfile.mkdtemp(prefix="course-"))
    made = aside / make.__name__
    make(made)
    if place is None:
        atexit.register(shutil.rmtree, aside, ignore_errors=True)
        return made
    shutil.rmtree(place, ignore_errors=True)
    os.replace(made, place)
    aside.rmdir()
    return place
