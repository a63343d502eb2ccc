"""Small tables: take-off distances."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.data import fetch
from utils.data.fetch import BadFile
from utils.records import record

import numpy as np

TABLES = cache.ROOT / "data"  # the small tables that the course ships
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
    source: "real" (the old course's tables) or "stand-in" (tools/make_takeoff.py).
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str


def load_takeoff() -> TakeOff:
    """Take-off distances: 300 rows to learn from, 80 to test. Introduced in chapter 10.

    The tables of the old course if COURSE_DATA_DIR or the cache has them, else those that data/
    ships.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder, or a table in data/ is missing.
        BadFile: a table in data/ is not what it should be.
    """
    tables = _old_takeoff()
    source = "real" if tables else "stand-in"
    if tables is None:
        try:
            tables = _tables(TABLES, _TAKEOFF_TABLES)
        except (BadFile, FileNotFoundError) as error:
            remedy = "`python -m tools.make_takeoff` makes it again."
            raise type(error)(f"In {cache.short(TABLES)}, {error}: {remedy}") from None
    train, test = tables
    print(
        f"Take-off: {len(train)} / {len(test)} rows to train / test, source: ~{source}"
    )
    record(data="Take-off", source=source)
    return TakeOff(train[:, :2], train[:, 2:], test[:, :2], test[:, 2:], source)


def _old_takeoff() -> tuple[np.ndarray, np.ndarray] | None:
    """The rows to train and to test with from the first folder that has all of them."""
    for folder in fetch.folders():
        place = folder / "takeoff"
        if not place.is_dir():
            continue
        try:
            train, *test = _tables(place, _OLD_TAKEOFF_TABLES)
            return train, np.hstack(test)
        except (BadFile, FileNotFoundError) as error:
            print(f"{cache.short(place)} is not used: {error}.")
    return None


def _tables(folder: Path, shapes: Mapping[str, tuple[int, int]]) -> list[np.ndarray]:
    """The numbers in each CSV file below its first line, float32; raises BadFile."""
    tables = []
    for name, shape in shapes.items():
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{name} is missing")
        try:
            with warnings.catch_warnings():  # of an empty file: its shape is refused
                warnings.simplefilter("ignore", UserWarning)
                table = np.loadtxt(
                    folder / name,
                    np.float32,
                    None,
                    ",",
                    skiprows=1,
                    ndmin=2,
                    encoding="utf-8",
                )
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
