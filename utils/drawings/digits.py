"""The stand-in for MNIST: digits varied from 1,797 small real ones."""

from utils.session import keras

import numpy as np


def mnist() -> dict[str, np.ndarray]:
    """60,000 training and 10,000 test pictures of digits, made from 1,797 small real ones.

    scikit-learn ships 1,797 handwritten digits of 8x8 pixels (Alpaydin and Kaynak, 1998). Each
    picture here is one of them, enlarged to 20x20 on a 28x28 field, then turned, scaled, sheared
    and moved a little. The test pictures come from 360 digits that no training picture uses.

    Returns:
        "train_images" (60000, 28, 28) and "test_images" (10000, 28, 28), uint8, 0 is paper;
        "train_labels" (60000,) and "test_labels" (10000,), uint8.
    """
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    digits = load_digits()
    enlarged = zoom(digits.images.astype(np.float32) / 16, (1, 2.5, 2.5), order=3)
    pictures = np.zeros((len(enlarged), 28, 28, 1), np.float32)
    pictures[:, 4:24, 4:24, 0] = enlarged.clip(0, 1)

    rng = np.random.default_rng(0)
    order = rng.permutation(len(pictures))
    arrays = {}
    for part, originals, count in [
        ("train", order[360:], 60_000),
        ("test", order[:360], 10_000),
    ]:
        chosen = rng.choice(originals, count)
        arrays[f"{part}_images"] = vary(pictures, chosen, rng)
        arrays[f"{part}_labels"] = digits.target[chosen].astype(np.uint8)
    return arrays


def vary(
    pictures: np.ndarray,
    chosen: np.ndarray,
    rng: np.random.Generator,
    strength: float = 1.0,
) -> np.ndarray:
    """Turn, scale, shear and move each chosen picture (n, 28, 28, 1); returns uint8 (m, 28, 28)."""
    count = len(chosen)
    angle = strength * rng.uniform(-0.2, 0.2, count)  # radians
    scale = 1 + strength * (rng.uniform(0.85, 1.1, count) - 1)
    shear = strength * rng.uniform(-0.2, 0.2, count)
    shift_x, shift_y = strength * rng.uniform(-1.5, 1.5, (2, count))  # pixels

    # Each row maps a new point to an old one: x' = ax + by + c, y' = dx + ey + f.
    a, b = np.cos(angle) / scale, np.sin(angle) / scale
    d, e = shear * a - b, shear * b + a
    middle = 13.5
    c = middle + shift_x - middle * (a + b)
    f = middle + shift_y - middle * (d + e)
    transforms = np.stack([a, b, c, d, e, f, 0 * a, 0 * a], axis=1).astype(np.float32)

    varied = np.empty((count, 28, 28), np.uint8)
    for start in range(0, count, 5000):
        part = slice(start, start + 5000)
        moved = keras.ops.image.affine_transform(
            pictures[chosen[part]],
            transforms[part],
            data_format="channels_last",
        )
        varied[part] = np.rint(255 * keras.ops.convert_to_numpy(moved)[..., 0])
    return varied
