"""The steps of a training run, of which `train` in `utils.training.loop` tells the story."""

import time

from utils.session import keras, someone_watches, tf
from utils.training.checkpoints import CheckpointFolder
from utils.training.compiled import Metrics, compiled_loop, compiled_scores, mean_scores
from utils.training.interrupts import Interrupts
from utils.training.layers import suits_xla
from utils.training.state import Batches, History, RunState

import numpy as np
from tqdm import tqdm

# One call of the compiled function lasts about this long: between two calls Python can show
# progress, react to an interrupt and look for a loss that is not a number.
CALL_SECONDS = 0.5
TABLE_STEPS = 2000


class Diverged(ArithmeticError):
    """The loss is not a number any more; `history` holds the finished epochs."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


class Run:
    """A training run on its way; the arguments are those of `train`."""

    folder = None

    def __init__(
        self,
        model: keras.Model,
        loss: keras.losses.Loss,
        optimizer: keras.optimizers.Optimizer,
        metrics: Metrics,
        validation_data: tuple[np.ndarray, np.ndarray] | None,
        batches: Batches,
        epochs: int,
        interrupts: Interrupts,
    ):
        optimizer.build(model.trainable_variables)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.metrics, self.validation_data = metrics, validation_data
        self.batches, self.epochs, self.interrupts = batches, epochs, interrupts
        self.total = batches.steps * epochs
        self.state = RunState(model.variables + optimizer.variables, 1 + len(metrics))

    def go_on_from(self, folder: CheckpointFolder, every: int) -> None:
        """Take up the newest checkpoint, if there is one, and write the next ones there."""
        self.folder, self.every = folder, every
        found = folder.load()
        if not found:
            return
        if found[0] > self.total:
            raise ValueError(
                f"The checkpoints in {folder.path} are of step {found[0]:,}, past the "
                f"{self.total:,} asked for: ask for more epochs, or name another folder."
            )
        self.state.restore(*found)
        self.batches.done = done = self.state.done
        what = "was finished at" if done == self.total else "goes on from"
        print(f"Training {what} step {done:,} of {self.total:,}.")

    def compile(self, x, y, jit_compile: bool | None) -> None:
        """Trace and compile the loop and the scores, and learn how long a step takes."""
        start = time.perf_counter()
        if jit_compile is None:
            jit_compile = suits_xla(self.model)
        self.x, self.y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
        rows = min(self.total, TABLE_STEPS)
        self.table = np.zeros((rows, self.batches.batch_size), np.int32)
        parts = (self.model, self.loss, self.optimizer, self.metrics, jit_compile)
        self.loop = compiled_loop(*parts, self.x, self.y, tf.constant(self.table))
        self.interrupts.check()
        self._try(1)  # compiles
        self._try(1)
        if self.step_seconds < 0.01:  # most of that may be the call, not the step
            self._try(min(20, rows))
        if self.validation_data is not None:
            parts = (self.model, self.loss, self.metrics)
            self.scores = compiled_scores(*parts, *self.validation_data)
            self.interrupts.check()
        self.state.history.compile_seconds = time.perf_counter() - start

    def _try(self, count: int) -> None:
        """Time a call; what it trains is taken back."""
        _, before = self._call(count)
        self.state.take_back(before)
        self.interrupts.check()

    def call_by_call(self) -> None:
        """Train to the end; between two calls, see to all that is not training."""
        history = self.state.history
        start = time.perf_counter() - history.seconds
        bar = tqdm(
            total=self.epochs,
            initial=len(history.epoch),
            unit=" epochs",
            delay=2,
            leave=False,
            disable=not someone_watches(),
        )
        try:
            while self.state.done < self.total:
                new = self._next_steps()
                for means in self.state.add(new, self.batches.steps):
                    self._end_epoch(means)
                    bar.update()
                if self._checkpoint_is_due():
                    history.seconds = time.perf_counter() - start
                    self.folder.save(self.state.done, self.state.arrays())
                self.interrupts.check()
        finally:
            bar.close()
            history.seconds = time.perf_counter() - start

    def _next_steps(self) -> np.ndarray:
        """The loss and the metrics of as many steps as one call should take."""
        done, steps = self.state.done, self.batches.steps
        count = min(len(self.table), self.total - done)
        count = min(count, 1 + int(CALL_SECONDS / self.step_seconds))
        if self.validation_data is not None:
            count = min(count, steps - done % steps)
        if self.folder:
            count = min(count, self.every - done % self.every)
        self.batches.fill(self.table[:count])
        values, before = self._call(count)
        if not np.isfinite(values[:, 0]).all():
            self._diverge(values, before)
        return values

    def _diverge(self, values: np.ndarray, before: list[tf.Tensor]) -> None:
        """Go back to the last weights with a finite loss, and raise Diverged."""
        good = int(np.argmin(np.isfinite(values[:, 0])))
        self.state.take_back(before)
        if good > 1:
            self._call(good - 1)
        steps = self.batches.steps
        epoch = 1 + (self.state.done + good) // steps
        for means in self.state.add(values[:good], steps):
            self._end_epoch(means)
        raise Diverged(
            f"The loss is not a number any more in epoch {epoch} of {self.epochs}: most often "
            "the learning rate is too large. The model keeps its last good weights.",
            self.state.history,
        )

    def _call(self, count: int) -> tuple[np.ndarray, list[tf.Tensor]]:
        """The values of `count` steps, and what the variables were before."""
        called = time.perf_counter()
        table, steps = tf.constant(self.table), tf.constant(count)
        values, before = self.loop(self.x, self.y, table, steps)
        values = values.numpy()[:count]
        self.step_seconds = (time.perf_counter() - called) / count
        return values, before

    def _checkpoint_is_due(self) -> bool:
        done = self.state.done
        return bool(self.folder) and (done % self.every == 0 or done == self.total)

    def _end_epoch(self, means: np.ndarray) -> None:
        names = ["loss", *self.metrics]
        scores = dict(zip(names, means, strict=True))
        if self.validation_data is not None:
            valid = mean_scores(
                self.scores, names, *self.validation_data, 1000, self.interrupts.check
            )
            scores |= {f"val_{name}": value for name, value in valid.items()}
        self.state.history.add(**scores)
