"""Chapter 24: a GAN on MNIST for five seeds and some settings, and a DCGAN: of 1,000 generated
digits the kinds that the chapter's judge sees, of 5,000 the share that it is more than 0.9 sure of,
their score, and their Frechet distance from every second test digit; the mean losses of the last
epoch; the seconds of the training up to there. "real" is the other half of the test digits."""

import time

from tools.trials import NotHere, run_cells

import numpy as np

CELLS = ["setup", "parameters", "d-loss", "d-step", "losses", "g-step", "digits"]
CELLS += ["networks", "loop", "steps", "drawer", "classifier", "classifier-fit"]
CELLS += ["judge-code", "score", "frechet", "conv-d", "conv-g"]
SEEDS = range(5)
C: dict = {}  # the chapter's names


def judged(setting, seed, epochs, pictures) -> dict:
    """A row: what the judge says to 5,000 pictures."""
    features, probabilities = C["read"](pictures)
    real, _ = C["read"](C["mnist"].x_test[::2])
    row = {"setting": setting, "seed": seed, "epochs": epochs}
    row["kinds"] = len(np.unique(probabilities[:1_000].argmax(axis=1)))
    row["sure"] = f"{np.mean(probabilities.max(axis=1) > 0.9):.3f}"
    row["score"] = f"{C['score'](probabilities):.3f}"
    row["distance"] = f"{C['frechet'](features, real):.2f}"
    return row


def training(setting, seed, moments) -> list[dict]:
    """One training, judged after each of these numbers of epochs."""
    conv = setting == "DCGAN"
    C["keras"].backend.clear_session()
    C["set_seed"](seed)
    make = C["make_conv_generator"] if conv else C["make_generator"]
    other = C["make_conv_discriminator"] if conv else C["make_discriminator"]
    generator, discriminator = make(), other()
    steps = C["make_steps"](
        generator,
        discriminator,
        rate=0.02 if setting == "rate 0.02" else C["LEARNING_RATE"],
        smoothing=0.0 if setting == "no smoothing" else 0.1,
        loss_function=C[
            "saturating_loss" if setting == "saturating" else "generator_loss"
        ],
        beta=0.9 if setting == "beta 0.9" else 0.5,
        xla=not conv,
    )
    start = time.perf_counter()
    run = C["train_gan"](generator, steps, C["x_train"], moments[-1], seed)
    seconds = time.perf_counter() - start
    z = np.random.default_rng(1).standard_normal((5_000, C["NOISE"]), dtype=np.float32)
    rows = []
    for epochs in moments:
        pictures = C["pictures_of"](run[1][epochs - 1], z, make)
        row = judged(setting, seed, epochs, pictures)
        row["loss_d"], row["loss_g"] = (f"{loss:.3f}" for loss in run[0][epochs - 1])
        row["seconds"] = f"{seconds * epochs / moments[-1]:.1f}"
        print(*row.values(), flush=True)
        rows.append(row)
    return rows


def prepare() -> dict:
    """The chapter's names; the row of the real digits."""
    C.update(run_cells("24_gan", CELLS))
    if C["source"] != "real":
        raise NotHere("It needs the real digits of MNIST.")
    row = judged("real", 0, 0, C["mnist"].x_test[1::2])
    return row | {"loss_d": "0", "loss_g": "0", "seconds": "0"}


def rows() -> list[dict]:
    table = [prepare()]
    for seed in SEEDS:
        table += training("as on this page", seed, (10, 40))
        table += training("beta 0.9", seed, (10, 40))
        table += training("no smoothing", seed, (10,))
        table += training("saturating", seed, (10,))
        table += training("rate 0.02", seed, (10,))
        table += training("DCGAN", seed, (1, 5))
    return table
