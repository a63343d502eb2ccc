import json
import math

from utils.checks import CheckFailed, check, check_difference, record, timed

import numpy as np
import pytest

SEEDS = [0.950, 0.951, 0.949, 0.950, 0.952]  # a standard deviation of 0.00114


@pytest.mark.parametrize(
    ("bounds", "good", "bad"),
    [
        ({"at_least": 0.9}, 0.9, 0.89),
        ({"at_most": 0.9}, np.float32(0.9), 0.91),
        ({"near": 1.4, "within": 0.01}, 1.395, 1.42),
        ({"equals": [3, 7]}, [3, 7], [3, 8]),
        ({"at_least": {"real": 0.9, "stand-in": 0.5}, "source": "stand-in"}, 0.6, 0.4),
    ],
)
def test_a_bound_holds_or_stops_the_chapter(bounds, good, bad):
    check("it", good, **bounds)
    with pytest.raises(CheckFailed, match="it is .* but this chapter promises"):
        check("it", bad, **bounds)


@pytest.mark.parametrize(
    "bounds",
    [
        {"at_least": 0},
        {"at_most": 0},
        {"near": 0, "within": 1},
        {"equals": math.nan},
        {"at_least": 0, "luck": SEEDS},
    ],
)
@pytest.mark.parametrize("nan", [math.nan, np.float32("nan"), np.nan])
def test_nan_never_passes(bounds, nan):
    with pytest.raises(CheckFailed):
        check("it", nan, **bounds)


def test_nan_in_a_list_does_not_pass_either():
    with pytest.raises(CheckFailed):
        check("it", [1, math.nan], equals=[1, math.nan])


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        ({}, "exactly one bound of at_least, at_most, near, equals, not none"),
        ({"at_least": 1, "at_most": 2}, "not at_least and at_most"),
        ({"near": 5, "within": 1, "equals": 5}, "not near and equals"),
        ({"near": 5}, "near and within go together"),
        ({"at_least": 5, "within": 1}, "near and within go together"),
        ({"within": 1}, "exactly one bound"),
        ({"near": 5, "within": math.inf}, "must be finite"),
        ({"at_least": -math.inf}, "must be finite"),
        ({"at_most": math.nan}, "must be finite"),
        ({"at_most": 5, "luck": SEEDS}, "luck goes with at_least"),
        ({"at_least": 5, "luck": 0.004}, "luck is measured, not chosen"),
        ({"at_least": 5, "luck": [0.95, 0.96]}, "three or more other seeds"),
        ({"at_least": 5, "luck": [0.95, 0.96, math.nan]}, "three or more other"),
        ({"at_least": {"real": 5}, "source": "x"}, "no bound for the source 'x'"),
    ],
)
def test_a_check_has_exactly_one_bound_that_can_fail(bounds, sentence):
    with pytest.raises(ValueError, match=sentence):
        check("it", 5, **bounds)


def test_moving_numbers_and_bounds_are_marked_and_exact_ones_are_not(capsys):
    check("accuracy", 0.91234, at_least=0.9)
    check("accuracy", 0.91234, at_least={"real": 0.9}, source="real")
    check("slope", 1.41, near=1.4, within=0.02)
    check("cost", 0.525, equals=0.525)
    assert capsys.readouterr().out.splitlines() == [
        "✓ accuracy: ~0.9123 (at least 0.9)",
        "✓ accuracy: ~0.9123 (at least ~0.9)",
        "✓ slope: ~1.41 (within 0.02 of 1.4)",
        "✓ cost: 0.525 (exactly 0.525)",
    ]


def test_a_training_may_have_bad_luck_as_far_as_other_seeds_spread(capsys):
    bounds = {"at_least": 0.95, "luck": np.array(SEEDS)}
    check("accuracy", 0.95, **bounds)
    check("accuracy", 0.948, **bounds)
    good, unlucky = capsys.readouterr().out.splitlines()
    assert good == "✓ accuracy: ~0.95 (at least 0.95)"
    assert unlucky == (
        "≈ accuracy: ~0.948 (at least 0.95; by chance it may be ~0.0023 less)"
    )
    with pytest.raises(CheckFailed):
        check("accuracy", 0.9475, **bounds)


def test_a_busy_machine_may_miss_a_comparison_of_times(tmp_path, monkeypatch, capsys):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    check("a / b", 1.9, at_least=1.2, clock=True)
    check("a / b", 0.9, at_least=1.2, clock=True)
    good, late = capsys.readouterr().out.splitlines()
    assert good == "✓ a / b: ~1.9 (at least 1.2)"
    assert late == (
        "≈ a / b: ~0.9 (at least 1.2; missed here: is the machine busy? Run the cell again.)"
    )
    kept, missed = map(json.loads, path.read_text().splitlines())
    assert (kept["passed"], missed["passed"], missed["clock"]) == (True, False, True)
    with pytest.raises(CheckFailed):
        check("a / b", math.nan, at_least=1.2, clock=True)
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(CheckFailed):
        check("a / b", 0.9, at_least=1.2, clock=True)


