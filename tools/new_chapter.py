"""Begin a chapter and its solutions: make chapter NUMBER=28 SLUG=name TITLE="Its title".

The two notebooks in tools/template/ are a small chapter that runs, with its outputs. A new
chapter is a copy with its own number and title; its author keeps the form and replaces the rest.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

from tools import course_map
from tools.course_map import ROOT, Chapter

TEMPLATE = "tools/template/{}99_example.ipynb"
FIRST = "notebooks/01_hello_tensorflow.ipynb"
HOW = 'make chapter NUMBER=28 SLUG=name TITLE="Its title"'


def make(number: str, slug: str, title: str, root: Path = ROOT) -> list[Path]:
    """Write the two notebooks, the entry in course.toml and what follows from the map.

    Args:
        number: of a chapter that is not there; of one that is planned, `slug` and `title` may be
            empty.
        slug: the name of the files: small letters, digits and underscores.
        title: one line.

    Returns:
        the files that are new or changed, seen from the course's folder.

    Raises:
        SystemExit: one of the three will not do, in one sentence; nothing is changed.
    """
    _, chapters = course_map.read(root)
    chapter = _planned(number, slug, title, chapters) or _new(
        number, slug, title, chapters
    )
    for path in (chapter.path, chapter.solutions):
        if (root / path).exists():
            sys.exit(f"{path.as_posix()} is there already.")
    map_file = root / "course.toml"
    old_map = map_file.read_text("utf-8")
    try:
        for path, folder in ((chapter.path, ""), (chapter.solutions, "solutions/")):
            text = _notebook(root, TEMPLATE.format(folder), chapter)
            (root / path).write_text(text, "utf-8")
        map_file.write_text(_entered(old_map, chapter, chapters), "utf-8")
        written = course_map.write(root)
    except BaseException:  # leave the course as it was
        map_file.write_text(old_map, "utf-8")
        (root / chapter.path).unlink(missing_ok=True)
        (root / chapter.solutions).unlink(missing_ok=True)
        raise
    new = [chapter.path, chapter.solutions, Path("course.toml")]
    return new + [path for path in written if path not in new]


def _planned(
    number: str, slug: str, title: str, chapters: list[Chapter]
) -> Chapter | None:
    """The chapter of this number if the map plans it; another slug or title is refused."""
    for chapter in chapters:
        if number.isdecimal() and int(number) == chapter.number and not chapter.ready:
            if slug in ("", chapter.slug) and title in ("", chapter.title):
                return chapter
            sys.exit(
                f"Chapter {number} is planned as {chapter.slug}, {chapter.title!r}: leave SLUG "
                "and TITLE out, or change course.toml first."
            )
    return None


def _new(number: str, slug: str, title: str, chapters: list[Chapter]) -> Chapter:
    """A chapter that the map does not know yet; what will not do is refused."""
    if not re.fullmatch("[0-9]{1,2}", number):
        sys.exit(f"NUMBER must be a number up to 98, not {number!r}: {HOW}.")
    taken = {chapter.number: chapter for chapter in chapters}
    if int(number) in taken or int(number) == 99:
        what = taken[int(number)].name if int(number) in taken else "the template"
        sys.exit(f"There is a chapter {int(number)} already: {what}.")
    if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", slug):
        sys.exit(
            f"SLUG must be small letters, digits and single underscores, not {slug!r}: {HOW}."
        )
    for chapter in chapters:
        if chapter.slug == slug:
            sys.exit(f"Chapter {chapter.number} is called {slug} already.")
    if not title.strip() or not title.isprintable() or re.search(r"[][|`\\]", title):
        sys.exit(
            f"TITLE must be one line without brackets, bars, backquotes and backslashes, not "
            f"{title!r}: {HOW}."
        )
    before = [chapter.part for chapter in chapters if chapter.number < int(number)]
    return Chapter(
        number=int(number),
        slug=slug,
        part=before[-1] if before else 0,
        title=title.strip(),
        about="to be written",
        needs=[],
        seconds=5,
        status="planned",
    )


def _notebook(root: Path, template: str, chapter: Chapter) -> str:
    """The template with this chapter's number and title, its setup as in chapter 1."""
    notebook = json.loads((root / template).read_text("utf-8"))
    first = json.loads((root / FIRST).read_text("utf-8"))
    names = {
        "99_example.ipynb": chapter.name,
        "99. An example": chapter.label,
        "## 99.": f"## {chapter.number}.",
        "chapter 99": f"chapter {chapter.number}",
    }
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["id"] == "setup":
            text = _finding(first)[0] + _finding(notebook)[1]
        elif cell["cell_type"] == "markdown":
            for old, new in names.items():
                text = text.replace(old, new)
        cell["source"] = text.splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _finding(notebook: dict) -> tuple[str, str]:
    """A setup cell in two: the lines that find the course, and the chapter's own."""
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "setup")
    lines = cell["source"]
    own = 1 + max(i for i, line in enumerate(lines) if line.startswith("sys.path"))
    return "".join(lines[:own]), "".join(lines[own:])


def _entered(text: str, chapter: Chapter, chapters: list[Chapter]) -> str:
    """course.toml's text with this chapter as one that is ready."""
    head, *entries = re.split(r"(?m)^\[\[chapter\]\]\n", text.rstrip("\n") + "\n")
    index = sum(other.number < chapter.number for other in chapters)
    if chapter in chapters:
        entries[index] = entries[index].replace('"planned"', '"ready"')
    else:
        entries.insert(index, _entry(chapter) + "\n")
    whole = head + "".join(f"[[chapter]]\n{entry.rstrip()}\n\n" for entry in entries)
    return whole.rstrip("\n") + "\n"


def _entry(chapter: Chapter) -> str:
    values = vars(chapter) | {"status": "ready"}
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.new_chapter")
    parser.add_argument("number")
    parser.add_argument("slug", nargs="?", default="")
    # The Makefile hands the title over in the environment: there no shell reads it.
    title = os.environ.get("CHAPTER_TITLE", "")
    parser.add_argument("title", nargs="?", default=title)
    args = parser.parse_args()
    for path in make(args.number.strip(), args.slug.strip(), args.title.strip()):
        print(f"written {path.as_posix()}")
    print(
        "Now say in course.toml what it is about, then `make map` (see CONTRIBUTING.md)."
    )


if __name__ == "__main__":
    main()
