"""Chapter 27, section 27.7: one transformer block on the reviews of chapter 18, with the seeds,
splits and columns of chapter 18's table (data/trials/18_reviews.csv): the best epoch by validation
loss, its accuracy on the 1,000 validation and the 5,000 test reviews, the number of weights, and
the seconds of the whole training with its preparation. "no attention" is the same network without
the attention of its block."""

import importlib

from tools.trials import NotHere, run_cells

old = importlib.import_module("tools.trials.18_reviews")
CELLS = ["setup", "parameters", "positions", "build", "block", "judge"]


def rows() -> list[dict]:
    old.C.update(run_cells("18_text_classification", old.CELLS))
    if old.C["source"] != "real":
        raise NotHere("It needs the reviews of the Large Movie Review Dataset.")
    new = run_cells("27_attention", CELLS)
    make, epochs = new["make_judge"], new["REVIEW_EPOCHS"]

    def no_attention():
        return make(attend=False)

    table = []
    for seed in range(5):
        data = old.encoded(seed)
        for name, network in (("one block", make), ("no attention", no_attention)):
            table.append(old.network(seed, name, network, epochs, data))
    return table
