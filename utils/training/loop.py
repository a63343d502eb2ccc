"""The compiled training loop: whole runs of steps as one function. Chapter 8 writes it out."""

import contextlib
import os
import time
from collections.abc import Callable, Mapping

from utils.session import keras, someone_watches, tf
from utils.training.checkpoints import CheckpointFolder
from utils.training.inspect import inspect
from utils.training.layers import suits_xla
from utils.training.state import Batches, History, RunState, describe

import numpy as np
from tqdm import tqdm

Metrics = Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]

# One call of the compiled function lasts about this long: between two calls Python can show
# progress, react to an interrupt and look for a loss that is not a number.
CALL_SECONDS = 0.5
TABLE_STEPS = 2000


class Diverged(ArithmeticError):
    """The loss is not a number any more; `history` holds the finished epochs."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def train(
    model: keras.Model,
    loss: keras.losses.Loss,
    optimizer: keras.optimizers.Optimizer,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    seed: int = 0,
    metrics: Metrics | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    jit_compile: bool | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 1000,
) -> History:
    """Train `model` in place and return the history of its epochs.

    The steps run in one `tf.function` with a `tf.range` loop, many at a call. Epoch number e
    shuffles the examples with NumPy's generator of [seed, e] and cuts them into whole batches;
    what is left over waits for the next epoch. An interrupt from the keyboard ends the run
    early; the weights and the history so far are kept.

    Args:
        model: a built Keras model.
        loss: a Keras loss, such as `keras.losses.MeanSquaredError()`.
        optimizer: a Keras optimizer; its state goes on from where it is.
        x, y: examples and targets, the same number of each along the first axis.
        metrics: functions of (true, predicted) with one value for each example, by name; for
            instance {"accuracy": keras.metrics.sparse_categorical_accuracy}.
        validation_data: (x, y) to be evaluated after each epoch.
        jit_compile: compile with XLA or not. None chooses what chapter 13 measured to be fast:
            XLA, but not for convolutions.
        checkpoint: a folder. The run writes checkpoints there, and the same call, after whatever
            stopped it, goes on from the newest whole one as if nothing had happened: to the last
            bit the same weights, shuffling and history. With more epochs it goes on from the end.
            Chapter 20 is about it; the files are those of `utils.training.checkpoints`.
        checkpoint_every: the steps between two checkpoints. The end of the run writes one too.

    Raises:
        ValueError: the data do not fit together, hold a value that is not finite, or are fewer
            than one batch; the model has nothing to train; or the checkpoint folder is that of
            another run.
        RuntimeError: another process is training with the checkpoint folder.
        Diverged: the loss is no longer finite. The weights are those of the last good call.
    """
    metrics = dict(metrics or {})
    inspect(model, loss, x, y, batch_size, epochs, checkpoint_every)
    if jit_compile is None:
        jit_compile = suits_xla(model)
    optimizer.build(model.trainable_variables)
    steps = len(x) // batch_size
    total = steps * epochs
    batches = Batches(len(x), batch_size, seed)
    state = RunState(model.variables + optimizer.variables, 1 + len(metrics))
    with contextlib.ExitStack() as stack:
        folder = None
        if checkpoint is not None:
            about = describe(model, loss, optimizer, x, y, batches, metrics)
            folder = stack.enter_context(CheckpointFolder(checkpoint, about))
            if found := folder.load():
                if found[0] > total:
                    raise ValueError(
                        f"The checkpoints in {checkpoint} are of step {found[0]:,}, past the "
                        f"{total:,} asked for: ask for more epochs, or name another folder."
                    )
                state.restore(*found)
                batches.done = state.done
                what = "was finished at" if state.done == total else "goes on from"
                print(f"Training {what} step {state.done:,} of {total:,}.")
        history = state.history
        if state.done == total:
            return history

        start = time.perf_counter()
        x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
        table = np.zeros((min(total, TABLE_STEPS), batch_size), np.int32)
        run = _compiled_loop(model, loss, optimizer, metrics, jit_compile)
        run = run.get_concrete_function(x, y, tf.constant(table), tf.constant(0))
        good = state.copy()
        # compiles; its step is taken back
        run(x, y, tf.constant(table), tf.constant(1))
        state.take_back(good)
        if validation_data is not None:
            forward = _compiled_forward(model, validation_data[0])
        history.compile_seconds = time.perf_counter() - start

        speed = CALL_SECONDS / 20  # seconds a step: the first call takes 20 steps
        start = time.perf_counter() - history.seconds
        bar = tqdm(
            total=epochs,
            initial=len(history.epoch),
            unit=" epochs",
            delay=2,
            leave=False,
            disable=not someone_watches(),
        )
        try:
            while state.done < total:
                count = min(len(table), total - state.done)
                count = min(count, 1 + int(CALL_SECONDS / speed))
                if validation_data is not None:
                    count = min(count, steps - state.done % steps)
                if folder:
                    count = min(count, checkpoint_every - state.done % checkpoint_every)
                batches.fill(table[:count])
                good = state.copy()

                called = time.perf_counter()
                new = run(x, y, tf.constant(table), tf.constant(count)).numpy()[:count]
                speed = (time.perf_counter() - called) / count
                if not np.isfinite(new[:, 0]).all():
                    state.take_back(good)
                    bad = state.done + int(np.argmin(np.isfinite(new[:, 0])))
                    raise Diverged(
                        f"The loss is not a number any more in epoch {1 + bad // steps} of "
                        f"{epochs}: most often the learning rate is too large. The model keeps "
                        "its last good weights.",
                        history,
                    )
                for means in state.add(new, steps):
                    scores = dict(zip(["loss", *metrics], means, strict=True))
                    if validation_data is not None:
                        valid = _scores(forward, loss, *validation_data, metrics, 1000)
                        scores |= {f"val_{name}": v for name, v in valid.items()}
                    history.add(**scores)
                    bar.update()
                if folder and (
                    state.done % checkpoint_every == 0 or state.done == total
                ):
                    history.seconds = time.perf_counter() - start
                    folder.save(state.done, state.arrays())
        except KeyboardInterrupt:
            print(
                f"Stopped after {len(history.epoch)} of {epochs} epochs; the weights are kept."
            )
        finally:
            bar.close()
            history.seconds = time.perf_counter() - start
    return history


def evaluate(
    model: keras.Model,
    loss: keras.losses.Loss,
    x: np.ndarray,
    y: np.ndarray,
    *,
    metrics: Metrics | None = None,
    batch_size: int = 1000,
) -> dict[str, float]:
    """The mean loss and metrics of `model` over all examples, without training it.

    The arguments are those of `train`; the last batch may be smaller than the others.
    """
    forward = _compiled_forward(model, x)
    return _scores(forward, loss, x, y, metrics or {}, batch_size)


def _compiled_loop(model, loss, optimizer, metrics, jit_compile) -> Callable:
    """The loop over the first `count` rows of a table of batches, as one function.

    It returns the loss and the metrics of each step, shape (len(batches), 1 + len(metrics)).
    """

    @tf.function(jit_compile=jit_compile)
    def run(x, y, batches, count):
        values = tf.TensorArray(
            tf.float32, size=len(batches), element_shape=[1 + len(metrics)]
        )
        step = 0
        while step < count:  # XLA would compile `tf.range(count)` anew for each count
            examples, true = tf.gather(x, batches[step]), tf.gather(y, batches[step])
            with tf.GradientTape() as tape:
                predicted = model(examples, training=True)
                value = loss(true, predicted)
                objective = tf.add_n([value, *model.losses])
            gradients = tape.gradient(objective, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            means = [
                tf.reduce_mean(metric(true, predicted)) for metric in metrics.values()
            ]
            means = [tf.cast(mean, tf.float32) for mean in [objective, *means]]
            values = values.write(step, tf.stack(means))
            step += 1
        return values.stack()

    return run


def _compiled_forward(model: keras.Model, x) -> Callable:
    """The model as one function of batches of any size; a concrete one is not traced again."""
    spec = tf.TensorSpec([None, *np.shape(x)[1:]], tf.as_dtype(x.dtype))
    forward = tf.function(lambda batch: model(batch, training=False))
    return forward.get_concrete_function(spec)


def _scores(forward, loss, x, y, metrics, batch_size) -> dict[str, float]:
    totals = np.zeros(1 + len(metrics))
    for first in range(0, len(x), batch_size):
        true = tf.convert_to_tensor(y[first : first + batch_size])
        predicted = forward(tf.convert_to_tensor(x[first : first + batch_size]))
        values = [
            tf.reduce_mean(metric(true, predicted)) for metric in metrics.values()
        ]
        totals += len(true) * np.array([loss(true, predicted), *values], np.float64)
    return dict(zip(["loss", *metrics], (totals / len(x)).tolist(), strict=True))
