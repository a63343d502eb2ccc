"""The book: `make site` builds the committed notebooks as a web site into build/site/.

Sphinx reads each chapter with its setup folded and each worked answer folded under its exercise,
the README as the first page, and the glossary with links to the chapters. The chapters' bold terms
go into the index. Nothing is executed, and a warning of Sphinx is an error.

    python -m tools.site.build [FOLDER]
"""

import json
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.course_map import ROOT, Chapter, read
from tools.stamp import address

HERE = Path(__file__).parent
ANSWER = re.compile(r"^## (?:Exercise )?(\d)(?:[.:] (.*))?$", re.MULTILINE)
LINK = re.compile(r"(\]\()([^)\s]+)(\))")
# Code; else a heading, or bold words.
MARKED = re.compile(r"(?ms)^```.*?^```|`[^`\n]*`|^#+ ([^\n]+)$|\*\*([^*`$\n]+)\*\*")
WORDS_OF_A_TERM = 4


class Terms:
    """The terms in bold: in which chapters, and there first in which section."""

    def __init__(self, prose: str):
        text = re.sub(r"`[^`]*`|\]\([^)]*\)", " ", prose)
        self.words = set(re.findall(r"[\w'-]+", text))
        self.bold = {match[2] for match in MARKED.finditer(text)}
        self.not_terms = set((HERE / "not_terms.txt").read_text("utf-8").splitlines())
        self.places: dict[str, dict[str, str]] = {}
        self.section = ""

    def name(self, bold: str) -> str:
        """How the index writes a term; nothing where the bold words are not one."""
        first, *others = bold.split()
        long = len(others) >= WORDS_OF_A_TERM
        if long or bold[-1] in ".:?" or bold in self.not_terms:
            return ""
        # "Dropout" begins a sentence, elsewhere it is "dropout". "Adam" is a name.
        title = any(word.istitle() for word in others)
        if first[1:].islower() and first.lower() in self.words and not title:
            bold = " ".join([first.lower(), *others])
        return bold[:-1] if bold.endswith("s") and bold[:-1] in self.bold else bold

    def mark(self, text: str, page: str) -> str:
        """A page's text with an entry for the index at each term that is new there."""

        def entry(match: re.Match) -> str:
            self.section = match[1] or self.section
            name = self.name(match[2]) if match[2] else ""
            if not name or page in self.places.setdefault(name, {}):
                return match[0]
            self.places[name][page] = self.section
            return f"**{{index}}`{match[2]} <{name}>`**"

        return MARKED.sub(entry, text)


def anchor(heading: str) -> str:
    """The anchor of a heading, as MyST makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def retarget(text: str, page: str, pages: set[str]) -> str:
    """Links to pages of the book stay; those to other files lead to the repository."""
    folder = posixpath.dirname(page)

    def link(match: re.Match) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[2].partition("#")[0]))
        answered = path.replace("/solutions/", "/")
        if (
            re.match(r"https?:|mailto:|#", match[2])
            or path in pages
            or path.endswith(".png")
        ):
            target = match[2]
        elif path == "README.md":
            target = posixpath.relpath("index.md", folder)
        elif answered in pages:
            target = f"{posixpath.relpath(answered, folder)}#exercises"
        else:
            target = f"{address()}/blob/main/{path}"
        return match[1] + target + match[3]

    return LINK.sub(link, text)


def load(path: Path) -> list[dict]:
    cells = json.loads((ROOT / path).read_text("utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def prose(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def fold(summary: str, cells: list[dict]) -> list[dict]:
    opens = prose(f'<details class="answer"><summary>{summary}</summary>')
    return [opens, *cells, prose("</details>")]


def answers(chapter: Chapter) -> dict[int, list[dict]]:
    """The cells of each worked answer; 0: what stands before the first, without the title."""
    found: dict[int, list[dict]] = {0: []}
    number = 0
    for cell in load(chapter.solutions)[1:]:
        if cell["cell_type"] == "markdown":
            text = cell["source"]
            begins = ANSWER.search(text)
            number = int(begins[1]) if begins else number
            text = ANSWER.sub(lambda match: f"**{match[2]}**" if match[2] else "", text)
            cell["source"] = re.sub(r"(?m)^##+ (.*)$", r"**\1**", text)
        found.setdefault(number, []).append(cell)
    return found


def exercises(text: str, chapter: Chapter) -> list[dict]:
    """The exercises, each with its answer folded beneath it."""
    worked, path = answers(chapter), chapter.solutions.as_posix()
    head, *items = re.split(r"(?m)^(?=\d\. )", text.partition("\nWorked answers")[0])
    cells = [prose(head)]
    for item in items:
        answer = fold(f"Answer to exercise {item[0]}", worked[int(item[0])])
        cells += [prose(item), *answer]
    link = f"[{path}]({address()}/blob/main/{path})"
    cells.append(prose(f"The answers run as a notebook of their own, {link}."))
    return cells + fold("What that notebook holds before its first answer", worked[0])


def page(chapter: Chapter, terms: Terms, pages: set[str]) -> str:
    """A chapter's notebook as Sphinx shall read it."""
    notebook = json.loads((ROOT / chapter.path).read_text("utf-8"))
    path, cells = chapter.path.as_posix(), []
    for cell in load(chapter.path):
        if cell["id"] == "setup":
            cell["metadata"] = {"tags": ["hide-input"]}
        if cell["cell_type"] == "markdown":
            cell["source"] = terms.mark(cell["source"], path)
        done = cell["id"] == "exercises"
        cells += exercises(cell["source"], chapter) if done else [cell]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        if cell["cell_type"] == "markdown":
            cell["source"] = retarget(cell["source"], path, pages)
    return json.dumps(notebook | {"cells": cells}, ensure_ascii=False)


