"""Writing like a book (chapter 27, section 27.5): the LSTM of chapter 17 with its 12 epochs, and a
transformer with as many weights and about as many seconds, five seeds each, in turns. A seed sets
the first weights and the order of the windows. "valid" is the loss a character in the eleventh
chapter after the last epoch, "best" the lowest after any epoch and "epoch" which that was, "train"
the training loss of the last epoch, and "test" the loss in the twelfth chapter after the last.
"seconds" is all of it: reading the text, compiling and training."""

import time

from tools.trials import run_cells

import numpy as np

OLD = ["setup", "parameters", "loss", "text", "encode", "windows", "writer"]
NEW = ["setup", "parameters", "positions", "build", "block", "book", "writer", "teach"]
NETWORKS = {
    "LSTM": ("17_recurrent_networks", OLD),
    "transformer": ("27_attention", [*NEW, "learn"]),
}
SEEDS = range(5)


def run(network: str, seed: int) -> dict:
    chapter, cells = NETWORKS[network]
    start = time.perf_counter()
    names = run_cells(chapter, cells, SEED=seed)
    seconds = time.perf_counter() - start
    history, writer = names["history"], names["writer"]
    x, y = names["make_windows"](names["book"][11], stride=50)
    logits = writer.predict(x, verbose=0)
    test = names["cross_entropy"](y, logits)
    row = {"network": network, "seed": seed, "weights": writer.count_params()}
    row["epochs"] = len(history["val_loss"])
    row["valid"] = f"{history['val_loss'][-1]:.4f}"
    row["best"] = f"{min(history['val_loss']):.4f}"
    row["epoch"] = 1 + int(np.argmin(history["val_loss"]))
    row["train"] = f"{history['loss'][-1]:.4f}"
    row["test"] = f"{float(test):.4f}"
    row["seconds"] = f"{seconds:.1f}"
    print(*row.values(), flush=True)
    return row


def rows() -> list[dict]:
    for network, (chapter, cells) in NETWORKS.items():
        print(network, "imports", flush=True)
        run_cells(chapter, cells[:1])  # importing is not timed
    return [run(network, seed) for seed in SEEDS for network in NETWORKS]
