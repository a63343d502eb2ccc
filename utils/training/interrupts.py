"""An interrupt from the keyboard is kept until the training can stop in good order."""

import signal
import threading


class Interrupts:
    """While this lasts, an interrupt (SIGINT) is remembered; `check` then raises it.

    TensorFlow swallows an exception raised while it traces or compiles, and one raised in the
    middle of a step would leave the history behind the weights. A second interrupt is raised
    where it strikes, for what does not come to an end by itself.

    Python lets only the main thread handle signals: in other threads, and where interrupts are
    ignored or handled outside of Python, nothing changes.
    """

    def __init__(self):
        self.came = False
        self.again = False
        self._before = None

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._remember)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before:
            signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raise KeyboardInterrupt if an interrupt came."""
        if self.came:
            raise KeyboardInterrupt

    def _remember(self, *about: object) -> None:
        if self.came:
            self.again = True
            raise KeyboardInterrupt
        self.came = True
