"""Make data/backbone.weights.h5: a small network that tells pictures of 29 kinds apart, and
data/backbone_kinds.weights.h5: its last layer.

The pictures are the SHAPES of utils/drawings: stars, leaves, wheels, fish and so on, no flower
among them. Chapter 22 teaches the network flowers afterwards; chapter 16 uses it with its last
layer where no network that knows ImageNet can be had.

    python -m tools.train_backbone
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from utils.drawings import SHAPES, draw
from utils.pictures.backbones import COURSE_SIDE, COURSE_WEIGHTS, course_network
from utils.pictures.classifiers import KINDS_WEIGHTS, kinds_head
from utils.session import keras, set_seed, tf

import numpy as np

PICTURES, TESTS = 600, 30  # a kind
DRAWN = 72  # pixels; a crop of each is used
EPOCHS = 9
BATCH_SIZE = 64
LEARNING_RATE = 0.002


def pictures(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` pictures of each kind, uint8 of shape (n, 72, 72, 3), and their kinds' numbers."""

    def drawn(number: int, kind) -> np.ndarray:
        return draw(kind, count, [seed, number], DRAWN)

    with ThreadPoolExecutor() as threads:
        x = np.concatenate(
            list(threads.map(drawn, range(len(SHAPES)), SHAPES.values()))
        )
    return x, np.repeat(np.arange(len(SHAPES)), count)


def train(
    x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray, epochs: int
) -> tuple[keras.Model, keras.Model, float]:
    """Train a new backbone; returns it, its last layer and their accuracy on the test pictures."""
    set_seed(0)
    backbone = course_network()
    output = kinds_head(backbone.output_shape[-1])
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
    return backbone, output, model.evaluate(middle, y_test, verbose=0)[1]


def main(
    weights: Path = COURSE_WEIGHTS,
    kinds_weights: Path = KINDS_WEIGHTS,
    count: int = PICTURES,
    tests: int = TESTS,
    epochs: int = EPOCHS,
) -> None:
    """Draw, train, and write the weights into their file."""
    start = time.perf_counter()
    x, y = pictures(count, seed=1)
    print(f"{len(x):,} pictures in {time.perf_counter() - start:.0f} s")
    backbone, output, accuracy = train(x, y, *pictures(tests, seed=2), epochs)
    for model, place in [(backbone, weights), (output, kinds_weights)]:
        aside = place.with_name(f"new.{place.name}")
        model.save_weights(aside)
        aside.replace(place)
    print(
        f"accuracy on new pictures {accuracy:.3f}, "
        f"{time.perf_counter() - start:.0f} s in all, "
        f"{weights.stat().st_size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
