"""A quiet TensorFlow and reproducible runs. Import this module before TensorFlow."""

import os
import sys
from contextlib import contextmanager


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
    try:
        from IPython import get_ipython

        return bool(get_ipython().kernel._allow_stdin)
    except (ImportError, AttributeError):
        return sys.stderr.isatty()
