"""What machine is this: versions, processor, memory, GPU. Introduced in chapter 1."""

import importlib.metadata
import os
import platform
import re
from pathlib import Path

from utils.runtime import tf

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
