"""Claims that a chapter makes, checked while it runs.

A printed number that depends on the machine or on the data begins with `~`; the tests treat
all such numbers as equal (see tests/notebooks/sanitize.cfg) and compare everything else to the
letter.
"""

import math
import os
import statistics
from collections.abc import Mapping, Sequence

from utils.records import plain, record, text_of, timed

__all__ = ["CheckFailed", "check", "check_difference", "record", "timed"]

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
    within: float | None = None,
    equals: object = None,
    source: str | None = None,
    luck: Sequence[float] | None = None,
    clock: bool = False,
) -> None:
    """Print one line that says whether `value` keeps its promise; stop the chapter if it does not.

    Args:
        name: what is measured, in a reader's words.
        value: the measured number; for `equals`, any value that can be compared. A nan never
            keeps a promise.
        at_least, at_most: the bound that the value must keep.
        near, within: the value must lie no further than `within` from `near`.
        equals: the value must be exactly this.
        source: where the data came from, "real" or "stand-in" (the data set's `.source`), or
            whatever else the bound depends on, such as the device. A bound may be a dict with one
            number for each source, and one under "fast" for the short run (COURSE_FAST=1). Such a
            bound is printed with `~`.
        luck: what the same training gave from three or more other seeds, for example a column of
            `load_trials`. Another processor rounds differently, and after some thousand steps
            that is like another seed: a value may lie below `at_least` by two standard
            deviations of these. The line then has another mark, and the chapter goes on.
        clock: the value compares times, and a busy machine may miss the bound. The line then has
            another mark and the chapter goes on, but not in `make sabotage` (COURSE_STRICT=1).

    Raises:
        CheckFailed: the value does not keep its bound.
        ValueError: there is not exactly one bound, or none for this source, or no spread in `luck`.
    """
    bounds = {"at_least": at_least, "at_most": at_most, "near": near, "equals": equals}
    kind, bound = _only(name, bounds)
    if (kind == "near") != (within is not None):
        raise ValueError(f'check("{name}"): near and within go together.')
    if luck is not None and kind != "at_least":
        raise ValueError(f'check("{name}"): luck goes with at_least only.')

    if kind == "equals":
        passed = bool(value == bound) and not _has_nan(value)
        shown, says, recorded = text_of(value), f"exactly {bound}", f"== {bound}"
    else:
        limit, text = _limit(name, bound, source)
        passed, says, recorded = _compare(name, value, kind, limit, text, within)
        shown = f"~{text_of(value)}"
    excuse, extra = "", {"clock": True} if clock else {}
    if luck is not None:
        extra["luck"] = allowance = _allowance(name, luck)
        if value >= limit - allowance:
            excuse = f"; by chance it may be ~{allowance:.2g} less"
    if clock and os.environ.get("COURSE_STRICT") != "1" and math.isfinite(value):
        excuse = "; missed here: is the machine busy? Run the cell again."
    line = {"name": name, "value": plain(value), "bound": recorded, "source": source}
    record(**line, passed=passed, **extra)
    if not (passed or excuse):
        raise CheckFailed(_broken(name, text_of(value), says, source))
    print(
        f"{'✓' if passed else '≈'} {name}: {shown} ({says}{'' if passed else excuse})"
    )


