"""The stopwatch, tested with a device of known speed that works behind our back."""

from utils import stopwatch
from utils.stopwatch import (
    environment,
    in_turns,
    median_seconds,
    peak_flops,
    quickest,
    time_call,
)

import pytest


class SlowDevice:
    """Takes 1 ms to accept a call and 20 ms to do it; the first call takes a second more."""

    now = 0.0
    busy_until = 0.0
    calls = 0
    work = 0.020

    def call(self):
        self.now += 0.001
        work = self.work + (self.calls == 0)
        self.busy_until = max(self.now, self.busy_until) + work
        self.calls += 1

    def wait(self):
        self.now = max(self.now, self.busy_until)

    def clock(self):
        return self.now


def test_the_clock_waits_for_the_device_and_leaves_the_first_call_out():
    device = SlowDevice()
    seconds = time_call(device.call, repeats=5, wait=device.wait, clock=device.clock)
    assert seconds == pytest.approx([0.021] * 5)
    assert device.calls == 6


def test_without_waiting_a_device_looks_twenty_times_too_fast():
    device = SlowDevice()
    seconds = time_call(device.call, repeats=5, wait=lambda: None, clock=device.clock)
    assert seconds == pytest.approx([0.001] * 5)


def test_no_repeats_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        time_call(lambda: None, repeats=0)


@pytest.mark.parametrize(("work", "calls"), [(0.001, 102), (0.020, 8), (1.0, 5)])
def test_a_short_call_is_timed_more_often_than_a_long_one(work, calls):
    device = SlowDevice()
    device.work = work - 0.001
    how = {"wait": device.wait, "clock": device.clock}
    assert median_seconds(device.call, **how) == pytest.approx(work)
    assert device.calls == pytest.approx(calls, abs=1)


def test_the_median_does_not_heed_one_slow_call():
    device = SlowDevice()

    def call():
        device.call()
        device.busy_until += 5 * (device.calls == 3)

    how = {"least": 5, "lasting": 0, "wait": device.wait, "clock": device.clock}
    assert median_seconds(call, **how) == pytest.approx(0.021)


def test_calls_are_compared_in_turns():
    made = []
    calls = {"a": lambda: made.append("a"), "b": lambda: made.append("b")}
    seconds = quickest(calls, repeats=2)
    assert "".join(made) == "aabbaabb"  # each time once to warm up
    assert set(seconds) == {"a", "b"}


def test_a_busy_while_slows_all_that_are_timed_in_turns():
    device = SlowDevice()

    def twice():
        device.call()
        device.call()

    def get_busy(at):  # from that call on, all takes ten times as long
        device.work = 0.2 if device.calls >= at else 0.02
        return device.call()

    calls = {"once": lambda: get_busy(20), "twice": twice}
    how = {"wait": device.wait, "clock": device.clock}
    seconds = in_turns(calls, rounds=8, **how)
    ratios = [b / a for a, b in zip(seconds["once"], seconds["twice"], strict=True)]
    assert max(seconds["once"]) > 9 * min(seconds["once"])
    assert ratios == pytest.approx([2] * 8, rel=0.05)


def test_no_rounds_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        in_turns({"a": lambda: None}, rounds=0)


def test_a_matrix_product_has_a_rate():
    assert peak_flops(size=64, repeats=2) > 1e6


def test_the_environment_is_complete():
    facts = environment()
    assert facts["cores"] >= 1
    assert facts["memory_gb"] > 0.5
    assert facts["cpu"]
    assert stopwatch._gpu_name() == facts["gpu"]
