"""The Makefile's commands, and .ci/run, on a course of toys."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
COPIED = ["Makefile", "pyproject.toml", ".ci/run", "tests/notebooks/sanitize.cfg"]
COPIED += ["utils/__init__.py", "utils/cache.py"]
COPIED += [
    f"tools/{name}.py"
    for name in ("__init__", "chapters", "course_map", "execution", "report")
]
CHAPTER = """
[[chapter]]
number = {number}
slug = "toy"
part = 0
title = "Toy"
about = "toys"
needs = []
seconds = 1
status = "ready"
"""
# All that make runs here is this Python; FAKE_PYTEST gives the statuses of both parts of a test.
PYTHON = """#!/bin/sh
case "$FAKE_PYTEST:$*" in
  :*) ;;
  *"-m pytest"*--nbval*) echo "2 passed in 1.00s"; exit ${FAKE_PYTEST#*,} ;;
  *"-m pytest"*) echo "1 passed in 1.00s"; exit ${FAKE_PYTEST%,*} ;;
esac
case "$FAKE_CRASH:$*" in
  ?*:*"tools.chapters run"*) exit 3 ;;
esac
exec "PYTHON" "$@"
"""


def write(course: Path, number: int, code: str, stored: str = "") -> None:
    """A toy chapter with its solutions: two cells, of which the first holds a parameter."""
    cells = [new_code_cell("STEPS = 10", id="parameters", execution_count=1)]
    cells[0].metadata.update(tags=["parameters"], fast={"STEPS": 1})
    cells.append(new_code_cell(code, id="cell", execution_count=2))
    if stored:
        cells[1].outputs = [new_output("stream", text=stored)]
    notebook = new_notebook(cells=cells)
    names = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = names
    for folder in ("notebooks", "notebooks/solutions"):
        nbformat.write(notebook, course / folder / f"{number:02}_toy.ipynb")


def earlier(*paths: Path) -> None:
    """Make files older than all that a run writes, whatever a clock's ticks are."""
    for path in paths:
        os.utime(path, (0, 0))


@pytest.fixture
def course(tmp_path):
    """Chapters 5, 8, 10 and 11 in a path with blanks; its Python is that of the tests."""
    course = tmp_path / "딥러닝 course"
    for name in COPIED:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, course / name)
    for name in (
        "notebooks/solutions",
        "venv/bin",
        "venv-site",
        "data/cache",
        "tools/site",
    ):
        (course / name).mkdir(parents=True)
    numbers = (5, 8, 10, 11)
    parts = "".join(CHAPTER.format(number=number) for number in numbers)
    (course / "course.toml").write_text(f'parts = ["Toys"]\n{parts}')
    for number in numbers:
        write(course, number, "from utils.lists import LIST\nprint(STEPS)", "10\n")
    write(course, 8, "from utils.dicts import DICT\nprint(STEPS)", "10\n")
    (course / "utils/lists.py").write_text("LIST = []\n")
    (course / "utils/dicts.py").write_text("DICT = {}\n")
    (course / "utils/stopwatch.py").write_text("def environment():\n    return {}\n")
    for name in (
        "requirements.lock",
        "requirements.txt",
        "tools/site/requirements.txt",
    ):
        (course / name).touch()
    earlier(*(path for path in course.rglob("*") if path.is_file()))
    python = course / "venv/bin/python"
    python.write_text(PYTHON.replace("PYTHON", sys.executable))
    python.chmod(0o755)
    for name in ("venv", "venv-site"):
        (course / name / "installed").touch()
    return course


