"""Chapter 15: plain and residual networks of 20 layers and the same number of weights on
Fashion-MNIST, eight epochs of 256 with momentum 0.9 and a cosine, five seeds and three rates:
the loss on the first 10,000 training pictures, measured after the training, and the mistakes on
the 10,000 test pictures. Keras on JAX, on a graphics card."""

import os
import platform

from tools.trials import NotHere
from utils.data import load_fashion_mnist

import numpy as np

try:
    import jax
    from jax import numpy as jnp
except ModuleNotFoundError:
    jax = None
if jax and os.environ.get("KERAS_BACKEND") == "jax":  # else Keras would load TensorFlow
    import keras
    from keras import layers
else:
    keras = None

SEEDS = 5
EPOCHS, BATCH_SIZE = 8, 256
RATES = [0.1, 0.03, 0.3]
NETWORKS = [("plain", 20), ("residual", 20)]


def environment() -> tuple[list[str], str]:
    versions = [f"{p.__name__} {p.__version__}" for p in (jax, keras, np)]
    gpu = jax.devices()[0].device_kind
    return versions, f"{os.cpu_count()} cores, {platform.machine()}, {gpu}"


def rows() -> list[dict]:
    if not keras:
        raise NotHere("It needs JAX, and KERAS_BACKEND=jax.")
    fashion = load_fashion_mnist()
    if fashion.source != "real":
        raise NotHere("It needs the real Fashion-MNIST.")
    table = []
    for kind, depth in NETWORKS:
        run = prepare(lambda kind=kind, depth=depth: build(kind, depth), fashion)
        for rate in RATES:
            for seed in range(SEEDS):
                loss, wrong, weights = run(rate, seed)
                row = {"network": kind, "layers": depth, "rate": rate, "seed": seed}
                row |= {"weights": weights, "train_loss": f"{loss:.5f}", "wrong": wrong}
                table.append(row)
                print(*row.values(), flush=True)
    return table


def build(kind: str, depth: int):
    """The networks of He and others (2015) for small pictures: a convolution, then three stages
    of blocks of two convolutions with 16, 32 and 64 filters. A shortcut adds no weights."""
    x = inputs = keras.Input((28, 28, 1))
    x = convolution(x, 16, 1)
    for width in (16, 32, 64):
        for block in range((depth - 2) // 6):
            stride = 2 if width > 16 and block == 0 else 1
            y = layers.ReLU()(convolution(x, width, stride))
            y = convolution(y, width, 1)
            if kind == "residual":
                if stride == 2:  # every second pixel, and channels of zeros
                    x = layers.AveragePooling2D(1, 2)(x)
                    x = layers.Concatenate()([x, layers.Rescaling(0.0)(x)])
                y = layers.Add()([x, y])
            x = layers.ReLU()(y)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def convolution(x, filters, stride):
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def prepare(make, fashion):
    """A function that trains the network at a rate from a seed; compiled once."""
    x, y = jnp.asarray(fashion.x_train[..., None]), jnp.asarray(fashion.y_train)
    x_test, y_test = jnp.asarray(fashion.x_test[..., None]), jnp.asarray(fashion.y_test)
    an_epoch = len(x) // BATCH_SIZE
    form = make()

    def losses(logits, y):
        return keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True)

    def loss(weights, others, x, y):
        logits, others = form.stateless_call(weights, others, x, training=True)
        return losses(logits, y).mean(), others

    def step(state, batch):
        weights, others, speeds = state
        index, rate = batch
        gradient = jax.grad(loss, has_aux=True)
        gradients, others = gradient(weights, others, x[index], y[index])
        speeds = [0.9 * v - rate * g for v, g in zip(speeds, gradients, strict=True)]
        weights = [w + v for w, v in zip(weights, speeds, strict=True)]
        return (weights, others, speeds), None

    @jax.jit
    def epoch(state, order, rates):
        return jax.lax.scan(step, state, (order, rates))[0]

    @jax.jit
    def test(weights, others, x, y):
        logits, _ = form.stateless_call(weights, others, x, training=False)
        return losses(logits, y).mean(), (logits.argmax(axis=1) != y).sum()

    def run(rate, seed):
        keras.utils.set_random_seed(seed)
        model = make()
        weights = [variable.value for variable in model.trainable_variables]
        others = [variable.value for variable in model.non_trainable_variables]
        state = (weights, others, [jnp.zeros_like(w) for w in weights])
        steps = np.arange(EPOCHS * an_epoch) / (EPOCHS * an_epoch)
        rates = (rate * (1 + np.cos(np.pi * steps)) / 2).astype("float32")
        for number in range(EPOCHS):
            order = np.random.default_rng([seed, number]).permutation(len(x))
            order = jnp.asarray(order[: an_epoch * BATCH_SIZE].reshape(an_epoch, -1))
            part = rates[number * an_epoch : (number + 1) * an_epoch]
            state = epoch(state, order, jnp.asarray(part))
        final, _ = test(*state[:2], x[:10_000], y[:10_000])
        _, wrong = test(*state[:2], x_test, y_test)
        return float(final), int(wrong), model.count_params()

    return run
