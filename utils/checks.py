"""Claims that a chapter makes, checked while it runs, and the times that it takes.

A printed number that depends on the machine or on the data begins with `~`; the tests treat
all such numbers as equal (see tests/sanitize.cfg) and compare everything else to the letter.
Where the environment variable COURSE_RESULTS names a file, each check, each time and each data
source is also added to that file as one line of JSON.
"""

import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

Bound = float | Mapping[str, float]


class CheckFailed(AssertionError):
    """A number in this chapter is not what its text says."""


def check(
    name: str,
    value: float,
    *,
    at_least: Bound | None = None,
    at_most: Bound | None = None,
    near: Bound | None = None,
    within: float = 0.0,
    equals: object = None,
    source: str | None = None,
    luck: float = 0.0,
) -> None:
    """Print one line that says whether `value` keeps its promise; stop the chapter if it does not.

    Args:
        name: what is measured, in a reader's words.
        value: the measured number; for `equals`, any value that can be compared.
        at_least, at_most: the bounds that the value must keep.
        near, within: the value must lie no further than `within` from `near`.
        equals: the value must be exactly this.
        source: where the data came from, "real" or "stand-in" (the data set's `.source`).
            A bound may be a dict with one number for each source, and a number under "fast"
            for the short run (COURSE_FAST=1).
        luck: how far below `at_least` a training may end by chance. Another processor rounds
            differently, and after some thousand steps that is like another random start. The
            line then has another mark, and the chapter goes on.

    Raises:
        CheckFailed: the value does not keep its bound.
        ValueError: no bound is given, or there is none for this source.
    """
    at_least, at_most, near = (
        _choose(name, b, source) for b in (at_least, at_most, near)
    )
    shown = f"~{_text(value)}"
    if at_least is not None:
        passed, bound, says = (
            value >= at_least,
            f">= {at_least:g}",
            f"at least ~{at_least:g}",
        )
    elif at_most is not None:
        passed, bound, says = (
            value <= at_most,
            f"<= {at_most:g}",
            f"at most ~{at_most:g}",
        )
    elif near is not None:
        passed = abs(value - near) <= within
        bound, says = f"{near:g} +- {within:g}", f"within {within:g} of {near:g}"
    elif equals is not None:
        passed, bound, says = bool(value == equals), f"== {equals}", f"exactly {equals}"
        shown = _text(value)
    else:
        raise ValueError(
            f'check("{name}") needs a bound: at_least, at_most, near or equals.'
        )

    passed = bool(passed)
    record(name=name, value=_plain(value), bound=bound, source=source, passed=passed)
    unlucky = not passed and at_least is not None and value >= at_least - luck
    if unlucky:
        says += f"; by chance it may be ~{luck:g} less"
    elif not passed:
        data = f" on {source} data" if source else ""
        raise CheckFailed(
            f"{name} is {_text(value)}, but this chapter promises {says.replace('~', '')}{data}. "
            "If you changed a number above, that may be why; with the chapter as it came, "
            "this is a bug."
        )
    print(f"{'≈' if unlucky else '✓'} {name}: {shown} ({says})")


def _choose(name: str, bound: Bound | None, source: str | None) -> float | None:
    if not isinstance(bound, Mapping):
        return bound
    if os.environ.get("COURSE_FAST") == "1" and "fast" in bound:
        return bound["fast"]
    if source not in bound:
        raise ValueError(
            f'check("{name}") has no bound for the source {source!r}: {dict(bound)}.'
        )
    return bound[source]


def _text(value: object) -> str:
    value = _plain(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(value: object) -> object:
    """`value` as JSON can hold it: numbers as Python's own, what is not finite as text."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


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
