"""What came of a run: a table, build/results.json, outputs to store or to compare again."""

import json
import re
import sys
from pathlib import Path

from tools.execution import BUILD, name_of

import nbformat

LAST_FAILED = BUILD / "compared/v/cache/lastfailed"


def report(names: list[str], made: int = 0, build: Path = BUILD) -> bool:
    """Print the records of this run as a table and write them to BUILD/results.json.

    A chapter that did not run counts as ok only if make found that nothing it depends on has
    changed since its last success (then there is BUILD/seen/NAME and no new record).

    Args:
        names: all chapters that were to run.
        made: make's exit status.

    Returns:
        whether all chapters are ok, and make says so too.
    """
    records = [_record(name, build) for name in names]
    results = {"environment": _environment(), "chapters": records}
    text = json.dumps(results, indent=1, ensure_ascii=False)
    (build / "results.json").write_text(text + "\n", "utf-8")

    print(f"\n{'chapter':40}{'seconds':>8}{'MB':>7}{'checks':>9}  data")
    for record in records:
        print(_row(record))
    checks = [check for record in records for check in record["checks"]]
    loose = sum(slack(check) > 0.25 for check in checks)
    print(f"\n{len(checks)} checks, {loose} of them with a slack over a quarter")
    for record in records:
        for name in _late(record):
            print(f"missed by the clock (busy machine?): {record['notebook']}, {name}")

    failed = [record for record in records if record["status"] == "failed"]
    unchanged = sum(record["unchanged"] for record in records)
    count = f"{len(failed)} of {len(records)} failed"
    if not failed:
        count = f"all {len(records)} ok"
    if unchanged:
        count += f", {unchanged} unchanged since the last success"
    print(f"{count}; {build}/results.json has the details")
    if made and all(record["error"]["cell"] is None for record in failed):
        log = (build / "make.log").read_text("utf-8").splitlines()
        print("\n".join(line for line in log if line.startswith("make")))
    return not failed and not made


def _record(name: str, build: Path) -> dict[str, object]:
    """The record of this run; that of the last success if make found nothing new."""
    new, old = build / "records" / f"{name}.json", build / "done" / f"{name}.json"
    unchanged = not new.exists() and (build / "seen" / name).exists()
    try:
        text = (old if unchanged else new).read_text("utf-8")
        return json.loads(text) | {"unchanged": unchanged}
    except (OSError, ValueError):
        pass
    message = f"it did not run to its end; see {new.with_suffix('.log')}"
    numbers = {"seconds": 0.0, "peak_mb": None, "checks": [], "timings": {}, "data": {}}
    error = {"cell": None, "message": message}
    return {
        "notebook": name,
        "status": "failed",
        "error": error,
        **numbers,
        "unchanged": False,
    }


def _row(record: dict[str, object]) -> str:
    passed = sum(check["passed"] for check in record["checks"])
    checks = f"{passed}/{len(record['checks'])}"
    notes = [f"{name} {source}" for name, source in record["data"].items()]
    if record["unchanged"]:
        notes.insert(0, "ok (unchanged since its last success)")
    if error := record["error"]:
        message = " ".join(error["message"].split())
        where = f" in cell {error['cell']}" if error["cell"] else ""
        notes = [f"FAILED{where}: {message:.150}"]
    numbers = f"{record['seconds']:8.1f}{record['peak_mb'] or '':>7}{checks:>9}"
    return f"{record['notebook']:40}{numbers}  {', '.join(notes)}"


def _late(record: dict[str, object]) -> list[str]:
    """The comparisons of times that missed their bound without stopping the chapter."""
    missed = [check for check in record["checks"] if not check["passed"]]
    return [check["name"] for check in missed if check.get("clock")]


def slack(check: dict[str, object]) -> float:
    """How far a check's bound lies from its value, as a share of the value; 0 if it has no such.

    Where both lie between 0.5 and 1 (an accuracy), it is a share of the errors, 1 - value.
    """
    found = re.fullmatch(r"(?:>=|<=) (\S+)", check["bound"])
    value = check["value"]
    if not found or not isinstance(value, (int, float)):
        return 0.0
    bound = float(found[1])
    if abs(value) < 1e-3 and abs(bound) <= 1e-2:  # a difference that should be nothing
        return 0.0
    accuracy = 0.5 <= value <= 1 and 0.5 <= bound <= 1
    scale = max(1 - value, 0.02) if accuracy else max(abs(value), 1e-12)
    return abs(value - bound) / scale


def _environment() -> dict[str, object]:
    from utils.stopwatch import environment  # not above: it loads TensorFlow

    return environment()


def store(source: Path, build: Path = BUILD) -> None:
    """Put the outputs of the last run of a chapter into the chapter itself.

    Raises:
        SystemExit: that run failed, had other parameters or missed a comparison of times.
    """
    name = name_of(source)
    done = build / "done" / f"{name}.json"
    chapter = nbformat.read(source, as_version=4)
    cells = []
    if done.is_file():
        cells = nbformat.read(build / "notebooks" / f"{name}.ipynb", as_version=4).cells
    if [cell.id for cell in chapter.cells] != [cell.id for cell in cells]:
        sys.exit(f"{name} is not stored: its last run failed or had other parameters.")
    if late := _late(json.loads(done.read_text("utf-8"))):
        done.unlink()  # so that the next run tries again
        sys.exit(
            f"{name} is not stored: on a busy machine it missed {', '.join(late)}. "
            "Run it again when nothing else runs."
        )
    for cell, ran in zip(chapter.cells, cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    text = nbformat.writes(chapter) + "\n"
    if source.read_text("utf-8") != text:
        source.write_text(text, "utf-8")
        print(f"stored  {name}")
    done.touch()  # its outputs are no reason to run it again


def failed_to_compare() -> list[str]:
    """The notebooks in which a cell failed when their outputs were last compared.

    Raises:
        SystemExit: there is none.
    """
    failed = json.loads(LAST_FAILED.read_text("utf-8")) if LAST_FAILED.exists() else {}
    files = sorted({name.split("::")[0] for name in failed})
    notebooks = [
        name for name in files if name.endswith(".ipynb") and Path(name).exists()
    ]
    if not notebooks:
        sys.exit("No output differed when the outputs were last compared.")
    return notebooks
