"""The take-off tables and the script that makes them; what is said when one is damaged."""

import warnings

from tools import make_takeoff
from utils import cache
from utils.data import load_takeoff, tables
from utils.data.fetch import BadFile

import numpy as np
import pytest

TABLES = cache.ROOT / "data"
SHIPPED = ("takeoff_train.csv", "takeoff_test.csv")


@pytest.fixture
def copies(empty_cache, tmp_path, monkeypatch):
    """load_takeoff() reads copies of the course's tables in this folder."""
    for name in SHIPPED:
        (tmp_path / name).write_bytes((TABLES / name).read_bytes())
    monkeypatch.setattr(tables, "TABLES", tmp_path)
    return tmp_path


def test_the_script_makes_the_tables_byte_for_byte(tmp_path):
    assert make_takeoff.FOLDER == TABLES
    make_takeoff.write(tmp_path)
    for name in SHIPPED:
        assert (tmp_path / name).read_bytes() == (TABLES / name).read_bytes()


def test_shapes_types_and_the_one_line(empty_cache, capsys):
    takeoff = load_takeoff()
    assert takeoff.x_train.shape == (300, 2) and takeoff.y_train.shape == (300, 1)
    assert takeoff.x_test.shape == (80, 2) and takeoff.y_test.shape == (80, 1)
    assert takeoff.x_train.dtype == takeoff.y_test.dtype == np.float32
    assert takeoff.source == "stand-in"
    line = "Take-off: 300 / 80 rows to train / test, source: ~stand-in\n"
    assert capsys.readouterr().out == line


def test_the_rows_follow_the_physics(empty_cache):
    takeoff = load_takeoff()
    for x, y, limit in [
        (takeoff.x_train, takeoff.y_train, 100.5),
        (takeoff.x_test, takeoff.y_test, 0.51),
    ]:
        speed, weight = x.astype(float).T
        assert speed.min() >= 290 and speed.max() <= 320
        assert weight.min() >= 210 and weight.max() <= 300
        assert np.abs(y[:, 0] - 7.4446e-5 * weight * speed**2).max() <= limit


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace("\n3", "\nthree", 1), "3 numbers a line"),
        (lambda text: text.replace("\n3", "\n3,", 1), "3 numbers a line"),
        (lambda text: text[: len(text) // 2].rpartition("\n")[0], "shape"),
        (lambda text: text.replace("\n3", "\nnan,3", 1), "3 numbers a line"),
        (lambda text: text[:-5] + "nan\n", "finite"),
        (lambda text: "", "shape"),
    ],
)
def test_a_malformed_table_is_named_with_its_remedy(copies, damage, message):
    path = copies / "takeoff_train.csv"
    path.write_text(damage(path.read_text()))
    with warnings.catch_warnings(), pytest.raises(BadFile, match=message) as error:
        warnings.simplefilter("error")
        load_takeoff()
    assert "takeoff_train.csv" in str(error.value)
    assert str(error.value).endswith("`python -m tools.make_takeoff` makes it again.")


def test_a_missing_table_is_named_with_its_remedy(copies):
    (copies / "takeoff_test.csv").unlink()
    with pytest.raises(FileNotFoundError, match="takeoff_test.csv is missing: `python"):
        load_takeoff()


def write_old_tables(folder):
    folder.mkdir(parents=True)
    for name, shape in [
        ("trainset", (300, 3)),
        ("testset_x", (80, 2)),
        ("testset_y", (80, 1)),
    ]:
        rows = np.full(shape, 300 + shape[1])
        np.savetxt(folder / f"{name}.csv", rows, "%d", ",", header="any", comments="#")


def test_the_old_tables_come_first_if_they_are_whole(
    empty_cache, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "files/takeoff"
    write_old_tables(folder)
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder.parent))
    takeoff = load_takeoff()
    assert takeoff.source == "real" and (takeoff.y_test == 301).all()
    assert takeoff.x_train.shape == (300, 2) and takeoff.x_test.shape == (80, 2)

    (folder / "testset_y.csv").write_text("Distance(m)\n1800\n")
    capsys.readouterr()
    assert load_takeoff().source == "stand-in"
    assert "testset_y.csv has the shape (1, 1)" in capsys.readouterr().out


@pytest.mark.parametrize("there", [False, True])
def test_the_cache_is_looked_into_after_the_data_folder(
    empty_cache, tmp_path, monkeypatch, capsys, there
):
    mine = tmp_path / "mine"
    (mine / "takeoff" if there else mine).mkdir(parents=True)
    monkeypatch.setenv("COURSE_DATA_DIR", str(mine))
    write_old_tables(empty_cache / "takeoff")
    assert load_takeoff().source == "real"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 + there
    if there:
        assert said[0] == f"{mine / 'takeoff'} is not used: trainset.csv is missing."
