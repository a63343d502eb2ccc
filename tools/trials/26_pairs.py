"""Two digits side by side (chapter 26, section 26.8), five seeds: the accuracy on pairs that the
training has shown and on the ten kinds of pairs that it has left out, for a last layer of 100
classes and for one of two digits, and for both with nothing left out."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit", "pairs"]
CELLS += ["two", "two-train"]
SEEDS = range(5)


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    table = []
    for kind in ("100 classes", "two digits"):
        for left_out in ("ten pairs", "none"):
            for seed in SEEDS:
                unseen = False if left_out == "ten pairs" else None
                seen, new = c["read_pairs"](kind, seed, unseen)
                row = {"last layer": kind, "left out": left_out, "seed": seed}
                row |= {"seen": f"{seen:.4f}", "unseen": f"{new:.4f}"}
                print(row, flush=True)
                table.append(row)
    return table
