"""What a chapter leaves for the report: its checks, its times, its data sources.

Where the environment variable COURSE_RESULTS names a file, each of them is added to that file as
one line of JSON.
"""

import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


def plain(value: object) -> object:
    """`value` as JSON can hold it: numbers as Python's own, what is not finite as text."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


def text_of(value: object) -> str:
    """`value` as a line shows it, a float with four digits."""
    value = plain(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class Timer:
    """The seconds that a `timed` block took."""

    seconds: float = math.nan


@contextmanager
def timed(name: str) -> Iterator[Timer]:
    """Print and record how many seconds the block takes: `with timed("training") as t: ...`."""
    timer = Timer()
    start = time.perf_counter()
    yield timer
    timer.seconds = time.perf_counter() - start
    record(timing=name, seconds=round(timer.seconds, 4))
    print(f"{name}: ~{timer.seconds:.2f} s")


def record(**line: object) -> None:
    """Add one line of JSON to the file that COURSE_RESULTS names; do nothing if it names none."""
    path = os.environ.get("COURSE_RESULTS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
