"""A quiet TensorFlow and reproducible runs. Import this module before TensorFlow."""

import os
import re
import sys
import threading
from contextlib import contextmanager

# "I0000 00:00:1795541579.331764 8837 device_compiler.h:196] Compiled cluster using XLA! ..."
LOG_LINES = re.compile(
    rb"^(?:[IW]\d{4} [\d:.]+ +\d+ .*|WARNING: All log messages before absl::.*)\n?",
    re.M,
)


@contextmanager
def _silent_stderr():
    """Point file descriptor 2 at the null device: the C++ libraries write there, past Python."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


# While TensorFlow loads, it logs to descriptor 2 whatever its log level is, and Jupyter would
# forward those lines into the notebook.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _silent_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # the search for a GPU logs as well
tf.get_logger().setLevel("WARNING")  # not a line for each file it writes


def _drop_log_lines() -> None:
    """Take what C++ code logs out of descriptor 2, and let everything else through.

    Before TensorFlow 2.21 some of it heeds no log level. In a terminal it does no harm, but
    Jupyter forwards the descriptor into the notebook.
    """
    through = os.dup(2)
    end, start = os.pipe()
    os.dup2(start, 2)
    os.close(start)

    def forward() -> None:
        while text := os.read(end, 2**16):
            if text := LOG_LINES.sub(b"", text):
                os.write(through, text)

    threading.Thread(target=forward, daemon=True).start()


def _kernel() -> object | None:
    """The Jupyter kernel that this code runs in, or None."""
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None)


if _kernel():
    _drop_log_lines()


def set_seed(seed: int = 0) -> None:
    """Make the run reproducible: seed Python, NumPy and Keras, and let TensorFlow use
    deterministic operations only.

    Args:
        seed: a whole number from 0 to 2**32 - 1.

    Raises:
        ValueError: `seed` is not such a number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(
            f"The seed must be a whole number from 0 to 2**32 - 1, not {seed!r}."
        )
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def someone_watches() -> bool:
    """Whether a person sees the output as it comes: in JupyterLab, on Colab, in a terminal.

    Papermill and nbval take no keyboard input, so what moves, such as a progress bar, can be
    left out there and never gets into stored outputs.
    """
    if kernel := _kernel():
        return bool(getattr(kernel, "_allow_stdin", False))
    return sys.stderr.isatty()
