"""XOR by a hundred networks with two hidden units, section 9.6: the loss after 10,000, 100,000
and 1,000,000 steps, and how close two rows that want different answers lie in the hidden layer
after 10,000; and the loss of ten wide and of three times ten deep units after 10,000, section
9.7."""

from tools.trials import run_cells

import numpy as np
import tensorflow as tf

CELLS = ["setup", "parameters", "xor", "learn", "build", "start", "trainer", "hidden"]
CELLS += ["closest"]
STARTS = 100
STEPS = tf.constant(np.tile([0, 1, 2, 3], (10_000, 1)))


def losses_of(chapter: dict, hidden_units: list[int], looks: list[int]) -> list[list]:
    """For each start the loss when so many times 10,000 steps are done."""
    model = chapter["build_network"](hidden_units)
    train, found = chapter["make_trainer"](model), []
    for seed in range(STARTS):
        chapter["start_again"](model, seed)
        curve = [train(chapter["x"], chapter["y"], STEPS) for _ in range(looks[-1])]
        found.append([f"{float(curve[look - 1]):.4f}" for look in looks])
    return found


def distances(chapter: dict) -> list[str]:
    """For each start the smallest distance after 10,000 steps."""
    model = chapter["build_network"]([2])
    train, found = chapter["make_trainer"](model), []
    for seed in range(STARTS):
        chapter["start_again"](model, seed)
        train(chapter["x"], chapter["y"], STEPS)
        found.append(f"{chapter['closest'](model):.4f}")
    return found


def rows() -> list[dict]:
    chapter = run_cells("09_neural_networks", CELLS)
    pair = losses_of(chapter, [2], [1, 10, 100])
    wide = losses_of(chapter, [10], [1])
    deep = losses_of(chapter, [10, 10, 10], [1])
    closest, table = distances(chapter), []
    for seed in range(STARTS):
        loss, later, last = pair[seed]
        row = {"seed": seed, "loss": loss, "loss later": later, "loss at last": last}
        row |= {"wide": wide[seed][0], "deep": deep[seed][0]}
        table.append(row | {"closest": closest[seed]})
    return table
