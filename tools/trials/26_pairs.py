"""Two digits side by side (chapter 26, section 26.8), five seeds: the accuracy on pairs that the
training has shown and on the ten kinds of pairs that it has left out, for a last layer of 100
classes and for one of two digits, and for both with nothing left out."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit", "pairs", "two"]
SEEDS = range(5)


def rows() -> list[dict]:
    c = run_cells("26_limits_of_deep_learning", CELLS)
    table = []
    for kind in ("100 classes", "two digits"):
        for name in (kind, f"{kind}, all pairs"):
            for seed in SEEDS:
                seen, unseen = c["read_pairs"](name, seed)
                row = {"last layer": name, "seed": seed}
                row |= {"seen": f"{seen:.4f}", "unseen": f"{unseen:.4f}"}
                print(row, flush=True)
                table.append(row)
    return table
