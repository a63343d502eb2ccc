"""The notebooks as documents: their anatomy, their links, what they may hold."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks/solutions").glob("*.ipynb"))


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
    assert [path.name for path in CHAPTERS] == [path.name for path in SOLUTIONS]


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
    assert re.fullmatch(r"Needs .*About \d+ s on two CPU cores\.", paragraphs[-1])

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


@by_name(CHAPTERS + SOLUTIONS + [ROOT / "README.md", ROOT / "data/README.md"])
def test_links_lead_to_files(path):
    text = prose(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?:|#|mailto:", link):
            assert (path.parent / link.split("#")[0]).exists(), link


def test_the_readme_lists_every_chapter():
    text = (ROOT / "README.md").read_text("utf-8")
    for path in CHAPTERS:
        assert f"(notebooks/{path.name})" in text


def test_code_is_clean_and_formatted():
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