def check_difference(
    name: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    at_least: Bound | None = None,
    at_most: Bound | None = None,
    source: str | None = None,
) -> None:
    """Check a sentence that compares: print the mean of `ours - theirs` over pairs, with its
    standard error; stop the chapter if it misses its bound or may be chance.

    The difference is kept when its mean keeps the bound and lies more than two standard errors
    from zero, on the side that the bound claims. The standard error is the standard deviation
    of the paired differences divided by the root of their number.

    Args:
        name: what is compared, in a reader's words, such as "ReLU better than sigmoid".
        ours, theirs: one result a seed (or a split), in the same order, so that each pair shares
            its seed.
        at_least: the mean difference is no smaller than this, which is 0 or more.
        at_most: the mean difference is no larger than this, which is 0 or less.
        source: as in `check`; a bound may be a dict as there.

    Raises:
        CheckFailed: the difference does not keep its bound, or may be chance.
        ValueError: fewer than two pairs, lists of unequal lengths, not exactly one bound, or a
            bound on the wrong side of zero.
    """
    kind, bound = _only(name, {"at_least": at_least, "at_most": at_most})
    limit, text = _limit(name, bound, source)
    side = 1 if kind == "at_least" else -1
    if side * limit < 0:
        raise ValueError(
            f'check_difference("{name}"): at_least is 0 or more and at_most 0 or less, not '
            f"{kind}={limit:g}; a difference is claimed on one side of zero."
        )
    pairs = len(ours)
    if pairs != len(theirs) or pairs < 2:
        raise ValueError(
            f'check_difference("{name}") needs the results of the same seeds on both sides, two '
            f"or more, not {pairs} and {len(theirs)}."
        )
    differences = [float(a) - float(b) for a, b in zip(ours, theirs, strict=True)]
    mean = sum(differences) / pairs
    squares = sum((d - mean) * (d - mean) for d in differences)
    stderr = math.sqrt(squares / (pairs - 1) / pairs)

    kept, says, recorded = _compare(name, mean, kind, limit, text, None)
    passed = kept and side * mean > 2 * stderr
    line = {"name": name, "value": plain(mean), "bound": recorded, "source": source}
    record(**line, passed=passed, stderr=plain(stderr), pairs=pairs)
    says += ", and two standard errors from 0"
    if not passed:
        shown = f"{text_of(mean)} +- {stderr:.2g} in {pairs} pairs"
        raise CheckFailed(_broken(name, shown, says, source))
    print(f"✓ {name}: ~{text_of(mean)} +- ~{stderr:.2g} in {pairs} pairs ({says})")


def _only(name: str, bounds: Mapping[str, object]) -> tuple[str, object]:
    """The one bound that is given, by its name."""
    given = {kind: bound for kind, bound in bounds.items() if bound is not None}
    if len(given) != 1:
        raise ValueError(
            f'The check "{name}" needs exactly one bound of {", ".join(bounds)}, '
            f"not {' and '.join(given) or 'none'}."
        )
    return given.popitem()


def _limit(name: str, bound: Bound, source: str | None) -> tuple[float, str]:
    """The number that `bound` is here, and as it is printed: with ~ if another may apply."""
    mark = ""
    if isinstance(bound, Mapping):
        mark = "~"
        if os.environ.get("COURSE_FAST") == "1" and "fast" in bound:
            bound = bound["fast"]
        elif source in bound:
            bound = bound[source]
        else:
            raise ValueError(
                f'The check "{name}" has no bound for the source {source!r}: {dict(bound)}.'
            )
    return _finite(name, bound), f"{mark}{bound:g}"


def _finite(name: str, bound: float) -> float:
    if not math.isfinite(bound):
        raise ValueError(f'The check "{name}": a bound must be finite, not {bound}.')
    return bound


def _compare(
    name: str, value: float, kind: str, limit: float, text: str, within: float | None
) -> tuple[bool, str, str]:
    """Whether `value` keeps the bound (nan never does), the bound in words, and for the record."""
    if kind == "at_least":
        return bool(value >= limit), f"at least {text}", f">= {limit:g}"
    if kind == "at_most":
        return bool(value <= limit), f"at most {text}", f"<= {limit:g}"
    passed = bool(abs(value - limit) <= _finite(name, within))
    return passed, f"within {within:g} of {text}", f"{limit:g} +- {within:g}"


def _allowance(name: str, luck: Sequence[float]) -> float:
    """Two standard deviations of the results of other seeds."""
    results = [] if isinstance(luck, (int, float)) else [float(value) for value in luck]
    if len(results) < 3 or not all(map(math.isfinite, results)):
        raise ValueError(
            f'check("{name}"): luck is measured, not chosen. Hand over what the same training '
            f"gave from three or more other seeds, not {luck}."
        )
    return 2 * statistics.stdev(results)


def _broken(name: str, shown: str, says: str, source: str | None) -> str:
    data = f" (source: {source})" if source else ""
    return (
        f"{name} is {shown}, but this chapter promises {says.replace('~', '')}{data}. "
        "If you changed a number above, that may be why; with the chapter as it came, "
        "this is a bug."
    )


def _has_nan(value: object) -> bool:
    """Whether there is a nan in `value`: a list is equal to itself even with one."""
    if isinstance(value, (list, tuple)):
        return any(_has_nan(one) for one in value)
    return isinstance(value, float) and math.isnan(value)
