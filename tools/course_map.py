"""The map of the course, course.toml: which notebooks there are and what follows from them.

python -m tools.course_map choose 05 08    the notebooks of these chapters, one a line
python -m tools.course_map write           README's table, each "Needs" and each "Next"
"""

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE_BEGINS = "<!-- The table comes from course.toml: `make map` writes it. -->"
TABLE_ENDS = "<!-- Here the table ends. -->"
NEEDS = re.compile(r"^Needs .* s on two CPU cores\.", re.MULTILINE)


@dataclass(frozen=True)
class Chapter:
    """One chapter as course.toml describes it; the paths are seen from the course's folder."""

    number: int
    slug: str
    part: int
    title: str
    about: str
    needs: list[int]
    seconds: int
    status: str

    @property
    def name(self) -> str:
        return f"{self.number:02}_{self.slug}.ipynb"

    @property
    def path(self) -> Path:
        return Path("notebooks") / self.name

    @property
    def solutions(self) -> Path:
        return Path("notebooks/solutions") / self.name

    @property
    def label(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def ready(self) -> bool:
        return self.status == "ready"


def read(root: Path = ROOT) -> tuple[list[str], list[Chapter]]:
    """The titles of the parts and the chapters in the order of their numbers.

    Raises:
        SystemExit: course.toml cannot be read or describes a chapter wrongly.
    """
    try:
        found = tomllib.loads((root / "course.toml").read_text("utf-8"))
        parts, chapters = found["parts"], [Chapter(**c) for c in found["chapter"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        sys.exit(f"course.toml does not hold the map of the course: {error}.")
    numbers = [chapter.number for chapter in chapters]
    if numbers != sorted(set(numbers)):
        sys.exit("course.toml names a number twice, or the numbers are out of order.")
    for chapter in chapters:
        if chapter.part not in range(len(parts)):
            sys.exit(f"course.toml puts chapter {chapter.number} into no part.")
        if chapter.status not in ("ready", "planned"):
            sys.exit(f'Chapter {chapter.number} must be "ready" or "planned".')
        if not all(n in numbers and n < chapter.number for n in chapter.needs):
            sys.exit(f"Chapter {chapter.number} can need only chapters before it.")
    return parts, chapters


def chosen(only: str = "", root: Path = ROOT) -> list[Path]:
    """The notebooks of the chapters that `only` names, each chapter before its solutions.

    Args:
        only: numbers with blanks between them, such as "05 8"; none means all that are ready.

    Returns:
        paths seen from the course's folder, in the order of the map.

    Raises:
        SystemExit: `only` names something that is not a chapter that is ready.
    """
    _, chapters = read(root)
    ready = {chapter.number: chapter for chapter in chapters if chapter.ready}
    planned = {chapter.number for chapter in chapters} - ready.keys()
    numbers = set()
    for word in only.split():
        number = int(word) if re.fullmatch("[0-9]+", word) else None
        if number not in ready:
            why = "is only planned" if number in planned else "is no chapter"
            known = " ".join(f"{n:02}" for n in ready)
            sys.exit(f"{word} {why}; there are {known}.")
        numbers.add(number)
    wanted = [c for n, c in ready.items() if n in numbers or not numbers]
    return [path for c in wanted for path in (c.path, c.solutions)]


def write(root: Path = ROOT) -> list[Path]:
    """Write what follows from the map into README.md and the chapters.

    Nothing is written unless everything can be; a file that is as it should be is left alone.

    Returns:
        the files that were changed, seen from the course's folder.

    Raises:
        SystemExit: a chapter is missing or has no place for its lines.
    """
    changed = {path: text for path, text in _due(root).items() if text is not None}
    for path, text in changed.items():
        (root / path).write_text(text, "utf-8")
    return list(changed)


def _due(root: Path) -> dict[Path, str | None]:
    """For README.md and each chapter the text that it should hold, None where it holds it."""
    parts, chapters = read(root)
    ready = [chapter for chapter in chapters if chapter.ready]
    due = {Path("README.md"): _readme(root, parts, chapters)}
    for chapter, after in zip(ready, [*ready[1:], None], strict=True):
        needs = needs_line(chapter, chapters)
        due[chapter.path] = _chapter(root, chapter, needs, next_line(after))
    return due


def _readme(root: Path, parts: list[str], chapters: list[Chapter]) -> str | None:
    text = (root / "README.md").read_text("utf-8")
    if text.count(TABLE_BEGINS) != 1 or text.count(TABLE_ENDS) != 1:
        sys.exit(f"README.md needs the lines\n{TABLE_BEGINS}\n{TABLE_ENDS}\nonce each.")
    before, rest = text.split(TABLE_BEGINS)
    _, after = rest.split(TABLE_ENDS)
    lines = [TABLE_BEGINS, *table_lines(parts, chapters), TABLE_ENDS]
    new = before + "\n".join(lines) + after
    return None if new == text else new


def table_lines(parts: list[str], chapters: list[Chapter]) -> list[str]:
    """The README's table: a row a chapter; the name of a part stands in its first row."""
    lines = ["| part | chapter | what it is about |", "|---|---|---|"]
    last = None
    for chapter in chapters:
        part = f"{chapter.part}. {parts[chapter.part]}" if chapter.part != last else ""
        last = chapter.part
        link = f"[{chapter.label}]({chapter.path.as_posix()})"
        name = link if chapter.ready else f"{chapter.label} *(planned)*"
        lines.append(f"| {part} | {name} | {chapter.about} |")
    return lines


def needs_line(chapter: Chapter, chapters: list[Chapter]) -> str:
    """The last line of a chapter's first cell: what to read before, and how long it takes.

    It names what is ready; a chapter that is only planned appears once it is there.
    """
    names = {c.number: c.name for c in chapters if c.ready}
    links = [f"[{n}]({names[n]})" for n in chapter.needs if n in names]
    needs = "no other chapter"
    if len(links) == 1:
        needs = links[0].replace("[", "[chapter ")
    elif links:
        needs = f"chapters {', '.join(links[:-1])} and {links[-1]}"
    return f"Needs {needs}. About {chapter.seconds} s on two CPU cores."


def next_line(after: Chapter | None) -> str:
    """The last cell of the chapter before `after`; None: of the last one."""
    if after is None:
        return "Next: [the map of chapters](../README.md)"
    return f"Next: [{after.label}]({after.name})"


def _chapter(root: Path, chapter: Chapter, needs: str, after: str) -> str | None:
    if not (root / chapter.path).is_file():
        sys.exit(f"{chapter.path} is missing, but course.toml calls it ready.")
    text = (root / chapter.path).read_text("utf-8")
    notebook = json.loads(text)
    cells = {cell.get("id"): cell for cell in notebook["cells"]}
    title = "".join(cells["title"]["source"]) if "title" in cells else ""
    if not NEEDS.search(title) or "next" not in cells:
        sys.exit(
            f'{chapter.path} needs a cell "title" with the line "Needs ... About 20 s on '
            'two CPU cores." and a cell "next".'
        )
    title = NEEDS.sub(lambda _: needs, title)
    cells["title"]["source"] = title.splitlines(keepends=True)
    cells["next"]["source"] = [after]
    new = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return None if new == text else new


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.course_map")
    commands = parser.add_subparsers(dest="command", required=True)
    choose = commands.add_parser("choose")
    choose.add_argument("numbers", nargs="*")
    commands.add_parser("write")
    args = parser.parse_args()
    try:
        if args.command == "choose":
            for path in chosen(" ".join(args.numbers)):
                print(path.as_posix())
        else:
            for path in write():
                print(f"written {path.as_posix()}")
    except SystemExit as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
