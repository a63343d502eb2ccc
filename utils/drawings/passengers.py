"""The stand-in for the passengers of the Titanic: counted where counts are known, else invented."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

# Counted in Kaggle's tables, by class: ports (Cherbourg, Queenstown, Southampton) and known cabins.
_PORTS = {
    "train": {1: (85, 2, 127), 2: (17, 3, 164), 3: (66, 72, 353)},
    "test": {1: (56, 1, 50), 2: (11, 4, 78), 3: (35, 41, 142)},
}
_CABINS = {"train": {1: 176, 2: 16, 3: 12}, "test": {1: 80, 2: 7, 3: 4}}
_FARES = {1: 32.0, 2: 13.0, 3: 8.0}  # pounds for one person, roughly
# Years: the middle of the ages and their spread; a Miss with family is often a child.
_AGES = {"Mr": (31, 12), "Mrs": (36, 12), "Miss": (26, 10), "Master": (5, 3)}
_MISS_WITH_FAMILY = (14, 10)
# Of thirty seeds, one with which single columns tell about as much as in Kaggle's table.
_SEEDS = {"train": 26, "test": 1309}
# Relatives aboard, and how common each number is, roughly.
_RELATIVES = {
    "small": ((1, 2, 3), (0.55, 0.35, 0.1)),
    "large": ((4, 5, 6, 7, 8), (0.25, 0.35, 0.2, 0.1, 0.1)),
}


def passengers(
    counts: Mapping[str, Sequence], part: str, first: int
) -> dict[str, list[object]]:
    """The columns of a table of invented passengers, in Kaggle's form and order.

    Exact are the numbers of passengers, survivors and missing ages by class, title and size of
    family, hence those by class and sex, and the ports and known cabins by class. Ages, fares,
    tickets and families are drawn by simple rules, names are no names.

    Args:
        counts: the columns of data/titanic_counts.csv.
        part: "train", or "test", which has no column Survived.
        first: the first PassengerId.
    """
    rng = np.random.default_rng(_SEEDS[part])
    rows = _rows(rng, counts, part)
    rng.shuffle(rows)
    _board(rng, rows, part)
    if part == "test":
        next(row for row in rows if row["Pclass"] == 3)["Fare"] = math.nan
    for number, row in enumerate(rows, start=first):
        row["PassengerId"] = number
        row["Name"] = f"Stand-in {number}, {row['Name']}. Invented"
    columns = ["PassengerId", "Survived"] if part == "train" else ["PassengerId"]
    columns += ["Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Ticket", "Fare"]
    columns += ["Cabin", "Embarked"]
    return {name: [row[name] for row in rows] for name in columns}


def _rows(rng: np.random.Generator, counts: Mapping, part: str) -> list[dict]:
    """One dict a passenger, sorted by class, title and family; without port and cabin."""
    number, without_age = {
        "train": ("passengers", "no age"),
        "test": ("test", "test no age"),
    }[part]
    rows = []
    for sort in (
        dict(zip(counts, row, strict=True))
        for row in zip(*counts.values(), strict=True)
    ):
        many = sort[number]
        lives = rng.permutation(many) < sort["survivors"]
        no_age = rng.permutation(many) < sort[without_age]
        for lived, unknown in zip(lives, no_age, strict=True):
            row = _person(rng, sort["class"], sort["title"], sort["family"])
            row["Survived"] = int(lived)
            if unknown:
                row["Age"] = math.nan
            rows.append(row)
    return rows


def _person(rng: np.random.Generator, pclass: int, title: str, family: str) -> dict:
    size = 0
    if family != "alone":
        sizes, shares = _RELATIVES[family]
        size = int(rng.choice(sizes, p=shares))
    child = title == "Master" or (title == "Miss" and size > 0)
    parents = min(size, 2 if child else max(size - 1, 0))
    middle, spread = _MISS_WITH_FAMILY if title == "Miss" and size else _AGES[title]
    low, high = (0.5, 13) if title == "Master" else (1 if child else 15, 75)
    age = float(np.clip(rng.normal(middle, spread), low, high))
    fare = _FARES[pclass] * (1 + 0.6 * size) * rng.lognormal(0, 0.2)
    return {
        "Pclass": pclass,
        "Name": title,
        "Sex": "male" if title in ("Mr", "Master") else "female",
        "Age": round(age, 1) if age < 1 else float(int(age)),
        "SibSp": size - parents,
        "Parch": parents,
        "Ticket": f"{pclass}{rng.integers(10_000, 100_000)}",
        "Fare": round(float(fare), 4),
    }


def _board(rng: np.random.Generator, rows: list[dict], part: str) -> None:
    """Give each passenger a port and some a cabin, as many as there were in each class."""
    for pclass, ports in _PORTS[part].items():
        ours = [row for row in rows if row["Pclass"] == pclass]
        names = [
            port for port, many in zip("CQS", ports, strict=True) for _ in range(many)
        ]
        names += [""] * (len(ours) - len(names))
        cabins = rng.permutation(len(ours)) < _CABINS[part][pclass]
        for row, port, known in zip(ours, rng.permutation(names), cabins, strict=True):
            row["Embarked"] = str(port)
            deck = "ABCDEFG"[int(rng.integers(2 * pclass - 1, 2 * pclass + 1))]
            row["Cabin"] = f"{deck}{rng.integers(1, 130)}" if known else ""
