"""Take-off networks of chapter 10, twenty starts each: the error at the four named cases in per
cent, for each of the three changes alone and together and for other penalties, and for the first
network on other distances of the same 300 rows: exact ones by the law, and with new noise."""

from tools.make_takeoff import NOISE, K
from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "takeoff", "corners", "starts", "starts-train"]


def rows() -> list[dict]:
    chapter = run_cells("10_regression_networks", CELLS)
    x, y = chapter["takeoff"].x_train, chapter["takeoff"].y_train
    exact = (K * x[:, 1:] * x[:, :1] ** 2).astype("float32")
    runs = [
        ("table", y, activation, rate, penalty)
        for activation in ("sigmoid", "softplus")
        for rate in ("constant", "falling")
        for penalty in (0.0, 0.001)
    ]
    for penalty in (0.0003, 0.003, 0.01):
        runs.append(("table", y, "softplus", "falling", penalty))
    runs.append(("exact", exact, "sigmoid", "constant", 0.0))
    for seed in range(5):
        noise = np.random.default_rng(seed).uniform(-NOISE, NOISE, y.shape)
        noisy = (exact + noise).astype("float32")
        runs.append((f"new noise {seed}", noisy, "sigmoid", "constant", 0.0))
    table = []
    for name, targets, activation, rate, penalty in runs:
        predict = chapter["fit_takeoff"](x, targets, activation, rate, penalty)
        misses = 100 * (predict(chapter["cases"]) / chapter["distances"] - 1)
        for start in range(misses.shape[1]):
            row = {
                "distances": name,
                "activation": activation,
                "rate": rate,
                "penalty": penalty,
                "start": start,
            }
            for number in range(4):
                row[f"case {number + 1}"] = f"{misses[number, start]:.3f}"
            table.append(row)
    return table
