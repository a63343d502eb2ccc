"""Run a chapter, report on a run, store its outputs: the commands behind the Makefile.

    python -m tools.chapters run notebooks/05_linear_regression.ipynb
    python -m tools.chapters report build/records/*.json

Only the maintainer's commands are here; no chapter imports this module.
"""

import argparse
import ast
import json
import os
import sys
import time
from pathlib import Path

import nbformat

NOTEBOOKS = Path("notebooks")
BUILD = Path("build")


class BadParameter(ValueError):
    """A parameter that a chapter does not have, or of the wrong type."""


def run(source: Path, given: dict[str, object], fast: bool) -> bool:
    """Execute one notebook into build/notebooks/ and write its record; say how it went.

    The record, build/records/NAME.json, is one entry of build/results.json. `given` are
    papermill's parameters; with `fast`, the chapter's short ones lie below them.

    Returns:
        whether every cell ran and every check held.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    name = _name(source)
    target = BUILD / "notebooks" / f"{name}.ipynb"
    lines = BUILD / "records" / f"{name}.jsonl"
    for path in (target, lines):
        path.parent.mkdir(parents=True, exist_ok=True)
    for old in (lines, lines.with_suffix(".json")):
        old.unlink(missing_ok=True)
    os.environ["COURSE_RESULTS"] = str(lines.resolve())
    os.environ["COURSE_FAST"] = "1" if fast else "0"

    start = time.perf_counter()
    error = None
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=_parameters(source, given, fast),
            progress_bar=False,
        )
    except BadParameter as problem:
        error = {"cell": "parameters", "message": str(problem)}
    except PapermillExecutionError as problem:
        error = {
            "cell": _failed_cell(target),
            "message": f"{problem.ename}: {problem.evalue}",
        }
    except (
        Exception
    ) as problem:  # a dead kernel, a broken notebook: reported like any failure
        error = {"cell": None, "message": f"{type(problem).__name__}: {problem}"}

    lines.touch()
    events = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    record = {
        "notebook": name,
        "status": "failed" if error else "ok",
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": _children_peak_mb(),
        "error": error,
        "checks": [event for event in events if "passed" in event],
        "timings": {
            event["timing"]: event["seconds"] for event in events if "timing" in event
        },
        "data": {event["data"]: event["source"] for event in events if "data" in event},
    }
    lines.with_suffix(".json").write_text(
        json.dumps(record, ensure_ascii=False), "utf-8"
    )
    lines.unlink(missing_ok=True)
    print(f"{record['status']:>6}  {name}  {record['seconds']:.1f} s", flush=True)
    if error:
        print(f"        in cell {error['cell']}: {error['message']}", flush=True)
    return not error


def _name(source: Path) -> str:
    return source.resolve().relative_to(NOTEBOOKS.resolve()).with_suffix("").as_posix()


def _parameters(
    source: Path, given: dict[str, object], fast: bool
) -> dict[str, object]:
    """The parameters to hand to papermill, each checked against the chapter's own value."""
    own, short = {}, {}
    for cell in nbformat.read(source, as_version=4).cells:
        if "parameters" in cell.metadata.get("tags", []):
            short = cell.metadata.get("fast", {})
            for line in ast.parse(cell.source).body:
                own[line.targets[0].id] = ast.literal_eval(line.value)
    for name, value in given.items():
        if name not in own:
            known = ", ".join(own) or "none"
            raise BadParameter(f"There is no parameter {name} here; there is {known}.")
        kind = type(own[name])
        if type(value) is int and kind is float:
            continue
        if type(value) is not kind:
            raise BadParameter(
                f"{name} must be of type {kind.__name__}, such as {own[name]!r}, not {value!r}."
            )
    return (short if fast else {}) | given


def _failed_cell(path: Path) -> str | None:
    for cell in nbformat.read(path, as_version=4).cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return cell.id
    return None


def _children_peak_mb() -> int | None:
    """The most memory that a process started from here has held; None where nobody counts it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def report(paths: list[Path]) -> bool:
    """Write build/results.json from the chapters' records and print them as a table.

    Returns:
        whether all chapters are ok.
    """
    records = [_record(path) for path in sorted(paths)]
    results = {"environment": _environment(), "chapters": records}
    BUILD.mkdir(exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False)
    (BUILD / "results.json").write_text(text + "\n", "utf-8")

    print(f"\n{'chapter':40}{'seconds':>8}{'MB':>7}{'checks':>9}  data")
    for r in records:
        passed = sum(check["passed"] for check in r["checks"])
        checks = f"{passed}/{len(r['checks'])}"
        note = ", ".join(f"{name} {source}" for name, source in r["data"].items())
        if r["error"]:
            note = f"FAILED in cell {r['error']['cell']}: {r['error']['message']:.60}"
        numbers = f"{r['seconds']:8.1f}{r['peak_mb'] or '':>7}{checks:>9}"
        print(f"{r['notebook']:40}{numbers}  {note}")
    failed = [r["notebook"] for r in records if r["error"]]
    count = (
        f"{len(failed)} of {len(records)} failed"
        if failed
        else f"all {len(records)} ok"
    )
    print(f"\n{count}; {BUILD}/results.json has the details")
    return not failed


def _record(path: Path) -> dict[str, object]:
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    name = path.relative_to(BUILD / "records").with_suffix("").as_posix()
    error = {"cell": None, "message": "it was stopped before it ended"}
    numbers = {"seconds": 0.0, "peak_mb": None, "checks": [], "timings": {}, "data": {}}
    return {"notebook": name, "status": "failed", "error": error, **numbers}


def _environment() -> dict[str, object]:
    from utils.stopwatch import environment  # not above: it loads TensorFlow

    return environment()


def store(source: Path) -> None:
    """Put the outputs of the last run of a chapter into the chapter itself."""
    name = _name(source)
    record = json.loads((BUILD / "records" / f"{name}.json").read_text("utf-8"))
    executed = nbformat.read(BUILD / "notebooks" / f"{name}.ipynb", as_version=4)
    chapter = nbformat.read(source, as_version=4)
    if record["error"] or [c.id for c in chapter.cells] != [
        c.id for c in executed.cells
    ]:
        sys.exit(f"{name} is not stored: its last run failed or had other parameters.")
    for cell, ran in zip(chapter.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    text = nbformat.writes(chapter) + "\n"
    if source.read_text("utf-8") != text:
        source.write_text(text, "utf-8")
        print(f"stored  {name}")


def _value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.chapters")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "report", "store"):
        command = commands.add_parser(name)
        command.add_argument("paths", nargs="+", type=Path)
        if name == "run":
            pair = {"nargs": 2, "action": "append", "metavar": ("NAME", "VALUE")}
            command.add_argument("-p", **pair, default=[])
            command.add_argument("--fast", action="store_true")
    args = parser.parse_args()

    ok = True
    if args.command == "run":
        given = {name: _value(text) for name, text in args.p}
        for path in args.paths:
            ok &= run(path, given, args.fast)
    elif args.command == "report":
        ok = report(args.paths)
    else:
        for path in args.paths:
            store(path)
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
