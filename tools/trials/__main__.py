"""Make the tables of some trials: python -m tools.trials 09 11 (all of them without a number)."""

import argparse
import csv
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.trials import ROOT, NotHere

import matplotlib

SCRIPTS = Path(__file__).parent
TABLES = ROOT / "data" / "trials"


def choose(numbers: Sequence[str], scripts: Path = SCRIPTS) -> list[str]:
    """The trials of these chapters by name, all of them if there is no number.

    Raises:
        ValueError: a number that no trial has.
    """
    names = sorted(path.stem for path in scripts.glob("[0-9][0-9]_*.py"))
    known = sorted({name[:2] for name in names})
    unknown = [number for number in numbers if number not in known]
    if unknown:
        raise ValueError(
            f"There is no trial for chapter {', '.join(unknown)}; there is one for "
            f"{', '.join(known)}."
        )
    return [name for name in names if not numbers or name[:2] in numbers]


def environment() -> tuple[list[str], str]:
    """The versions and the machine of a trial that does not name its own."""
    from utils.stopwatch import environment  # not above: it loads TensorFlow

    e = environment()
    machine = f"{e['cores']} cores, {e['cpu']}" + (f", {e['gpu']}" if e["gpu"] else "")
    packages = ("python", "tensorflow", "keras", "numpy")
    return [f"{package} {e[package]}" for package in packages], machine


def heading(name: str, says: str, versions: Sequence[str], machine: str) -> list[str]:
    """What is measured, on what, and how to make the table again; a line each."""
    return [
        " ".join(says.split()),
        "versions: " + ", ".join(versions),
        f"machine: {machine}",
        f"made by: make trials ONLY={name[:2]} (tools/trials/{name}.py)",
    ]


def write(place: Path, lines: Sequence[str], rows: Sequence[dict]) -> None:
    """Write the table beside its place and rename it, so that a good one is never half lost."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in lines)
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    part.write_text(text.getvalue(), "utf-8")
    os.replace(part, place)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.trials")
    parser.add_argument("numbers", nargs="*", help='chapters, such as "09"')
    numbers = parser.parse_args().numbers
    matplotlib.use("agg")
    try:
        chosen = choose(numbers)
    except ValueError as problem:
        sys.exit(str(problem))
    for name in chosen:
        print(f"{name} ...", flush=True)
        trial = importlib.import_module(f"tools.trials.{name}")
        try:
            rows = trial.rows()
        except NotHere as lack:
            print(f"{name}: {lack} Its table stays as it is.", flush=True)
            continue
        where = getattr(trial, "environment", environment)()
        write(TABLES / f"{name}.csv", heading(name, trial.__doc__, *where), rows)
        print(f"{name}: {len(rows)} rows in data/trials/{name}.csv", flush=True)


if __name__ == "__main__":
    main()