def contents(caption: str, names: list[str]) -> str:
    lines = ["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```"]
    return "\n".join(["", *lines, ""])


def glossary(terms: Terms) -> str:
    """The page of the glossary, from lines such as "gradient | 기울기 | What it is."."""
    lines = ["# Glossary", ""]
    entries = (HERE / "glossary.txt").read_text("utf-8").splitlines()
    for entry in sorted(entries, key=str.lower):
        term, korean, meaning = entry.split(" | ")
        if term not in terms.places:
            sys.exit(f'glossary.txt explains "{term}", which no chapter has in bold.')
        links = [
            f"[{int(Path(path).name[:2])}]({path}#{anchor(section)})"
            for path, section in terms.places[term].items()
        ]
        lines += [f'**{{index}}`{term}`** <span lang="ko">{korean}</span>']
        lines += [f": {meaning} Chapter {', '.join(links)}.", ""]
    return "\n".join(lines)


def write(source: Path) -> None:
    """What Sphinx reads, into an empty folder."""
    parts, chapters = read()
    chapters = [chapter for chapter in chapters if chapter.ready]
    pages = {chapter.path.as_posix() for chapter in chapters}
    cells = [cell for chapter in chapters for cell in load(chapter.path)]
    texts = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    terms = Terms("\n\n".join(texts))
    files = {c.path.as_posix(): page(c, terms, pages) for c in chapters}
    files["glossary.md"] = glossary(terms)
    first = retarget((ROOT / "README.md").read_text("utf-8"), "index.md", pages)
    for number, title in enumerate(parts):
        names = [c.path.as_posix() for c in chapters if c.part == number]
        first += contents(f"{number}. {title}", names)
    files["index.md"] = first + contents("To look up", ["glossary", "Index <genindex>"])
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, "utf-8")
    (source / "data").mkdir()
    for picture in ROOT.glob("data/*.png"):
        shutil.copy(picture, source / "data")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/site")
    if folder.exists() and not (folder / "objects.inv").exists():
        sys.exit(f"{folder} is there and holds no book: name another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix="book") as place:
        source, site, seen = (Path(place) / name for name in ("source", "site", "seen"))
        write(source)
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-c", HERE, "-d", seen]
        command += ["--jobs", "auto", "--quiet", "--fail-on-warning", source, site]
        if subprocess.run(command).returncode:
            sys.exit("The book could not be built.")
        shutil.rmtree(folder, ignore_errors=True)
        site.rename(folder)
    print(f"The book is in {folder / 'index.html'}")


if __name__ == "__main__":
    main()
