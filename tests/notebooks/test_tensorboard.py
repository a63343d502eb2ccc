"""What chapter 19 logs is drawn by the real TensorBoard in a real browser.

All tests here share one run of the chapter and one server, so they need one worker: `make unit`
hands out whole files.
"""

import re
from pathlib import Path

from tools.screenshots import CHROMIUM, choose_graph, chromium, tensorboard

import nbformat
import papermill
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks/19_tensorboard.ipynb"


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    """The folder of a course of its own in which the short form of the chapter has run.

    Its processes have ended when this returns. Its temporary files are in the folder tmp.
    """
    course = tmp_path_factory.mktemp("course")
    (course / "course.toml").touch()
    (course / "tmp").mkdir()
    for name in ("utils", "data"):
        (course / name).symlink_to(ROOT / name)
    cells = nbformat.read(NOTEBOOK, 4).cells
    (parameters,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    with pytest.MonkeyPatch.context() as patch:  # for the kernel only
        patch.setenv("COURSE_FAST", "1")
        patch.setenv("COURSE_OFFLINE", "1")
        patch.setenv("TMPDIR", str(course / "tmp"))
        papermill.execute_notebook(
            NOTEBOOK,
            course / "out.ipynb",
            parameters.metadata["fast"],
            cwd=course,
            kernel_name="python3",
            progress_bar=False,
        )
    return course


@pytest.fixture(scope="module")
def server(chapter):
    """The address of a TensorBoard over the chapter's logs, on a free port of this machine."""
    with tensorboard(chapter / "build/chapter_19/logs") as address:
        yield address


@pytest.fixture(scope="module")
def page(server):
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1400, "height": 1000})


@pytest.fixture
def tab(page, server, request):
    """Open a tab of TensorBoard, wait for `selector`; a screenshot is kept in build/."""

    def open_tab(name, selector):
        page.goto("about:blank")
        page.goto(f"{server}#{name}")
        found = page.locator(selector)
        found.first.wait_for(timeout=30_000)
        return found

    yield open_tab
    folder = ROOT / "build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{request.node.name}.png")


def long_lines(paths) -> list[str]:
    """Those SVG paths that are drawn through at least two different points."""
    found = [path.get_attribute("d") or "" for path in paths.all()]
    return [d for d in found if len(set(re.findall(r"[ML]([\d.,-]+)", d))) >= 2]


def test_loss_and_accuracy_are_drawn(tab, page):
    tab("scalars", "vz-line-chart2")
    for name in ("epoch_accuracy", "epoch_loss"):
        page.get_by_role("button", name=name).or_(
            page.locator("tf-category-paginated-view", has_text=name)
        ).first.click()
        chart = page.locator("tf-scalar-card", has_text=name)
        chart.locator("svg path").first.wait_for(state="attached", timeout=30_000)
        page.wait_for_timeout(1000)
        assert len(long_lines(chart.locator("svg path"))) >= 2, "training, validation"


def test_time_series_cards_are_drawn(tab, page):
    tab("timeseries", "scalar-card svg path")
    texts = " ".join(page.locator("scalar-card").all_inner_texts())
    assert "accuracy" in texts
    assert "trials/16-0.03-0" in texts
    page.locator("metrics-tag-filter input").fill("epoch_loss")
    page.keyboard.press("Escape")
    card = page.locator("scalar-card", has_text="mnist/validation").first
    card.wait_for(timeout=30_000)
    rows = card.inner_text()
    assert "epoch_loss" in rows
    assert "mnist/train" in rows


def test_the_graph_opens_along_its_name_scopes(tab, page):
    def names():
        return [n.get_attribute("data-name") for n in page.locator("g.node").all()]

    tab("graphs", "g.node")
    assert "addnode" in names()
    choose_graph(page, "scopes")
    box = page.locator('g.node[data-name="large_op"]')
    box.wait_for()
    assert "large_op/mini_op" not in names()
    box.dblclick()
    page.locator('g.node[data-name="large_op/mini_op"]').wait_for()
    assert "large_op/mul_op" in names()


def test_every_run_of_the_graphs_tab_has_a_graph(tab, page):
    tab("graphs", "g.node")
    page.locator("tf-graph-controls paper-dropdown-menu").first.click()
    items = page.locator("tf-graph-controls paper-dropdown-menu").first
    names = items.locator("paper-item").all_inner_texts()
    page.keyboard.press("Escape")
    seen = {"add": "addnode", "mnist/network": "digits", "scopes": "large_op"}
    assert sorted(name.strip() for name in names) == sorted(seen)
    for run, begins in seen.items():
        choose_graph(page, run)
        node = page.locator(f'g.node[data-name^="{begins}"]').first
        node.wait_for(timeout=30_000)
    assert page.get_by_text("Malformed").count() == 0


@pytest.mark.parametrize(
    ("name", "element"),
    [
        ("histograms", "vz-histogram-timeseries"),
        ("distributions", "vz-distribution-chart"),
    ],
)
def test_weights_are_drawn(tab, page, name, element):
    charts = tab(name, f"{element} svg path")
    page.wait_for_timeout(1000)
    page.get_by_text("digits/hidden/kernel/histogram").first.wait_for(timeout=30_000)
    assert len(long_lines(charts)) >= 2


def test_pictures_are_shown(tab):
    pictures = tab("images", "tf-image-loader img")
    for picture in pictures.all():
        picture.wait_for()
        size = "e => e.decode().then(() => [e.naturalWidth, e.naturalHeight])"
        assert picture.evaluate(size) == [28, 28]
    assert pictures.count() == 12


def test_the_note_is_shown_as_markdown(tab):
    assert tab("text", "tf-text-loader strong").first.inner_text() == "Adam"


def test_hyperparameters_stand_beside_their_results(tab, page):
    tab("hparams", "vaadin-grid-cell-content")
    page.get_by_text("0.030000").first.wait_for(timeout=30_000)
    cells = page.locator("vaadin-grid-cell-content").all_inner_texts()
    assert {"units", "learning_rate", "accuracy"} <= set(cells)
    assert [cells.count("16.000"), cells.count("128.00")] == [2, 2]
    accuracies = [cell for cell in cells if re.fullmatch(r"0\.\d{4,}", cell)]
    rates = ("0.0010000", "0.030000")
    assert len([cell for cell in accuracies if cell not in rates]) == 4


def test_the_chapter_leaves_no_server_behind(chapter):
    """Each TensorBoard notes in the temporary folder that it runs."""
    assert not list((chapter / "tmp/.tensorboard-info").glob("*.info"))
