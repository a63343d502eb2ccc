"""The same training in five ways, timed side by side: `make bench`, and the table of chapter 13."""

import math
import statistics
import time
from collections.abc import Callable

from utils.session import keras, tf
from utils.stopwatch import peak_flops
from utils.training.layers import suits_xla
from utils.training.loop import train
from utils.training.workloads import Workload, shuffled, step_flops, workloads

import numpy as np
from keras import layers

__all__ = ["WAYS", "measure", "workloads"]

v1 = tf.compat.v1

# The five ways. Each takes a workload and the initial weights, gets ready, and returns two
# functions: one trains on the first `count` examples for some epochs and returns the seconds it
# took, one returns the weights. In the first epoch all ways see the same batches. Shuffling is
# part of the time of all.


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
        start = time.perf_counter()
        for batch in shuffled(work, count, epochs, seed):
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
        order = shuffled(work, count, 1, seed).ravel()
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
        order = shuffled(work, count, 1, seed).ravel()
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
        value = tf.constant(0.0)
        start = time.perf_counter()
        for batch in shuffled(work, count, epochs, seed):
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


def measure(
    work: Workload, rounds: int, ways: dict[str, Callable] = WAYS
) -> dict[str, object]:
    """Check that all ways train alike, then time them in turn, `rounds` times.

    Returns:
        "workload", "rounds"; for each way the median microseconds a step, such as "fit_us";
        "compile_s", the seconds that the course's way takes to compile; "peak_fraction", the
        arithmetic of the course's way as a fraction of a large matrix product's.

    Raises:
        AssertionError: a way reaches another loss than the first one.
    """
    keras.utils.set_random_seed(0)
    model = work.build()
    weights = model.get_weights()
    ready = {name: way(work, weights) for name, way in ways.items()}
    _compare_losses(work, model, ready)

    seconds = {name: [] for name in ready}
    peaks = []
    for number in range(1 + rounds):
        peaks.append(peak_flops())
        for name, (run, _) in ready.items():
            taken = run(len(work.x), work.epochs, number)
            if number:  # the first round warms up
                seconds[name].append(taken / work.steps)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    flops = step_flops(model, work.batch_size) / medians["course"]
    return {
        "workload": work.name,
        **{f"{name}_us": round(median * 1e6, 2) for name, median in medians.items()},
        "compile_s": round(ready["course"][0].compile_seconds, 3),
        "peak_fraction": float(f"{flops / max(peaks):.3g}"),
        "rounds": rounds,
    }


def _compare_losses(work: Workload, model: keras.Model, ready: dict) -> None:
    """After 20 steps all ways must have reached the same loss."""
    few = 20 * work.batch_size
    losses = {}
    for name, (run, get_weights) in ready.items():
        run(few, 1, 0)
        model.set_weights(get_weights())
        losses[name] = float(work.keras_loss()(work.y[:few], model(work.x[:few])))
    first = next(iter(losses.values()))
    for name, loss in losses.items():
        assert abs(loss - first) <= 1e-3 * abs(first), (
            f"{work.name}: {name} reaches {losses}"
        )
