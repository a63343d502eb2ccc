"""The smallest tables that the course ships, and what is said when one is damaged."""

import subprocess
import sys

from utils import cache
from utils.data import load_alice, load_messages, load_scores, load_stocks, small
from utils.data.fetch import BadFile

import numpy as np
import pytest

TABLES = cache.ROOT / "data"


def test_messages():
    messages = load_messages()
    assert len(messages.texts) == 20 == len(set(messages.texts))
    assert messages.spam.dtype == bool and messages.spam.sum() == 10
    assert all(type(text) is str and text for text in messages.texts)


def test_stocks_are_the_old_course_s():
    stocks = load_stocks()
    assert stocks.shape == (8, 5) and stocks.dtype == np.float32
    first = [828.659973, 833.450012, 908100, 828.349976, 831.659973]
    np.testing.assert_array_equal(stocks[0], np.array(first, np.float32))
    assert stocks[-1, -1] == np.float32(809.559998)


def test_scores_are_the_old_course_s():
    scores = load_scores()
    assert scores.x.shape == (5, 3) and scores.x.dtype == scores.y.dtype == np.float32
    assert scores.x[0].tolist() == [73, 80, 75]
    assert scores.y.tolist() == [152, 185, 180, 196, 142]


def test_alice_is_the_whole_book():
    chapters = load_alice()
    assert len(chapters) == 12
    assert chapters[0].startswith("CHAPTER I. Down the Rabbit-Hole Alice was beginning")
    assert chapters[-1].endswith("and the happy summer days.")
    assert 140_000 < sum(map(len, chapters)) < 145_000
    assert not set("\n\r\t*\ufeff") & set("".join(chapters))
    assert (TABLES / "alice.txt").stat().st_size <= 200_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"CHAPTER I. One\n\nCHAPTER II. Two\n", "has 2 headings of chapters where 12"),
        (b"caf\xe9", "is not a text in UTF-8"),
        (b"", "has 0 headings"),
    ],
)
def test_a_damaged_book_is_named(content, message, tmp_path, monkeypatch):
    (tmp_path / "alice.txt").write_bytes(content)
    monkeypatch.setattr(small, "TABLES", tmp_path)
    with pytest.raises(BadFile, match=message):
        load_alice()


@pytest.mark.parametrize(
    ("load", "name", "old", "new", "message"),
    [
        (
            load_messages,
            "messages.csv",
            "\nfine",
            "\nham",
            "row 3, column label: 'ham'",
        ),
        (load_stocks, "stocks.csv", "volume", "sold", "the column volume is missing"),
        (load_scores, "scores.csv", "93", "-", "row 3, column test 1: '-' is not a"),
    ],
)
def test_a_damaged_table_is_named(tmp_path, monkeypatch, load, name, old, new, message):
    content = (TABLES / name).read_text("utf-8")
    assert old in content
    (tmp_path / name).write_text(content.replace(old, new, 1), "utf-8")
    monkeypatch.setattr(small, "TABLES", tmp_path)
    with pytest.raises(BadFile, match=message) as error:
        load()
    assert str(error.value).startswith(name)


def test_these_tables_are_loaded_without_tensorflow():
    """Chapter 0 has none in it."""
    code = (
        "import sys, utils.data; utils.data.load_messages();"
        "print({'tensorflow', 'keras', 'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cache.ROOT, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
