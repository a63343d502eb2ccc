"""The pictures of TensorBoard in chapter 19: `make screenshots`, after `make run ONLY=19`.

TensorBoard runs over the logs that the chapter has left in build/chapter_19/logs; Chromium opens
its tabs, numbers are drawn beside what the chapter speaks of, and the pictures go into
data/tensorboard/.
"""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "build/chapter_19/logs"
PLACE = ROOT / "data/tensorboard"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ("gpu", "quic", "background-networking", "component-update", "sync")
LARGEST = 150_000  # bytes
SIZE = {"width": 1400, "height": 800}

# A number in an orange disc at the right of an element's text, or in the right end of a field.
MARK = """(e, number) => {
    const text = document.createRange(), mark = document.createElement("div");
    text.selectNodeContents(e);
    const box = (e.matches("input, g") ? e : text).getBoundingClientRect();
    const left = box.right + (e.matches("input") ? -30 : 4);
    mark.textContent = number;
    mark.style.cssText = `position: fixed; top: ${box.top - 3}px; left: ${left}px;
        width: 26px; height: 26px; border-radius: 13px; background: #D55E00; color: white;
        font: bold 17px/26px sans-serif; text-align: center; z-index: 9999`;
    document.body.append(mark);
}"""


@contextmanager
def tensorboard(logs: Path) -> Iterator[str]:
    """The address of a TensorBoard on a free port of this machine; it ends with the block."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logs)]
    command += ["--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        found = (re.search(r"http://127\S+", line) for line in process.stderr)
        address = next((match[0] for match in found if match), None)
        timer.cancel()
        if not address:
            raise RuntimeError("TensorBoard did not start.")
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def chromium() -> Iterator:
    """A headless Chromium without calls of its own to the network; it ends with the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", *(f"--disable-{name}" for name in QUIET)],
        )
        yield browser
        browser.close()


def choose_graph(page, run: str) -> None:
    """In the Graphs tab, choose this run."""
    page.locator("g.node").first.wait_for(timeout=30_000)  # the first run is drawn
    page.locator("tf-graph-controls paper-dropdown-menu").first.click()
    item = page.locator("tf-graph-controls paper-item").get_by_text(run, exact=True)
    item.first.click()


def open_box(page, name: str):
    """A box of the graph, opened by a double-click."""
    box = page.locator(f'g.node[data-name="{name}"]')
    box.wait_for(timeout=30_000)
    box.dblclick()
    page.wait_for_timeout(1500)
    return box


def graph(page) -> list:
    choose_graph(page, "scopes")
    box = open_box(page, "large_op")
    controls = page.locator("tf-graph-controls")
    run = controls.locator("paper-dropdown-menu").first
    legend = controls.locator(".legend-holder").first
    return [run.locator("input").first, box, legend.get_by_text("Legend")]


def network(page) -> list:
    choose_graph(page, "mnist/network")
    open_box(page, "digits_1")
    hidden = open_box(page, "digits_1/hidden_1")
    page.get_by_text("Fit to screen").click()
    page.wait_for_timeout(1500)
    return [hidden, page.locator('g.node[data-name="digits_1/logits_1"]')]


def timeseries(page) -> list:
    page.locator("scalar-card svg path").first.wait_for(timeout=30_000)
    page.get_by_text("Ignore outliers in chart scaling").click()
    page.wait_for_timeout(3000)
    return [
        page.locator("runs-selector input").first,
        page.locator("metrics-tag-filter input"),
        page.get_by_text("Horizontal Axis").first,
        page.get_by_text("Smoothing", exact=True).first,
    ]


def sick(page) -> list:
    page.locator("vz-histogram-timeseries").first.wait_for(timeout=30_000)
    page.locator("#data-location").first.evaluate("e => e.remove()")  # a path of here
    page.get_by_label("Write a regex to filter runs").first.fill(
        "sick/(healthy|rate|zeros|labels)/train"
    )
    tags = page.get_by_label("Filter tags (regular expressions supported)").first
    tags.fill("hidden/kernel")
    page.wait_for_timeout(3000)
    return []


def distributions(page) -> list:
    page.get_by_text("digits/hidden/kernel/histogram").first.wait_for(timeout=30_000)
    page.locator("#data-location").first.evaluate("e => e.remove()")  # a path of here
    page.get_by_label("Write a regex to filter runs").first.fill("mnist/train")
    page.wait_for_timeout(2500)
    return [page.get_by_text("digits/hidden/kernel/histogram", exact=True).first]


def hparams(page) -> list:
    page.get_by_text("0.030000").first.wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    heads = page.locator("vaadin-grid-cell-content")
    names = ("units", "accuracy")
    return [heads.get_by_text(name, exact=True).first for name in names]


TABS = {
    "graph": ("#graphs", graph),
    "network": ("#graphs", network),
    "timeseries": ("?runFilter=mnist&tagFilter=epoch_loss#timeseries", timeseries),
    "sick": ("#histograms", sick),
    "distributions": ("#distributions", distributions),
    "hparams": ("#hparams", hparams),
}


def main() -> None:
    if not LOGS.is_dir():
        sys.exit("There are no logs of chapter 19: `make run ONLY=19` writes them.")
    if not CHROMIUM:
        sys.exit("There is no Chromium on this machine: install it first.")
    PLACE.mkdir(parents=True, exist_ok=True)
    with tensorboard(LOGS) as address, chromium() as browser:
        for name, (tab, prepare) in TABS.items():
            page = browser.new_page(viewport=SIZE)
            page.goto(f"{address}{tab}")
            for number, element in enumerate(prepare(page), start=1):
                element.evaluate(MARK, number)
            picture = page.screenshot()
            if len(picture) > LARGEST:
                sys.exit(f"{name}.png has {len(picture):,} bytes, {LARGEST:,} allowed.")
            (PLACE / f"{name}.png").write_bytes(picture)
            print(f"written data/tensorboard/{name}.png, {len(picture):,} bytes")
            page.close()


if __name__ == "__main__":
    main()
