"""A first lesson by pairs, "same digit or not?", then 100 labels (chapter 23, section 23.9), five
seeds: the accuracy on the validation and on the test pictures. "lesson": the pairs of the first
lesson, "shuffled" with their answers in random order, or none (a random start). "below" is the
rate of the hidden layers as a part of the last layer's; dropout is 0.5 throughout."""

from tools.trials import NotHere, run_cells

CELLS = ["setup", "parameters", "data", "few", "network", "step", "tune", "start"]
CELLS += ["pairs", "pair-network", "pair-train"]
LESSONS = {
    "none": None,
    "1,000 pairs": (1_000, False),
    "10,000 pairs": (10_000, False),
    "10,000 pairs, shuffled": (10_000, True),
}
C: dict = {}  # the chapter's names


def begin() -> None:
    C.update(run_cells("23_unsupervised_pretraining", CELLS))
    if C["source"] != "real":
        raise NotHere("It needs the real MNIST.")


def one(lesson, weights, below, seed) -> dict:
    C["keras"].backend.clear_session()
    C["set_seed"](seed)
    if weights is None:
        model = C["make_network"](dropout=0.5)
    else:
        model = C["start_from"](weights, seed, dropout=0.5)
    C["fine_tune"](model, *C["draw_few"](100, seed), seed, C["TUNE_STEPS"], below)
    row = {"lesson": lesson, "seed": seed, "below": below}
    for part in ("valid", "test"):
        right = C["accuracy"](model, C[f"x_{part}"], C[f"y_{part}"])
        row[part] = f"{right:.4f}"
    print(*row.values(), flush=True)
    return row


def of_seed(seed) -> list[dict]:
    table = []
    for lesson, kind in LESSONS.items():
        weights = None
        if kind:
            pairs = C["make_pairs"](kind[0], seed, shuffled=kind[1])
            weights = C["train_pairs"](pairs, seed, C["PAIR_STEPS"])
        for below in (1.0, 0.01):
            table.append(one(lesson, weights, below, seed))
    return table


def rows() -> list[dict]:
    begin()
    return [row for seed in range(5) for row in of_seed(seed)]
