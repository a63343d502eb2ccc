"""The book as a reader gets it: its files, and its pages in a real browser.

All tests here share one build, so they need one worker: `make unit` hands out whole files, and
sets up the environment in which the book is built.
"""

import functools
import json
import re
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.course_map import read
from tools.screenshots import CHROMIUM, chromium
from tools.site import build

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(sys.prefix)  # the environment of the tests; the book's lies beside it
ENVIRONMENT = HERE.with_name(HERE.name + "-site")
PYTHON = ENVIRONMENT / "bin/python"
CHAPTERS = [chapter for chapter in read()[1] if chapter.ready]
NAMES = ["index.html", "glossary.html", "genindex.html", "search.html"]
NAMES += [chapter.path.with_suffix(".html").as_posix() for chapter in CHAPTERS]
SOME = ["index.html", "glossary.html", "notebooks/01_hello_tensorflow.html"]


class Page(HTMLParser):
    """What a page leads to, what it fetches, which places it has, how often each tag occurs."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.fetched, self.ids = [], [], set()
        self.tags, self.classes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.classes += (found.get("class") or "").split()
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and "stylesheet" in found["rel"]:
            self.fetched.append(found["href"])
        elif tag in ("img", "script", "iframe", "source") and found.get("src"):
            self.fetched.append(found["src"])


parse = functools.cache(Page)


def pages(site: Path) -> dict[str, Page]:
    return {
        path.relative_to(site).as_posix(): parse(path.read_text("utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def faults(site: Path) -> list[str]:
    """Links that lead nowhere, files that are not there, and what other hosts are asked for."""
    found, all_pages = [], pages(site)
    for name, page in all_pages.items():
        for target in [*page.links, *page.fetched]:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.fetched and parts.scheme != "data":
                    found.append(f"{name}: {target} is fetched")
                continue
            path = (
                (site / name).parent / unquote(parts.path)
                if parts.path
                else site / name
            )
            other = path.resolve()
            if not other.is_file():
                found.append(f"{name}: {target} is not there")
            elif parts.fragment and other.suffix == ".html":
                ids = all_pages[other.relative_to(site).as_posix()].ids
                if unquote(parts.fragment) not in ids:
                    found.append(f"{name}: {target} has no such place")
    return found


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("24_gan.ipynb", "24_gan.ipynb"),
        ("24_gan.ipynb#exercises", "24_gan.ipynb#exercises"),
        ("solutions/24_gan.ipynb", "24_gan.ipynb#exercises"),
        ("../README.md", "../index.md"),
        ("https://arxiv.org/abs/1411.1792", "https://arxiv.org/abs/1411.1792"),
        ("../data/course.png", "../data/course.png"),
        ("../utils/plots.py", f"{build.address()}/blob/main/utils/plots.py"),
    ],
)
def test_links_are_those_of_the_book(link, target):
    page = "notebooks/05_linear_regression.ipynb"
    text = build.retarget(f"See [there]({link}).", page, {"notebooks/24_gan.ipynb"})
    assert text == f"See [there]({target})."


@pytest.mark.parametrize(
    ("bold", "name"),
    [
        ("Dropout", "dropout"),
        ("Adam", "Adam"),
        ("Leaky ReLU", "leaky ReLU"),
        ("neurons", "neuron"),
        ("loss", "loss"),
        ("Runtime", ""),  # a menu, named in not_terms.txt
        ("By hand.", ""),
        ("a cell that runs on and on", ""),
    ],
)
def test_the_index_names_terms(bold, name):
    terms = build.Terms("A **neuron**. With dropout, a leaky one. **Adam**, **loss**.")
    assert terms.name(bold) == name


def test_code_gives_no_terms():
    terms = build.Terms("")
    text = "## 5.1 Here\n\nA **slope**.\n\n```\n2 **x** 3\n```\n\nThe **slope**, `a**b**c`."
    marked = terms.mark(text, "page")
    assert marked == text.replace("**slope**.", "**{index}`slope <slope>`**.")
    assert terms.places == {"slope": {"page": "5.1 Here"}}


def test_the_glossary_explains_only_what_chapters_do():
    with pytest.raises(SystemExit, match='explains "accuracy", which no chapter has'):
        build.glossary(build.Terms(""))


def test_what_is_called_no_term_stands_in_bold_somewhere():
    cells = [cell for chapter in CHAPTERS for cell in build.load(chapter.path)]
    prose = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    terms = build.Terms("\n\n".join(prose))
    assert terms.not_terms <= terms.bold


def test_a_folder_that_holds_no_book_is_left_alone(tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    command = [sys.executable, "-m", "tools.site.build", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "holds no book: name another folder." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if not PYTHON.exists():
        pytest.skip("the book's environment is not set up: `make unit` does it")
    folder = tmp_path_factory.mktemp("book").resolve() / "site"
    done = subprocess.run(
        [PYTHON, "-m", "tools.site.build", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"The book is in {folder}" in done.stdout
    return folder


def test_links_and_pictures_lead_to_what_is_there(site):
    assert {path for path in pages(site)} == set(NAMES)
    assert faults(site) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('href="13_training_loops.html"', 'href="13_loops.html"', "is not there"),
        ('src="../_images/', 'src="../_pictures/', "is not there"),
        ('id="exercises"', 'id="exercise"', "has no such place"),
        ('src="../_static/', 'src="https://cdn.example/', "is fetched"),
    ],
)
def test_a_broken_page_is_noticed(site, tmp_path, old, new, fault):
    copy = shutil.copytree(site, tmp_path / "site").resolve()
    page = copy / "notebooks/24_gan.html"
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")
    assert any(fault in found for found in faults(copy))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_a_chapter_is_whole(site, chapter):
    """Each exercise with its folded answer, the setup folded, every formula drawn."""
    text = (site / chapter.path.with_suffix(".html")).read_text("utf-8")
    cells = [
        cell
        for path in (chapter.path, chapter.solutions)
        for cell in json.loads((ROOT / path).read_text("utf-8"))["cells"]
    ]
    (exercises,) = ["".join(c["source"]) for c in cells if c["id"] == "exercises"]
    page = parse(text)
    assert page.classes.count("answer") == len(re.findall(r"(?m)^\d\. ", exercises)) + 1
    assert page.classes.count("hide") == 1
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert page.classes.count("cell_input") == len(code)
    prose = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    prose = [re.sub(r"(?s)```.*?```|`[^`]*`", "", source) for source in prose]
    formulas = [re.findall(r"(?s)\$\$.+?\$\$|\$[^$]+\$", source) for source in prose]
    assert page.tags.count("math") == sum(len(found) for found in formulas)


def test_every_part_and_chapter_stands_in_the_contents(site):
    text = (site / "index.html").read_text("utf-8")
    contents = text[text.index('class="sidebar-tree"') :]
    contents = contents[: contents.index("</aside>")]
    links = re.findall(r'href="(notebooks/[^"#]+)"', contents)
    assert links == [name for name in NAMES if name.startswith("notebooks/")]
    parts = re.findall(r'class="caption-text">(\d+)\. ', contents)
    assert parts == [str(number) for number in range(len(read()[0]))]


def test_the_glossary_gives_the_korean_term(site):
    text = (site / "glossary.html").read_text("utf-8")
    korean = re.findall(r'<span lang="ko">([^<]+)</span>', text)
    assert len(korean) >= 80
    assert all(re.search("[가-힣]", term) for term in korean)
    assert text.count("<dt>") == len(korean)
    assert re.search(r"gradient descent</strong> <span lang=.ko.>경사 하강법<", text)


def test_the_index_leads_to_the_chapters_that_explain_a_term(site):
    text = (site / "genindex.html").read_text("utf-8")
    entry = re.search(r"<li>overfitting\s(.*?)</li>", text, re.DOTALL)[1]
    links = re.findall(r'href="([^"#]+)#[^"]+">([^<]+)<', entry)
    assert ("notebooks/06_data_and_overfitting.html", "6") in links
    assert ("glossary.html", "glossary") in links


@pytest.fixture(scope="module")
def address(site):
    """The address of the book on a free port of this machine."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Silent, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser, address):
    """Open a page; what it complains of and what it asks other hosts for must be nothing."""
    wrong, opened = [], []

    def open_page(name, width=1280, scheme="light"):
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        opened.append(page)
        page.on("console", lambda m: m.type == "error" and wrong.append(m.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda r: (
                r.url.startswith(("http", "ws"))
                and not r.url.startswith(address)
                and wrong.append(r.url)
            ),
        )
        page.goto(address + name, wait_until="load")
        return page

    yield open_page
    for page in opened:
        page.close()
    assert wrong == []


# What is broader than the page, and lies in nothing that is moved by itself.
BROAD = """() => {
    const moved = "pre, .math, .text_html, .table-wrapper";
    return [...document.querySelectorAll("[role=main], [role=main] *")]
        .filter(e => !e.parentElement.closest(moved))
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 200));
}"""


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_shows_the_whole_width(visit, name):
    """Nothing but single tables, formulas and cells is moved sideways; all pictures are there."""
    page = visit(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pictures = "[...document.images].filter(i => !i.complete || !i.naturalWidth)"
    assert page.evaluate(f"{pictures}.map(i => i.src)") == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate(BROAD) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    flat = "[...document.querySelectorAll('math')].filter(m => !m.clientHeight)"
    assert page.evaluate(f"{flat}.map(m => m.textContent)") == []


def test_formulas_are_drawn_as_mathml(visit):
    page = visit("notebooks/05_linear_regression.html")
    above, below = page.locator("div.math mfrac").first.locator("> *").all()
    above, below = above.bounding_box(), below.bounding_box()
    assert above["y"] + above["height"] <= below["y"] + 1
    assert page.evaluate("document.fonts.check('16px Formulas')")


def test_the_switch_turns_the_page_dark(visit):
    page = visit("notebooks/24_gan.html")
    colour = "getComputedStyle(document.body).backgroundColor"
    seen = {page.evaluate(colour)}
    for _ in range(3):
        page.locator(".theme-toggle").locator("visible=true").first.click()
        seen.add(page.evaluate(colour))
    assert "rgb(255, 255, 255)" in seen
    assert len(seen) == 2


def test_the_search_finds_a_term(visit):
    page = visit("search.html?q=discriminator")
    first = page.locator("#search-results li a").first
    first.wait_for()
    results = page.locator("#search-results li a").all()
    assert "24_gan.html" in " ".join(link.get_attribute("href") for link in results)


def test_an_answer_opens(visit):
    page = visit("notebooks/24_gan.html")
    answer = page.locator("details.answer").first
    assert answer.locator(".cell_input").first.is_visible() is False
    answer.locator("> summary").click()
    assert answer.locator(".cell_input").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SOME)
def test_text_and_code_have_enough_contrast(visit, name, scheme):
    """WCAG AA, as axe measures it; the answers are open. Browsers let the keyboard scroll."""
    page = visit(name, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.add_script_tag(path=next(ENVIRONMENT.rglob("axe.min.js")))
    rules = {"scrollable-region-focusable": {"enabled": False}}
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "rules": rules}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert "color-contrast" in [rule["id"] for rule in found["passes"]]
    nodes = [node for fault in found["violations"] for node in fault["nodes"]]
    said = [f"{node['target'][0]}: {node['failureSummary']}" for node in nodes]
    assert said == [], "\n".join(said[:10])
