"""The passengers of the Titanic: the same form from every source, and what is said of bad files."""

import csv
import dataclasses
import math

from utils.data import load_titanic, titanic
from utils.data.csv_tables import read_csv
from utils.drawings.passengers import passengers

import numpy as np
import pytest


def write(path, columns):
    """In Kaggle's form: a missing number is an empty field."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow(["" if value != value else value for value in row])


@pytest.fixture
def tables(empty_cache, tmp_path, monkeypatch):
    """A COURSE_DATA_DIR whose three files count as Kaggle's; their values are the stand-in's."""
    counts = read_csv(titanic.TABLES / "titanic_counts.csv", titanic._COUNTS)
    parts = [passengers(counts, "train", 1), *titanic._test_stand_in(counts)]
    parts[0]["Survived"][0] = 1 - parts[0]["Survived"][0]  # to be told apart
    files = [titanic._TRAIN_FILE, *titanic._TEST_FILES]
    for i, (file, part) in enumerate(zip(files, parts, strict=True)):
        write(tmp_path / "mine/titanic" / file.name, part)
        files[i] = dataclasses.replace(file, sha256=titanic._digest(part))
    monkeypatch.setattr(titanic, "_TRAIN_FILE", files[0])
    monkeypatch.setattr(titanic, "_TEST_FILES", tuple(files[1:]))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    return tmp_path / "mine/titanic"


def test_the_stand_in_has_the_published_counts(empty_cache, capsys):
    found = load_titanic()
    train, test = found.train, found.test
    expected = [(94, 91), (122, 45), (76, 70), (108, 17), (144, 72), (347, 47)]
    for i, (passengers_, survivors) in enumerate(expected):
        of_sex = train["Sex"] == ("female", "male")[i % 2]
        sort = of_sex & (train["Pclass"] == 1 + i // 2)
        assert sort.sum() == passengers_
        assert train["Survived"][sort].sum() == survivors
    assert np.isnan(train["Age"]).sum() == 177 and (train["Cabin"] == "").sum() == 687
    ports = {port: (train["Embarked"] == port).sum() for port in ("S", "C", "Q", "")}
    assert ports == {"S": 644, "C": 168, "Q": 77, "": 2}
    assert len(test["Age"]) == 418 and np.isnan(test["Age"]).sum() == 86
    assert np.isnan(test["Fare"]).sum() == 1
    assert all("Stand-in" in name for name in (*train["Name"], *test["Name"]))
    assert found.source == found.test_source == "stand-in"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[0].endswith("source: ~stand-in (COURSE_OFFLINE=1)")


def test_the_stand_in_is_the_same_each_time(empty_cache):
    first, second = load_titanic(), load_titanic()
    for name, column in first.train.items():
        np.testing.assert_array_equal(column, second.train[name])


def test_real_and_stand_in_have_the_same_form(tables, monkeypatch, capsys):
    real = load_titanic()
    monkeypatch.delenv("COURSE_DATA_DIR")
    stand_in = load_titanic()
    assert (real.source, real.test_source) == ("real", "real")
    assert (stand_in.source, stand_in.test_source) == ("stand-in", "stand-in")
    assert real.train["Survived"][0] != stand_in.train["Survived"][0]
    for ours, theirs in [(real.train, stand_in.train), (real.test, stand_in.test)]:
        assert list(ours) == list(theirs)
        for name in ours:
            assert ours[name].shape == theirs[name].shape
            assert ours[name].dtype.kind == theirs[name].dtype.kind
    assert list(real.train) == list(titanic._TRAIN)
    assert "Survived" not in real.test
    np.testing.assert_array_equal(real.guess, real.test["Sex"] == "female")
    assert real.guess.dtype == real.train["Survived"].dtype == np.int32
    assert real.train["Age"].dtype == real.train["Fare"].dtype == np.float32
    assert capsys.readouterr().out.splitlines()[:2] == [
        "Titanic: 891 passengers, source: ~real",
        "Titanic: 418 without labels, source: ~real",
    ]


def test_line_ends_and_spelling_of_numbers_make_no_difference(tables):
    path = tables / "train.csv"
    content = path.read_text("utf-8").replace(".0,", ",").replace("\n", "\r\n")
    path.write_bytes(content.encode("utf-8-sig"))
    assert load_titanic().source == "real"


def test_the_two_sources_are_independent(tables):
    (tables / "gender_submission.csv").unlink()
    found = load_titanic()
    assert (found.source, found.test_source) == ("real", "stand-in")
    np.testing.assert_array_equal(found.guess, found.test["Sex"] == "female")


def edit(path, row, column, value):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[row - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (1, "Embarked", "Port", "row 1: the column Embarked is missing"),
        (5, "Embarked", "X", "row 5, column Embarked: 'X' is none of C, Q, S"),
        (9, "Age", "old", "row 9, column Age: 'old' is not a number"),
        (2, "Fare", "-1", "row 2, column Fare: '-1' is less than 0"),
        (3, "Pclass", "4", "row 3, column Pclass: '4' is none of 1, 2, 3"),
        (4, "Survived", "", "row 4, column Survived: an empty field is none of 0, 1"),
        (7, "SibSp", "two", "row 7, column SibSp: 'two' is not a whole number"),
        (2, "Fare", "8.5", "is not Kaggle's table, the SHA-256 of its values is"),
    ],
)
def test_a_bad_field_is_named_and_the_file_not_used(
    tables, capsys, row, column, value, message
):
    edit(tables / "train.csv", row, column, value)
    assert load_titanic().source == "stand-in"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3 and f"train.csv{' ' if 'SHA' in message else ', '}" in said[0]
    assert said[0].startswith(f"In {tables}, a table is not used: train.csv")
    assert message in said[0]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: b"", "train.csv is empty"),
        (
            lambda content: content[:20_000].rpartition(b"\n")[0],
            "passengers and should",
        ),
        (
            lambda content: content[:20_000].rpartition(b",")[0],
            "fields and should have 12",
        ),
        (lambda content: content + b'892,1,"', "row 893 is damaged"),
        (lambda content: b"\x1f\x8b\xff" + content, "is not a text in UTF-8"),
    ],
)
def test_a_damaged_file_is_named_and_not_used(tables, capsys, damage, message):
    path = tables / "train.csv"
    path.write_bytes(damage(path.read_bytes()))
    assert load_titanic().source == "stand-in"
    assert message in capsys.readouterr().out.splitlines()[0]


def test_a_download_is_kept_and_a_wrong_one_is_not(
    tables, online, serve, monkeypatch, capsys
):
    right = (tables / "train.csv").read_bytes()
    answers = [right[:-30], right.replace(b",male,", b",female,", 1), right]
    site = serve(lambda path: answers[int(path[1:])])
    monkeypatch.delenv("COURSE_DATA_DIR")

    def load_from(*numbers):
        mirrors = tuple(f"{site}/{number}" for number in numbers)
        file = dataclasses.replace(titanic._TRAIN_FILE, mirrors=mirrors)
        monkeypatch.setattr(titanic, "_TRAIN_FILE", file)
        return load_titanic().source

    assert load_from(0, 1) == "stand-in" and not list(online.rglob("*.csv"))
    said = capsys.readouterr().out
    assert "/0 is not used: train.csv" in said
    assert "/1 is not used: train.csv is not Kaggle's table" in said
    assert load_from(2) == "real"
    assert (online / "titanic/train.csv").read_bytes() == right
    assert load_from() == "real"


def test_a_damaged_table_of_counts_is_named(empty_cache, tmp_path, monkeypatch):
    content = (titanic.TABLES / "titanic_counts.csv").read_text("utf-8")
    (tmp_path / "titanic_counts.csv").write_text(content.replace("alone", "1", 1))
    monkeypatch.setattr(titanic, "TABLES", tmp_path)
    with pytest.raises(titanic.BadFile, match=r"titanic_counts.csv, row 2, column fam"):
        load_titanic()


def test_the_mirror_speaks_https_and_the_hashes_are_sha256():
    for file in (titanic._TRAIN_FILE, *titanic._TEST_FILES):
        assert len(file.sha256) == 64
        assert all(url.startswith("https://") for url in file.mirrors)


def test_a_missing_number_has_one_digest():
    assert titanic._digest({"Age": [math.nan]}) == titanic._digest({"Age": [np.nan]})
