"""The commands behind the Makefile, on toy notebooks; and a notebook that is alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tools import chapters as course
from tools.stamp import address

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "utils").glob("[a-z]*.py"))


def write(path: Path, *sources: str, fast: dict | None = None) -> Path:
    """A notebook with a parameters cell and then the given code cells."""
    cells = [
        new_markdown_cell("# 99. Toy", id="title"),
        new_code_cell("STEPS = 10\nRATE = 0.5", id="parameters"),
        *(new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)),
    ]
    cells[1].metadata.update(tags=["parameters"], fast=fast or {})
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty course in a path with blanks and Korean letters; the kernel finds utils."""
    folder = tmp_path / "딥러닝 course"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in (
        "COURSE_RESULTS",
        "COURSE_FAST",
    ):  # restored afterwards: run() sets them
        monkeypatch.setenv(name, "")
    return folder


def record(name: str) -> dict:
    return json.loads(Path(f"build/records/{name}.json").read_text("utf-8"))


def test_a_run_leaves_a_notebook_and_a_record(folder):
    path = write(
        folder / "notebooks/99_toy.ipynb",
        "from utils.checks import check, record\nrecord(data='Toys', source='real')",
        "check('steps', STEPS, at_least=10, source='real')",
    )
    assert course.run(path, {}, fast=False)
    assert Path("build/notebooks/99_toy.ipynb").is_file()
    result = record("99_toy")
    assert (result["notebook"], result["status"], result["error"]) == (
        "99_toy",
        "ok",
        None,
    )
    assert result["checks"] == [
        {
            "name": "steps",
            "value": 10,
            "bound": ">= 10",
            "source": "real",
            "passed": True,
        }
    ]
    assert result["data"] == {"Toys": "real"}
    assert result["seconds"] > 0
    assert 20 < result["peak_mb"] < 5000


def test_a_failure_is_reported_with_its_cell_and_the_others_go_on(folder, capsys):
    bad = write(
        folder / "notebooks/98_bad.ipynb", "1 + 1", "raise ValueError('broken')", "2"
    )
    good = write(folder / "notebooks/99_good.ipynb", "1 + 1")
    assert not course.run(bad, {}, fast=False)
    assert course.run(good, {}, fast=False)
    assert record("98_bad")["error"] == {
        "cell": "cell-1",
        "message": "ValueError: broken",
    }
    assert not course.report(
        [Path("build/records/98_bad.json"), Path("build/records/99_good.json")]
    )
    results = json.loads(Path("build/results.json").read_text("utf-8"))
    assert [chapter["status"] for chapter in results["chapters"]] == ["failed", "ok"]
    assert set(results["environment"]) >= {
        "python",
        "tensorflow",
        "keras",
        "numpy",
        "cpu",
        "cores",
        "gpu",
    }
    said = capsys.readouterr().out
    assert "FAILED in cell cell-1" in said
    assert "1 of 2 failed" in said


def test_a_chapter_that_was_stopped_counts_as_failed(folder, capsys):
    assert not course.report([Path("build/records/solutions/99_toy.json")])
    said = capsys.readouterr().out
    assert "solutions/99_toy" in said
    assert "stopped before it ended" in said


def test_parameters_reach_the_notebook(folder):
    path = write(
        folder / "notebooks/99_toy.ipynb",
        "assert (STEPS, RATE) == (3, 1)",
        fast={"STEPS": 2},
    )
    assert course.run(path, {"STEPS": 3, "RATE": 1}, fast=True), record("99_toy")[
        "error"
    ]


def test_the_short_run_has_its_own_parameters(folder):
    path = write(
        folder / "notebooks/99_toy.ipynb",
        "import os\nassert (STEPS, os.environ['COURSE_FAST']) == (2, '1')",
        fast={"STEPS": 2},
    )
    assert course.run(path, {}, fast=True), record("99_toy")["error"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"STEPS": "many"}, "STEPS must be of type int, such as 10, not 'many'"),
        ({"STEPS": 1.5}, "STEPS must be of type int"),
        ({"STEP": 3}, "There is no parameter STEP here; there is STEPS, RATE"),
    ],
)
def test_a_wrong_parameter_stops_with_a_sentence(folder, given, sentence):
    path = write(folder / "notebooks/99_toy.ipynb", "1 + 1")
    assert not course.run(path, given, fast=False)
    assert sentence in record("99_toy")["error"]["message"]


def test_storing_puts_the_outputs_into_the_chapter_and_nothing_else(folder):
    path = write(folder / "notebooks/99_toy.ipynb", "print('STEPS', STEPS)")
    course.run(path, {"STEPS": 3}, fast=False)
    with pytest.raises(SystemExit, match="not stored"):
        course.store(path)
    before = nbformat.read(path, as_version=4)
    course.run(path, {}, fast=False)
    course.store(path)
    after = nbformat.read(path, as_version=4)
    assert after.cells[2].outputs[0].text == "STEPS 10\n"
    assert [c.source for c in after.cells] == [c.source for c in before.cells]
    assert [c.metadata for c in after.cells] == [c.metadata for c in before.cells]


@pytest.fixture
def lonely(tmp_path, monkeypatch):
    """A chapter alone in an empty folder on "Colab"; the address is a local bare clone."""
    bare = tmp_path / "address.git"
    work = tmp_path / "work"
    work.mkdir()
    for name in ("utils", "data"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(work)], check=True)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "utils"], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, *command], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)

    content = tmp_path / "content"
    (content / "stub/google/colab").mkdir(parents=True)
    (content / "stub/google/colab/__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(content / "stub"))
    source = (ROOT / "notebooks/01_hello_tensorflow.ipynb").read_text("utf-8")
    (content / "lesson.ipynb").write_text(
        source.replace(address(), bare.as_uri()), "utf-8"
    )
    return content


def execute(folder: Path) -> subprocess.CompletedProcess:
    """Run the setup cell as Colab would, in a folder of its own; print where utils comes from."""
    cells = nbformat.read(folder / "lesson.ipynb", as_version=4).cells
    setup = next(cell.source for cell in cells if cell.id == "setup")
    code = setup + "\nimport utils\nprint(Path(utils.__file__).resolve())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ,
    )


def test_a_notebook_alone_fetches_the_course_once(lonely):
    for _ in range(2):
        done = execute(lonely)
        assert done.returncode == 0, done.stderr
        assert (
            Path(done.stdout.strip()) == (lonely / "course/utils/__init__.py").resolve()
        )


def test_a_course_that_cannot_be_fetched_stops_with_a_sentence(lonely, tmp_path):
    (tmp_path / "address.git").rename(tmp_path / "gone")
    done = execute(lonely)
    assert done.returncode == 1
    assert "The course could not be fetched from file:///" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_modules_load_without_a_word(name):
    """TensorFlow's log lines would be forwarded into the notebooks."""
    done = subprocess.run(
        [sys.executable, "-c", f"import utils.{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("seed", [-1, 1.5, "seven", True])
def test_a_seed_is_a_whole_number(seed):
    from utils.session import set_seed

    with pytest.raises(ValueError, match="whole number"):
        set_seed(seed)
