"""What nbval takes for equal, by its own sanitiser and the course's rules."""

from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, get_sanitize_patterns

RULES = Path(__file__).with_name("sanitize.cfg").read_text("utf-8")


class Cell:
    """As much of nbval's cell as its sanitiser asks for."""

    class parent:
        sanitize_patterns = dict(get_sanitize_patterns(RULES))

    sanitize = IPyNbCell.sanitize


def equal(one: str, other: str) -> bool:
    return Cell().sanitize(one) == Cell().sanitize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("accuracy ~0.91", "accuracy ~-1.2e-05"),
        ("~3 s, ~7, then", "~12,345.6 s, ~7.25, then"),
        ("~1e+05 steps", "~0 steps"),
        ("<td>~0.91</td>", "<td>~12</td>"),
        ("~3.", "~0.5."),  # at the end of a sentence
        ("~3x faster", "~12.5x faster"),
        ("a ~9.5", "a  ~10.5"),  # a column moves
        ("✓ x: ~0.91 (at least ~0.9)", "✓ x: ~0.88 (at least ~0.8)"),
        ("✓ d: ~0.1 +- ~0.01 in 5 pairs", "✓ d: ~0.2 +- ~0.002 in 5 pairs"),
        (
            "✓ t: ~2 (at least 1.2)",
            "≈ t: ~1 (at least 1.2; missed here: is the machine busy? Run the cell again.)",
        ),
        ("from ~real", "from ~stand-in (COURSE_OFFLINE=1)"),
        ("from ~stand-in", "from ~stand-in (no download)"),
    ],
)
def test_numbers_and_sources_that_move_are_equal(one, other):
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("~0.91", "~nan"),
        ("~0.91", "~inf"),
        ("~inf", "~-inf"),
        ("~inf", "~nan"),
        ("~0.91", "0.91"),
        ("0.91", "0.92"),
        ("~real", "~0"),
        ("~real", "~nan"),
        ("~real", "real"),
        ("~real", "~realistic"),
        ("~stand-in", "~stand-ins"),
        ("~stand-in (no download) x", "~real y"),
        ("~3 s", "~3 ms"),
        ("~3s", "~3ms"),
        ("~MOVES", "~2x"),
        ("~2.21.0", "~2.20.0"),  # a version is not a number
        ("✓ x: ~0.91 (at least 0.9)", "✓ x: ~0.91 (at least 0.8)"),
        ("✓ x: ~0.91 (at least 0.9)", "✓ x: ~0.91 (at least ~0.9)"),
        ("✓ x: ~0.91 (at least 0.9)", "✓ x: ~0.91 (at most 0.9)"),
        ("✓ x: ~0.91 (at least 0.9)", "≈ x: ~0.91 (at least 0.9)"),
        (
            "✓ t: ~2 (at least 1.2)",
            "≈ t: ~1 (at least 1.3; missed here: is the machine busy? Run the cell again.)",
        ),
        ("✓ x: ~1 (within 0.1 of 1)", "✓ x: ~1 (within 0.2 of 1)"),
    ],
)
def test_nothing_else_is_equal(one, other):
    assert not equal(one, other)
