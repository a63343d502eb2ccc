"""The peer of the course's training loop: JAX's `lax.scan`, written by hand, for `tools.bench`."""

import time

from utils.training.workloads import Workload, shuffled

import jax
import jax.numpy as jnp
import numpy as np
from keras import layers

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # Keras's, so that the losses are the same


def suits_jax(work: Workload) -> bool:
    """Whether the network of `work` is one of dense layers, the only kind written out here."""
    return all(isinstance(layer, layers.Dense) for layer in work.build().layers)


def jax_way(work: Workload, weights: list[np.ndarray]):
    """JAX: one jitted call, a scan over the rows of a table of batches.

    The batches are gathered inside the scan, as in the course's loop. Like the other ways it
    returns two functions: one trains and returns the seconds it took, one returns the weights.
    """
    activations = {
        "linear": lambda h: h,
        "relu": jax.nn.relu,
        "sigmoid": jax.nn.sigmoid,
    }
    functions = [
        activations[layer.activation.__name__] for layer in work.build().layers
    ]

    def loss(weights, x, y):
        for number, function in enumerate(functions):
            x = function(x @ weights[2 * number] + weights[2 * number + 1])
        if work.loss == "mse":
            return jnp.mean((x - y) ** 2)
        logarithms = jax.nn.log_softmax(x)
        return -jnp.mean(jnp.take_along_axis(logarithms, y[:, None], axis=1))

    update = {"SGD": _sgd, "Adam": _adam}[work.optimizer]

    @jax.jit
    def scan(state, x, y, batches):
        def step(state, batch):
            value, gradients = jax.value_and_grad(loss)(state[0], x[batch], y[batch])
            return update(state, gradients, work.learning_rate), value

        return jax.lax.scan(step, state, batches)

    x, y = jnp.asarray(work.x), jnp.asarray(work.y)
    start = [jnp.asarray(value) for value in weights]
    zeros = [jnp.zeros_like(value) for value in start]
    state = (start, zeros, zeros, jnp.float32(0))

    def run(count, epochs, seed):
        nonlocal state
        start = time.perf_counter()
        batches = shuffled(work, count, epochs, seed)
        state, losses = scan(state, x, y, batches)
        np.asarray(losses)
        return time.perf_counter() - start

    return run, lambda: [np.asarray(value) for value in state[0]]


def _sgd(state, gradients, learning_rate):
    weights, *rest = state
    return [
        w - learning_rate * g for w, g in zip(weights, gradients, strict=True)
    ], *rest


def _adam(state, gradients, learning_rate):
    weights, means, squares, done = state
    done += 1
    means = [m + (g - m) * (1 - BETA_1) for m, g in zip(means, gradients, strict=True)]
    squares = [
        s + (g * g - s) * (1 - BETA_2) for s, g in zip(squares, gradients, strict=True)
    ]
    rate = learning_rate * jnp.sqrt(1 - BETA_2**done) / (1 - BETA_1**done)
    weights = [
        w - rate * m / (jnp.sqrt(s) + EPSILON)
        for w, m, s in zip(weights, means, squares, strict=True)
    ]
    return weights, means, squares, done
