"""The work of chapter 2 on a processor and on a graphics card, by JAX: milliseconds, the median of
turns; float32 in full precision unless the type says otherwise. "carried" takes the matrices to
the device and the product back; "sample" makes its random numbers anew and adds the result up."""

import os
import platform
import statistics
import time
from collections.abc import Callable

from tools.trials import NotHere

try:
    import jax
    import jax.numpy as jnp
except ModuleNotFoundError:
    jax = None
import numpy as np

TURNS = 5  # whole tables: how far they lie apart says what a number is worth
ROUNDS = 9
PICTURES = [1, 3, 10, 30, 100]
MATRICES = [8, 32, 128, 256, 512, 1024, 2048, 4096, 8192]
BATCHES = [1, 4, 16, 64, 256, 1024]
SHORTER = ["tf32", "float16", "bfloat16"]


def environment() -> tuple[list[str], str]:
    versions = [f"jax {jax.__version__}", f"numpy {np.__version__}"]
    gpu = jax.devices("gpu")[0].device_kind
    return versions, f"{os.cpu_count()} cores, {platform.machine()}, {gpu}"


def rows() -> list[dict]:
    try:
        cpu, gpu = jax.devices("cpu")[0], jax.devices("gpu")[0]
    except (AttributeError, RuntimeError):
        raise NotHere("It needs JAX and a graphics card that JAX can use.") from None
    return [
        {"turn": turn} | row
        for turn in range(1, 1 + TURNS)
        for row in turn_of(cpu, gpu)
    ]


def turn_of(cpu, gpu) -> list[dict]:
    table = []

    def measure(work, size, kind, make):
        times = {
            name: milliseconds(make(device), lasting=0.05)
            for name, device in [("cpu_ms", cpu), ("gpu_ms", gpu)]
        }
        row = {"work": work, "size": size, "type": kind}
        table.append(row | {name: f"{value:.4g}" for name, value in times.items()})
        print(*table[-1].values(), flush=True)

    measure("sample", 100, "float32", sample)
    for count in PICTURES:
        measure("convolution", count, "float32", lambda d, n=count: convolution(d, n))
    for n in MATRICES:
        measure("product", n, "float32", lambda d, n=n: product(d, n, "float32"))
        measure("product, carried", n, "float32", lambda d, n=n: carried(d, n))
    for size in BATCHES:
        measure("training step", size, "float32", lambda d, n=size: training_step(d, n))
    for kind in SHORTER:
        measure("product", 4096, kind, lambda d, k=kind: product(d, 4096, k))
    return table


def milliseconds(call: Callable[[], object], lasting: float) -> float:
    """The median time of a call that is repeated ROUNDS times or for `lasting` seconds."""
    jax.block_until_ready(call())  # warm up
    seconds = []
    while len(seconds) < ROUNDS or (sum(seconds) < lasting and len(seconds) < 1000):
        start = time.perf_counter()
        jax.block_until_ready(call())
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)


def random(device, shape, kind="float32", seed=0):
    values = np.random.default_rng(seed).random(shape, "float32")
    return jax.device_put(jnp.asarray(values, kind), device)


def convolve(images, filters, strides=1):
    return jax.lax.conv_general_dilated(
        images,
        filters,
        (strides, strides),
        "VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        precision="highest",
    )


def convolution(device, count):
    images = random(device, (count, 100, 100, 3))
    filters = random(device, (7, 7, 3, 32))
    call = jax.jit(convolve)
    return lambda: call(images, filters)


def sample(device):
    @jax.jit
    def whole(key):
        images = jax.random.normal(key, (100, 100, 100, 3))
        filters = jax.random.normal(key, (7, 7, 3, 32))
        return convolve(images, filters).sum()

    key = jax.device_put(jax.random.key(0), device)
    return lambda: whole(key)


def product(device, n, kind):
    a = random(device, (n, n), "float32" if kind == "tf32" else kind)
    precision = "highest" if kind == "float32" else "default"
    call = jax.jit(lambda a: jnp.matmul(a, a, precision=precision))
    return lambda: call(a)


def carried(device, n):
    values = np.random.default_rng(0).random((n, n), "float32")
    call = jax.jit(lambda a: jnp.matmul(a, a, precision="highest"))
    return lambda: np.asarray(call(jax.device_put(values, device)))


def training_step(device, size):
    """One step of chapter 2's network: two convolutions, ten answers, gradient descent."""
    shapes = [(5, 5, 1, 16), (5, 5, 16, 32), (10 * 10 * 32, 10)]
    weights = [random(device, s, seed=i) / 100 for i, s in enumerate(shapes)]
    images = random(device, (size, 28, 28, 1))
    labels = jax.device_put(jnp.zeros(size, int), device)

    def loss(weights, images, labels):
        first, second, last = weights
        hidden = jax.nn.relu(convolve(images, first))
        hidden = jax.nn.relu(convolve(hidden, second, strides=2))
        logits = jnp.matmul(hidden.reshape(len(images), -1), last, precision="highest")
        logarithms = jax.nn.log_softmax(logits)
        return -jnp.mean(jnp.take_along_axis(logarithms, labels[:, None], axis=1))

    @jax.jit
    def step(weights, images, labels):
        gradients = jax.grad(loss)(weights, images, labels)
        return [w - 0.01 * g for w, g in zip(weights, gradients, strict=True)]

    return lambda: step(weights, images, labels)
