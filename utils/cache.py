"""Where files are kept: written aside and renamed, made once. Loads no TensorFlow."""

import ast
import atexit
import functools
import hashlib
import inspect
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import numpy as np
from filelock import FileLock

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


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold the lock of a place; other processes wait for it.

    Where no lock file can be written, nothing can be kept either, and the work goes on without.
    """
    lock = FileLock(place.with_name(f".{place.name}.lock"))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError:
        pass
    try:
        yield
    finally:
        lock.release()


def cached_stand_in(
    make: Callable[[], dict[str, np.ndarray]], made_with: Sequence[str]
) -> dict[str, np.ndarray]:
    """The stand-in's arrays, made once and kept as long as what makes them is the same.

    Args:
        made_with: the packages, by their names on PyPI, whose next release may make others.
    """
    path = _stand_in_place(make, made_with, ".npz")
    with alone(path):
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


def cached_folder(
    make: Callable[[Path], None], made_with: Sequence[str], count: int
) -> Path:
    """The stand-in's folder of `count` files, made by `make(folder)` and kept like the arrays."""

    def whole(folder: Path) -> bool:
        files = folder.glob("*/[!.]*")  # hidden ones may be the Finder's
        return sum(path.stat().st_size > 0 for path in files) == count

    place = _stand_in_place(make, made_with, "")
    with alone(place):
        if whole(place):
            return place
        if place.is_dir():
            print(f"{short(place)} is not whole and is made again.")
            shutil.rmtree(place, ignore_errors=True)
        keep(place, make)
        if whole(place):
            return place
    aside = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, aside, ignore_errors=True)
    make(aside / make.__name__)
    return aside / make.__name__


def _stand_in_place(make: Callable, made_with: Sequence[str], suffix: str) -> Path:
    """A name for each version of the code that `make` needs and of the packages behind it."""
    path = Path(inspect.getsourcefile(make))
    digest = hashlib.sha256()
    for file in sorted({path} | sources(path.read_text("utf-8"))):
        digest.update(file.read_bytes())
    for package in made_with:
        digest.update(f"{package} {_release(package)}\n".encode())
    version = digest.hexdigest()[:8]
    return CACHE / "standins" / f"{make.__name__}-{version}{suffix}"


def _release(package: str) -> str:
    """Its version without the last number, such as 2.21; empty if there is none of this name."""
    try:
        return ".".join(metadata.version(package).split(".")[:2])
    except metadata.PackageNotFoundError:  # tensorflow-cpu goes by another name
        return ""


def sources(code: str) -> set[Path]:
    """The course's own source files that this Python code depends on, found without running it.

    A module leads on to all that it imports, a name that a package's `__init__` hands on only to
    the module that it comes from: `from utils.training import train` to utils/training/loop.py
    and what that imports, beside the `__init__` itself. `import utils.training` and
    `from utils.training import *` lead to all that the `__init__` imports.

    Raises:
        SyntaxError: this is not Python, for example a notebook's `%magic` or `!command`.
        ValueError: there is a relative import in it.
    """
    found, done = set(), set()
    todo = {(module, name) for module, name, _ in _imports(code)}
    while todo:
        wanted = todo.pop()
        done.add(wanted)
        module, name = wanted
        path = _file(module)
        if path is None:  # not the course's own
            continue
        parents = [_file(module[:i]) for i, sign in enumerate(module) if sign == "."]
        found.update([path, *filter(None, parents)])
        inside = _imports(path.read_text("utf-8"))
        onward = {(origin, what) for origin, what, _ in inside}
        if name and path.name == "__init__.py":
            handed_on = {(origin, what) for origin, what, own in inside if own == name}
            if handed_on - {wanted}:
                onward = handed_on
            elif _file(f"{module}.{name}"):
                onward = {(f"{module}.{name}", None)}
        todo |= onward - done
    return found


@functools.cache
def _imports(code: str) -> frozenset[tuple[str, str | None, str]]:
    """What the code imports: a module, the name from it (None: all of it), its name here."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {(it.name, None, it.asname or it.name) for it in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                dots = "." * node.level + (node.module or "")
                raise ValueError(f"Write out `from {dots} import`: it is not followed.")
            for it in node.names:
                name = None if it.name == "*" else it.name
                found.add((node.module, name, it.asname or it.name))
    return frozenset(found)


def _file(module: str) -> Path | None:
    """The course's file that this module is."""
    place = ROOT.joinpath(*module.split("."))
    files = place / "__init__.py", place.with_suffix(".py")
    return next((file for file in files if file.is_file()), None)
