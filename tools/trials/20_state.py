"""What a training loses that goes on with its weights, but without the state of Adam (chapter 20,
section 20.8): the network and the points of 20.7 after 300 epochs. "rate": 0.01 throughout, or
shrinking tenfold every 5,000 steps. "lost": Adam's two means of the gradients, its count of steps,
or both (a new Adam). "more loss": the loss on all points after so many steps more, minus the loss
with everything kept; the mean over thirty orders of the batches, the same for all, and its
standard error. "loss": the loss with everything kept."""

from tools.trials import run_cells
from utils.training import Batches

import numpy as np

SEEDS = 30
LOST = {"nothing": (), "means": ("means",), "count": ("count",)}
LOST["both"] = ("means", "count")


def rows() -> list[dict]:
    c = run_cells(
        "20_save_and_restore", ["setup", "parameters", "ways-data", "sine-data"]
    )
    keras, tf = c["keras"], c["tf"]
    x, y = c["sine_data"]()
    falling = keras.optimizers.schedules.ExponentialDecay(0.01, 5000, 0.1)
    table = []
    for name, rate in [("constant", 0.01), ("falling", falling)]:
        model, adam = c["sine_network"](), keras.optimizers.Adam(rate)
        loss = keras.losses.MeanSquaredError()
        c["train"](model, loss, adam, x, y, epochs=300, batch_size=100)
        kept = [v.numpy() for v in model.variables], [v.numpy() for v in adam.variables]

        @tf.function
        def go_on(batches, model=model, adam=adam, loss=loss):
            for batch in batches:
                with tf.GradientTape() as tape:
                    value = loss(tf.gather(y, batch), model(tf.gather(x, batch)))
                weights = model.trainable_variables
                adam.apply(tape.gradient(value, weights), weights)

        for steps in (1, 10, 50, 500):
            ends = {}
            for lost, parts in LOST.items():
                ends[lost] = []
                for seed in range(SEEDS):
                    put_back(model, adam, kept, parts)
                    go_on(tf.constant(batches_of(len(x), steps, seed)))
                    ends[lost].append(float(loss(y, model(x))))
            for lost in ("means", "count", "both"):
                more = np.subtract(ends[lost], ends["nothing"])
                row = {"rate": name, "lost": lost, "steps": steps}
                row["more loss"] = f"{more.mean():.7f}"
                row["error"] = f"{more.std(ddof=1) / SEEDS**0.5:.7f}"
                row["loss"] = f"{np.mean(ends['nothing']):.6f}"
                print(row, flush=True)
                table.append(row)
    return table


def put_back(model, adam, kept, lost) -> None:
    """Weights and Adam as they were after the 300 epochs, but for what is lost."""
    weights, state = kept
    for variable, value in zip(model.variables, weights, strict=True):
        variable.assign(value)
    for variable, value in zip(adam.variables, state, strict=True):
        # The count is a whole number; the rate, if it is a variable, has no axis either.
        if variable.path.endswith("iteration"):
            variable.assign(0 if "count" in lost else value)
        elif value.ndim and "means" in lost:
            variable.assign(np.zeros_like(value))
        else:
            variable.assign(value)


def batches_of(examples: int, steps: int, seed: int) -> np.ndarray:
    """(steps, 100): the same batches whatever is lost."""
    table = np.zeros((steps, 100), np.int32)
    Batches(examples, 100, seed).fill(table)
    return table
