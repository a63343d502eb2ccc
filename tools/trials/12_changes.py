"""One network, one budget, one change at a time (chapter 12): the accuracy on the validation and
on the test pictures of networks trained for 2,750 steps. Rates and strengths are chosen by the
validation accuracy of two seeds, the rates of the optimizers by that of five ("choosing"); then
five other seeds give the result. "silent" is the part of the hidden units that answer 0 to all
validation pictures, counted for ReLU and leaky ReLU."""

from tools.trials import run_cells
from utils.training import Diverged

import numpy as np

CELLS = ["setup", "parameters", "data", "build", "relu", "learn", "dead"]
CELLS += ["norm", "optimizers", "schedules", "augment"]
CHOOSING, RESULT = range(10, 15), range(5)
DEEP = (100,) * 10
FULL = 55_000
C: dict = {}  # the chapter's names


def one(group, name, setting, seed, x, y, model, optimizer) -> dict:
    """Train a model and return its row."""
    row = {"group": group, "name": name, "setting": setting, "pictures": len(x)}
    row |= {"use": "choosing" if seed in CHOOSING else "result", "seed": seed}
    try:
        C["learn"](model, optimizer, seed, x, y)
        valid = C["accuracy_on"](model, C["x_valid"], C["y_valid"])
        test = C["accuracy_on"](model, C["x_test"], C["y_test"])
    except Diverged:
        valid = test = 0.0
    row |= {"validation": f"{valid:.4f}", "test": f"{test:.4f}", "silent": "0"}
    print(row, flush=True)
    return row


def best(table: list[dict]) -> float:
    """The setting with the largest mean validation accuracy over the choosing seeds."""
    means: dict = {}
    for row in table:
        means.setdefault(row["setting"], []).append(float(row["validation"]))
    return max(means, key=lambda setting: np.mean(means[setting]))


def runs(group, name, setting, seeds, make, count) -> list[dict]:
    """The rows of what `make(name, setting)` returns, a model and an optimizer, for these seeds."""
    x, y = C["x_train"][:count], C["y_train"][:count]
    table = []
    for seed in seeds:
        C["set_seed"](seed)
        model, optimizer = make(name, setting)
        table.append(one(group, name, setting, seed, x, y, model, optimizer))
        if group == "activation" and "relu" in name:
            table[-1]["silent"] = f"{C['silent_share'](model):.4f}"
    return table


def chosen(group, grid, make, count=FULL, seeds=2) -> list[dict]:
    """For each name the rows of the choice among its settings, by so many seeds, and the results
    of five seeds at the best."""
    table = []
    for name, settings in grid.items():
        tried = []
        for setting in settings:
            tried += runs(group, name, setting, CHOOSING[:seeds], make, count)
        table += tried + runs(group, name, best(tried), RESULT, make, count)
    return table


def fixed(group, names, make, settings=(0.0,), count=FULL) -> list[dict]:
    """Five seeds of each name at each setting."""
    table = []
    for name in names:
        for setting in settings:
            table += runs(group, name, setting, RESULT, make, count)
    return table


def adam(rate=0.001, epsilon=1e-7):
    return C["keras"].optimizers.Adam(rate, epsilon=epsilon)


def started(start, normalise):
    """A hidden layer with this start, with or without batch normalisation."""
    layers, keras = C["layers"], C["keras"]

    def hidden_layer(units):
        first = start
        if isinstance(start, float):
            first = keras.initializers.RandomNormal(stddev=start)
        dense = layers.Dense(units, kernel_initializer=first)
        middle = [layers.BatchNormalization(momentum=0.9)] if normalise else []
        return [dense, *middle, layers.ReLU()]

    return hidden_layer


def regularised(name, strength):
    """A hidden layer with this means against overfitting."""
    layers, keras = C["layers"], C["keras"]

    def hidden_layer(units):
        regularizer = constraint = None
        if name == "L1":
            regularizer = keras.regularizers.L1(strength)
        if name == "L2":
            regularizer = keras.regularizers.L2(strength)
        if name == "max-norm":
            constraint = keras.constraints.MaxNorm(strength, axis=0)
        dense = layers.Dense(
            units,
            activation="relu",
            kernel_regularizer=regularizer,
            kernel_constraint=constraint,
        )
        return [dense, C["Dropout"](strength)] if name == "dropout" else [dense]

    return hidden_layer


