"""The compiled training loop: whole runs of steps as one function. Chapter 8 writes it out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from utils.runtime import keras, someone_watches, tf

import numpy as np
from tqdm import tqdm

Metrics = Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]

# One call of the compiled function lasts about this long: between two calls Python can show
# progress, react to an interrupt and look for a loss that is not a number.
CALL_SECONDS = 0.5
TABLE_STEPS = 2000


@dataclass
class History:
    """What a training run leaves behind.

    epoch: the numbers of the finished epochs, from 0.
    history: for "loss" and each metric (and, with validation data, "val_loss" and so on) one
        number for each finished epoch.
    seconds: the training time, without compile_seconds, the time to trace and compile.
    """

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    compile_seconds: float = 0.0

    def add(self, **values: float) -> None:
        self.epoch.append(len(self.epoch))
        for name, value in values.items():
            self.history.setdefault(name, []).append(float(value))


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

    Raises:
        ValueError: the data do not fit together, hold a value that is not finite, or are fewer
            than one batch; or the model has nothing to train.
        Diverged: the loss is no longer finite. The weights are those of the last good call.
    """
    metrics = dict(metrics or {})
    _check(model, x, y, batch_size, epochs)
    if jit_compile is None:
        jit_compile = suits_xla(model)
    history = History()

    start = time.perf_counter()
    optimizer.build(model.trainable_variables)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    steps = len(x) // batch_size
    total = steps * epochs
    table = np.zeros((min(total, TABLE_STEPS), batch_size), np.int32)
    run = _compiled_loop(model, loss, optimizer, metrics, jit_compile)
    run = run.get_concrete_function(x, y, tf.constant(table), tf.constant(0))
    variables = model.variables + optimizer.variables
    good = [tf.identity(variable) for variable in variables]
    run(x, y, tf.constant(table), tf.constant(1))  # compiles; its step is taken back
    _restore(variables, good)
    forward = _compiled_forward(model)
    history.compile_seconds = time.perf_counter() - start

    batches = Batches(len(x), batch_size, seed)
    values = np.zeros((0, 1 + len(metrics)))  # of the steps of the unfinished epoch
    done, speed = 0, CALL_SECONDS / 20  # seconds a step: the first call takes 20 steps
    start = time.perf_counter()
    watched = someone_watches()
    bar = tqdm(total=epochs, unit=" epochs", delay=2, leave=False, disable=not watched)
    try:
        while done < total:
            count = min(len(table), total - done, 1 + int(CALL_SECONDS / speed))
            if validation_data is not None:
                count = min(count, steps - done % steps)
            batches.fill(table[:count])
            good = [tf.identity(variable) for variable in variables]

            called = time.perf_counter()
            new = run(x, y, tf.constant(table), tf.constant(count)).numpy()[:count]
            speed = (time.perf_counter() - called) / count
            if not np.isfinite(new[:, 0]).all():
                _restore(variables, good)
                epoch = 1 + (done + int(np.argmin(np.isfinite(new[:, 0])))) // steps
                raise Diverged(
                    f"The loss is not a number any more in epoch {epoch} of {epochs}: most often "
                    "the learning rate is too large. The model keeps its last good weights.",
                    history,
                )
            done += count

            values = np.concatenate([values, new])
            finished = len(values) // steps
            complete = values[: finished * steps].reshape(
                finished, steps, 1 + len(metrics)
            )
            for means in complete.mean(axis=1):
                scores = dict(zip(["loss", *metrics], means, strict=True))
                if validation_data is not None:
                    valid = _scores(forward, loss, *validation_data, metrics, 1000)
                    scores |= {f"val_{name}": value for name, value in valid.items()}
                history.add(**scores)
            values = values[finished * steps :]
            bar.update(finished)
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
    return _scores(_compiled_forward(model), loss, x, y, metrics or {}, batch_size)


def suits_xla(model: keras.Model) -> bool:
    """Whether to compile the training of this model with XLA.

    Not with convolutions or pooling: on a CPU XLA makes them many times slower (chapter 13),
    and with deterministic operations it has no gradient of max pooling at all. Nor where Keras
    says that a layer cannot be compiled, as for an LSTM on a GPU.
    """
    return not any(
        "Conv" in type(layer).__name__
        or "Pool" in type(layer).__name__
        or not getattr(layer, "supports_jit", True)
        for layer in model._flatten_layers()
    )


class Batches:
    """The endless stream of batches of indices, shuffled anew for each epoch.

    Epoch e is NumPy's `default_rng([seed, e]).permutation(examples)`, cut into whole batches.
    """

    def __init__(self, examples: int, batch_size: int, seed: int):
        self.examples, self.batch_size, self.seed = examples, batch_size, seed
        self.steps = examples // batch_size
        self.done = 0  # batches handed out
        self.epoch = -1

    def fill(self, table: np.ndarray) -> None:
        """Fill `table`, shape (steps, batch_size), with the next batches."""
        row = 0
        while row < len(table):
            epoch, step = divmod(self.done, self.steps)
            if epoch != self.epoch:
                order = np.random.default_rng([self.seed, epoch]).permutation(
                    self.examples
                )
                self.order = order[: self.steps * self.batch_size].reshape(
                    self.steps, -1
                )
                self.epoch = epoch
            part = self.order[step : step + len(table) - row]
            table[row : row + len(part)] = part
            row += len(part)
            self.done += len(part)


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


def _restore(variables, values) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _compiled_forward(model: keras.Model) -> Callable:
    return tf.function(lambda x: model(x, training=False), reduce_retracing=True)


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


def _check(model, x, y, batch_size: int, epochs: int) -> None:
    if len(x) != len(y):
        raise ValueError(
            f"There are {len(x)} examples but {len(y)} targets: they must match."
        )
    if not 1 <= batch_size <= len(x):
        raise ValueError(
            f"The batch size is {batch_size}, but there are {len(x)} examples: "
            f"choose one from 1 to {len(x)}."
        )
    if epochs < 1:
        raise ValueError(f"The number of epochs is {epochs}: there must be at least 1.")
    for name, array in [("x", np.asarray(x)), ("y", np.asarray(y))]:
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            where = np.argwhere(~np.isfinite(array))[0].tolist()
            raise ValueError(
                f"{name} holds a value that is not a finite number, first at index {where}: "
                "remove or replace it before training."
            )
    if not model.trainable_variables:
        raise ValueError(
            "The model has no trainable weights: is every layer frozen, or unbuilt?"
        )