def make(
    course: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess:
    """Run make in the course as from a new shell; what it says is in .stdout."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    command = ["make", "VENV=venv", "JOBS=2", *arguments]
    return subprocess.run(
        command,
        cwd=course,
        env=env | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def results(course: Path) -> dict[str, str]:
    """How the chapters of the last run went, and whether they ran at all."""
    text = (course / "build/results.json").read_text("utf-8")
    return {
        record["notebook"]: "unchanged" if record["unchanged"] else record["status"]
        for record in json.loads(text)["chapters"]
    }


WRONG = [
    (["ONLY=05", "PARAMS=-p STEPS"], 'given as PARAMS="-p STEPS 500'),
    (["ONLY=05", "PARAMS=STEPS 500"], 'given as PARAMS="-p STEPS 500'),
    (["ONLY=05", "PARAMS=-p STEP 5"], "There is no parameter STEP here"),
    (["ONLY=05", "PARAMS=-p STEPS x"], "STEPS must be of type int"),
    (["ONLY=05", "LIMIT=soon"], "LIMIT is a number of seconds above 0, not 'soon'"),
    (["ONLY=05 99"], "99 is no chapter; there are 05 08 10 11."),
    (["ONLY=1"], "1 is no chapter; there are 05 08 10 11."),
    (["ONLY=05", "DATA=1"], "None of these chapters loads a data set."),
    (["ONLY=05", "JOBS=many"], "2 of 2 failed"),
]


def test_wrong_arguments_never_look_like_the_success_before(course):
    assert make(course, "run", "ONLY=05").returncode == 0
    for arguments, sentence in WRONG:
        done = make(course, "run", *arguments)
        assert done.returncode != 0, arguments
        assert done.stdout.count(sentence) == 1, done.stdout
        assert " ok" not in done.stdout, arguments
        assert "Traceback" not in done.stdout, arguments
    assert "99 is no chapter" in make(course, "nbval", "ONLY=05 99").stdout
    done = make(course, "test", "ONLY=05 99", FAKE_PYTEST="0,0")
    assert done.returncode != 0
    assert "passed" not in done.stdout


def test_a_chapter_runs_again_when_what_it_imports_has_changed(course):
    assert make(course, "run", "ONLY=5 08").returncode == 0
    four = {f"{room}{n}_toy": "ok" for n in ("05", "08") for room in ("", "solutions/")}
    assert results(course) == four

    done = make(course, "run", "ONLY=05 08")
    assert done.returncode == 0
    assert set(results(course).values()) == {"unchanged"}
    assert done.stdout.count("ok (unchanged since its last success)") == 4

    later = time.time() + 10
    (course / "utils/dicts.py").write_text("DICT = {1: 2}\n")
    os.utime(course / "utils/dicts.py", (later, later))
    assert make(course, "run", "ONLY=05 08").returncode == 0
    went = results(course)
    assert (went["05_toy"], went["08_toy"]) == ("unchanged", "ok")

    assert make(course, "run", "ONLY=05", "FAST=1").returncode == 0
    assert results(course)["05_toy"] == "ok"


def test_a_failure_is_in_the_status_until_it_is_mended(course):
    assert make(course, "run", "ONLY=05 08").returncode == 0
    write(course, 5, "raise ValueError('broken')")
    for _ in range(2):
        done = make(course, "run", "ONLY=05 08")
        assert done.returncode != 0
        assert "FAILED in cell cell: ValueError: broken" in done.stdout
        assert "2 of 4 failed, 2 unchanged since the last success" in done.stdout
    write(course, 5, "print(STEPS)")
    assert make(course, "run", "ONLY=05 08").returncode == 0


def test_a_run_that_did_not_happen_is_no_success(course):
    assert make(course, "run", "ONLY=05").returncode == 0
    write(course, 5, "print(STEPS + 1)")
    done = make(course, "run", "ONLY=05", FAKE_CRASH="yes")
    assert done.returncode != 0
    assert done.stdout.count("did not run to its end") == 2

    (course / "utils/lists.py").unlink()  # the solutions' and chapter 10's
    write(course, 5, "from utils.lists import LIST")
    done = make(course, "run", "ONLY=05 08")
    assert done.returncode != 0
    assert results(course)["08_toy"] == "ok"


@pytest.mark.parametrize("statuses", ["0,0", "1,0", "0,1", "1,1"])
def test_both_parts_of_a_test_run_and_are_reported(course, statuses):
    done = make(course, "test", FAKE_PYTEST=statuses)
    unit, outputs = (int(status) for status in statuses.split(","))
    assert (done.returncode == 0) == (unit == outputs == 0)
    said = done.stdout
    assert f"unit tests: {'failed' if unit else 'passed'}\n" in said
    assert f"stored outputs: {'failed' if outputs else 'passed'}\n" in said
    assert said.index("1 passed in") < said.index("2 passed in")  # pytest's own words
    assert said.index("2 passed in") < said.index("unit tests:")


FLAKY = """from pathlib import Path
if Path(NAME).exists():
    print(STEPS)
else:
    Path(NAME).touch()"""


def test_only_notebooks_that_failed_are_compared_again_and_whole(course):
    write(course, 5, "print(STEPS)", "10\n")
    same = (course / "notebooks/solutions/05_toy.ipynb").read_bytes()
    write(course, 8, FLAKY.replace("NAME", repr(str(course / "was here"))), "10\n")
    (course / "notebooks/solutions/08_toy.ipynb").write_bytes(same)
    only = ["nbval", "ONLY=05 08", "JOBS=1"]
    done = make(course, *only)
    assert done.returncode != 0
    assert "1 failed, 7 passed" in done.stdout

    done = make(course, *only, "AGAIN=1")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout  # both cells of the one notebook

    done = make(course, *only, "AGAIN=1")
    assert done.returncode != 0
    assert "No output differed" in done.stdout


def test_a_comparison_that_broke_off_is_not_made_good_by_its_failures(course):
    last = course / "build/compared/v/cache/lastfailed"
    last.parent.mkdir(parents=True)
    last.write_text('{"notebooks/05_toy.ipynb::Cell 0": true}')
    assert make(course, "nbval", FAKE_PYTEST="0,3").returncode != 0
    assert make(course, "nbval", "AGAIN=1", FAKE_PYTEST="0,0").returncode != 0


def test_a_row_of_the_matrix_without_its_python_has_failed(course):
    (course / "tools/colab-2026-08-19.txt").touch()
    done = make(course, "matrix", "ROWS=colab", "PYTHON313=python-of-nobody")
    assert done.returncode != 0
    assert "There is no python-of-nobody here: name a Python of 3.13" in done.stdout
    assert "failed in the rows colab" in done.stdout


def test_clean_removes_every_environment_and_keeps_downloads(course):
    for name in (".venv/x", ".venv-2.18/x", "build/x", "data/cache/standins/x"):
        (course / name).mkdir(parents=True)
    (course / "data/cache/mnist").touch()
    done = make(course, "clean")
    assert done.returncode == 0
    assert "what was downloaded stays in data/cache/" in done.stdout
    for name in (".venv", ".venv-2.18", "build", "data/cache/standins"):
        assert not (course / name).exists()
    assert (course / "data/cache/mnist").exists()


# make as .ci/run sees it: what fails the first time, or always, stands in FAILS.
MAKE = """#!/bin/sh
echo "make $*" >> calls
for part in $FAILS; do
  case "$part:$*" in
    unit:unit|nbval:nbval|run:"run DATA=1"|always:nbval*) exit 2 ;;
  esac
done
"""
PLAIN = ["make unit", "make nbval", "make run DATA=1"]


@pytest.mark.parametrize(
    ("fails", "status", "again"),
    [
        ("", 0, []),
        ("nbval", 0, ["make nbval AGAIN=1 JOBS=1"]),
        ("run", 0, ["make run DATA=1 JOBS=1"]),
        ("always", 1, ["make nbval AGAIN=1 JOBS=1"]),
        ("unit", 1, []),
    ],
)
def test_ci_tries_once_more_what_failed_and_says_so(course, fails, status, again):
    for name, text in (("make", MAKE), ("chromium", "#!/bin/sh\n")):
        (course / "venv/bin" / name).write_text(text)
        (course / "venv/bin" / name).chmod(0o755)
    (course.parent / "shared/datasets").mkdir(parents=True)
    path = f"{course / 'venv/bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=course,
        env={"PATH": path, "FAILS": fails},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == status
    calls = (course / "calls").read_text().splitlines()
    assert sorted(calls) == sorted(PLAIN + again)
    assert done.stdout.count("RETRY: ") == len(again)
    assert ("ONLY AFTER A RETRY" in done.stdout) == bool(again and not status)
    assert ("FAILED" in done.stdout) == bool(status)
