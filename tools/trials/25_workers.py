"""The milliseconds of a training step with one, two and four workers on this machine (chapter 25,
section 25.4), each with one thread for its arithmetic, for batches of several sizes: the median of
15 steps, in five rounds in which the three take turns."""

import json

from tools.trials import run_cells

ROUNDS = 5
CELLS = ["setup", "parameters", "part-who", "part-strategy", "part-model", "part-step"]
CELLS += ["part-keep", "part-heart", "part-loop", "part-times", "write", "run"]


def rows() -> list[dict]:
    c = run_cells("25_distributed_training", CELLS, STEPS=5, PICTURES=8_000)
    table = []
    for number in range(ROUNDS):
        for count in (1, 2, 4):
            folder = c["prepare"](f"trial-{number}-{count}", sizes=c["SIZES"])
            codes = c["train"](folder, count)
            if any(codes):
                raise RuntimeError(f"{count} workers ended with {codes}; see {folder}.")
            times = json.loads((folder / "times.json").read_text())
            for size, seconds in zip(c["SIZES"], times, strict=True):
                row = {"round": number, "workers": count, "batch": size}
                table.append(row | {"ms": f"{1e3 * seconds:.3f}"})
            print(count, [f"{1e3 * seconds:.2f}" for seconds in times], flush=True)
    return table
