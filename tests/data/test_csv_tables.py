"""CSV files are read strictly: what is wrong is named, and nothing is dropped."""

import math

from utils.data.csv_tables import (
    amount,
    count,
    maybe,
    number,
    one_of,
    parse_csv,
    read_csv,
    text,
)
from utils.data.fetch import BadFile

import pytest

KINDS = {
    "port": one_of("C", "Q"),
    "age": maybe(amount, math.nan),
    "aboard": count,
    "name": text,
}
GOOD = 'name,port,age,aboard,more\n"Smith, ""Tom""",C,1.5,2,x\nLi,Q,,0,\n'


def parse(content: str):
    return parse_csv("list.csv", content.encode(), KINDS)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("after", ["", "\n\n"])
def test_a_right_file_is_read_whatever_its_line_ends(end, start, after):
    columns = parse(start + (GOOD + after).replace("\n", end))
    assert list(columns) == list(KINDS)
    assert columns["name"] == ['Smith, "Tom"', "Li"] and columns["aboard"] == [2, 0]
    assert columns["age"][0] == 1.5 and math.isnan(columns["age"][1])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",port", ",harbour", "list.csv, row 1: the column port is missing"),
        ("more", "age", "list.csv, row 1: the column age is there twice"),
        (",Q,", ",X,", "list.csv, row 3, column port: 'X' is none of C, Q"),
        (",Q,", ",,", "list.csv, row 3, column port: an empty field is none of C, Q"),
        ("1.5", "old", "list.csv, row 2, column age: 'old' is not a number"),
        ("1.5", "nan", "list.csv, row 2, column age: 'nan' is not a number"),
        ("1.5", "1e999", "list.csv, row 2, column age: '1e999' is not a number"),
        ("1.5", "1_5", "list.csv, row 2, column age: '1_5' is not a number"),
        ("1.5", "-1", "list.csv, row 2, column age: '-1' is less than 0"),
        (",2,", ",2.5,", "row 2, column aboard: '2.5' is not a whole number"),
        (",2,", ",-2,", "row 2, column aboard: '-2' is not a whole number"),
        ("Li", "", "list.csv, row 3, column name: there is nothing in it"),
        ("Li,", "Li,Q,", "list.csv, row 3 has 6 fields and should have 5"),
        ("0,\n", "0\n", "list.csv, row 3 has 4 fields and should have 5"),
        ("x\n", "x\n\n", "list.csv, row 3 has 0 fields and should have 5"),
        ("Li", '"Li', "list.csv, row 3 is damaged: unexpected end of data"),
        ('Tom"""', 'Tom"""x', "list.csv, row 2 is damaged: ',' expected"),
        (GOOD, "", "list.csv is empty"),
        (GOOD, "\n\n", "list.csv is empty"),
        (GOOD, GOOD.split("\n")[0], "list.csv has no row below its head"),
        (",0,", f",{'L' * 1000},", f"row 3, column aboard: '{'L' * 27}...' is not"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    assert old in GOOD
    with pytest.raises(BadFile) as error:
        parse(GOOD.replace(old, new, 1))
    assert message in str(error.value) and str(error.value).startswith("list.csv")
    assert len(str(error.value)) < 120 and "\n" not in str(error.value)


def test_a_file_that_is_no_text_is_named():
    with pytest.raises(BadFile, match=r"^list.csv is not a text in UTF-8$"):
        parse_csv("list.csv", b"name\xff\xfe", KINDS)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^list.csv is missing$"):
        read_csv(tmp_path / "list.csv", KINDS)


@pytest.mark.parametrize("field", ["0", "-2", "+3.", ".5", "1e-3", "22"])
def test_numbers_are_read(field):
    assert number(field) == float(field)
