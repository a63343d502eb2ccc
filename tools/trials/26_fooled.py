"""Five networks of each kind on 2,000 changed test pictures (chapter 26, sections 26.3, 26.4 and
26.9). "value" is the accuracy: "FGSM" is one step of this size along the sign of the gradient,
"noise" the same step in random directions, "ten steps" ten smaller ones along the gradient,
"borrowed" FGSM on the network of the next seed, "moved" a shift of all pictures to the right by
so many pixels. "same answers" and "same map" compare with the network of the next seed: the share
of equal answers, and the correlation of the gradients. "flat" is the share of pictures whose
gradient is exactly 0. "clean", "noise" and "FGSM" behind "dense" say what half of each training
batch was."""

from tools.trials import run_cells

import numpy as np

CELLS = ["setup", "parameters", "data", "networks", "conv", "fit", "moved", "fool"]
CELLS += ["defend", "defend-step", "defend-run", "steps", "same-map"]
SIZES = [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]
SEEDS = range(5)
C: dict = {}  # the chapter's names


def make(name: str, seed: int):
    if name.startswith("dense, "):
        return C["defend"](name.removeprefix("dense, "), seed)
    epochs = C["CONV_EPOCHS"] if name == "convolution" else C["EPOCHS"]
    C["set_seed"](seed)
    model = C["makers"][name]()
    return C["fit"](model, C["x_train"], C["y_train"], epochs, seed)


def accuracies(model, other, x: np.ndarray, y: np.ndarray) -> list[tuple]:
    """The accuracy for each change and size."""
    found = []
    for size in SIZES:
        ways = {"FGSM": C["fool"](model, x, y, size)}
        ways["noise"] = C["add_noise"](x, size)
        if size in (0.05, 0.1, 0.2):
            ways["ten steps"] = C["fool_in_steps"](model, x, y, size)
        if size == 0.1:
            ways["borrowed"] = C["fool"](other, x, y, size)
        for way, changed in ways.items():
            found.append((way, size, C["accuracy"](model, changed, y)))
    for pixels in range(5):
        right = C["accuracy"](model, C["move"](x, 0, pixels), y)
        found.append(("moved", pixels, right))
    return found


def compared(model, other, x: np.ndarray, y: np.ndarray) -> list[tuple]:
    """What the two networks share, and how many gradients are 0."""
    answers = [m(x).numpy().argmax(axis=1) for m in (model, other)]
    gradients = C["input_gradient"](model, C["tf"].constant(x), C["tf"].constant(y))
    flat = np.mean(np.all(gradients.numpy() == 0, axis=1))
    same = np.mean(answers[0] == answers[1])
    alike = C["same_map"](model, other, x, y)
    return [("same answers", 0, same), ("same map", 0, alike), ("flat", 0, flat)]


def rows() -> list[dict]:
    C.update(run_cells("26_limits_of_deep_learning", CELLS))
    chosen = np.random.default_rng(0).permutation(len(C["x_test"]))[:2_000]
    x, y = C["x_test"][chosen], C["y_test"][chosen]
    table = []
    names = ["linear", "dense", "convolution"]
    names += ["dense, clean", "dense, noise", "dense, FGSM"]
    for name in names:
        models = [make(name, seed) for seed in SEEDS]
        for seed, model in zip(SEEDS, models, strict=True):
            other = models[(seed + 1) % len(models)]
            found = accuracies(model, other, x, y) + compared(model, other, x, y)
            for change, size, value in found:
                row = {"network": name, "seed": seed, "change": change, "size": size}
                row["value"] = f"{value:.4f}"
                table.append(row)
            print(name, seed, found[-8:], flush=True)
    return table
