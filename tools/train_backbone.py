"""Make backbone.weights.h5: a small network that has learnt to tell pictures of 29 kinds apart.

The pictures are the SHAPES of utils/drawings: stars, leaves, wheels, fish and so on, no flower
among them. Chapter 22 teaches the network flowers afterwards.

    python -m tools.train_backbone
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils import drawings  # noqa: E402

import numpy as np  # noqa: E402

WEIGHTS = ROOT / "data" / "backbone.weights.h5"
PICTURES, TESTS = 600, 30  # a kind
DRAWN = 72  # pixels; a crop of each is used
EPOCHS = 9
BATCH_SIZE = 64
LEARNING_RATE = 0.002


def pictures(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` pictures of each kind, uint8, and the numbers of their kinds."""
    kinds = range(len(drawings.SHAPES))
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        drawn = workers.map(_draw, kinds, [count] * len(kinds), [seed] * len(kinds))
        x = np.concatenate(list(drawn))
    return x, np.repeat(np.arange(len(kinds)), count)


def _draw(number: int, count: int, seed: int) -> np.ndarray:
    kind = list(drawings.SHAPES.values())[number]
    return drawings.draw(kind, count, [seed, number], DRAWN)


def train(
    x: np.ndarray,
    y: np.ndarray,
    x_test: np.ndarray,
    y_test: np.ndarray,
    epochs: int = EPOCHS,
):
    """Train a new backbone; returns it and its accuracy on the test pictures."""
    from utils.pictures.backbones import COURSE_SIDE, course_network
    from utils.session import keras, set_seed, tf

    set_seed(0)
    backbone = course_network()
    output = keras.layers.Dense(len(drawings.SHAPES))
    model = keras.Sequential([backbone, keras.layers.Dropout(0.2), output])

    def vary(x, y):
        x = tf.image.random_crop(x, [tf.shape(x)[0], COURSE_SIDE, COURSE_SIDE, 3])
        return tf.image.random_flip_left_right(x), y

    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    batches = batches.batch(BATCH_SIZE, drop_remainder=True).map(vary).prefetch(2)
    rates = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE, epochs * len(x) // BATCH_SIZE
    )
    model.compile(
        optimizer=keras.optimizers.Adam(rates),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    edge = (DRAWN - COURSE_SIDE) // 2
    middle = x_test[:, edge : edge + COURSE_SIDE, edge : edge + COURSE_SIDE]
    valid = (middle, y_test)
    model.fit(batches, epochs=epochs, shuffle=False, verbose=2, validation_data=valid)
    return backbone, model.evaluate(middle, y_test, verbose=0)[1]


if __name__ == "__main__":
    start = time.perf_counter()
    x, y = pictures(PICTURES, seed=1)
    print(f"{len(x):,} pictures in {time.perf_counter() - start:.0f} s")
    backbone, accuracy = train(x, y, *pictures(TESTS, seed=2))
    backbone.save_weights(WEIGHTS)
    print(
        f"accuracy on new pictures {accuracy:.3f}, "
        f"{time.perf_counter() - start:.0f} s in all, "
        f"{WEIGHTS.stat().st_size / 1e6:.1f} MB"
    )
