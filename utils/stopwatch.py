"""What machine is this, and how long does this take here. Introduced in chapters 1 and 2."""

import importlib.metadata
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


def median_seconds(call: Callable[[], object], repeats: int = 10) -> float:
    """The median of `time_call`."""
    return statistics.median(time_call(call, repeats=repeats))


def quickest(
    calls: Mapping[str, Callable[[], object]], repeats: int = 50
) -> dict[str, float]:
    """The least seconds that each of these calls takes, by name.

    They are timed in turns, call by call: to compare them, take these numbers, which a machine
    that is busy with something else for a while changes least.
    """
    found = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            found[name] += time_call(call, repeats=1)
    return {name: min(seconds) for name, seconds in found.items()}


def peak_flops(size: int = 2048, repeats: int = 5) -> float:
    """The best rate of a square float32 matrix product, in operations a second.

    A product of two size x size matrices is counted as 2 * size**3 operations. It runs where
    TensorFlow puts it, or on the device of the `tf.device` block around it.
    """
    a = tf.random.stateless_uniform((size, size), (0, 0))
    return 2 * size**3 / min(time_call(lambda: tf.matmul(a, a), repeats=repeats))
