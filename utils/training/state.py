"""What a training run is between two of its calls: its batches, its history, its state.

A checkpoint of `utils.training` holds this and nothing else. Chapter 20 is about it.
"""

import json
from dataclasses import asdict, dataclass, field

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
        """Add an epoch with its loss, metrics and validation scores."""
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

    def take_back(self, values: list) -> None:
        """Give the variables back the values that they had before a call."""
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
        """All that a checkpoint holds, by name."""
        named = {f"variable-{n}": v.numpy() for n, v in enumerate(self.variables)}
        return named | {
            "values": self.values,
            "history": np.array(json.dumps(asdict(self.history))),
        }

    def restore(self, step: int, arrays: dict[str, np.ndarray]) -> None:
        """Become the state after `step` steps that `arrays` gave a checkpoint."""
        self.take_back([arrays[f"variable-{n}"] for n, _ in enumerate(self.variables)])
        self.history = History(**json.loads(str(arrays["history"])))
        self.values, self.done = arrays["values"], step
