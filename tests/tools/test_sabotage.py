"""Sabotages on toy notebooks, and those that the chapters name."""

import json
from pathlib import Path

from tools import sabotage

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[0-9]*.ipynb"))
CELLS = {
    "parameters": "STEPS = 10",
    "learn": "learnt = 2 * STEPS\nother = 5",
    "other-check": "from utils.checks import check\ncheck('other', other, at_least=5)",
    "check": "check('learnt', learnt, at_least=15)",
}


def toy(**cells: str) -> nbformat.NotebookNode:
    notebook = new_notebook(
        cells=[new_code_cell(code, id=name) for name, code in (CELLS | cells).items()]
    )
    notebook.cells[0].metadata.update(tags=["parameters"], fast={"STEPS": 8})
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


def edit(old: str, new: str, cell: str = "learn", caught_by: str = "check") -> dict:
    return {"cell": cell, "old": old, "new": new, "caught_by": caught_by}


def cases(name: str) -> list[str]:
    text = Path(f"build/sabotage/{name}.json").read_text("utf-8")
    return [case["result"] for case in json.loads(text)]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a toy chapter into an empty course; the kernel finds utils."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def write(name: str, *edits: dict, **cells: str) -> Path:
        notebook = toy(**cells)
        if edits:
            notebook.metadata["sabotage"] = list(edits)
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write


def test_the_named_check_must_fail_and_nothing_else(write, capsys):
    path = write(
        "98_toy",
        edit("2 * STEPS", "STEPS"),
        edit("2 * STEPS", "3 * STEPS"),
        edit("other = 5", "other = 4"),
        edit("2 * STEPS", "1 / 0"),
        edit("learnt, at_least", "missing, at_least", cell="check"),
        edit("no such text", ""),
    )
    before = path.read_bytes()
    assert not sabotage.run(path, fast=False)
    assert path.read_bytes() == before
    runs, caught, unnoticed, elsewhere, broken, other_error, bad = cases("98_toy")
    assert runs == "runs"
    assert caught == "caught by check"
    assert unnoticed == "NOT NOTICED: it ran to its end, past check"
    assert elsewhere.startswith("STOPPED ELSEWHERE, in the cell other-check: CheckFail")
    assert broken.startswith("STOPPED ELSEWHERE, in the cell learn: ZeroDivisionError")
    assert other_error.startswith("NO CHECK FAILED in the cell check: NameError")
    assert bad == "CANNOT BE MADE: its old text is not in the cell learn"
    assert not sabotage.report([path])
    assert "1 of 6 sabotages caught" in capsys.readouterr().out


def test_a_comparison_of_times_is_strict_here(write):
    timed = (
        "from utils.checks import check\ncheck('t', learnt, at_least=15, clock=True)"
    )
    path = write("98_toy", edit("2 * STEPS", "STEPS"), check=timed)
    assert sabotage.run(path, fast=False)
    assert cases("98_toy") == ["runs", "caught by check"]


def test_all_caught_is_success_and_the_short_run_has_its_own_parameters(write, capsys):
    good = write("98_toy", edit("2 * STEPS", "STEPS"))
    silent = write("99_toy")
    assert sabotage.run(good, fast=True)
    assert sabotage.run(silent, fast=True)
    assert sabotage.report([good, silent])
    said = capsys.readouterr().out
    assert "1 of 1 sabotages caught" in said
    assert "1 chapters name none: 99_toy" in said
    copy = nbformat.read("build/sabotage/98_toy-1.ipynb", as_version=4)
    assert "STEPS = 8" in "".join(cell.source for cell in copy.cells)


def test_a_chapter_that_fails_as_it_is_is_reported(write, capsys):
    path = write("98_toy", edit("2 * STEPS", "STEPS"), learn="learnt = 2 * STEPS")
    assert not sabotage.run(path, fast=False)
    untouched, edited = cases("98_toy")
    assert untouched.startswith("FAILED in the cell other-check: NameError")
    assert edited == "NOT TRIED, since the chapter fails as it is"
    assert not sabotage.report([path])


def test_nothing_tried_is_no_success(write, capsys):
    silent, stopped = write("98_toy"), write("99_toy", edit("2 * STEPS", "STEPS"))
    sabotage.run(silent, fast=False)
    assert not sabotage.report([silent])
    assert not sabotage.report([stopped])
    assert "did not run to their end: 99_toy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cell": "learn"}, "it needs the texts"),
        (edit("=", "+"), "its old text is 2 times in the cell learn"),
        (edit("2 *", "2 *"), "it changes nothing"),
        (edit("", "1"), "it changes nothing"),
        (edit("2", "3", cell="lern"), "there is no code cell lern"),
        (edit("2", "3", caught_by="chek"), "there is no code cell chek"),
        (edit("2", "3", caught_by="learn"), "there is no check in the cell learn"),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused(wrong, sentence):
    with pytest.raises(sabotage.BadSabotage, match=sentence):
        sabotage.apply(toy(), wrong)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_sabotages_that_a_notebook_names_can_be_made(path):
    notebook = nbformat.read(path, as_version=4)
    for named in sabotage.edits(path):
        sabotage.apply(notebook, named)