def activation(name, rate):
    def hidden_layer(units):
        return [C["layers"].Dense(units, activation=name)]

    return C["build"](hidden_layer), adam(rate)


def start(name, _):
    first, _, extra = name.partition(", ")
    first = float(first) if first[0].isdigit() else first
    walker = adam(epsilon=1e-20) if extra == "epsilon 1e-20" else adam()
    return C["build"](started(first, extra == "normalised"), DEEP), walker


def normalisation(name, rate):
    return C["build"](C[name]), adam(rate)


def clipped(name, rate):
    kind, _, limit = name.partition(" ")
    option = {"value": "clipvalue", "norm": "global_clipnorm"}
    clip = {option[kind]: float(limit or 1)} if kind in option else {}
    return C["build"](started("he_normal", False), DEEP), C["keras"].optimizers.SGD(
        rate, **clip
    )


def optimized(name, rate):
    return C["build"](C["relu"]), C["optimizer"](name, rate)


def scheduled(name, rate):
    return C["build"](C["relu"]), C["optimizer"]("momentum", C["schedule"](name, rate))


def regular(name, strength):
    return C["build"](regularised(name, strength)), adam()


def pictures() -> list[dict]:
    """1,000 pictures in 55 versions: as they are, altered, and with white noise."""
    table, many = [], np.tile(C["x_train"][:1000], (55, 1))
    labels = np.tile(C["y_train"][:1000], 55)
    for name in ("as they are", "altered", "noise"):
        for seed in RESULT:
            C["set_seed"](seed)
            x = C["altered"](many) if name == "altered" else many
            x = C["noisy"](many) if name == "noise" else x
            x, model = x.reshape(-1, 784), C["build"](C["relu"])
            table.append(one("pictures", name, 0.0, seed, x, labels, model, adam()))
    return table


ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "sigmoid")
STARTS = ("0.01", "glorot_normal", "he_normal", "1.0")
LOW, HIGH = (0.0001, 0.0003, 0.001, 0.003, 0.01), (0.01, 0.03, 0.1, 0.3, 1.0)
MIDDLE = (0.003, 0.01, 0.03, 0.1, 0.3)
RATES = {"SGD": (0.03, 0.1, 0.3, 1.0, 3.0), "momentum": MIDDLE, "Nesterov": MIDDLE}
RATES |= {"AdaGrad": HIGH, "RMSProp": LOW, "Adam": LOW}
TIGHTER = ("value 0.1", "value 0.01")
SCHEDULES = ("constant", "piecewise", "exponential", "power", "cosine")
STRENGTHS = {"L2": (1e-5, 1e-4, 1e-3), "L1": (1e-6, 1e-5, 1e-4)}
STRENGTHS |= {"dropout": (0.1, 0.3, 0.5), "max-norm": (1.0, 2.0, 3.0)}


def rows() -> list[dict]:
    C.update(run_cells("12_training_deep_networks", CELLS))
    table = fixed("activation", ACTIVATIONS, activation, (0.001, 0.01))
    table += fixed("start", STARTS + tuple(f"{s}, normalised" for s in STARTS), start)
    table += fixed("start", ("0.01, epsilon 1e-20",), start)
    table += fixed(
        "normalisation", ("relu", "normalised"), normalisation, (0.001, 0.01)
    )
    table += fixed("clipping", ("none", "value", "norm"), clipped, (0.3, 1.0))
    table += fixed("clipping", ("none",), clipped, (0.03, 0.1))
    table += fixed("clipping", TIGHTER, clipped, (0.3, 1.0))
    table += chosen("optimizer", RATES, optimized, seeds=5)
    table += chosen("schedule", dict.fromkeys(SCHEDULES, HIGH), scheduled)
    for count in (1000, FULL):
        table += fixed("regulariser", ("none",), regular, count=count)
        table += chosen("regulariser", STRENGTHS, regular, count)
    return table + pictures()
