"""Six training tasks to time: what `make bench` and chapter 13 measure."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from utils.session import keras
from utils.training.state import Batches

import numpy as np
from keras import layers


@dataclass(frozen=True)
class Workload:
    """One training task: a network, its loss, an optimizer, data and a batch size.

    epochs: passes through the data in one timed round.
    optimizer: "SGD" or "Adam", with `learning_rate`, for Keras and for TensorFlow 1 alike.
    """

    name: str
    build: Callable[[], keras.Model]
    loss: str
    optimizer: str
    learning_rate: float
    x: np.ndarray
    y: np.ndarray
    batch_size: int
    epochs: int

    @property
    def steps(self) -> int:
        """Steps in a timed round."""
        return len(self.x) // self.batch_size * self.epochs

    def keras_loss(self) -> keras.losses.Loss:
        if self.loss == "mse":
            return keras.losses.MeanSquaredError()
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def keras_optimizer(self) -> keras.optimizers.Optimizer:
        return getattr(keras.optimizers, self.optimizer)(self.learning_rate)


def workloads() -> dict[str, Workload]:
    """The six workloads, on random data: what is measured is time, not accuracy."""
    rng = np.random.default_rng(0)
    pixels = rng.random((20_000, 784), dtype=np.float32)
    digits = rng.integers(10, size=len(pixels)).astype(np.int32)
    angles = rng.uniform(0, 2 * np.pi, (5_000, 1)).astype(np.float32)
    hell = np.eye(4, dtype=np.float32)[[0, 1, 2, 2]]
    ello = np.array([1, 2, 2, 3], np.int32)

    def deep():
        return _dense(784, (300, 50, 50, 50, 50), "relu", 10)

    def rnn():
        recurrent = layers.SimpleRNN(4, return_sequences=True, unroll=True)
        return keras.Sequential([keras.Input((4, 4)), recurrent, layers.Dense(4)])

    def softmax():
        return _dense(784, (), None, 10)

    table = [
        ("sine", lambda: _dense(1, (5, 3), "sigmoid", 1), "mse", "Adam", 0.01),
        ("softmax", softmax, "digits", "SGD", 0.1),
        ("deep50", deep, "digits", "SGD", 0.01),
        ("deep200", deep, "digits", "SGD", 0.01),
        ("lenet", _lenet, "digits", "Adam", 0.001),
        ("hello_rnn", rnn, "digits", "Adam", 0.1),
    ]
    data = {
        "sine": (angles, np.sin(angles), 100, 20),
        "softmax": (pixels, digits, 100, 2),
        "deep50": (pixels, digits, 50, 1),
        "deep200": (pixels, digits, 200, 1),
        "lenet": (pixels[:5_000].reshape(-1, 28, 28, 1), digits[:5_000], 100, 1),
        "hello_rnn": (np.tile(hell, (500, 1, 1)), np.tile(ello, (500, 1)), 1, 1),
    }
    return {row[0]: Workload(*row, *data[row[0]]) for row in table}


def _dense(inputs: int, hidden: tuple[int, ...], activation: str | None, outputs: int):
    hidden_layers = [layers.Dense(units, activation) for units in hidden]
    return keras.Sequential(
        [keras.Input((inputs,)), *hidden_layers, layers.Dense(outputs)]
    )


def _lenet():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )


def step_flops(model: keras.Model, batch_size: int) -> int:
    """The multiplications and additions of one training step.

    Forwards, each weight is used once an example (in a convolution once a place, in a recurrent
    layer once a moment); backwards twice, once for the weights and once for the layer's input,
    which the first layer does not need.
    """
    total = 0
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        uses = sum(math.prod(w.shape) for w in layer.weights if len(w.shape) > 1)
        if len(layer.output.shape) > 2:
            uses *= math.prod(layer.output.shape[1:-1])
        total += uses * (2 if number == 0 else 3)
    return 2 * total * batch_size


def shuffled(work: Workload, count: int, epochs: int, seed: int) -> np.ndarray:
    """The batches of some epochs as indices, shape (steps, batch_size), like those of `train`."""
    table = np.zeros((count // work.batch_size * epochs, work.batch_size), np.int32)
    Batches(count, work.batch_size, seed).fill(table)
    return table
