"""The commands behind the Makefile, on toy notebooks; and a notebook that is alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tools import chapters as course
from tools import colab, execution
from tools.report import LAST_FAILED, failed_to_compare, report, store
from tools.stamp import address

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path.stem
    for path in (ROOT / "utils").iterdir()
    if re.fullmatch(r"[a-z]+(\.py)?", path.name)
)
HANG = "import os, time\nprint(os.getpid(), flush=True)\nwhile True:\n    time.sleep(1)"


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
    """An empty course in a path with blanks and Korean letters; its utils only note what it is."""
    folder = tmp_path / "딥러닝 course"
    for name in ("notebooks", "utils"):
        (folder / name).mkdir(parents=True)
    for name in ("__init__.py", "checks.py", "records.py"):
        (folder / "utils" / name).write_bytes((ROOT / "utils" / name).read_bytes())
    monkeypatch.chdir(folder)
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
    assert not report(["98_bad", "99_good"])
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
    Path("build").mkdir()
    assert not report(["solutions/99_toy"])
    said = capsys.readouterr().out
    assert "solutions/99_toy" in said
    assert "did not run to its end" in said


def test_an_old_success_counts_only_where_make_found_nothing_new(folder, capsys):
    path = write(folder / "notebooks/99_toy.ipynb", "1 + 1")
    assert course.run(path, {}, fast=False)
    Path("build/records/99_toy.json").unlink()  # the next run begins
    assert not report(["99_toy"])
    Path("build/seen").mkdir()
    Path("build/seen/99_toy").touch()
    assert report(["99_toy"])
    assert "ok (unchanged since its last success)" in capsys.readouterr().out
    Path("build/make.log").write_text("make: *** no rule")
    assert not report(["99_toy"], made=2)
    assert "no rule" in capsys.readouterr().out


def test_a_failure_leaves_no_success_behind(folder):
    path = write(folder / "notebooks/99_toy.ipynb", "assert RATE > 0")
    assert course.run(path, {}, fast=False)
    assert Path("build/done/99_toy.json").is_file()
    assert not course.run(path, {"RATE": 0}, fast=False)
    assert not Path("build/done/99_toy.json").exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; print('careful', file=sys.stderr)", "wrote to stderr: careful"),
        ("import os; os.write(2, b'E0000 cuda')", "wrote to stderr: E0000 cuda"),
        ("import sys; sys.exit()", "the notebook ended here: SystemExit"),
        ("import os; os._exit(1)", "DeadKernelError"),
    ],
)
def test_what_papermill_forgives_is_a_failure(folder, monkeypatch, code, message):
    with monkeypatch.context() as patch:  # kernels of a test don't watch descriptor 2
        patch.delenv("PYTEST_CURRENT_TEST")
        path = write(folder / "notebooks/99_toy.ipynb", "1 + 1", code, "2 + 2")
        assert not course.run(path, {}, fast=False)
    error = record("99_toy")["error"]
    assert error["cell"] == "cell-1"
    assert message in error["message"]


def test_a_notebook_that_hangs_is_stopped_with_its_cell_and_its_kernel(folder):
    path = write(folder / "notebooks/99_toy.ipynb", HANG, "2 + 2")
    assert not course.run(path, {}, fast=False, limit=2)
    error = record("99_toy")["error"]
    assert error["cell"] == "cell-0"
    assert "the notebook ran longer than 2 s" in error["message"]
    kernel = nbformat.read("build/notebooks/99_toy.ipynb", 4).cells[2].outputs[0].text
    assert not psutil.pid_exists(int(kernel))


def test_the_limit_is_that_of_the_whole_notebook(monkeypatch):
    now = 100.0
    monkeypatch.setattr(execution.time, "monotonic", lambda: now)
    clock = execution.Clock(60)
    first, second = (new_code_cell("", id=name) for name in ("first", "second"))
    assert clock(first) == 60
    now += 45
    assert clock(second) == 15
    assert clock.cell == "second"
    now += 45
    assert clock(second) == 1  # nbclient takes 0 for no limit at all


def test_a_run_leaves_the_environment_alone(folder, monkeypatch):
    monkeypatch.setenv("COURSE_RESULTS", "mine")
    monkeypatch.delenv("COURSE_FAST", raising=False)
    path = write(folder / "notebooks/99_toy.ipynb", "1 + 1")
    assert course.run(path, {}, fast=True)
    assert os.environ["COURSE_RESULTS"] == "mine"
    assert "COURSE_FAST" not in os.environ


def test_a_notebook_alone_lies_in_an_empty_folder_inside_the_course(folder):
    (folder / "course.toml").touch()
    code = (
        "from pathlib import Path\nhere = Path.cwd()\n"
        "assert [path.name for path in here.iterdir()] == ['99_toy.ipynb']\n"
        "assert any((place / 'course.toml').is_file() for place in here.parents)\n"
        "(here / 'left').touch()"
    )
    path = write(folder / "notebooks/solutions/99_toy.ipynb", code)
    for _ in range(2):
        assert course.run(path, {}, fast=False, alone=True), record("solutions/99_toy")


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
        store(path)
    before = nbformat.read(path, as_version=4)
    course.run(path, {}, fast=False)
    store(path)
    after = nbformat.read(path, as_version=4)
    assert after.cells[2].outputs[0].text == "STEPS 10\n"
    assert [c.source for c in after.cells] == [c.source for c in before.cells]
    assert [c.metadata for c in after.cells] == [c.metadata for c in before.cells]


def test_a_missed_comparison_of_times_is_reported_and_not_stored(folder, capsys):
    late = "from utils.checks import check\ncheck('a / b', 1.0, at_least=2, clock=True)"
    path = write(folder / "notebooks/99_toy.ipynb", late)
    before = path.read_bytes()
    assert course.run(path, {}, fast=False)
    assert report(["99_toy"])
    said = capsys.readouterr().out
    assert "missed by the clock (busy machine?): 99_toy, a / b" in said
    with pytest.raises(SystemExit, match="busy machine it missed a / b"):
        store(path)
    assert path.read_bytes() == before
    assert not (folder / "build/done/99_toy.json").exists()


def test_what_runs_again_in_one_go_is_what_failed_to_compare(folder):
    for name in ("05_a", "08_b"):
        write(folder / f"notebooks/{name}.ipynb")
    with pytest.raises(SystemExit, match="No output differed"):
        failed_to_compare()
    LAST_FAILED.parent.mkdir(parents=True)
    failed = {
        "notebooks/08_b.ipynb::Cell 1": True,
        "notebooks/08_b.ipynb::Cell 2": True,
    }
    failed |= {"notebooks/04_gone.ipynb::Cell 1": True}
    LAST_FAILED.write_text(json.dumps(failed))
    assert failed_to_compare() == ["notebooks/08_b.ipynb"]


USES = {
    "from utils.training import train": False,
    "from utils.data import load_trials": False,
    "from utils.data import load_mnist": True,
    "import utils.data": True,
    "from utils.pictures import find_pictures, read_all": False,
    "from utils.pictures import load_backbone": True,
}


@pytest.mark.parametrize(("code", "loads"), USES.items())
def test_a_chapter_that_loads_a_data_set_is_known_by_its_imports(
    code, loads, monkeypatch
):
    monkeypatch.chdir(ROOT)
    assert course.loads_data(code) == loads


def test_a_chapter_depends_on_what_it_imports(monkeypatch):
    monkeypatch.chdir(ROOT)
    files = course.depends("from utils.checks import check\nimport numpy")
    assert "utils/checks.py" in files
    assert not [name for name in files if "training" in name or "data/" in name]
    files = course.depends("from utils.data import load_takeoff")
    assert {"utils/data/tables.py", "data/takeoff_train.csv"} <= set(files)
    assert not [name for name in files if name.startswith("data/cache")]


FREEZE = "numpy==2.1.3\nkeras==3.13.2\ntensorflow==2.20.0\nml_dtypes==0.5.4\nmoon==1\nx @ file:///y\n"


def test_colabs_versions_are_those_of_what_the_course_needs(tmp_path):
    (tmp_path / "tools").mkdir()
    old = tmp_path / "tools/colab-2025-01-01.txt"
    old.touch()
    names = ("keras", "ml-dtypes", "numpy", "ruff", "tensorflow")
    lock = "".join(f"{name}==9 \\\n    --hash=sha256:0\n" for name in names)
    (tmp_path / "requirements.lock").write_text(lock)
    freeze = tmp_path / "pip-freeze-2026-08-19.txt"
    freeze.write_text(FREEZE)
    new = colab.renew(freeze, tmp_path)
    pins = [line for line in new.read_text().splitlines() if line[0] != "#"]
    assert pins == [
        "keras==3.13.2",
        "ml-dtypes==0.5.4",
        "numpy==2.1.3",
        "tensorflow==2.20.0",
    ]
    assert not old.exists()
    freeze.write_text("numpy==2.1.3")
    with pytest.raises(SystemExit, match="lacks TensorFlow, Keras or NumPy"):
        colab.renew(freeze, tmp_path)
    assert pins == [line for line in new.read_text().splitlines() if line[0] != "#"]


def test_the_lock_has_hashes_and_names_no_registry():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not [line for line in text.splitlines() if "://" in line or line[:1] == "-"]
    for entry in text.split("\n    # via")[:-1]:
        assert "--hash=sha256:" in entry.rsplit("==", 1)[1]


@pytest.fixture
def lonely(tmp_path):
    """A chapter alone in an empty folder, as on Colab; its course's address is a local clone."""
    bare = tmp_path / "address.git"
    work = tmp_path / "work"
    work.mkdir()
    for name in ("utils", "course.toml"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(work)], check=True)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, *command], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)
    content = tmp_path / "content"
    content.mkdir()
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
