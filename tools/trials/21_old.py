"""The variants of the old course in chapter 21 at their own settings, five seeds: the accuracy on
the validation and on the test pictures after the last epoch, and the seconds, preparation
included. "source" is the network that all the others of its seed and batch size start from. The
seconds of "two cached" include making the cache. "random fourth, draw ..." are further draws of
the layer that stays random."""

import time

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "build", "learn", "copy", "features"]
TOP = [300, 50, 50, 20]
C: dict = {}  # the chapter's names


def row(name, batch_size, seed, epochs, model, seconds, below=None) -> dict:
    scores = {}
    for part in ("valid", "test"):
        x, y = C[f"x_{part}"], C[f"y_{part}"]
        x = C["features"](*below, x) if below else x
        scores[part] = f"{C['accuracy_on'](model, x, y):.4f}"
    table = {"variant": name, "batch": batch_size, "seed": seed, "epochs": epochs}
    table |= scores | {"seconds": f"{seconds:.2f}"}
    print(table, flush=True)
    C["keras"].backend.clear_session()
    return table


def new_top(source, seed, copied=3):
    """Layers of the source, and above them a new layer of 20 and a new output."""
    C["set_seed"](seed)
    units = C["HIDDEN"][:copied] + [20]
    model = C["build"](units)
    C["copy_layers"](source, model, copied)
    return model


def one_seed(seed, batch_size, epochs, short) -> list[dict]:
    x, y, sgd = C["x_train"], C["y_train"], C["keras"].optimizers.SGD
    table = []

    def run(name, model, epochs, x=x, below=None, clip=None, before=0.0):
        optimizer = sgd(C["RATE"], clipvalue=clip)
        history = C["learn"](model, x, y, epochs, optimizer, seed, batch_size)
        seconds = history.seconds + history.compile_seconds
        table.append(
            row(name, batch_size, seed, epochs, model, before + seconds, below)
        )

    C["set_seed"](seed)
    source = C["build"](C["HIDDEN"])
    run("source", source, epochs, clip=1.0)
    more = C["build"](C["HIDDEN"])
    more.set_weights(source.get_weights())
    run("continued", more, epochs, clip=1.0)
    run("new top on three", new_top(source, seed), epochs)
    if batch_size == 50:
        run("new top on four", new_top(source, seed, 4), epochs)
    frozen = new_top(source, seed)
    C["freeze"](frozen, 2)
    run("two frozen", frozen, short)
    start = time.perf_counter()
    cache = C["features"](source, 2, x)
    upper = C["build"]([50, 20], inputs=50)
    upper.set_weights(new_top(source, seed).get_weights()[4:])
    before = time.perf_counter() - start
    run("two cached", upper, short, x=cache, below=(source, 2), before=before)
    third = C["features"](source, 3, x)
    C["set_seed"](seed)
    output = C["build"]([], inputs=50)
    run("only the output", output, epochs, x=third, below=(source, 3))
    for draw in range(8):
        C["set_seed"](100 * draw + seed)
        last = C["build"]([20], inputs=50)
        C["freeze"](last, 1)
        name = "random fourth" if draw == 0 else f"random fourth, draw {draw}"
        run(name, last, epochs, x=third, below=(source, 3))
    return table


def rows() -> list[dict]:
    C.update(run_cells("21_transfer_learning_layers", CELLS))
    table = []
    for seed in range(5):
        table += one_seed(seed, 50, 40, 20)
        table += one_seed(seed, 200, 20, 20)
    return table
