"""What a training run is between two of its calls: its batches, its history, its state.

A checkpoint of `utils.training` holds this and nothing else. Chapter 20 is about it.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from utils.session import keras, tf

import numpy as np


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


class RunState:
    """What a training run is between two of its calls, and what a checkpoint holds.

    variables: those of the model and of the optimizer.
    history: of the finished epochs.
    values: the loss and the metrics of the steps of the unfinished epoch, shape (steps, columns).
    done: the steps done.
    """

    def __init__(self, variables: list, columns: int):
        self.variables = variables
        self.history = History()
        self.values = np.zeros((0, columns), np.float32)
        self.done = 0

    def copy(self) -> list[tf.Tensor]:
        return [tf.identity(variable) for variable in self.variables]

    def take_back(self, values) -> None:
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def add(self, new: np.ndarray, steps: int) -> np.ndarray:
        """Add the values of new steps; return the means of each epoch that they finish."""
        self.done += len(new)
        values = np.concatenate([self.values, new])
        finished = len(values) // steps * steps
        self.values = values[finished:]
        return values[:finished].reshape(-1, steps, values.shape[1]).mean(1, np.float64)

    def arrays(self) -> dict[str, np.ndarray]:
        named = {f"variable-{n}": v.numpy() for n, v in enumerate(self.variables)}
        return named | {
            "values": self.values,
            "history": np.array(json.dumps(asdict(self.history))),
        }

    def restore(self, step: int, arrays: dict[str, np.ndarray]) -> None:
        self.take_back([arrays[f"variable-{n}"] for n, _ in enumerate(self.variables)])
        self.history = History(**json.loads(str(arrays["history"])))
        self.values, self.done = arrays["values"], step


def describe(
    model: keras.Model,
    loss: keras.losses.Loss,
    optimizer: keras.optimizers.Optimizer,
    x: np.ndarray,
    y: np.ndarray,
    batches: Batches,
    metrics: Iterable[str],
) -> dict[str, object]:
    """What makes a training run this one and no other; the number of epochs does not."""
    variables = model.variables + optimizer.variables
    return {
        "weights": [[list(v.shape), v.dtype] for v in variables],
        "loss": [type(loss).__name__, loss.get_config()],
        "optimizer": [type(optimizer).__name__, optimizer.get_config() | {"name": ""}],
        "metrics": list(metrics),
        "number of examples": batches.examples,
        "batch size": batches.batch_size,
        "seed": batches.seed,
        "data": [zlib.crc32(np.ascontiguousarray(array)) for array in (x, y)],
    }
