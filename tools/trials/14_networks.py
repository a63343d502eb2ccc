"""Chapter 14: mistakes on MNIST's 10,000 test pictures after ten epochs of 100 with Adam and a
cosine, five seeds: LeNet-5 plain and on moved pictures, the chapter's better network, and that
network with one thing taken away or put back at a time. Keras on JAX, on a graphics card."""

import os
import platform

from tools.trials import NotHere
from utils.data import load_mnist

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
EPOCHS, BATCH_SIZE = 10, 100
BETTER = {
    "moved": True,
    "filters": (24, 64, 64),
    "norm": True,
    "dropout": 0.3,
    "rate": 0.004,
}
CHANGES = {
    "better network": {},
    "pictures not moved": {"moved": False},
    "no batch normalisation": {"norm": False},
    "no normalisation, rate 0.001": {"norm": False, "rate": 0.001},
    "no dropout": {"dropout": 0.0},
    "LeNet's 6, 16 and 16 filters": {"filters": (6, 16, 16)},
    "LeNet's rate, 0.003": {"rate": 0.003},
}


def environment() -> tuple[list[str], str]:
    versions = [f"{p.__name__} {p.__version__}" for p in (jax, keras, np)]
    gpu = jax.devices()[0].device_kind
    return versions, f"{os.cpu_count()} cores, {platform.machine()}, {gpu}"


def rows() -> list[dict]:
    if not keras:
        raise NotHere("It needs JAX, and KERAS_BACKEND=jax.")
    mnist = load_mnist()
    if mnist.source != "real":
        raise NotHere("It needs the real MNIST.")
    networks = {"LeNet-5": lambda: lenet(False), "LeNet-5, moved": lambda: lenet(True)}
    rates = {name: 0.003 for name in networks}
    for name, change in CHANGES.items():
        settings = BETTER | change
        rates[name] = settings.pop("rate")
        networks[name] = lambda settings=settings: better(**settings)
    table = []
    for name, build in networks.items():
        for seed, (model, wrong, train_wrong) in enumerate(
            runs(build, rates[name], mnist)
        ):
            row = {"network": name, "seed": seed, "weights": model.count_params()}
            table.append(row | {"wrong": wrong, "train_wrong": train_wrong})
            print(*table[-1].values(), flush=True)
    return table


def moving():
    return layers.RandomTranslation(0.05, 0.05, fill_mode="constant")


def lenet(moved: bool):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *([moving()] if moved else []),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )


def better(moved: bool, filters: tuple, norm: bool, dropout: float):
    stack = [keras.Input((28, 28, 1)), *([moving()] if moved else [])]
    for count, kernel, stride in zip(filters, (6, 4, 3), (2, 2, 1), strict=True):
        stack.append(layers.Conv2D(count, kernel, strides=stride, use_bias=not norm))
        stack += [layers.BatchNormalization(momentum=0.9)] if norm else []
        stack.append(layers.ReLU())
    stack += [layers.Flatten(), layers.Dropout(dropout), layers.Dense(10)]
    return keras.Sequential(stack)


def runs(build, rate: float, mnist):
    """For each seed: the model, and its mistakes on the test and the training pictures."""
    x, y = jnp.asarray(mnist.x_train[..., None]), jnp.asarray(mnist.y_train)
    steps = EPOCHS * (len(x) // BATCH_SIZE)
    keras.utils.set_random_seed(0)
    form = build()  # the form is traced once; each seed brings its own numbers
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(rate, steps)
    )
    optimizer.build(form.trainable_variables)
    start = [variable.value for variable in optimizer.variables]

    def loss(weights, others, x, y):
        logits, others = form.stateless_call(weights, others, x, training=True)
        losses = keras.losses.sparse_categorical_crossentropy(
            y, logits, from_logits=True
        )
        return losses.mean(), others

    def step(state, index):
        weights, others, optimizing = state
        gradients, others = jax.grad(loss, has_aux=True)(
            weights, others, x[index], y[index]
        )
        weights, optimizing = optimizer.stateless_apply(optimizing, gradients, weights)
        return (weights, others, optimizing), None

    @jax.jit
    def epoch(state, order):
        return jax.lax.scan(step, state, order)[0]

    @jax.jit
    def mistakes(weights, others, x, y):
        logits, _ = form.stateless_call(weights, others, x, training=False)
        return (logits.argmax(axis=1) != y).sum()

    def count(weights, others, x, y):
        parts = range(0, len(x), 5000)
        return sum(
            int(mistakes(weights, others, x[i : i + 5000], y[i : i + 5000]))
            for i in parts
        )

    for seed in range(SEEDS):
        keras.utils.set_random_seed(seed)
        model = build()
        weights = [variable.value for variable in model.trainable_variables]
        others = [variable.value for variable in model.non_trainable_variables]
        state = (weights, others, start)
        for number in range(EPOCHS):
            order = np.random.default_rng([seed, number]).permutation(len(x))
            order = order[: steps // EPOCHS * BATCH_SIZE].reshape(-1, BATCH_SIZE)
            state = epoch(state, jnp.asarray(order))
        tested = count(*state[:2], jnp.asarray(mnist.x_test[..., None]), mnist.y_test)
        yield model, tested, count(*state[:2], x, y)
