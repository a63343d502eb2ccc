"""Digits with few labels (chapter 23, section 23.7), five seeds, each with labels, random weights
and pretraining of its own, shared by all rows of the seed: the accuracy on the 5,000 validation
and on the 10,000 test pictures. "start": random, or both hidden layers pretrained without labels
by autoencoders or by RBMs, or those of the RBMs with the numbers of each layer in random order.
"setting": the activation, the dropout, and the rate of the hidden layers as a part of the last
layer's. All starts get the same steps and the same batches; random may choose among most."""

from itertools import product

from tools.trials import NotHere, run_cells

import numpy as np

CELLS = ["setup", "parameters", "data", "few", "network", "step", "tune", "denoise"]
CELLS += [
    "map-train",
    "by-hand",
    "rbm",
    "toss",
    "cd",
    "many",
    "digits",
    "pretrain",
    "start",
]
STEPS = {100: 600, 1_000: 1_000, 10_000: 2_000}
RBM_EPOCHS, AUTOENCODER_EPOCHS = 6, 5
DROPOUTS, PARTS = (0.0, 0.5), (1.0, 0.01)
C: dict = {}  # the chapter's names


def permuted(pretrained, seed) -> list:
    """The same numbers in each layer, in random order."""
    rng = np.random.default_rng([seed, 1])
    mixed = []
    for weights in pretrained:
        mixed.append([rng.permutation(w.ravel()).reshape(w.shape) for w in weights])
    return mixed


def one(start, model, count, seed, setting, below) -> dict:
    x, y = C["draw_few"](count, seed)
    C["fine_tune"](model, x, y, seed, STEPS[count], below)
    row = {"start": start, "labels": count, "seed": seed, "setting": setting}
    for part in ("valid", "test"):
        right = C["accuracy"](model, C[f"x_{part}"], C[f"y_{part}"])
        row[part] = f"{right:.4f}"
    print(*row.values(), flush=True)
    return row


def of_start(start, pretrained, count, seed) -> list[dict]:
    """All settings of a start; only the random one may have ReLU."""
    table = []
    parts = PARTS if count < 10_000 else PARTS[:1]
    activations = ("sigmoid", "relu") if pretrained is None else ("sigmoid",)
    for activation, dropout, below in product(activations, DROPOUTS, parts):
        C["keras"].backend.clear_session()
        C["set_seed"](seed)
        if pretrained is None:
            model = C["make_network"](activation, dropout)
        else:
            model = C["start_from"](pretrained, seed, dropout)
        setting = f"{activation}, dropout {dropout}, below {below}"
        table.append(one(start, model, count, seed, setting, below))
    return table


def of_seed(seed) -> list[dict]:
    """All rows of a seed, so that the seeds can be run in pieces."""
    starts = {"random": None}
    for kind in ("autoencoder", "RBM"):
        starts[kind] = C["pretrain"](kind, seed, RBM_EPOCHS, AUTOENCODER_EPOCHS)
    starts["RBM, permuted"] = permuted(starts["RBM"], seed)
    table = []
    for count in STEPS:
        for start, pretrained in starts.items():
            table += of_start(start, pretrained, count, seed)
    return table


def rows() -> list[dict]:
    C.update(run_cells("23_unsupervised_pretraining", CELLS))
    if C["source"] != "real":
        raise NotHere("It needs the real MNIST.")
    return [row for seed in range(5) for row in of_seed(seed)]
