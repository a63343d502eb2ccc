"""Mistakes that make no noise (chapter 26, section 26.9), five seeds: the accuracy of the dense
network on the test pictures after 3 epochs with each of them."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit", "bugs"]
BUGS = ["none", "softmax twice", "no activation", "pixels from 0 to 255"]
BUGS += ["a fifth of the labels by lot"]
SEEDS = range(5)


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    table = []
    for bug in BUGS:
        for seed in SEEDS:
            model = c["with_bug"](bug, seed)
            right = c["accuracy"](model, c["x_test"], c["y_test"])
            table.append({"bug": bug, "seed": seed, "accuracy": f"{right:.4f}"})
            print(table[-1], flush=True)
    return table
