"""Sigmoid layers trained for longer, sections 9.10 and 9.12: loss, accuracy and the spread at layer
9 after so many steps, for XOR from N(0, 1) and for the spirals. There are nine layers, if the task
names no other number: from four times Xavier and from Xavier, the latter also at larger learning
rates and with numbers of 64 bits; then fewer layers from Xavier, and nine from 2 and 32 times."""

from tools.trials import run_cells

import keras
import numpy as np
import tensorflow as tf

CELLS = ["setup", "parameters", "xor", "learn", "build", "start", "trainer", "hidden"]
CELLS += ["spirals", "xavier", "nine-train", "spreads", "draws"]
BLOCK = 1000  # epochs of ten steps


def xor(chapter: dict) -> list[dict]:
    model, table = chapter["build_network"]([10] * 9), []
    train, x, y = chapter["make_trainer"](model), chapter["x"], chapter["y"]
    steps = tf.constant(np.tile([0, 1, 2, 3], (10_000, 1)))
    for seed in range(chapter["NETWORKS"]):
        chapter["start_again"](model, seed)
        for done in range(10_000, 100_001, 10_000):
            loss = float(train(x, y, steps))
            if done in (10_000, 50_000, 100_000):
                right = chapter["accuracy"](model, x, y)
                line = {"task": "XOR from N(0, 1)", "seed": seed, "steps": done}
                line |= {"loss": f"{loss:.4f}", "accuracy": f"{right:.3f}"}
                table.append(line | {"spread at layer 9": "nan"})
    return table


def spirals(
    chapter: dict, name: str, draw, looks: list[int], depth: int = 9
) -> list[dict]:
    model, table = chapter["build_network"]([20] * depth), []
    train = chapter["make_trainer"](model)
    x, y = chapter["x_train"], chapter["y_train"]
    for seed in chapter["SEEDS"]:
        chapter["start_layers"](model, draw, seed)
        for done in range(10 * BLOCK, looks[-1] + 1, 10 * BLOCK):
            train(x, y, chapter["make_batches"]([seed, done]))
            if done in looks:
                loss = float(chapter["loss_function"](y, model(x)))
                right = chapter["accuracy"](model, x, y)
                line = {"task": name, "seed": seed, "steps": done}
                line |= {"loss": f"{loss:.4f}", "accuracy": f"{right:.3f}"}
                spread = chapter["spreads"](model)[-1] if depth == 9 else np.nan
                table.append(line | {"spread at layer 9": f"{spread:.1e}"})
    return table


def make_double_trainer(chapter: dict, model):
    """The chapter's trainer, for numbers of 64 bits."""
    optimizer = keras.optimizers.SGD(chapter["LEARNING_RATE"])
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=True)
    def train(x, y, batches):
        for batch in batches:
            with tf.GradientTape() as tape:
                logits = model(tf.gather(x, batch))
                loss = chapter["loss_function"](tf.gather(y, batch), logits)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)

    return train


def double(chapter: dict, name: str, looks: list[int]) -> list[dict]:
    keras.config.set_floatx("float64")
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    wide = {name: chapter[name].astype("float64") for name in ("x_train", "y_train")}
    there = chapter | wide | {"loss_function": loss}

    def make_trainer(model):
        return make_double_trainer(there, model)

    there["make_trainer"] = make_trainer
    table = spirals(there, name, chapter["xavier"], looks)
    keras.config.set_floatx("float32")
    return table


def times_xavier(chapter: dict, gain: int):
    def draw(rng, inputs, units):
        return gain * chapter["xavier"](rng, inputs, units)

    return draw


def later_rows(chapter: dict) -> list[dict]:
    """Double numbers, other depths, other gains."""
    looks = [20_000, 200_000]
    table = double(chapter, "spirals from Xavier, 64 bits", looks)
    for depth in (1, 3, 5):
        name = f"spirals from Xavier, layers: {depth}"
        table += spirals(chapter, name, chapter["xavier"], looks, depth)
    for gain in (2, 32):
        draw = times_xavier(chapter, gain)
        table += spirals(chapter, f"spirals from {gain} x Xavier", draw, looks[:1])
    return table


def rows() -> list[dict]:
    chapter = run_cells("09_neural_networks", CELLS, EPOCHS=BLOCK)
    larger, plain = chapter["four_xavier"], chapter["xavier"]
    table = xor(chapter)
    table += spirals(chapter, "spirals from 4 x Xavier", larger, [10_000, 20_000])
    looks = [20_000, 200_000, 1_000_000]
    table += spirals(chapter, "spirals from Xavier", plain, looks)
    for rate in (1.0, 10.0):
        chapter["LEARNING_RATE"] = rate
        table += spirals(chapter, f"the same, rate {rate:g}", plain, [20_000, 200_000])
    chapter["LEARNING_RATE"] = 0.1
    return table + later_rows(chapter)
