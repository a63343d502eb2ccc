"""How sure the dense network is of digits and of what is none (chapter 26, section 26.6): 25
networks, each trained for 5 epochs in place of 15, as five ensembles of five. "one" is the mean
over the five members alone, "temperature" the same with the temperature that fits the validation
digits, "five" the ensemble, "five, temperature" the ensemble with one. "sure" is the mean of the
largest share, "above 0.9" how often it is larger than that, "let through" the part that is as
sure as 95 of 100 validation digits, "right" the accuracy on the digits."""

from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit"]
CELLS += ["foreign", "sure", "temperature"]


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS, EPOCHS=5)
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
        valid = [c["logits_of"]([model], c["x_valid"]) for model in models]
        all_valid = np.concatenate(valid)
        warm = [c["best_temperature"](logits) for logits in valid]
        all_warm = c["best_temperature"](all_valid)
        for name, x in sets.items():
            y = c["y_test"] if name == "digits" else None
            logits = [c["logits_of"]([model], x) for model in models]
            together = np.concatenate(logits)
            ways = {"one": [(logits[i], valid[i], 1.0) for i in range(5)]}
            ways["temperature"] = [(logits[i], valid[i], warm[i]) for i in range(5)]
            ways["five"] = [(together, all_valid, 1.0)]
            ways["five, temperature"] = [(together, all_valid, all_warm)]
            for way, cases in ways.items():
                row = {"ensemble": group, "way": way, "pictures": name}
                row |= measure(c, cases, y)
                print(row, flush=True)
                table.append(row)
    return table


def measure(c: dict, cases: list, y: np.ndarray | None) -> dict[str, str]:
    """Means over the cases, each some logits, those of the validation digits, a temperature."""
    found = []
    for logits, valid, temperature in cases:
        shares = c["shares"](logits, temperature)
        largest = shares.max(axis=1)
        right = np.mean(shares.argmax(axis=1) == y) if y is not None else np.nan
        through = c["let_through"](logits, valid, temperature)
        above = np.mean(largest > 0.9)
        found.append([largest.mean(), above, through, right, temperature])
    names = ["sure", "above 0.9", "let through", "right", "temperature"]
    means = np.mean(found, axis=0)
    return {name: f"{mean:.4f}" for name, mean in zip(names, means, strict=True)}
