"""Remembering the first of 50 symbols by attention (chapter 27, sections 27.2 and 27.3), five
seeds for each network and task, on the sequences that the networks of chapter 17's table had: the
accuracy on 1,000 new sequences after 20 epochs on 4,000. "first" asks for the first symbol, "most"
for the most frequent one. "reached" is the first epoch after which at least 0.99 of 1,000
validation sequences were right, 0 if none was. "gradient" is the length of the gradient of the
right logit with respect to the first symbol before the training, a mean over 200 sequences, and
"share" is the attention weight of the first symbol after it."""

import time

from tools.trials import run_cells

CELLS = [
    "setup",
    "parameters",
    "task",
    "positions",
    "build",
    "signal",
    "shares",
    "most",
]
SEEDS = range(5)
C: dict = {}  # the chapter's names


def run(task: str, with_positions: bool, seed: int) -> dict:
    make = C["make_sequences"] if task == "first" else C["make_most"]
    parts = [(C["SEQUENCES"], 10), (1_000, 20), (1_000, 30)]
    data = [make(count, C["LENGTH"], start + seed) for count, start in parts]
    few = data[2][0][:200], data[2][1][:200]
    C["set_seed"](seed)
    start = time.perf_counter()
    model = C["build"](with_positions)
    gradient = C["input_gradients"](model, *few)[0]
    settings = {"epochs": C["EPOCHS"], "batch_size": C["BATCH_SIZE"], "verbose": 0}
    history = model.fit(*data[0], validation_data=data[1], **settings).history
    seconds = time.perf_counter() - start
    right = [epoch for epoch, a in enumerate(history["val_accuracy"], 1) if a >= 0.99]
    row = {"task": task, "positions": "yes" if with_positions else "no", "seed": seed}
    row["weights"] = model.count_params()
    row["accuracy"] = f"{model.evaluate(*data[2], verbose=0)[1]:.3f}"
    row["reached"] = right[0] if right else 0
    row["gradient"] = f"{gradient:.1e}"
    row["share"] = f"{C['shares_of'](model, few[0])[:, 0].mean():.3f}"
    row["seconds"] = f"{seconds:.1f}"
    print(*row.values(), flush=True)
    return row


def rows() -> list[dict]:
    C.update(run_cells("27_attention", CELLS))
    return [
        run(task, with_positions, seed)
        for task, with_positions in (("first", True), ("first", False), ("most", False))
        for seed in SEEDS
    ]
