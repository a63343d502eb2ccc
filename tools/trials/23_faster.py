"""How long each start of chapter 23 needs with 1,000 labels (section 23.8), five seeds: "steps" of
fine-tuning until 0.88 of the validation pictures are right (looked at every 10 steps, at most 500),
without dropout. "tuning" and "pretraining" are seconds: those of the steps, without the looks and
without the first step, which compiles, and those of both hidden layers."""

import importlib
import time

STARTS = {
    "random, sigmoid": ("random", "sigmoid"),
    "random, ReLU": ("random", "relu"),
    "calm autoencoder": ("calm autoencoder", "sigmoid"),
    "RBM": ("RBM", "sigmoid"),
}


def of_seed(seed, labels) -> list[dict]:
    starts, pretraining = {"random": None}, {"random": 0.0}
    for kind in ("calm autoencoder", "RBM"):
        began = time.perf_counter()
        starts[kind] = labels.C["pretrain"](kind, seed, labels.EPOCHS[kind])
        pretraining[kind] = time.perf_counter() - began
    return table_of(seed, labels, starts, pretraining)


def table_of(seed, labels, starts, pretraining) -> list[dict]:
    """The rows of a seed from starts that are there already."""
    x, y = labels.C["draw_few"](1_000, seed)
    table = []
    for name, (kind, activation) in STARTS.items():
        model = labels.make(starts[kind], (activation, 0.0, 1.0), seed)
        steps, seconds = labels.C["steps_to"](model, 0.88, x, y, seed)
        row = {"start": name, "seed": seed, "steps": steps}
        row["tuning"] = f"{seconds:.2f}"
        row["pretraining"] = f"{pretraining[kind]:.1f}"
        print(*row.values(), flush=True)
        table.append(row)
    return table


def rows() -> list[dict]:
    labels = importlib.import_module("tools.trials.23_labels")
    labels.CELLS.append("faster")
    labels.begin()
    return [row for seed in range(5) for row in of_seed(seed, labels)]
