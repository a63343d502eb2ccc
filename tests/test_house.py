"""The house: which room may use which, and how large its things may be (CONTRIBUTING.md)."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES_OF_A_MODULE = 220
LINES_OF_A_FUNCTION = 65
UTILS = sorted((ROOT / "utils").rglob("*.py"))
TOOLS = sorted((ROOT / "tools").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
# `make bench` installs the first, to compare with, and `make site` the others.
ON_DEMAND = {"jax", "docutils", "latex2mathml", "sphinx"}
# Each room of utils, and the rooms that it may not use.
ABOVE = {
    "cache": {"session", "checks", "drawings", "data", "pictures", "training"},
    "session": {"checks", "drawings", "data", "pictures", "training"},
    "drawings": {"data", "pictures", "training"},
    "data": {"pictures", "training"},
    "pictures": {"training"},
    "training": {"drawings", "data", "pictures"},
}


def named(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda p: str(p.relative_to(ROOT))
    )


def imports(text: str) -> set[str]:
    """The modules that a piece of code imports: "utils.data", "numpy"."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@named(UTILS + TOOLS)
def test_a_module_has_one_job(path):
    assert len(path.read_text("utf-8").splitlines()) <= LINES_OF_A_MODULE


@named(UTILS + TOOLS)
def test_a_function_has_few_steps(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            assert lines <= LINES_OF_A_FUNCTION, f"{node.name} has {lines} lines"


@named(UTILS)
def test_arrows_go_one_way(path):
    used = imports(path.read_text("utf-8"))
    assert not {name for name in used if name.split(".")[0] in ("tools", "tests")}
    room = path.relative_to(ROOT / "utils").parts[0].removesuffix(".py")
    rooms = {name.split(".")[1] for name in used if name.startswith("utils.")}
    assert not rooms & ABOVE.get(room, set())


def test_data_holds_no_code():
    files = [p for p in (ROOT / "data").rglob("*") if "cache" not in p.parts]
    assert not [p.name for p in files if p.suffix in (".py", ".ipynb", ".sh")]


def test_files_are_kept_without_tensorflow():
    code = "import sys, utils.cache; print({'tensorflow', 'keras'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_what_is_imported_is_declared():
    """In requirements.txt, by the name of the distribution that brings the module."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    declared = {re.match(r"[\w.-]*", line)[0].lower() for line in lines} - {""}
    codes = [path.read_text("utf-8") for path in UTILS + TOOLS + TESTS]
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        codes += [cell.source for cell in cells if cell.cell_type == "code"]
    used = {name.split(".")[0] for code in codes for name in imports(code)}
    ours = {"utils", "tools", "tests", "conftest"}
    brought_by = importlib.metadata.packages_distributions()
    for name in sorted(used - ours - ON_DEMAND - set(sys.stdlib_module_names)):
        names = {dist.lower() for dist in brought_by.get(name, [name])}
        assert names & declared, f"{name} is imported, but not in requirements.txt"


@named(UTILS + TOOLS)
def test_files_that_the_code_names_are_there(path):
    here = r"(?<![\w/.-])((?:utils|tools|tests)/[\w./-]*\.(?:py|cfg|md|txt))"
    for name in re.findall(here, path.read_text("utf-8")):
        assert (ROOT / name).exists(), name
