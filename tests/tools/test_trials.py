"""The trials: which of them are run, what their tables say, and how chapters read them."""

import ast
import builtins
import csv
import sys
import types
from pathlib import Path

from tools import trials
from tools.trials import __main__ as runner
from utils.data import load_trials
from utils.data import trials as reader

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

TABLES = sorted(reader.TABLES.glob("*.csv"))


@pytest.fixture
def scripts(tmp_path):
    for name in ("__init__", "__main__", "09_xor", "11_ladder", "11_other"):
        (tmp_path / f"{name}.py").touch()
    return tmp_path


def test_trials_are_chosen_by_the_numbers_of_their_chapters(scripts):
    assert runner.choose([], scripts) == ["09_xor", "11_ladder", "11_other"]
    assert runner.choose(["11"], scripts) == ["11_ladder", "11_other"]


@pytest.mark.parametrize("numbers", [["1"], ["09", "12"], ["xor"]])
def test_a_number_without_a_trial_is_refused(scripts, numbers):
    with pytest.raises(ValueError, match="no trial for chapter .*one for 09, 11"):
        runner.choose(numbers, scripts)


def test_a_table_comes_back_as_columns_with_its_heading(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "TABLES", tmp_path / "trials")
    rows = [
        {"seed": 0, "kind": "wide, deep", "loss": "0.25"},
        {"seed": 1, "kind": "other", "loss": "1"},
    ]
    runner.write(tmp_path / "trials/99_toy.csv", ["a toy", "machine: two"], rows)
    table = load_trials("99_toy")
    assert table.heading == ["a toy", "machine: two"]
    assert {name: list(column) for name, column in table.columns.items()} == {
        "seed": [0, 1],
        "kind": ["wide, deep", "other"],
        "loss": [0.25, 1.0],
    }
    assert np.issubdtype(table.columns["seed"].dtype, np.integer)


def test_a_table_that_cannot_be_written_whole_replaces_nothing(tmp_path):
    place = tmp_path / "99_toy.csv"
    runner.write(place, ["good"], [{"seed": 0}])
    before = place.read_text()
    with pytest.raises(ValueError, match="not in fieldnames"):
        runner.write(place, ["bad"], [{"seed": 0}, {"other": 1}])
    assert place.read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["99_toy.csv"]


def test_a_missing_table_is_named_with_those_there_are():
    with pytest.raises(
        FileNotFoundError, match="no table 08_none .*there is .*09_nine"
    ):
        load_trials("08_none")


def test_a_heading_names_versions_machine_and_command():
    says, versions, machine, made = runner.heading(
        "09_xor", "What\nis  measured.", *runner.environment()
    )
    assert says == "What is measured."
    for name in ("python", "tensorflow", "keras", "numpy"):
        assert f"{name} " in versions
    assert machine.startswith("machine: ")
    assert " cores, " in machine
    assert made == "made by: make trials ONLY=09 (tools/trials/09_xor.py)"


def test_a_trial_that_this_machine_cannot_run_leaves_its_table(
    monkeypatch, tmp_path, capsys
):
    def rows():
        raise trials.NotHere("It needs a telescope.")

    trial = types.SimpleNamespace(rows=rows, __doc__="stars")
    monkeypatch.setattr(runner, "choose", lambda numbers: ["99_stars"])
    monkeypatch.setitem(sys.modules, "tools.trials.99_stars", trial)
    monkeypatch.setattr(runner, "TABLES", tmp_path)
    monkeypatch.setattr(sys, "argv", ["trials"])
    (tmp_path / "99_stars.csv").write_text("good")
    runner.main()
    assert (tmp_path / "99_stars.csv").read_text() == "good"
    says = capsys.readouterr().out
    assert "99_stars: It needs a telescope. Its table stays as it is." in says


def test_a_trial_takes_the_code_of_its_chapter(tmp_path, monkeypatch):
    cells = {
        "parameters": "STEPS = 10\nRATE = 0.5",
        "left-out": "raise RuntimeError",
        "code": "import inspect\n\ndef f():\n    return STEPS * RATE",
    }
    notebook = new_notebook(cells=[new_code_cell(c, id=i) for i, c in cells.items()])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks/99_toy.ipynb")
    monkeypatch.setattr(trials, "ROOT", tmp_path)
    names = trials.run_cells("99_toy", ["parameters", "code"], STEPS=4)
    assert names["f"]() == 2.0
    assert "STEPS * RATE" in names["inspect"].getsource(names["f"])  # tf.function asks
    with pytest.raises(KeyError, match="99_toy has no parameter STEP"):
        trials.run_cells("99_toy", ["parameters"], STEP=4)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_each_table_has_its_script_and_says_how_it_was_made(path):
    table = load_trials(path.stem)
    script = Path(runner.SCRIPTS) / f"{path.stem}.py"
    assert script.is_file()
    assert [line.split(":")[0] for line in table.heading[1:]] == [
        "versions",
        "machine",
        "made by",
    ]
    assert table.heading[-1].endswith(f"(tools/trials/{path.stem}.py)")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(line for line in file if not line.startswith("#")))
    assert len({len(line) for line in lines}) == 1


def test_chapter_9_says_how_many_of_a_hundred_networks_learn_xor():
    losses = load_trials("09_xor").columns["loss"]
    assert (len(losses), (losses < 0.1).sum()) == (100, 69)


SCRIPTS = sorted(path for path in runner.SCRIPTS.glob("[0-9][0-9]_*.py"))


def texts(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]


def names(code: str) -> tuple[set[str], set[str]]:
    """The names that a piece of code makes anywhere in it, and those that it reads."""
    made, read = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).split(".")[0])
    return made, read


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_trial_finds_all_that_it_takes_from_its_chapter(script):
    tree = ast.parse(script.read_text("utf-8"))
    chapters = {path.stem: path for path in (trials.ROOT / "notebooks").glob("*.ipynb")}
    ids, calls, keys = [], [], set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id == "CELLS":
                ids += texts(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run_cells":
            calls.append(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            if node.value.id in ("C", "chapter", "cells"):
                if isinstance(node.slice, ast.Constant):
                    keys.add(node.slice.value)
    for call in calls:
        if not isinstance(call.args[0], ast.Constant):
            continue  # the script names its chapters and cells in a table
        more = [text for arg in call.args[1:] for text in texts(arg)]
        named = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
        wanted = ids + more if "CELLS" in named else more
        cells = nbformat.read(chapters[call.args[0].value], as_version=4).cells
        code = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
        missing = set(wanted) - set(code)
        assert not missing, "cells that the chapter has no more"
        made, read = names("\n".join(code[cell] for cell in wanted))
        if len(calls) == 1:
            read |= keys
        unknown = read - made - set(dir(builtins))
        assert not unknown, "names of cells that are not named"