def test_the_short_run_has_a_bound_of_its_own(monkeypatch):
    bounds = {"at_least": {"real": 0.9, "fast": 0.5}, "source": "real"}
    with pytest.raises(CheckFailed):
        check("accuracy", 0.6, **bounds)
    monkeypatch.setenv("COURSE_FAST", "1")
    check("accuracy", 0.6, **bounds)


def test_a_difference_is_printed_with_its_error(capsys):
    relu, sigmoid = [0.91, 0.93, 0.95], np.array([0.80, 0.81, 0.82])
    check_difference("ReLU better", relu, sigmoid, at_least=0.05)
    check_difference("sigmoid worse", sigmoid, relu, at_most={"r": -0.1}, source="r")
    assert capsys.readouterr().out.splitlines() == [
        "✓ ReLU better: ~0.12 +- ~0.0058 in 3 pairs "
        "(at least 0.05, and two standard errors from 0)",
        "✓ sigmoid worse: ~-0.12 +- ~0.0058 in 3 pairs "
        "(at most ~-0.1, and two standard errors from 0)",
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "bound"),
    [
        ([0.6, 0.7, 0.8], [0.5, 0.6, 0.7], {"at_least": 0.2}),  # too small
        ([0.9, 0.3], [0.5, 0.6], {"at_least": 0.01}),  # may be chance
        ([0.2, 0.0], [0.0, 0.0], {"at_least": 0.0}),  # exactly one standard error
        ([0.5, 0.5], [0.6, 0.6], {"at_least": 0.0}),  # the other way round
        ([0.6, 0.6], [0.5, 0.5], {"at_most": 0.0}),
        ([0.5, 0.5], [0.5, 0.5], {"at_least": 0.0}),  # no difference at all
        ([math.nan, 0.6], [0.5, 0.5], {"at_least": 0.0}),
        ([math.inf, 0.6], [0.5, 0.5], {"at_least": 0.0}),
    ],
)
def test_a_difference_that_is_small_or_may_be_chance_stops_the_chapter(
    ours, theirs, bound
):
    with pytest.raises(CheckFailed, match=r"in \d pairs, but this chapter promises"):
        check_difference("it", ours, theirs, **bound)


def test_a_difference_may_be_the_same_in_every_pair(capsys):
    check_difference("it", [3, 4], [1, 2], at_least=2)
    assert capsys.readouterr().out.startswith("✓ it: ~2 +- ~0 in 2 pairs")


@pytest.mark.parametrize(
    ("ours", "theirs", "bound", "sentence"),
    [
        ([1], [2], {"at_most": 0}, "two or more, not 1 and 1"),
        ([1, 2, 3], [2, 3], {"at_most": 0}, "not 3 and 2"),
        ([1, 2], [2, 3], {}, "exactly one bound of at_least, at_most"),
        ([1, 2], [2, 3], {"at_least": 0, "at_most": 0}, "exactly one bound"),
        ([1, 2], [2, 3], {"at_least": -5}, "one side of zero"),
        ([1, 2], [2, 3], {"at_most": 5}, "one side of zero"),
        ([1, 2], [2, 3], {"at_most": {"real": 0}}, "no bound for the source None"),
    ],
)
def test_a_difference_needs_pairs_and_one_bound(ours, theirs, bound, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_difference("it", ours, theirs, **bound)


def test_checks_and_times_are_recorded_also_when_they_fail(tmp_path, monkeypatch):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    check("good", np.float64(1), at_least=0, source="real")
    with pytest.raises(CheckFailed):
        check("bad", math.nan, at_least=0)
    with timed("training") as timer:
        pass
    record(data="MNIST", source="real")
    good, bad, timing, data = map(json.loads, path.read_text().splitlines())
    assert good == {
        "name": "good",
        "value": 1.0,
        "bound": ">= 0",
        "source": "real",
        "passed": True,
    }
    assert (bad["value"], bad["passed"]) == ("nan", False)
    assert timing == {"timing": "training", "seconds": round(timer.seconds, 4)}
    assert data == {"data": "MNIST", "source": "real"}


def test_the_record_says_what_a_difference_and_luck_rest_on(tmp_path, monkeypatch):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    check_difference("d", [3, 5], [1, 1], at_least={"real": 2}, source="real")
    with pytest.raises(CheckFailed):
        check_difference("d", [1, 1], [3, 5], at_least=2)
    check("l", 0.949, at_least=0.95, luck=SEEDS)
    kept, broken, lucky = map(json.loads, path.read_text().splitlines())
    assert kept == {
        "name": "d",
        "value": 3.0,
        "bound": ">= 2",
        "source": "real",
        "passed": True,
        "stderr": 1.0,
        "pairs": 2,
    }
    assert (broken["value"], broken["passed"]) == (-3.0, False)
    assert lucky["passed"] is False
    assert lucky["luck"] == pytest.approx(0.00228, abs=1e-5)
