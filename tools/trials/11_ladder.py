"""The rungs of chapter 11 that use `luck`, each from five seeds other than the chapter's: the
accuracy on the test pictures after the chapter's epochs."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "builders", "rungs", "shared", "climb"]
RUNGS = ["2 wide start", "3 Xavier"]
SEEDS = range(5)


def rows() -> list[dict]:
    chapter = run_cells("11_deep_mnist", CELLS)
    table = []
    for seed in SEEDS:
        chapter["SEED"] = chapter["shared"]["seed"] = seed
        row = {"seed": seed, "source": chapter["mnist"].source}
        for rung in RUNGS:
            row[rung] = f"{chapter['climb'](rung):.4f}"
        table.append(row)
    return table
