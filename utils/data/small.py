"""The smallest data that the course ships in data/: messages, stocks, test scores, a book."""

import re
from typing import NamedTuple

from utils import cache
from utils.data.csv_tables import number, one_of, read_csv, text
from utils.data.fetch import BadFile

import numpy as np

TABLES = cache.ROOT / "data"
_STOCKS = ("open", "high", "volume", "low", "close")
_SCORES = ("test 1", "test 2", "test 3", "exam")


class Messages(NamedTuple):
    """Short messages, invented for the course.

    texts: 20 of them.
    spam: (20,) bool, whether somebody would call it spam.
    """

    texts: list[str]
    spam: np.ndarray


class Scores(NamedTuple):
    """Five students: x (5, 3) float32, three test scores each; y (5,) float32, the exam's."""

    x: np.ndarray
    y: np.ndarray


def load_messages() -> Messages:
    """Twenty short messages, half of them spam. Introduced in chapter 0.

    Raises:
        FileNotFoundError: data/messages.csv is missing.
        BadFile: it is not what it should be; row and column are named.
    """
    kinds = {"label": one_of("spam", "fine"), "text": text}
    table = read_csv(TABLES / "messages.csv", kinds)
    spam = np.array([label == "spam" for label in table["label"]])
    return Messages(table["text"], spam)


def load_stocks() -> np.ndarray:
    """Eight days of a share, (8, 5) float32: open, high, volume, low and close, the target.

    Introduced in chapter 6.

    Raises:
        FileNotFoundError: data/stocks.csv is missing.
        BadFile: it is not what it should be; row and column are named.
    """
    table = read_csv(TABLES / "stocks.csv", dict.fromkeys(_STOCKS, number))
    return np.array(list(table.values()), np.float32).T


def load_scores() -> Scores:
    """The test and exam scores of five students. Introduced in chapter 5.

    Raises:
        FileNotFoundError: data/scores.csv is missing.
        BadFile: it is not what it should be; row and column are named.
    """
    table = read_csv(TABLES / "scores.csv", dict.fromkeys(_SCORES, number))
    *tests, exam = np.array(list(table.values()), np.float32)
    return Scores(np.stack(tests, axis=1), exam)


def load_alice() -> list[str]:
    """The twelve chapters of "Alice's Adventures in Wonderland", each a text in one line.

    A line of the file ends where the printer wanted it, so every line break becomes a space.
    Each text begins with the heading of its chapter. Introduced in chapter 17.

    Raises:
        FileNotFoundError: data/alice.txt is missing.
        BadFile: it is not UTF-8, or there are not twelve chapters in it.
    """
    path = TABLES / "alice.txt"
    try:
        words = " ".join(path.read_text("utf-8").split())
    except UnicodeDecodeError as problem:
        raise BadFile(f"{path} is not a text in UTF-8: {problem}.") from None
    chapters = [text.strip() for text in re.split(r"(?=CHAPTER [IVX]+\. )", words)]
    if chapters[0] or len(chapters) != 13:
        raise BadFile(
            f"{path} has {len(chapters) - 1} headings of chapters where 12 should be."
        )
    return chapters[1:]
