import json
import math

from utils.checks import CheckFailed, check, record, timed

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("bounds", "good", "bad"),
    [
        ({"at_least": 0.9}, 0.9, 0.89),
        ({"at_most": 0.9}, np.float32(0.9), 0.91),
        ({"near": 1.4, "within": 0.01}, 1.395, 1.42),
        ({"equals": [3, 7]}, [3, 7], [3, 8]),
        ({"at_least": {"real": 0.9, "stand-in": 0.5}, "source": "stand-in"}, 0.6, 0.4),
        ({"at_least": 0}, 1.0, math.nan),
    ],
)
def test_a_bound_holds_or_stops_the_chapter(bounds, good, bad):
    check("it", good, **bounds)
    with pytest.raises(CheckFailed, match="it is .* but this chapter promises"):
        check("it", bad, **bounds)


def test_moving_numbers_are_marked_and_exact_ones_are_not(capsys):
    check("accuracy", 0.91234, at_least=0.9)
    check("cost", 0.525, equals=0.525)
    moving, exact = capsys.readouterr().out.splitlines()
    assert moving == "✓ accuracy: ~0.9123 (at least ~0.9)"
    assert exact == "✓ cost: 0.525 (exactly 0.525)"


def test_a_training_may_have_bad_luck_but_not_too_much(capsys):
    bounds = {"at_least": 0.95, "luck": 0.01}
    check("accuracy", 0.95, **bounds)
    check("accuracy", 0.945, **bounds)
    good, unlucky = capsys.readouterr().out.splitlines()
    assert good == "✓ accuracy: ~0.95 (at least ~0.95)"
    assert unlucky == (
        "≈ accuracy: ~0.945 (at least ~0.95; by chance it may be ~0.01 less)"
    )
    for value in (0.939, math.nan):
        with pytest.raises(CheckFailed):
            check("accuracy", value, **bounds)


def test_the_short_run_has_a_bound_of_its_own(monkeypatch):
    bounds = {"at_least": {"real": 0.9, "fast": 0.5}, "source": "real"}
    with pytest.raises(CheckFailed):
        check("accuracy", 0.6, **bounds)
    monkeypatch.setenv("COURSE_FAST", "1")
    check("accuracy", 0.6, **bounds)


def test_missing_bounds_are_named():
    with pytest.raises(ValueError, match="needs a bound"):
        check("accuracy", 0.9)
    with pytest.raises(ValueError, match="no bound for the source 'stand-in'"):
        check("accuracy", 0.9, at_least={"real": 0.9}, source="stand-in")


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
