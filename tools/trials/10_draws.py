"""Take-off models of chapter 10 on the same rows with exact distances by the law plus five new
draws of noise: the networks of section 10.8 (twenty starts each), and the fits by least squares.
Errors on the 80 exact test rows as a share of the mean distance in per cent, all starts counted
together and for the mean of their answers; and the largest error of the four named cases."""

from tools.make_takeoff import NOISE, K
from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "takeoff", "corners", "starts", "starts-train"]
CELLS += ["surfaces", "laws"]
DRAWS = 5
CHOSEN = ("softplus", "falling", 0.001)
NETWORKS = [
    (activation, rate, penalty)
    for activation in ("sigmoid", "softplus")
    for rate in ("constant", "falling")
    for penalty in (0.0, 0.001)
]


def rows() -> list[dict]:
    chapter = run_cells("10_regression_networks", CELLS)
    takeoff = chapter["takeoff"]
    exact = (K * chapter["form"](takeoff.x_train)).astype("float32")
    table = []
    for draw in range(DRAWS):
        noise = np.random.default_rng(draw).uniform(-NOISE, NOISE, exact.shape)
        y_train = (exact + noise).astype("float32")
        for count in chapter["ROW_COUNTS"]:
            x, y = takeoff.x_train[:count], y_train[:count]
            for model, predict in fits(chapter, x, y):
                about = {"draw": draw, "rows": count} | model
                table.append(about | scores(chapter, predict))
    return table


def fits(chapter: dict, x: np.ndarray, y: np.ndarray):
    """Each model by what it is, and its function that predicts metres."""
    for activation, rate, penalty in NETWORKS if len(x) == 300 else [CHOSEN]:
        predict = chapter["fit_takeoff"](x, y, activation, rate, penalty)
        yield {"model": activation, "rate": rate, "penalty": penalty}, predict
    for name, predict in [
        ("flat surface", chapter["fit_surface"](chapter["flat"], x, y)),
        ("bent surface", chapter["fit_surface"](chapter["bent"], x, y)),
        ("law, free exponents", chapter["fit_powers"](x, y)),
        ("law, one constant", chapter["fit_law"](x, y)),
    ]:
        yield {"model": name, "rate": "none", "penalty": 0.0}, predict


def scores(chapter: dict, predict) -> dict:
    x, y = chapter["takeoff"].x_test, chapter["takeoff"].y_test
    answers = predict(x)
    together = np.sqrt(np.mean((answers - y) ** 2))
    of_mean = np.sqrt(np.mean((answers.mean(axis=1, keepdims=True) - y) ** 2))
    misses = 100 * (predict(chapter["cases"]) / chapter["distances"] - 1)
    largest = np.abs(misses).max(axis=0)  # one number a start
    return {
        "test rows": f"{100 * together / y.mean():.4f}",
        "test rows, mean of starts": f"{100 * of_mean / y.mean():.4f}",
        "largest case": f"{largest.mean():.3f}",
        "largest case, worst start": f"{largest.max():.3f}",
    }
