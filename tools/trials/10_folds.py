"""Take-off networks of chapter 10, ten starts each, on five fifths of the 300 rows in turn: the
root mean squared error in metres on the fifth that was left out, for each of the three changes
alone and together, and for other penalties. Last, on the same fifths, two surfaces by least
squares, and the law that made the rows, which learns nothing."""

from tools.make_takeoff import K
from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "takeoff", "starts", "starts-train", "surfaces", "laws"]
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
    for variant in VARIANTS:
        for fold in range(FOLDS):
            kept, left_out = fold_of != fold, fold_of == fold
            predict = chapter["fit_takeoff"](x[kept], y[kept], *variant)
            table += fold_rows(variant, fold, predict(x[left_out]) - y[left_out])
    return table + without_networks(chapter, x, y, fold_of)


def without_networks(chapter: dict, x, y, fold_of) -> list[dict]:
    """The rows of what is no network: one start, no rate and no penalty."""
    table = []
    for name, columns in [
        ("flat surface", chapter["flat"]),
        ("bent surface", chapter["bent"]),
        ("true law", None),
    ]:
        for fold in range(FOLDS):
            kept, left_out = fold_of != fold, fold_of == fold
            if columns is None:
                answers = K * chapter["form"](x[left_out])
            else:
                surface = chapter["fit_surface"](columns, x[kept], y[kept])
                answers = surface(x[left_out])
            table += fold_rows((name, "none", 0.0), fold, answers - y[left_out])
    return table


def fold_rows(variant: tuple, fold: int, misses: np.ndarray) -> list[dict]:
    """A row a start; `misses` in metres has a column a start."""
    activation, rate, penalty = variant
    return [
        {
            "activation": activation,
            "rate": rate,
            "penalty": penalty,
            "fold": fold,
            "start": start,
            "metres": f"{error:.3f}",
        }
        for start, error in enumerate(np.sqrt((misses**2).mean(axis=0)))
    ]
