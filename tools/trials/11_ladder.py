"""The six rungs of chapter 11 and two controls, five seeds each: the losses on 5,000 training
pictures and on the validation pictures, both without dropout, and the accuracy on the test
pictures after the last epoch. For the two deepest rungs the losses after each epoch."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "spread", "builders", "rungs"]
CELLS += ["controls", "climb"]
SEEDS = range(5)
BY_EPOCH = ["5 deeper", "6 dropout"]


def rows() -> list[dict]:
    chapter = run_cells("11_deep_mnist", CELLS)
    loss, metrics = chapter["loss_function"], chapter["accuracy"]
    seen = chapter["x_train"][:5000], chapter["y_train"][:5000]
    unseen = chapter["x_valid"], chapter["y_valid"]
    test = chapter["x_test"], chapter["y_test"]
    table = []
    for seed in SEEDS:
        for rung in chapter["networks"]:
            model, history = chapter["climb"](rung, seed, unseen)
            right = chapter["evaluate"](model, loss, *test, metrics=metrics)["accuracy"]
            known = [chapter["evaluate"](model, loss, *seen)["loss"]]
            if rung in BY_EPOCH:  # the same run once more, watched on other pictures
                known = chapter["climb"](rung, seed, seen)[1].history["val_loss"]
            first = chapter["EPOCHS"] - len(known) + 1
            for epoch, training_loss in enumerate(known, first):
                row = {"rung": rung, "seed": seed, "epoch": epoch}
                row["training loss"] = f"{training_loss:.4f}"
                row["validation loss"] = f"{history.history['val_loss'][epoch - 1]:.4f}"
                row["test accuracy"] = f"{right:.4f}"
                table.append(row)
    return table
