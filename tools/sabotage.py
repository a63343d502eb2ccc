"""Break a chapter's claims on purpose and demand that its checks notice: `make sabotage`.

A chapter names small edits in its notebook's metadata, each with the cell whose check must fail:

    "sabotage": [{"cell": "freeze", "old": "trainable = False", "new": "trainable = True",
                  "caught_by": "frozen-check"}]

    python -m tools.sabotage run notebooks/05_linear_regression.ipynb
    python -m tools.sabotage report notebooks/05_linear_regression.ipynb

The edited copies and their outputs lie in build/sabotage/; nothing in notebooks/ is touched.
"""

import argparse
import copy
import json
import os
import sys
from pathlib import Path
from unittest.mock import patch

from tools.execution import BUILD, LIMIT, execute, name_of

import nbformat

PLACE = BUILD / "sabotage"
KEYS = {"cell", "old", "new", "caught_by"}
UNTOUCHED = "the chapter as it is"


class BadSabotage(ValueError):
    """An edit that cannot be made, or names no cell that could notice it."""


def edits(source: Path) -> list[dict[str, str]]:
    """The sabotages that a notebook names, in their order; none if it names none."""
    notebook = nbformat.read(source, as_version=4)
    return list(notebook.metadata.get("sabotage", []))


def apply(
    notebook: nbformat.NotebookNode, edit: dict[str, str]
) -> nbformat.NotebookNode:
    """A copy of the notebook with this edit made.

    Raises:
        BadSabotage: the edit is not of the right form, or does not apply exactly once.
    """
    if set(edit) != KEYS or not all(isinstance(text, str) for text in edit.values()):
        raise BadSabotage(f"it needs the texts {', '.join(sorted(KEYS))}, no more")
    notebook = copy.deepcopy(notebook)
    cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    for name in (edit["cell"], edit["caught_by"]):
        if name not in cells:
            raise BadSabotage(f"there is no code cell {name}")
    if "check" not in cells[edit["caught_by"]].source:
        raise BadSabotage(f"there is no check in the cell {edit['caught_by']}")
    cell = cells[edit["cell"]]
    if not edit["old"] or edit["old"] == edit["new"]:
        raise BadSabotage("it changes nothing")
    if (count := cell.source.count(edit["old"])) != 1:
        times = f"{count} times" if count else "not"
        raise BadSabotage(f"its old text is {times} in the cell {edit['cell']}")
    cell.source = cell.source.replace(edit["old"], edit["new"])
    return notebook


def run(source: Path, fast: bool, limit: float = LIMIT) -> bool:
    """Run a chapter as it is and then once with each of its sabotages; write down what came.

    Returns:
        whether the chapter itself ran well and each sabotage was noticed where it says.
    """
    name = name_of(source)
    record = PLACE / f"{name}.json"
    record.unlink(missing_ok=True)
    named = edits(source)
    notebook = nbformat.read(source, as_version=4)
    cases = []
    if named:
        error = _execute(notebook, f"{name}-0", fast, limit)
        result = "runs"
        if error:
            result = f"FAILED in the cell {error['cell']}: {error['message']}"
        cases.append(_case(name, UNTOUCHED, result))
    for number, edit in enumerate(named, start=1):
        what = f"{edit.get('cell')}: {edit.get('old')} -> {edit.get('new')}"
        if cases[0]["result"] != "runs":
            result = "NOT TRIED, since the chapter fails as it is"
        else:
            result = _sabotage(notebook, edit, f"{name}-{number}", fast, limit)
        cases.append(_case(name, what, result))
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(cases, ensure_ascii=False), "utf-8")
    return all(case["ok"] for case in cases)


def _case(name: str, what: str, result: str) -> dict[str, object]:
    ok = result == "runs" or result.startswith("caught")
    what = " ".join(what.split())
    print(f"{'ok' if ok else 'failed':>6}  {name}  {what}", flush=True)
    return {"what": what, "result": result, "ok": ok}


def _sabotage(
    notebook: nbformat.NotebookNode,
    edit: dict[str, str],
    name: str,
    fast: bool,
    limit: float,
) -> str:
    try:
        broken = apply(notebook, edit)
    except BadSabotage as problem:
        return f"CANNOT BE MADE: {problem}"
    error = _execute(broken, name, fast, limit)
    if error is None:
        return f"NOT NOTICED: it ran to its end, past {edit['caught_by']}"
    if error["cell"] != edit["caught_by"]:
        return f"STOPPED ELSEWHERE, in the cell {error['cell']}: {error['message']}"
    if not error["message"].startswith("CheckFailed: "):
        return f"NO CHECK FAILED in the cell {error['cell']}: {error['message']}"
    return f"caught by {edit['caught_by']}"


def _execute(
    notebook: nbformat.NotebookNode, name: str, fast: bool, limit: float
) -> dict[str, str | None] | None:
    """Run this version of a chapter in build/sabotage/; what went wrong, and in which cell."""
    place = PLACE / f"{name}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, place)
    names = {"COURSE_FAST": "1" if fast else "0", "COURSE_STRICT": "1"}
    with patch.dict(os.environ, names, COURSE_RESULTS=""):
        return execute(place, place, {}, fast, limit, None)


def report(sources: list[Path]) -> bool:
    """Print what came of the sabotages of these chapters as a table.

    Returns:
        whether there was at least one, and each was noticed where its chapter says.
    """
    good = count = 0
    silent, broken = [], []
    for name in map(name_of, sources):
        try:
            cases = json.loads((PLACE / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            broken.append(name)
            continue
        if not cases:
            silent.append(name)
            continue
        print(f"\n{name}")
        for case in cases:
            result = " ".join(case["result"].split())
            print(f"  {case['what']:70.70}  {result:.150}")
            counts = case["what"] != UNTOUCHED
            count, good = count + counts, good + (counts and case["ok"])
    print(f"\n{good} of {count} sabotages caught; {PLACE}/ has the notebooks")
    if broken:
        print(f"did not run to their end: {', '.join(broken)}; see {PLACE}/log")
    if chapters := [name for name in silent if "/" not in name]:
        print(f"{len(chapters)} chapters name none: {', '.join(chapters)}")
    return 0 < count == good and not broken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.sabotage")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run")
    command.add_argument("path", type=Path)
    command.add_argument("--fast", action="store_true")
    command.add_argument("--limit", type=float, default=LIMIT)
    commands.add_parser("report").add_argument("paths", nargs="+", type=Path)
    args = parser.parse_args()
    if args.command == "run":
        sys.exit(not run(args.path, args.fast, args.limit))
    sys.exit(not report(args.paths))


if __name__ == "__main__":
    main()
