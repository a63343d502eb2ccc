"""A new chapter from the template, in a copy of the course."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import course_map
from tools.new_chapter import make

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("notebooks", "tools", "utils", "tests/notebooks", "tests/tools")
FILES = ("course.toml", "README.md", "pyproject.toml")
NEW = ("notebooks/98_new_one.ipynb", "notebooks/solutions/98_new_one.ipynb")
TITLE = 'It\'s a "new_one" for $5'


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    for place in PLACES:
        shutil.copytree(ROOT / place, root / place)
    for file in FILES:
        shutil.copy(ROOT / file, root)
    return root


def contents(root: Path) -> dict[str, bytes]:
    paths = [p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def python(root: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=root, capture_output=True, text=True
    )


def sources(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells)


def test_a_new_chapter_has_its_number_and_title_and_is_in_the_map(course):
    before = contents(course)
    made = make("98", "new_one", TITLE, course)
    after = contents(course)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {path.as_posix() for path in made}
    assert set(NEW) <= changed and len(after) == len(before) + 2

    chapter, answers = (sources(course / name) for name in NEW)
    assert chapter.startswith(f"# 98. {TITLE}\n")
    assert answers.startswith(f"# 98. {TITLE}: answers\n")
    assert "## 98.1 " in chapter
    assert "[solutions/98_new_one.ipynb](solutions/98_new_one.ipynb)" in chapter
    assert "[chapter 98](../98_new_one.ipynb)" in answers
    assert "99" not in re.sub(r"0\.\d+", "", chapter + answers)

    assert course_map.chosen("98", course) == [Path(name) for name in NEW]
    assert f"[98. {TITLE}](notebooks/98_new_one.ipynb)" in after["README.md"].decode()


def test_a_new_chapter_passes_the_tests_of_the_chapters(course):
    make("98", "new_one", "A name", course)
    tests = ("tests/notebooks/test_documents.py", "tests/tools/test_course_map.py")
    own = "98_new_one or [98] or of_the_map or entry"
    done = python(course, "pytest", *tests, "-k", own)
    assert done.returncode == 0, done.stdout


def test_its_stored_outputs_are_those_that_it_gives(course):
    make("98", "new_one", "A name", course)
    rule = "tests/notebooks/sanitize.cfg"
    done = python(course, "pytest", "--nbval", "--nbval-sanitize-with", rule, *NEW)
    assert done.returncode == 0, done.stdout


def test_its_sabotages_are_caught(course):
    make("98", "new_one", "A name", course)
    metadata = json.loads((course / NEW[0]).read_text("utf-8"))["metadata"]
    assert len(metadata["sabotage"]) >= 3
    done = python(course, "tools.sabotage", "run", NEW[0])
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_setup_is_that_of_the_first_chapter(course):
    first = course / "notebooks/01_hello_tensorflow.ipynb"
    text = first.read_text("utf-8").replace("deep-learning-with", "deeper-with")
    first.write_text(text, "utf-8")
    make("98", "new_one", "A name", course)
    for name in NEW:
        assert "/deeper-with-tensorflow" in sources(course / name)
        assert '/deep-learning-with-tensorflow"' not in sources(course / name)


def test_what_was_added_can_be_removed(course):
    """As CONTRIBUTING.md says: the two files, the entry, `make map`."""
    before = contents(course)
    make("98", "new_one", "A name", course)
    for name in NEW:
        (course / name).unlink()
    entries = (course / "course.toml").read_text("utf-8").split("\n[[chapter]]\n")
    kept = [entry for entry in entries if "number = 98\n" not in entry]
    (course / "course.toml").write_text("\n[[chapter]]\n".join(kept), "utf-8")
    course_map.write(course)
    assert contents(course) == before


def test_a_chapter_in_a_gap_is_entered_in_its_place(course):
    make("98", "new_one", "A name", course)
    make("97", "before_it", "A name", course)
    chapters = course_map.read(course)[1]
    assert [chapter.number for chapter in chapters[-2:]] == [97, 98]
    assert "Next: [98. A name](98_new_one.ipynb)" in sources(
        course / "notebooks/97_before_it.ipynb"
    )


def test_a_planned_chapter_needs_its_number_only(course):
    path = course / "course.toml"
    before = path.read_text("utf-8")
    head, entry = before.split("number = 13\n")
    entry = entry.replace('"ready"', '"planned"', 1)
    path.write_text(f"{head}number = 13\n{entry}", "utf-8")
    for file in (course / "notebooks").rglob("13_*.ipynb"):
        file.unlink()
    with pytest.raises(SystemExit, match="Chapter 13 is planned as training_loops"):
        make("13", "new_one", "A name", course)
    make("13", "", "", course)
    assert path.read_text("utf-8") == before
    text = sources(course / "notebooks/13_training_loops.ipynb")
    assert text.startswith("# 13. Training loops\n")


@pytest.mark.parametrize(
    ("number", "slug", "title", "sentence"),
    [
        (
            "5",
            "new_one",
            "A name",
            "There is a chapter 5 already: 05_linear_regression",
        ),
        ("05", "new_one", "A name", "There is a chapter 5 already"),
        ("99", "new_one", "A name", "There is a chapter 99 already: the template"),
        ("", "new_one", "A name", "NUMBER must be a number up to 98, not ''"),
        ("-1", "new_one", "A name", "NUMBER must be a number"),
        ("100", "new_one", "A name", "NUMBER must be a number"),
        ("98", "convolution", "A name", "Chapter 14 is called convolution already"),
        ("98", "A Name", "A name", "SLUG must be small letters"),
        ("98", "../name", "A name", "SLUG must be small letters"),
        ("98", "", "A name", "SLUG must be small letters"),
        ("98", "new_one", "", "TITLE must be one line"),
        ("98", "new_one", "two\nlines", "TITLE must be one line"),
        ("98", "new_one", "a [link]", "TITLE must be one line"),
        ("98", "new_one", "a | b", "TITLE must be one line"),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_changes(
    course, number, slug, title, sentence
):
    before = contents(course)
    with pytest.raises(SystemExit, match=re.escape(sentence)):
        make(number, slug, title, course)
    assert contents(course) == before


def test_files_that_are_there_are_not_overwritten(course):
    (course / NEW[1]).write_text("mine", "utf-8")
    before = contents(course)
    with pytest.raises(SystemExit, match="solutions/98_new_one.ipynb is there already"):
        make("98", "new_one", "A name", course)
    assert contents(course) == before


def test_a_course_that_cannot_take_it_stays_as_it_was(course):
    readme = course / "README.md"
    readme.write_text(readme.read_text("utf-8").replace("<!--", "<!"), "utf-8")
    before = contents(course)
    with pytest.raises(SystemExit, match="README.md needs the lines"):
        make("98", "new_one", "A name", course)
    assert contents(course) == before
