"""The notebooks as documents: their anatomy, their links, what they may hold.

The template of a new chapter (tools/template) keeps the same rules.
"""

import ast
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / "notebooks", ROOT / "tools/template")
CHAPTERS = [path for place in PLACES for path in sorted(place.glob("*.ipynb"))]
SOLUTIONS = [path.parent / "solutions" / path.name for path in CHAPTERS]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "data/README.md")]
# What a chapter may import from: these modules, and what a wing's __init__ hands on.
PLAIN = {"checks", "diagrams", "plots", "session", "stopwatch"}
WINGS = {path.parent.name: path for path in (ROOT / "utils").glob("*/__init__.py")}


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(path: Path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path) -> str:
    return "\n\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")


def by_name(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: path.parent.name[:1] + path.stem
    )


every_notebook = by_name(CHAPTERS + SOLUTIONS)
every_chapter = by_name(CHAPTERS)


def test_each_chapter_has_solutions():
    found = {path for place in PLACES for path in place.glob("solutions/*.ipynb")}
    assert found == set(SOLUTIONS)


@every_notebook
def test_is_valid_and_its_cells_have_readable_names(path):
    notebook = json.loads(path.read_text("utf-8"))
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for name in ids:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name), name
        assert not re.fullmatch(r"[0-9a-f]{8}", name), f"{name} is random, not readable"


@every_chapter
def test_anatomy(path):
    cells = read(path).cells
    number = int(path.stem[:2])
    title, *paragraphs = cells[0].source.split("\n\n")
    assert title.startswith(f"# {number}. ")
    assert paragraphs[1].startswith("You will")
    assert 3 <= len(re.findall(r"^- ", "\n".join(paragraphs), re.MULTILINE)) <= 5
    needs, _, colab = paragraphs[-1].partition(" [Open in Colab]")
    assert re.fullmatch(r"Needs .*About \d+ s on two CPU cores\.", needs)
    link = r"\(https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/main/"
    assert re.fullmatch(rf"{link}notebooks/{path.name}\)\.", colab)

    ids = [cell.id for cell in cells]
    assert ids[0] == "title"
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.id for cell in code[:2]] == ["setup", "parameters"]
    assert ids[-3:] == ["remember", "exercises", "next"]
    remember, exercises, last = (cell.source for cell in cells[-3:])
    assert 3 <= len(re.findall(r"^- ", remember, re.MULTILINE)) <= 5
    assert 2 <= len(re.findall(r"^\d\. ", exercises, re.MULTILINE)) <= 4
    assert f"solutions/{path.name}" in exercises
    assert last.startswith("Next: [")
    sections = re.findall(r"^## (\d+)\.(\d+) ", prose(path), re.MULTILINE)
    assert sections == [(str(number), str(i + 1)) for i in range(len(sections))]
    assert len(sections) >= 3


@every_chapter
def test_parameters_are_plain_and_the_short_run_names_only_them(path):
    (cell,) = [
        c for c in code_cells(path) if "parameters" in c.metadata.get("tags", [])
    ]
    names = []
    for line in ast.parse(cell.source).body:
        assert isinstance(line, ast.Assign), "a parameter is NAME = value"
        ast.literal_eval(line.value)
        names.append(line.targets[0].id)
    assert names
    assert set(cell.metadata["fast"]) <= set(names)


@every_chapter
def test_prose_stands_between_code_and_cells_are_short(path):
    cells = read(path).cells
    for before, after in zip(cells, cells[1:], strict=False):
        if before.cell_type == after.cell_type == "code":
            assert {before.id, after.id} == {"setup", "parameters"}, (
                before.id,
                after.id,
            )
    for cell in cells:
        if cell.cell_type == "code" and cell.id != "setup":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 15, f"{cell.id} has {len(lines)} lines"


@every_notebook
def test_setup_finds_the_course_in_the_same_way_everywhere(path):
    def finding(path):
        lines = code_cells(path)[0].source.splitlines()
        end = next(i for i, line in enumerate(lines) if line.startswith("sys.path"))
        return [line for line in lines[: end + 1] if line]

    assert code_cells(path)[0].id == "setup"
    assert finding(path) == finding(CHAPTERS[0])
    assert len(finding(path)) <= 10


@every_notebook
def test_stored_outputs_are_those_of_one_whole_run(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", f"{cell.id}: {output.get('text')}"
    text = json.dumps([cell.outputs for cell in cells])
    text = re.sub(r'"image/png": "[^"]*"', "", text)
    assert "Warning" not in text
    assert not re.search(r"/(home|root|tmp|Users|usr|work|content)/|[A-Z]:\\\\", text)


@every_notebook
def test_no_cell_is_skipped_and_exceptions_have_a_reason(path):
    for cell in code_cells(path):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= {"parameters", "nbval-ignore-output", "raises-exception"}, (
            cell.id
        )
        if tags - {"parameters"}:
            assert cell.metadata.get("reason"), f"{cell.id} has no reason for its tag"


@every_notebook
def test_only_what_the_rooms_hand_on_is_imported(path):
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                ours = [a.name for a in node.names if a.name.split(".")[0] == "utils"]
                assert not ours, f"{cell.id}: write from {ours[0]} import ..."
            elif isinstance(node, ast.ImportFrom) and node.module.startswith("utils"):
                room = node.module.removeprefix("utils").removeprefix(".")
                assert room in PLAIN | set(WINGS), f"{cell.id}: {node.module}"
                if room in WINGS:
                    names = {alias.name for alias in node.names}
                    assert names <= handed_on(WINGS[room]), f"{cell.id}: {names}"


def handed_on(init: Path) -> set[str]:
    for node in ast.parse(init.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    raise AssertionError(f"{init} has no __all__")


@by_name(CHAPTERS + SOLUTIONS + PAGES)
def test_links_lead_to_files(path):
    text = prose(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?:|#|mailto:", link):
            assert (path.parent / link.split("#")[0]).exists(), link


@by_name(CHAPTERS + SOLUTIONS + PAGES)
def test_files_that_the_text_names_are_there(path):
    """Comments in code count as text. What a run makes is not looked for."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in read(path).cells)
    here = r"(?<![\w/.-])((?:utils|tools|tests|notebooks|data)/[\w./-]*\w/?)"
    for name in re.findall(here, text):
        if not name.startswith("data/cache"):
            assert (ROOT / name).exists(), name


@by_name(PAGES)
def test_commands_that_the_text_names_exist(path):
    """Each `make target NAME=value` has its target, and something reads NAME."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    code = [file.read_text("utf-8") for file in sorted((ROOT / "utils").rglob("*.py"))]
    text = path.read_text("utf-8")
    for command in re.findall(r"(?:^|`)make +([^`#\n]+)", text, re.MULTILINE):
        target, *settings = shlex.split(command)
        assert target in targets, command
        for setting in settings:
            name, sign, _ = setting.partition("=")
            assert sign, command
            read = f"$({name})" in makefile or f"value {name})" in makefile
            assert read or any(f'"{name}"' in module for module in code), command
    for module in re.findall(r"python -m (tools[\w.]*)", text):
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_code_is_clean_and_formatted():
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
