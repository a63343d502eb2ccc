"""Nine sigmoid layers trained for longer, section 9.12: loss, accuracy and the spread at layer 9
after so many steps, for XOR from N(0, 1), for the spirals from two starts, and for the second of
them at larger learning rates."""

from tools.trials import run_cells

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


def spirals(chapter: dict, name: str, draw, looks: list[int]) -> list[dict]:
    model, table = chapter["build_network"]([20] * 9), []
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
                spread = chapter["spreads"](model)[-1]
                table.append(line | {"spread at layer 9": f"{spread:.1e}"})
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
    return table
