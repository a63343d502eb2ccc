"""What machine is this, and how long does this take here. Introduced in chapters 1 and 2."""

import importlib.metadata
import math
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from utils.session import tf

import psutil


def environment() -> dict[str, object]:
    """What the course runs on.

    Returns:
        the versions of "python", "tensorflow", "keras" and "numpy"; "cpu" (its name), "cores"
        (a number), "memory_gb"; "gpu" (its name), None if there is none.
    """
    versions = {
        name: importlib.metadata.version(name)
        for name in ("tensorflow", "keras", "numpy")
    }
    return {
        "python": platform.python_version(),
        **versions,
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": _gpu_name(),
    }


def _cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
        return re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)[1].strip()
    except (OSError, TypeError):  # not Linux, or a processor that has no such line
        return platform.processor() or platform.machine()


def _gpu_name() -> str | None:
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    return tf.config.experimental.get_device_details(gpus[0]).get(
        "device_name", "without a name"
    )


def synchronise() -> None:
    """Wait until every device has finished what it was given."""
    tf.test.experimental.sync_devices()


def time_call(
    call: Callable[[], object],
    *,
    repeats: int = 10,
    wait: Callable[[], object] = synchronise,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """The seconds that each of `repeats` calls takes, after one call to warm up.

    A device may return from a call before it has finished. So the clock is read only after
    `wait`, both before and after the call. Chapter 2 writes this out.

    Raises:
        ValueError: `repeats` is less than 1.
    """
    if repeats < 1:
        raise ValueError(
            f"The number of repeats is {repeats}: there must be at least 1."
        )
    call()
    seconds = []
    for _ in range(repeats):
        wait()
        start = clock()
        call()
        wait()
        seconds.append(clock() - start)
    return seconds


def median_seconds(
    call: Callable[[], object],
    *,
    least: int = 3,
    lasting: float = 0.1,
    wait: Callable[[], object] = synchronise,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median of `time_call`, for calls as long or as short as they may be.

    A call of a second is repeated `least` times; a short one more often, until `lasting`
    seconds have passed.
    """
    seconds = time_call(call, repeats=least, wait=wait, clock=clock)
    more = math.ceil(lasting / max(sum(seconds) / least, 1e-6)) - least
    if more > 0:
        seconds += time_call(call, repeats=more, wait=wait, clock=clock)
    return statistics.median(seconds)


def in_turns(
    calls: Mapping[str, Callable[[], object]],
    rounds: int = 10,
    *,
    wait: Callable[[], object] = synchronise,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """The seconds that each of these calls takes in each round, by name.

    In a round each is called twice, and the second time counts. So a machine that is busy with
    something else for a while slows all of them, and their ratios stay. Compare medians.

    Raises:
        ValueError: `rounds` is less than 1.
    """
    if rounds < 1:
        raise ValueError(f"The number of rounds is {rounds}: there must be at least 1.")
    found = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            found[name] += time_call(call, repeats=1, wait=wait, clock=clock)
    return found


def quickest(
    calls: Mapping[str, Callable[[], object]], repeats: int = 50
) -> dict[str, float]:
    """The least of the seconds that `in_turns` finds for each of these calls, by name: how long
    it takes when nothing else disturbs it.
    """
    return {name: min(seconds) for name, seconds in in_turns(calls, repeats).items()}


def peak_flops(size: int = 2048, repeats: int = 5) -> float:
    """The best rate of a square float32 matrix product, in operations a second.

    A product of two size x size matrices is counted as 2 * size**3 operations. It runs where
    TensorFlow puts it, or on the device of the `tf.device` block around it.
    """
    a = tf.random.stateless_uniform((size, size), (0, 0))
    return 2 * size**3 / min(time_call(lambda: tf.matmul(a, a), repeats=repeats))
