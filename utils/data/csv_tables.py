"""CSV files, read strictly: what is wrong is named with its file, row and column."""

import csv
import io
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from utils.data.fetch import BadFile

# Turns a field's text into its value; raises ValueError that says what is wrong with it.
Kind = Callable[[str], object]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def text(field: str) -> str:
    """Any text but an empty one."""
    if not field.strip():
        raise ValueError("there is nothing in it")
    return field


def number(field: str) -> float:
    if not _NUMBER.fullmatch(field) or math.isinf(float(field)):
        raise ValueError(f"{_short(field)} is not a number")
    return float(field)


def amount(field: str) -> float:
    """A number of 0 or more."""
    if number(field) < 0:
        raise ValueError(f"{_short(field)} is less than 0")
    return float(field)


def count(field: str) -> int:
    """A whole number of 0 or more."""
    if not re.fullmatch(r"[0-9]{1,9}", field):
        raise ValueError(f"{_short(field)} is not a whole number of 0 or more")
    return int(field)


def one_of(*values: str) -> Kind:
    """One of these texts."""

    def read(field: str) -> str:
        if field not in values:
            raise ValueError(f"{_short(field)} is none of {', '.join(values)}")
        return field

    return read


def maybe(kind: Kind, missing: object) -> Kind:
    """A field that may be empty; then it gives `missing`."""
    return lambda field: kind(field) if field else missing


def read_csv(path: Path, kinds: Mapping[str, Kind]) -> dict[str, list]:
    """The columns of a file, as `parse_csv` reads them.

    Raises:
        FileNotFoundError: there is no such file.
        BadFile: as in `parse_csv`.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is missing")
    return parse_csv(path.name, path.read_bytes(), kinds)


def parse_csv(
    name: str, content: bytes, kinds: Mapping[str, Kind]
) -> dict[str, list[object]]:
    """The columns that `kinds` names, in its order. Row 1 is the head, as in a spreadsheet.

    Args:
        name: of the file, for messages.
        kinds: how to read each column; others that the file has are not read.

    Raises:
        BadFile: the file is empty or damaged, a column is missing or there twice, or a field is
            not of its kind. The message names the file, and the row and column if there are any.
    """
    rows = _rows(name, content)
    if not rows:
        raise BadFile(f"{name} is empty")
    head, *rows = rows
    for column in kinds:
        if head.count(column) != 1:
            lack = "is there twice" if column in head else "is missing"
            raise BadFile(f"{name}, row 1: the column {column} {lack}")
    if not rows:
        raise BadFile(f"{name} has no row below its head")
    for at, row in enumerate(rows, start=2):
        if len(row) != len(head):
            counts = f"{len(row)} fields and should have {len(head)}"
            raise BadFile(f"{name}, row {at} has {counts}")
    columns = {}
    for column, kind in kinds.items():
        place = head.index(column)
        columns[column] = []
        for at, row in enumerate(rows, start=2):
            try:
                columns[column].append(kind(row[place]))
            except ValueError as error:
                where = f"{name}, row {at}, column {column}"
                raise BadFile(f"{where}: {error}") from None
    return columns


def _rows(name: str, content: bytes) -> list[list[str]]:
    """All rows as texts; blank lines at the end count as nothing."""
    rows: list[list[str]] = []
    try:
        lines = io.StringIO(content.decode("utf-8-sig"), newline="")
        rows.extend(csv.reader(lines, strict=True))
    except UnicodeDecodeError:
        raise BadFile(f"{name} is not a text in UTF-8") from None
    except csv.Error as error:
        raise BadFile(f"{name}, row {len(rows) + 1} is damaged: {error}") from None
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _short(field: str) -> str:
    if not field:
        return "an empty field"
    return repr(field if len(field) <= 30 else f"{field[:27]}...")
