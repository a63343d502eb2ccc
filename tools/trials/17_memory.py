"""Remembering the first symbol (chapter 17, sections 17.1, 17.5 and 17.6), five seeds for each
network and start: the accuracy on 1,000 new sequences after 20 epochs on 4,000. "best" is the
largest accuracy after an epoch on 1,000 validation sequences. "gradient" is the length of the
gradient of the right logit with respect to the first symbol, before the training and after it, a
mean over 200 sequences. "gate" is how far the gate that keeps is open, a mean over the units, and
"gain" and "loss" are the largest changes of one unit, up and down (all 0 for the simple cell, which
has no such gate). "bias" in the name of a network is that of this gate at the start, "clipped" a
limit of 1 for the length of the gradient."""

from tools.trials import run_cells

import keras
import numpy as np
from keras import layers

CELLS = ["setup", "parameters", "task", "loss", "build", "rnn-cell", "lstm-cell"]
CELLS += ["gru-cell", "set-gate", "input-gradients", "keep-gates"]
# kind, bias of the gate, scale of U, limit of the gradient (0: none), symbols
NETWORKS = [
    ("LSTM", 1, 1, 0, 10),
    ("GRU", 0, 1, 0, 10),
    ("SimpleRNN", 0, 1, 0, 50),
    ("SimpleRNN", 0, 1, 1, 50),
    ("SimpleRNN", 0, 0.7, 0, 50),
    ("LSTM", 0, 1, 0, 50),
    ("LSTM", 1, 1, 0, 50),
    ("LSTM", 3, 1, 0, 50),
    ("LSTM", 5, 1, 0, 50),
    ("GRU", 0, 1, 0, 50),
    ("GRU", 1, 1, 0, 50),
    ("GRU", 3, 1, 0, 50),
    ("GRU", 5, 1, 0, 50),
]
SEEDS = range(5)
C: dict = {}  # the chapter's names


def name_of(kind: str, bias: float, scale: float, clip: float) -> str:
    if kind != "SimpleRNN":
        return f"{kind}, bias {bias}"
    return kind + ", clipped" * bool(clip) + f", U times {scale}" * (scale != 1)


def make(kind: str, bias: float, scale: float, clip: float, length: int):
    """The network and its recurrent layer."""
    if kind == "SimpleRNN":
        start = keras.initializers.Orthogonal(gain=scale)
        layer = layers.SimpleRNN(C["UNITS"], recurrent_initializer=start)
    else:
        layer = getattr(layers, kind)(C["UNITS"])
    model = C["build"](layer, length)
    if kind != "SimpleRNN":
        C["set_gate"](layer, bias)
    if clip:
        rate = C["LEARNING_RATE"]
        adam = keras.optimizers.Adam(rate, global_clipnorm=clip)
        model.compile(adam, loss=C["cross_entropy"], metrics=["accuracy"])
    return model, layer


def look(model, layer, kind, x, y) -> tuple[float, np.ndarray]:
    """The gradient at the first symbol, and the gates."""
    gates = np.zeros(1) if kind == "SimpleRNN" else C["keep_gates"](layer, x)
    return C["input_gradients"](model, x, y)[-1], gates


def rows() -> list[dict]:
    C.update(run_cells("17_recurrent_networks", CELLS))
    table = []
    for kind, bias, scale, clip, length in NETWORKS:
        for seed in SEEDS:
            x_train, y_train = C["make_sequences"](C["SEQUENCES"], length, 10 + seed)
            valid = C["make_sequences"](1_000, length, 20 + seed)
            x_test, y_test = C["make_sequences"](1_000, length, 30 + seed)
            C["set_seed"](seed)
            model, layer = make(kind, bias, scale, clip, length)
            few = x_test[:200], y_test[:200]
            gradient, gates = look(model, layer, kind, *few)
            settings = {"epochs": C["EPOCHS"], "batch_size": C["BATCH_SIZE"]}
            history = model.fit(
                x_train, y_train, validation_data=valid, verbose=0, **settings
            )
            after, gates_after = look(model, layer, kind, *few)
            accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
            row = {"network": name_of(kind, bias, scale, clip), "cell": kind}
            row |= {"symbols": length, "seed": seed, "accuracy": f"{accuracy:.3f}"}
            row["best"] = f"{max(history.history['val_accuracy']):.3f}"
            row |= {"gradient": f"{gradient:.1e}", "gradient after": f"{after:.1e}"}
            row["gate"] = f"{gates.mean():.3f}"
            row["gate after"] = f"{gates_after.mean():.3f}"
            row["gain"] = f"{(gates_after - gates).max():.3f}"
            row["loss"] = f"{(gates_after - gates).min():.3f}"
            print(row, flush=True)
            table.append(row)
    return table
