"""The rows of the old course in chapter 12 at their own settings, 20 epochs, five seeds, and the
first of them without clipping: the accuracy on the validation pictures after the last epoch."""

from tools.trials import run_cells

CELLS = [
    "setup",
    "parameters",
    "data",
    "build",
    "relu",
    "recipes",
    "recipes-norm",
    "recipe",
]
CELLS += ["learn"]
# Momentum, the value at which gradients are clipped, batch size.
SETTINGS = {
    "clipping": (0.0, 1.0, 200),
    "L1": (0.0, None, 200),
    "dropout": (0.9, None, 50),
    "max-norm": (0.9, None, 50),
    "batch normalisation": (0.9, None, 200),
    "not clipped": (0.0, None, 200),
}


def rows() -> list[dict]:
    chapter = run_cells("12_training_deep_networks", CELLS)
    keras, loss = chapter["keras"], chapter["loss_function"]
    x, y = chapter["x_train"], chapter["y_train"]
    table = []
    for name, (momentum, clip, batch_size) in SETTINGS.items():
        for seed in range(5):
            chapter["set_seed"](seed)
            model = chapter["recipe"]("clipping" if name == "not clipped" else name)
            sgd = keras.optimizers.SGD(0.01, momentum=momentum, clipvalue=clip)
            options = {"epochs": 20, "batch_size": batch_size, "seed": seed}
            history = chapter["train"](model, loss, sgd, x, y, **options)
            right = chapter["accuracy_on"](
                model, chapter["x_valid"], chapter["y_valid"]
            )
            row = {"recipe": name, "seed": seed, "validation accuracy": f"{right:.4f}"}
            row["seconds"] = f"{history.seconds:.1f}"
            table.append(row)
            print(row, flush=True)
    return table
