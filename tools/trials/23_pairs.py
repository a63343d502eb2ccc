"""A first lesson by pairs, "same digit or not?", then 100 labels (chapter 23, section 23.9), five
seeds with the labels of 23_labels: the accuracy on the test pictures. "lesson": the pairs of the
first lesson, "shuffled" with their answers in random order. Dropout is 0.5, and the hidden layers
learn at a hundredth of the rate, as 23_labels has chosen for pretrained layers."""

from tools.trials import NotHere, run_cells

CELLS = ["setup", "parameters", "data", "few", "network", "step", "tune", "start"]
CELLS += ["pairs", "pair-network", "pair-train"]
LESSONS = {
    "1,000 pairs": (1_000, False),
    "10,000 pairs": (10_000, False),
    "10,000 pairs, shuffled": (10_000, True),
}
C: dict = {}  # the chapter's names


def begin() -> None:
    C.update(run_cells("23_unsupervised_pretraining", CELLS))
    if C["source"] != "real":
        raise NotHere("It needs the real MNIST.")


def of_seed(seed) -> list[dict]:
    table = []
    for lesson, (count, shuffled) in LESSONS.items():
        C["keras"].backend.clear_session()
        pairs = C["make_pairs"](count, seed, shuffled)
        weights = C["train_pairs"](pairs, seed, C["PAIR_STEPS"])
        model = C["start_from"](weights, seed, dropout=0.5)
        x, y = C["draw_few"](100, seed)
        C["fine_tune"](model, x, y, seed, C["TUNE_STEPS"], below=0.01)
        right = C["accuracy"](model, C["x_test"], C["y_test"])
        row = {"lesson": lesson, "seed": seed, "test": f"{right:.4f}"}
        print(*row.values(), flush=True)
        table.append(row)
    return table


def rows() -> list[dict]:
    begin()
    return [row for seed in range(5) for row in of_seed(seed)]
