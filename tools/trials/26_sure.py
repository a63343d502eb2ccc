"""How sure the dense network is of digits and of what is none (chapter 26, section 26.6): 25
networks, as five ensembles of five. "one" is the mean over the five members alone, "temperature"
the same with the temperature that fits the validation digits, "five" the ensemble. "sure" is
the mean of the largest share, "above 0.9" how often it is larger, "let through" the part that is
as sure as 95 of 100
validation digits, "right" the accuracy on the digits."""

from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit"]
CELLS += ["foreign", "sure", "temperature"]


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    sets = {"digits": c["x_test"], **c["foreign"]}
    table = []
    for group in range(5):
        models = []
        for seed in range(5 * group, 5 * group + 5):
            c["set_seed"](seed)
            model = c["make_dense"]()
            models.append(
                c["fit"](model, c["x_train"], c["y_train"], c["EPOCHS"], seed)
            )
        warm = [c["best_temperature"]([model]) for model in models]
        ways = {"one": [([m], 1.0) for m in models]}
        ways["temperature"] = [([m], t) for m, t in zip(models, warm, strict=True)]
        ways["five"] = [(models, 1.0)]
        ways["five, temperature"] = [(models, c["best_temperature"](models))]
        for way, cases in ways.items():
            for name, x in sets.items():
                row = {"ensemble": group, "way": way, "pictures": name}
                row |= measure(c, cases, x, c["y_test"] if name == "digits" else None)
                row["temperature"] = f"{np.mean([t for _, t in cases]):.2f}"
                print(row, flush=True)
                table.append(row)
    return table


def measure(
    c: dict, cases: list, x: np.ndarray, y: np.ndarray | None
) -> dict[str, str]:
    """Means over the cases, each some networks and a temperature."""
    found = []
    for models, temperature in cases:
        shares = c["shares"](models, x, temperature)
        largest = shares.max(axis=1)
        right = np.mean(shares.argmax(axis=1) == y) if y is not None else np.nan
        through = c["let_through"](models, x, temperature)
        found.append([largest.mean(), np.mean(largest > 0.9), through, right])
    names = ["sure", "above 0.9", "let through", "right"]
    return {n: f"{v:.4f}" for n, v in zip(names, np.mean(found, axis=0), strict=True)}
