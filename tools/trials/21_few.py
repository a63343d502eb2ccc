"""From the digits 0 to 4 to the digits 5 to 9 (chapter 21): the accuracy on the validation and
on the test pictures of 5 to 9 after 3,000 steps with 10, 30, 100 or 300 labels a class, for five
seeds, each with a teacher, pictures and random weights of its own. "hidden" is the number of
hidden layers, "copied" the number of layers taken from the teacher, from below, and "frozen" the
number of layers that stay as they are. "new task": all layers may learn, or the copied ones are
frozen, or as many random ones. "recipe": all five hidden layers copied, fewer of them frozen.
"dropped": the upper hidden layers left out. Two controls for one copied layer: "permuted", the
teacher's first layer with its numbers in random order; "own task", the first layer of a network
that learnt the same few pictures of 5 to 9 for as many steps, from other random weights."""

from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "data", "split", "pick", "build", "learn"]
CELLS += ["copy", "features", "teacher"]
LABELS, DEPTHS = (10, 30, 100, 300), (1, 2, 3, 4, 5)
C: dict = {}  # the chapter's names


def learn_few(model, x, y, seed) -> None:
    epochs = C["FEW_STEPS"] // (len(x) // C["BATCH_SIZE"])
    momentum = C["keras"].optimizers.SGD(C["RATE"], momentum=0.9)
    options = {"epochs": epochs, "batch_size": C["BATCH_SIZE"], "seed": seed}
    loss = C["loss_function"]
    C["train"](model, loss, momentum, x, y, jit_compile=False, **options)


def one(teacher, labels, seed, group, copied, frozen, hidden=5) -> dict:
    """Train a student and return its row. What is frozen is computed once, as in section 21.4."""
    keep = C["pick"](labels, seed)
    C["keras"].backend.clear_session()
    C["set_seed"](seed)
    model = C["build"](C["HIDDEN"][:hidden], outputs=5)
    C["copy_layers"](teacher, model, copied)
    inputs = C["HIDDEN"][frozen - 1] if frozen else 784
    upper = C["build"](C["HIDDEN"][frozen:hidden], inputs=inputs, outputs=5)
    upper.set_weights(model.get_weights()[2 * frozen :])

    def below(x):
        return C["features"](model, frozen, x)

    learn_few(upper, below(C["x_new"][keep]), C["y_new"][keep], seed)
    row = {"group": group, "labels": labels, "seed": seed}
    row |= {"hidden": hidden, "copied": copied, "frozen": frozen}
    for part in ("valid", "test"):
        x, y = below(C[f"x_new_{part}"]), C[f"y_new_{part}"]
        row[part] = f"{C['accuracy_on'](upper, x, y):.4f}"
    print(row, flush=True)
    return row


def five_layers(student) -> list[dict]:
    table = [one(*student, "new task", 0, 0)]
    for depth in DEPTHS:
        table.append(one(*student, "new task", depth, 0))
        table.append(one(*student, "new task", depth, depth))
        table.append(one(*student, "new task", 0, depth))
    return table + [one(*student, "recipe", 5, frozen) for frozen in DEPTHS[:-1]]


def fewer_layers(student) -> list[dict]:
    table = [one(*student, "dropped", depth, depth, depth) for depth in DEPTHS[:-1]]
    for copied, frozen in ((0, 0), (1, 0), (0, 1)):
        table.append(one(*student, "dropped", copied, frozen, 1))
    return table


def permuted(teacher, seed):
    """A copy of the teacher with the numbers of its first layer in random order."""
    rng = np.random.default_rng(seed)
    model = C["build"](C["HIDDEN"], outputs=5)
    weights = teacher.get_weights()
    for number in (0, 1):
        mixed = rng.permutation(weights[number].ravel())
        weights[number] = mixed.reshape(weights[number].shape)
    model.set_weights(weights)
    return model


def taught_by_itself(labels, seed):
    """A network that learns the few pictures of 5 to 9, from random weights of its own."""
    keep = C["pick"](labels, seed)
    C["set_seed"](100 + seed)
    model = C["build"](C["HIDDEN"], outputs=5)
    learn_few(model, C["x_new"][keep], C["y_new"][keep], seed)
    return model


def controls(student) -> list[dict]:
    teacher, labels, seed = student
    mixed = permuted(teacher, seed)
    table = [one(mixed, labels, seed, "permuted", 1, frozen) for frozen in (0, 1)]
    own = taught_by_itself(labels, seed)
    return table + [one(own, labels, seed, "own task", 1, 0)]


def rows() -> list[dict]:
    C.update(run_cells("21_transfer_learning_layers", CELLS))
    table = []
    for part in (five_layers, fewer_layers, controls):
        for seed in range(5):
            teacher = C["train_teacher"](seed)
            for labels in LABELS:
                table += part((teacher, labels, seed))
    return table
