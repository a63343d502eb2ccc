"""Digits on wallpaper (chapter 26, section 26.5), five seeds: for each share of training pictures
that lie on the wallpaper of their class, the accuracy of the dense network on the own wallpaper,
without any, and on another's, and how often it then names the class of the wallpaper. A share of
"none" is a network that saw no wallpaper."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit"]
CELLS += ["paper", "share", "swap"]
SHARES = [None, 0.0, 0.5, 0.9, 0.99, 1.0]
SEEDS = range(5)


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    table = []
    for share in SHARES:
        for seed in SEEDS:
            model = c["with_papers"](share, seed)
            results = c["on_papers"](model, c["x_test"], c["y_test"])
            row = {"share": "none" if share is None else share, "seed": seed}
            columns = ["own", "without", "another", "names the wallpaper"]
            for column, value in zip(columns, results, strict=True):
                row[column] = f"{value:.4f}"
            print(row, flush=True)
            table.append(row)
    return table
