"""Plain and residual networks of 8, 20 and 44 layers on small clothes (chapter 15), five seeds,
two epochs at four rates: the loss on all pictures of the training, measured after it, and the
mistakes on the 5,000 validation pictures. Those of 44 layers also with six epochs, and with the
gradient of each variable cut to a norm of 0.1."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "convolution", "block", "zeros", "small", "fashion"]
CELLS += ["learn"]
SEEDS = range(5)
RATES = [0.01, 0.03, 0.1, 0.3]
C: dict = {}  # the chapter's names


def rows() -> list[dict]:
    C.update(run_cells("15_cnn_architectures", CELLS))
    settings = [(depth, rate, 2, 0.0) for depth in (8, 20, 44) for rate in RATES]
    settings += [(44, 0.1, 2, 0.1), (44, 0.1, 6, 0.0)]
    table = []
    for setting in settings:
        for name, shortcut in [("plain", None), ("residual", C["zeros"])]:
            table += [one(name, shortcut, *setting, seed) for seed in SEEDS]
    return table


def one(name, shortcut, depth, rate, epochs, clip, seed) -> dict:
    C["set_seed"](seed)
    model = C["build_small"](depth, shortcut)
    C["learn"](model, rate, seed, epochs, clip or None)
    accuracy = {"accuracy": C["keras"].metrics.sparse_categorical_accuracy}
    valid = (C["x_valid"], C["y_valid"])
    loss = C["evaluate"](model, C["loss"], C["x_train"], C["y_train"])["loss"]
    right = C["evaluate"](model, C["loss"], *valid, metrics=accuracy)["accuracy"]
    row = {"network": name, "layers": depth, "rate": rate, "epochs": epochs}
    row |= {"clip": clip, "seed": seed, "weights": model.count_params()}
    row |= {"train_loss": f"{loss:.5f}", "wrong": round(5000 * (1 - right))}
    print(*row.values(), flush=True)
    return row
