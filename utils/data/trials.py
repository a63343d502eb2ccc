"""Tables of spreads that take too long for a chapter, made by the scripts in tools/trials/."""

import csv
from typing import NamedTuple

from utils.cache import ROOT

import numpy as np

TABLES = ROOT / "data" / "trials"


class Trials(NamedTuple):
    """A table of repeated trainings, and what it rests on."""

    columns: dict[
        str, np.ndarray
    ]  # whole numbers, numbers or text, as the column allows
    heading: list[str]  # what was measured, the versions, the machine, the command


def load_trials(name: str) -> Trials:
    """The table data/trials/`name`.csv: a column a quantity, a row a seed.

    Raises:
        FileNotFoundError: there is no such table.
    """
    path = TABLES / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(sorted(table.stem for table in TABLES.glob("*.csv")))
        raise FileNotFoundError(
            f"There is no table {name} of trials; there is {known}."
        )
    lines = path.read_text("utf-8").splitlines()
    heading = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    names, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    columns = dict(zip(names, map(_column, zip(*rows, strict=True)), strict=True))
    return Trials(columns, heading)


def _column(texts: tuple[str, ...]) -> np.ndarray:
    for kind in (int, float):
        try:
            return np.array([kind(text) for text in texts])
        except ValueError:
            continue
    return np.array(texts)
