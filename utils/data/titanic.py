"""The passengers of the Titanic: Kaggle's tables if they can be had, else their stand-in."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.cache import keep, short
from utils.data.csv_tables import (
    Kind,
    amount,
    count,
    maybe,
    one_of,
    parse_csv,
    read_csv,
    text,
)
from utils.data.fetch import BadFile, download, folders, stream, why_not
from utils.drawings.passengers import passengers
from utils.records import record

import numpy as np

TABLES = cache.ROOT / "data"
_MIRRORS = (
    "https://raw.githubusercontent.com/datasciencedojo/datasets/master/titanic.csv",
)
_TEST: dict[str, Kind] = {
    "PassengerId": count,
    "Pclass": lambda field: int(one_of("1", "2", "3")(field)),
    "Name": text,
    "Sex": one_of("male", "female"),
    "Age": maybe(amount, np.nan),
    "SibSp": count,
    "Parch": count,
    "Ticket": text,
    "Fare": maybe(amount, np.nan),
    "Cabin": maybe(text, ""),
    "Embarked": maybe(one_of("C", "Q", "S"), ""),
}
_SURVIVED: dict[str, Kind] = {"Survived": lambda field: int(one_of("0", "1")(field))}
_GUESS: dict[str, Kind] = {"PassengerId": count} | _SURVIVED
_TRAIN: dict[str, Kind] = _GUESS | _TEST
_COUNTS: dict[str, Kind] = {
    "class": lambda field: int(one_of("1", "2", "3")(field)),
    "title": one_of("Mr", "Mrs", "Miss", "Master"),
    "family": one_of("alone", "small", "large"),
    "passengers": count,
    "survivors": count,
    "no age": count,
    "test": count,
    "test no age": count,
}


@dataclass(frozen=True)
class File:
    """A table of Kaggle's.

    sha256: of its values, so that line ends and 22 for 22.0 make no difference (see `_digest`).
    """

    name: str
    kinds: Mapping[str, Kind]
    rows: int
    sha256: str
    mirrors: tuple[str, ...] = ()


_TRAIN_FILE = File(
    "train.csv",
    _TRAIN,
    891,
    "c94a7b34e3584958f58582b6c3c494567e3d7d24a0e86b916b13105d2e153c7b",
    _MIRRORS,
)
_TEST_FILES = (
    File(
        "test.csv",
        _TEST,
        418,
        "c2f6f2a5687259d1c3e9faf6819ba3e7334a6735b8147b610b59115eae81b7bd",
    ),
    File(
        "gender_submission.csv",
        _GUESS,
        418,
        "9ccce4cd980d286bd664215517b0a922cd905834add490f14e680633e109e53a",
    ),
)


@dataclass(frozen=True)
class Titanic:
    """Passengers of the Titanic.

    train: the columns of 891 passengers under Kaggle's names, arrays of shape (891,): PassengerId,
        Survived (0 or 1), Pclass (1 to 3), SibSp, Parch: int32; Age in years, Fare in pounds:
        float32, nan where missing; Name, Sex ("male", "female"), Ticket, Cabin, Embarked ("C",
        "Q", "S"): text, "" where missing.
    test: the same columns of 418 others, without Survived.
    guess: (418,) int32, what Kaggle's gender_submission.csv says of them. It is not the truth.
    source, test_source: "real" or "stand-in", of `train` and of the other two.
    """

    train: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    guess: np.ndarray
    source: str
    test_source: str


def load_titanic() -> Titanic:
    """891 passengers of the Titanic who lived or not, and 418 of whom it is not told.

    The files titanic/train.csv, test.csv and gender_submission.csv in COURSE_DATA_DIR or the
    cache; else a download of the first (the other two have none); else a stand-in rebuilt from
    counts (utils/drawings/passengers.py). Introduced in chapter 7.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder, or data/titanic_counts.csv is missing.
        BadFile: data/titanic_counts.csv is needed and is not what it should be.
    """
    train = _local((_TRAIN_FILE,)) or download(_TRAIN_FILE.mirrors, _fetch)
    test = _local(_TEST_FILES)
    sources = ["real" if part else "stand-in" for part in (train, test)]
    if not train or not test:
        counts = read_csv(TABLES / "titanic_counts.csv", _COUNTS)
        train = train or [passengers(counts, "train", 1)]
        test = test or _test_stand_in(counts)
    why = ["" if source == "real" else why_not() for source in sources]
    print(f"Titanic: 891 passengers, source: ~{sources[0]}{why[0]}")
    print(f"Titanic: 418 without labels, source: ~{sources[1]}{why[1]}")
    record(data="Titanic", source=sources[0])
    known, others, guess = map(_arrays, (*train, *test))
    return Titanic(known, others, guess["Survived"], *sources)


def _local(files: tuple[File, ...]) -> list[dict[str, list]] | None:
    """The columns of the files from the first folder that has all of them, right."""
    for folder in folders():
        place = folder / "titanic"
        if not any((place / file.name).exists() for file in files):
            continue
        try:
            return [_read(place / file.name, file) for file in files]
        except FileNotFoundError as error:
            print(f"In {short(place)}, {error}.")
        except (BadFile, OSError) as error:
            print(f"In {short(place)}, a table is not used: {error}.")
    return None


def _read(path: Path, file: File) -> dict[str, list]:
    columns = read_csv(path, file.kinds)
    _compare(columns, file)
    return columns


def _compare(columns: Mapping[str, list], file: File) -> None:
    """Raise BadFile if these are not the values of the file."""
    rows = len(columns["PassengerId"])
    if rows != file.rows:
        raise BadFile(f"{file.name} has {rows} passengers and should have {file.rows}")
    found = _digest(columns)
    if found != file.sha256:
        raise BadFile(
            f"{file.name} is not Kaggle's table, the SHA-256 of its values is {found[:12]}... "
            f"and should be {file.sha256[:12]}..."
        )


def _digest(columns: Mapping[str, list]) -> str:
    """The SHA-256 of all values, column by column."""
    return hashlib.sha256(repr(list(columns.items())).encode()).hexdigest()


def _fetch(url: str) -> list[dict[str, list]]:
    packed = io.BytesIO()
    stream(url, packed)
    content = packed.getvalue()
    columns = parse_csv(_TRAIN_FILE.name, content, _TRAIN_FILE.kinds)
    _compare(columns, _TRAIN_FILE)
    place = cache.CACHE / "titanic" / _TRAIN_FILE.name
    keep(place, lambda path: path.write_bytes(content))
    return [columns]


def _test_stand_in(counts: Mapping[str, list]) -> list[dict[str, list]]:
    """Invented passengers, and the guess of them: women live, men die."""
    test = passengers(counts, "test", 892)
    survived = [int(sex == "female") for sex in test["Sex"]]
    return [test, {"PassengerId": test["PassengerId"], "Survived": survived}]


def _arrays(columns: Mapping[str, list]) -> dict[str, np.ndarray]:
    types = {int: np.int32, float: np.float32, str: np.str_}
    return {name: np.array(c, types[type(c[0])]) for name, c in columns.items()}
