"""Six training tasks, and five ways to train each: what `make bench` and chapter 13 time."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from utils.runtime import keras, tf
from utils.training import Batches, suits_xla, train

import numpy as np
from keras import layers

v1 = tf.compat.v1


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


# The five ways. Each takes a workload and the initial weights, gets ready, and returns two
# functions: one trains on the first `count` examples for some epochs and returns the seconds it
# took, one returns the weights. In the first epoch all ways see the same batches.


def _batches(work: Workload, count: int, epochs: int, seed: int) -> np.ndarray:
    table = np.zeros((count // work.batch_size * epochs, work.batch_size), np.int32)
    Batches(count, work.batch_size, seed).fill(table)
    return table


def session_way(work: Workload, weights: list[np.ndarray]):
    """TensorFlow 1: a graph of placeholders, run in a session, fed from NumPy at each step."""
    graph = tf.Graph()
    with graph.as_default():
        x = v1.placeholder(tf.float32, [None, *work.x.shape[1:]])
        y = v1.placeholder(tf.dtypes.as_dtype(work.y.dtype), [None, *work.y.shape[1:]])
        variables = [v1.Variable(value, use_resource=True) for value in weights]
        output = _forward(work.build(), x, variables)
        if work.loss == "mse":
            losses = tf.square(output - y)
        else:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, output)
        names = {"SGD": "GradientDescentOptimizer", "Adam": "AdamOptimizer"}
        # Keras's epsilon, so that the ways can be compared to the last digits
        more = {"epsilon": 1e-7} if work.optimizer == "Adam" else {}
        optimizer = getattr(v1.train, names[work.optimizer])(work.learning_rate, **more)
        step = optimizer.minimize(tf.reduce_mean(losses))
        session = v1.Session()
        session.run(v1.global_variables_initializer())

    def run(count, epochs, seed):
        batches = _batches(work, count, epochs, seed)
        start = time.perf_counter()
        for batch in batches:
            session.run(step, feed_dict={x: work.x[batch], y: work.y[batch]})
        return time.perf_counter() - start

    return run, lambda: session.run(variables)


def _forward(model: keras.Model, x: tf.Tensor, variables: list) -> tf.Tensor:
    """The network of `model` in plain TensorFlow operations, as old code has it."""
    rest = iter(variables)
    activations = {"linear": tf.identity, "relu": tf.nn.relu, "sigmoid": tf.nn.sigmoid}
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            x = activations[layer.activation.__name__](
                tf.matmul(x, next(rest)) + next(rest)
            )
        elif isinstance(layer, layers.Conv2D):
            x = tf.nn.conv2d(x, next(rest), 1, layer.padding.upper()) + next(rest)
            x = activations[layer.activation.__name__](x)
        elif isinstance(layer, layers.MaxPooling2D):
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        elif isinstance(layer, layers.Flatten):
            x = tf.reshape(x, [-1, math.prod(layer.input.shape[1:])])
        elif isinstance(layer, layers.SimpleRNN):
            kernel, recurrent, bias = next(rest), next(rest), next(rest)
            state, states = tf.zeros([tf.shape(x)[0], layer.units]), []
            for moment in tf.unstack(x, axis=1):
                state = tf.tanh(moment @ kernel + state @ recurrent + bias)
                states.append(state)
            x = tf.stack(states, axis=1)
    return x


def fit_way(work: Workload, weights: list[np.ndarray]):
    """Keras `fit` on NumPy arrays, as most people write it."""
    model = work.build()
    model.set_weights(weights)
    model.compile(work.keras_optimizer(), work.keras_loss())

    def run(count, epochs, seed):
        order = _batches(work, count, 1, seed).ravel()
        x, y = work.x[order], work.y[order]
        options = {"epochs": epochs, "shuffle": epochs > 1, "verbose": 0}
        start = time.perf_counter()
        model.fit(x, y, batch_size=work.batch_size, **options)
        return time.perf_counter() - start

    return run, model.get_weights


def fed_fit_way(work: Workload, weights: list[np.ndarray]):
    """Keras `fit`, well fed: a cached tf.data pipeline and many steps for each call."""
    model = work.build()
    model.set_weights(weights)
    model.compile(work.keras_optimizer(), work.keras_loss(), steps_per_execution=50)

    def run(count, epochs, seed):
        order = _batches(work, count, 1, seed).ravel()
        data = tf.data.Dataset.from_tensor_slices((work.x[order], work.y[order]))
        data = data.batch(work.batch_size).cache().prefetch(tf.data.AUTOTUNE)
        for _ in data:  # fills the cache
            pass
        start = time.perf_counter()
        model.fit(data, epochs=epochs, shuffle=False, verbose=0)
        return time.perf_counter() - start

    return run, model.get_weights


def tape_way(work: Workload, weights: list[np.ndarray]):
    """A GradientTape step in a `tf.function`, called from a Python loop."""
    model, loss, optimizer = work.build(), work.keras_loss(), work.keras_optimizer()
    model.set_weights(weights)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=suits_xla(model))
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return value

    def run(count, epochs, seed):
        batches = _batches(work, count, epochs, seed)
        value = tf.constant(0.0)
        start = time.perf_counter()
        for batch in batches:
            value = step(tf.constant(work.x[batch]), tf.constant(work.y[batch]))
        value.numpy()
        return time.perf_counter() - start

    return run, model.get_weights


def course_way(work: Workload, weights: list[np.ndarray]):
    """The course's compiled loop, `utils.training.train`, with its own shuffling."""
    model, optimizer = work.build(), work.keras_optimizer()
    model.set_weights(weights)

    def run(count, epochs, seed):
        x, y = work.x[:count], work.y[:count]
        options = {"epochs": epochs, "batch_size": work.batch_size, "seed": seed}
        history = train(model, work.keras_loss(), optimizer, x, y, **options)
        run.compile_seconds = history.compile_seconds
        return history.seconds

    return run, model.get_weights


WAYS = {
    "session": session_way,
    "fit": fit_way,
    "fed_fit": fed_fit_way,
    "tape": tape_way,
    "course": course_way,
}
