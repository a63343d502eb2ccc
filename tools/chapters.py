"""Run chapters, report on a run, store their outputs: the commands behind the Makefile.

    python -m tools.chapters plan --only "05 08"
    python -m tools.chapters run notebooks/05_linear_regression.ipynb -p STEPS 500
    python -m tools.chapters report 05_linear_regression

Only the maintainer's commands are here; no chapter imports this module.
"""

import argparse
import ast
import json
import os
import sys
from pathlib import Path

from tools.course_map import chosen
from tools.execution import BUILD, LIMIT, BadParameter, name_of, parameters, run
from tools.report import failed_to_compare, report, store
from utils import cache

import nbformat


def plan(
    only: str,
    given: dict[str, object],
    fast: bool,
    *,
    alone: bool = False,
    data: bool = False,
    build: Path = BUILD,
) -> list[str]:
    """Get make ready to run the chosen chapters; the arguments are those of `only` and `run`.

    Writes BUILD/depends.mk, what each notebook depends on, and BUILD/settings/NAME.json where a
    setting has changed; removes what an earlier run says about these chapters.

    Args:
        data: leave out the chapters that load no data set.

    Returns:
        the chapters' names, such as "solutions/05_linear_regression".

    Raises:
        SystemExit: there is nothing to run, or a chapter cannot be run like this.
    """
    sources = chosen(only)
    if missing := [str(path) for path in sources if not path.is_file()]:
        sys.exit(f"course.toml calls {', '.join(missing)} ready, but it is missing.")
    if data:
        sources = [path for path in sources if loads_data(code_of(path))]
    if not sources:
        sys.exit("None of these chapters loads a data set." if data else "No chapters.")
    for path in sources:
        try:
            parameters(path, given, fast)
        except BadParameter as problem:
            sys.exit(f"{name_of(path)} cannot run with these parameters. {problem}")

    settings = {
        "python": sys.prefix,
        "parameters": given,
        "fast": fast,
        "alone": alone,
        "data": os.environ.get("COURSE_DATA_DIR"),
        "offline": os.environ.get("COURSE_OFFLINE"),
    }
    names = [name_of(path) for path in sources]
    for name in names:
        _write_if_new(build / "settings" / f"{name}.json", json.dumps(settings))
        (build / "seen" / name).unlink(missing_ok=True)
        (build / "records" / f"{name}.json").unlink(missing_ok=True)
    rules = [
        f"{build}/done/{name}.json: {' '.join(depends(code_of(path)))}\n"
        for name, path in zip(names, sources, strict=True)
    ]
    _write_if_new(build / "depends.mk", "".join(rules))
    return names


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def code_of(notebook: Path) -> str:
    """The notebook's code, without the lines that are not Python."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return "\n".join(line for line in code.splitlines() if line[:1] not in ("%", "!"))


def depends(code: str) -> list[str]:
    """The files of the course that this code depends on: what it imports, and its tables."""
    files = {Path(os.path.relpath(path)) for path in cache.sources(code)}
    files |= set(Path("utils").rglob("*.mplstyle"))
    if any(path.parts[1] in ("data", "pictures") for path in files):
        tables = [*Path("data").rglob("*.csv"), *Path("data").rglob("*.h5")]
        files |= {path for path in tables if path.parts[1] != "cache"}
    return sorted(path.as_posix() for path in files)


def loads_data(code: str) -> bool:
    """Whether this code loads a data set or reads pictures; a table of trials is none."""
    files = {Path(os.path.relpath(path)) for path in cache.sources(code)}
    rooms = {path.stem for path in files if path.parts[:2] == ("utils", "data")}
    return bool(rooms - {"__init__", "trials"})


class Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong."""

    def error(self, message: str) -> None:
        hint = ""
        if "-p" in message or "unrecognized" in message:
            hint = '; parameters are given as PARAMS="-p STEPS 500 -p SEED 1"'
        self.exit(2, f"{message}{hint}\n")


def _value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = f"LIMIT is a number of seconds above 0, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def _parser() -> Parser:
    how = Parser(add_help=False, allow_abbrev=False)
    pair = {"nargs": 2, "action": "append", "metavar": ("NAME", "VALUE")}
    how.add_argument("-p", **pair, default=[])
    how.add_argument("--fast", action="store_true")
    how.add_argument("--alone", action="store_true")
    how.add_argument("--limit", type=_seconds, default=LIMIT)
    where = Parser(add_help=False)
    where.add_argument("--build", type=Path, default=BUILD)

    parser = Parser(prog="python -m tools.chapters")
    commands = parser.add_subparsers(dest="command", required=True)
    parents = {"parents": [how, where], "allow_abbrev": False}
    command = commands.add_parser("plan", **parents)
    command.add_argument("--only", default="")
    command.add_argument("--data", action="store_true")
    commands.add_parser("run", **parents).add_argument("path", type=Path)
    command = commands.add_parser("report", parents=[where])
    command.add_argument("--made", type=int, default=0)
    command.add_argument("names", nargs="+")
    command = commands.add_parser("store", parents=[where])
    command.add_argument("paths", nargs="+", type=Path)
    commands.add_parser("failed-to-compare")
    return parser


def main() -> None:
    args = _parser().parse_args()
    ok = True
    if args.command in ("plan", "run"):
        given = {name: _value(text) for name, text in args.p}
        how = {"alone": args.alone, "build": args.build}
    if args.command == "plan":
        print("\n".join(plan(args.only, given, args.fast, data=args.data, **how)))
    elif args.command == "run":
        ok = run(args.path, given, args.fast, limit=args.limit, **how)
    elif args.command == "report":
        ok = report(args.names, args.made, args.build)
    elif args.command == "store":
        for path in args.paths:
            store(path, args.build)
    else:
        print("\n".join(failed_to_compare()))
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
