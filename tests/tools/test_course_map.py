"""course.toml and what follows from it: the chapters chosen, the README, each Needs and Next."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import course_map

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS, CHAPTERS = course_map.read()
READY = [chapter for chapter in CHAPTERS if chapter.ready]


@pytest.fixture
def course(tmp_path):
    """A copy of what the map describes, to change."""
    for name in ("course.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    return tmp_path


def source(path: Path, cell: int) -> str:
    return "".join(json.loads(path.read_text("utf-8"))["cells"][cell]["source"])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def enter(course: Path, number: int, line: str) -> None:
    """Replace one line of a chapter's entry in course.toml: "title = ..." the title."""
    path, key = course / "course.toml", line.split(" ")[0]
    before, entry = path.read_text("utf-8").split(f"number = {number}\n")
    entry = re.sub(
        rf"(?m)^{key} .*", lambda _: line, f"number = {number}\n{entry}", count=1
    )
    path.write_text(before + entry, "utf-8")


def numbers(paths: list[Path]) -> list[str]:
    return [path.name[:2] for path in paths if path.parent.name == "notebooks"]


# What is out of step with the map is found here; `make map` mends most of it.


def test_every_notebook_has_an_entry_and_every_chapter_that_is_ready_its_two():
    for folder, known in (
        ("notebooks", {chapter.path for chapter in READY}),
        ("notebooks/solutions", {chapter.solutions for chapter in READY}),
    ):
        there = {path.relative_to(ROOT) for path in (ROOT / folder).glob("*.ipynb")}
        assert there - known == set(), "in no entry of course.toml that is ready"
        assert known - there == set(), "ready in course.toml, but not there"


@pytest.mark.parametrize("chapter", READY, ids=lambda chapter: chapter.name[:2])
def test_the_titles_are_those_of_the_map(chapter):
    head = f"# {chapter.label}"
    assert source(ROOT / chapter.path, 0).splitlines()[0] == head
    assert source(ROOT / chapter.solutions, 0).splitlines()[0] == f"{head}: answers"


def test_readme_needs_and_next_are_those_of_the_map():
    """If this fails: make map."""
    assert {path for path, text in course_map._due(ROOT).items() if text} == set()


def test_names_are_told_apart():
    assert len({chapter.slug for chapter in CHAPTERS}) == len(CHAPTERS)
    for chapter in CHAPTERS:
        assert re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", chapter.slug)
        assert chapter.seconds > 0


# The tools, on copies.


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("05 08", ["05", "08"]),
        ("8 5 08", ["05", "08"]),
        ("1", ["01"]),
        ("01", ["01"]),
        ("", [chapter.name[:2] for chapter in READY]),
        ("  ", [chapter.name[:2] for chapter in READY]),
    ],
)
def test_numbers_are_exact(only, found):
    paths = course_map.chosen(only)
    assert numbers(paths) == found
    assert len(paths) == 2 * len(found)
    assert all((ROOT / path).is_file() for path in paths)


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        ("05 99", "99 is no chapter; there are 00 01 02"),
        ("99", "99 is no chapter"),
        ("5x", "5x is no chapter"),
        ("-1", "-1 is no chapter"),
        ("05,08", "05,08 is no chapter"),
        ("1 100", "100 is no chapter"),
    ],
)
def test_what_is_no_chapter_is_refused_also_beside_others(only, sentence):
    with pytest.raises(SystemExit, match=re.escape(sentence)):
        course_map.chosen(only)


def test_a_planned_chapter_is_refused(course):
    enter(course, 8, 'status = "planned"')
    with pytest.raises(SystemExit, match="8 is only planned; there are"):
        course_map.chosen("5 8", course)


