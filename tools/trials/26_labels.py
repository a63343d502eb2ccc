"""The accuracy on the test pictures against the number of labels (chapter 26, section 26.2), five
seeds: each network of the chapter, always the same number of steps. "moved" are the dense
network's pictures with eight copies of each, moved by a pixel."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit", "labels", "moved"]
COUNTS = [10, 100, 1_000, 10_000, 55_000]
SEEDS = range(5)


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    table = []
    for name in ("linear", "dense", "convolution", "dense, moved"):
        for count in COUNTS:
            moved = name == "dense, moved"
            if moved and count not in (100, 1_000):
                continue
            for seed in SEEDS:
                kind = name.split(",")[0]
                model = c["with_labels"](kind, count, seed, moved)
                right = c["accuracy"](model, c["x_test"], c["y_test"])
                row = {"network": name, "labels": count, "seed": seed}
                row["accuracy"] = f"{right:.4f}"
                print(row, flush=True)
                table.append(row)
    return table
