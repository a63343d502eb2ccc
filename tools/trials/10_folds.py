"""Take-off networks of chapter 10, ten starts each, on five fifths of the 300 rows in turn: the
root mean squared error in metres on the fifth that was left out, for each of the three changes
alone and together, and for other penalties."""

from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "takeoff", "starts", "starts-train"]
FOLDS = 5
VARIANTS = [
    (activation, rate, penalty)
    for activation in ("sigmoid", "softplus")
    for rate in ("constant", "falling")
    for penalty in (0.0, 0.001)
] + [("softplus", "falling", penalty) for penalty in (0.0003, 0.003, 0.01)]


def rows() -> list[dict]:
    chapter = run_cells("10_regression_networks", CELLS, STARTS=10)
    x, y = chapter["takeoff"].x_train, chapter["takeoff"].y_train
    fold_of = np.random.default_rng(0).permutation(len(x)) % FOLDS
    table = []
    for activation, rate, penalty in VARIANTS:
        for fold in range(FOLDS):
            left_out = fold_of == fold
            predict = chapter["fit_takeoff"](
                x[~left_out], y[~left_out], activation, rate, penalty
            )
            misses = predict(x[left_out]) - y[left_out]
            for start, error in enumerate(np.sqrt((misses**2).mean(axis=0))):
                table.append(
                    {
                        "activation": activation,
                        "rate": rate,
                        "penalty": penalty,
                        "fold": fold,
                        "start": start,
                        "metres": f"{error:.3f}",
                    }
                )
    return table