def test_the_command_prints_paths_and_refuses_with_2():
    def choose(*words):
        return subprocess.run(
            [sys.executable, "-m", "tools.course_map", "choose", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    done = choose("05", "8")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [
        "notebooks/05_linear_regression.ipynb",
        "notebooks/solutions/05_linear_regression.ipynb",
    ]
    done = choose("05", "99")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("99 is no chapter")
    assert len(done.stderr.splitlines()) == 1


def test_the_map_is_read_without_tensorflow_and_without_numpy():
    code = "import tools.course_map, sys; print({'numpy', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == "set()\n", done.stderr


def test_what_is_in_step_is_not_touched(course):
    before = {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}
    assert course_map.write(course) == []
    assert {p: p.read_bytes() for p in course.rglob("*") if p.is_file()} == before


def test_what_is_out_of_step_is_mended_to_the_byte(course):
    path = course / "notebooks/08_mnist_softmax.ipynb"
    before = {p: p.read_bytes() for p in (path, course / "README.md")}
    edit(path, "Needs chapters [5]", "Needs chapters [2]")
    edit(path, "Next: [9.", "Next: [10.")
    edit(course / "README.md", "cost, gradient descent", "gradient descent")
    assert {p.name for p in course_map.write(course)} == {p.name for p in before}
    assert {p: p.read_bytes() for p in before} == before


def test_a_new_title_reaches_the_readme_and_the_chapter_before(course):
    enter(course, 10, 'title = "A sine"')
    course_map.write(course)
    assert "[10. A sine](notebooks/10_" in (course / "README.md").read_text("utf-8")
    last = source(course / "notebooks/09_neural_networks.ipynb", -1)
    assert last == "Next: [10. A sine](10_regression_networks.ipynb)"


@pytest.mark.parametrize(
    ("needs", "line"),
    [
        ("[]", "Needs no other chapter."),
        ("[9]", "Needs [chapter 9](09_neural_networks.ipynb)."),
        (
            "[5, 8, 9]",
            "Needs chapters [5](05_linear_regression.ipynb) and [9](09_neural_networks.ipynb).",
        ),
    ],
)
def test_needs_names_the_chapters_that_are_ready(course, needs, line):
    enter(course, 13, f"needs = {needs}")
    enter(course, 13, "seconds = 77")
    enter(course, 8, 'status = "planned"')
    course_map.write(course)
    title = source(course / "notebooks/13_training_loops.ipynb", 0)
    last = title.splitlines()[-1]
    assert last.startswith(f"{line} About 77 s on two CPU cores. [Open in Colab](")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("needs = [8, 22]", "Chapter 13 can need only chapters before it"),
        ("needs = [99]", "Chapter 13 can need only chapters before it"),
        ("number = 14", "names a number twice"),
        ("number 13", "does not hold the map"),
        ("number = 13\nlength = 3", "does not hold the map"),
        ('status = "done"', 'must be "ready" or "planned"'),
        ("part = 99", "chapter 13 into no part"),
    ],
)
def test_a_wrong_map_is_refused_and_nothing_is_written(course, line, sentence):
    enter(course, 13, line)
    edit(course / "README.md", "cost, gradient descent", "gradient descent")
    before = (course / "README.md").read_bytes()
    with pytest.raises(SystemExit, match=sentence):
        course_map.write(course)
    assert (course / "README.md").read_bytes() == before


@pytest.mark.parametrize(
    ("file", "old", "sentence"),
    [
        ("notebooks/05_linear_regression.ipynb", "Needs chapters [3]", "needs a cell"),
        ("notebooks/05_linear_regression.ipynb", '"next"', 'a cell "next"'),
        ("README.md", course_map.TABLE_ENDS, "README.md needs the lines"),
    ],
)
def test_a_file_without_a_place_for_its_lines_is_refused(course, file, old, sentence):
    enter(course, 5, 'about = "another"')
    edit(course / file, old, old.swapcase())
    before = (course / "README.md").read_bytes()
    with pytest.raises(SystemExit, match=sentence):
        course_map.write(course)
    assert (course / "README.md").read_bytes() == before


def test_a_chapter_that_is_ready_but_missing_is_named(course):
    (course / "notebooks/05_linear_regression.ipynb").unlink()
    with pytest.raises(SystemExit, match="05_linear_regression.ipynb is missing"):
        course_map.write(course)
