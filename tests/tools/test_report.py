"""How loose a check is: the count that `make run` prints."""

from tools.report import slack

import pytest


@pytest.mark.parametrize(
    ("value", "bound", "share"),
    [
        (100, ">= 75", 0.25),
        (2.0, "<= 3", 0.5),
        (-2.0, "<= -1", 0.5),
        (0.9, ">= 0.85", 0.5),  # of the errors, which are 0.1
        (0.999, ">= 0.99", 0.45),  # of 0.02 at the least
        (0.4, ">= 0.3", 0.25),  # no accuracy
        (1e-8, "<= 1e-05", 0.0),  # a difference that should be nothing
        (1.41, "1.4 +- 0.1", 0.0),
        (True, "== True", 0.0),
        ("nan", ">= 0", 0.0),
    ],
)
def test_slack_is_a_share_of_the_value_or_of_the_errors(value, bound, share):
    assert slack({"value": value, "bound": bound}) == pytest.approx(share)
