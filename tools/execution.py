"""Run one notebook as a reader would and write down how it went."""

import ast
import json
import math
import os
import shutil
import sys
import time
from pathlib import Path
from unittest.mock import patch

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

BUILD = Path("build")
NOTEBOOKS = Path("notebooks")
LIMIT = 1200


class BadParameter(ValueError):
    """A parameter that a chapter does not have, or of the wrong type."""


class Clock:
    """What is left of a notebook's seconds; each cell asks for it when it begins."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.cell = self.end = None

    def __call__(self, cell: nbformat.NotebookNode) -> int:
        self.cell = cell.id
        now = time.monotonic()
        if self.end is None:  # the kernel is ready
            self.end = now + self.seconds
        return max(1, math.ceil(self.end - now))


def run(
    source: Path,
    given: dict[str, object],
    fast: bool,
    *,
    limit: float = LIMIT,
    alone: bool = False,
    build: Path = BUILD,
) -> bool:
    """Execute one notebook and write its record, BUILD/records/NAME.json; say how it went.

    The record is one entry of BUILD/results.json. That of a success is kept in BUILD/done/ as
    well, until the notebook runs again. What a cell writes to stderr counts as a failure.

    Args:
        given: papermill's parameters; with `fast`, the chapter's short ones lie below them.
        limit: the seconds after which the notebook is stopped and has failed.
        alone: whether it runs as a copy in an empty folder, as on Colab. The folder lies in
            `build`, where the notebook finds this course above itself.

    Returns:
        whether every cell ran, without a word on stderr, and every check held.
    """
    name = name_of(source)
    files = {
        "records": ".json",
        "done": ".json",
        "lines": ".jsonl",
        "notebooks": ".ipynb",
    }
    place = {
        kind: (build / kind / f"{name}{end}").resolve() for kind, end in files.items()
    }
    for path in place.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    folder = _empty_folder(build / "alone" / name, source) if alone else None
    names = {
        "COURSE_RESULTS": str(place["lines"]),
        "COURSE_FAST": "1" if fast else "0",
    }

    start = time.perf_counter()
    with patch.dict(os.environ, names):
        error = execute(source, place["notebooks"], given, fast, limit, folder)
    record = {
        "notebook": name,
        "status": "failed" if error else "ok",
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": _children_peak_mb(),
        "error": error,
        **_events(place["lines"]),
    }
    text = json.dumps(record, ensure_ascii=False)
    place["records"].write_text(text, "utf-8")
    if not error:
        place["done"].write_text(text, "utf-8")
    print(f"{record['status']:>6}  {name}  {record['seconds']:.1f} s", flush=True)
    if error:
        print(f"        in cell {error['cell']}: {error['message']}", flush=True)
    return not error


def name_of(source: Path) -> str:
    return source.resolve().relative_to(NOTEBOOKS.resolve()).with_suffix("").as_posix()


def parameters(source: Path, given: dict[str, object], fast: bool) -> dict[str, object]:
    """The parameters to hand to papermill, each checked against the chapter's own value.

    Raises:
        BadParameter: the chapter has no such parameter, or it is of another type.
    """
    own = papermill.inspect_notebook(source)
    for name, value in given.items():
        if name not in own:
            known = ", ".join(own) or "none"
            raise BadParameter(f"There is no parameter {name} here; there is {known}.")
        default = ast.literal_eval(own[name]["default"])
        kind = type(default)
        if type(value) is int and kind is float:
            continue
        if type(value) is not kind:
            raise BadParameter(
                f"{name} must be of type {kind.__name__}, such as {default!r}, not {value!r}."
            )
    short = {}
    for cell in nbformat.read(source, as_version=4).cells if fast else []:
        short |= cell.metadata.get("fast", {})
    return short | given


def _empty_folder(folder: Path, source: Path) -> Path:
    """`folder` with nothing in it but a copy of the notebook."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(source, folder)
    return folder


def execute(
    source: Path,
    target: Path,
    given: dict[str, object],
    fast: bool,
    limit: float,
    folder: Path | None,
) -> dict[str, str | None] | None:
    """What went wrong, and in which cell; None if nothing did."""
    from nbclient.exceptions import CellTimeoutError

    clock = Clock(limit)
    try:
        papermill.execute_notebook(
            folder / source.name if folder else source,
            target,
            parameters=parameters(source, given, fast),
            cwd=folder,
            progress_bar=False,
            timeout_func=clock,
        )
    except BadParameter as problem:
        return {"cell": "parameters", "message": str(problem)}
    except PapermillExecutionError as problem:
        return {"cell": clock.cell, "message": f"{problem.ename}: {problem.evalue}"}
    except CellTimeoutError:
        message = (
            f"it was stopped because the notebook ran longer than {limit:g} s; "
            "LIMIT=seconds allows more"
        )
        return {"cell": clock.cell, "message": message}
    except Exception as problem:  # a dead kernel, a broken notebook
        return {"cell": clock.cell, "message": f"{type(problem).__name__}: {problem}"}
    return _fault(target)


def _fault(path: Path) -> dict[str, str] | None:
    """What is wrong with an executed notebook that papermill calls good."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        message = None
        for output in cell.outputs:
            if output.get("name") == "stderr":
                message = f"it wrote to stderr: {output.text.strip()}"
        for output in cell.outputs:
            if output.output_type == "error":  # papermill forgives sys.exit()
                message = f"the notebook ended here: {output.ename}"
        if cell.execution_count is None:
            message = "it did not run"
        if message:
            return {"cell": cell.id, "message": message}
    return None


def _events(path: Path) -> dict[str, object]:
    """The checks, times and data sources that a notebook noted while it ran."""
    path.touch()
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path.unlink()
    return {
        "checks": [event for event in events if "passed" in event],
        "timings": {e["timing"]: e["seconds"] for e in events if "timing" in e},
        "data": {e["data"]: e["source"] for e in events if "data" in e},
    }


def _children_peak_mb() -> int | None:
    """The most memory that a process started from here has held; None where nobody counts it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))
