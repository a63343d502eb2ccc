"""From the digits 0 to 4 to the digits 5 to 9 (chapter 21): the accuracy on the validation and
on the test pictures of 5 to 9 after 3,000 steps with 10, 30, 100 or 300 labels a class, for five
seeds, each with a teacher, pictures and random weights of its own. "hidden" is the number of
hidden layers, "copied" the number of layers taken from the teacher, from below, and "frozen" the
number of layers that stay as they are. "new task": all layers may learn, or the copied ones are
frozen, or as many random ones. "recipe": all five hidden layers copied, fewer of them frozen.
"dropped": the upper hidden layers left out."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "data", "split", "pick", "build", "learn"]
CELLS += ["copy", "features", "teacher"]
LABELS, DEPTHS = (10, 30, 100, 300), (1, 2, 3, 4, 5)
C: dict = {}  # the chapter's names


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

    x, y = below(C["x_new"][keep]), C["y_new"][keep]
    epochs = C["FEW_STEPS"] // (len(keep) // C["BATCH_SIZE"])
    momentum = C["keras"].optimizers.SGD(C["RATE"], momentum=0.9)
    options = {"epochs": epochs, "batch_size": C["BATCH_SIZE"], "seed": seed}
    loss = C["loss_function"]
    C["train"](upper, loss, momentum, x, y, jit_compile=False, **options)
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


def rows() -> list[dict]:
    C.update(run_cells("21_transfer_learning_layers", CELLS))
    table = []
    for part in (five_layers, fewer_layers):
        for seed in range(5):
            teacher = C["train_teacher"](seed)
            for labels in LABELS:
                table += part((teacher, labels, seed))
    return table
