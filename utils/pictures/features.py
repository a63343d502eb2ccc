"""What a backbone makes of pictures, computed once and kept in data/cache/. See chapter 22."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from utils import cache
from utils.pictures.backbones import Backbone
from utils.pictures.folders import Pictures, content_hashes, skipped
from utils.pictures.reading import none_read, read_picture, stream
from utils.session import keras, tf

import numpy as np


def bottlenecks(
    pictures: Pictures, backbone: Backbone, batch_size: int = 32
) -> tuple[np.ndarray, Pictures]:
    """What the backbone makes of each picture: its bottleneck features, computed once.

    They are kept under a key of the names and contents of the pictures, the backbone and its
    weights. Files that are no pictures, or damaged ones, are named, counted and skipped.

    Returns:
        float32 of shape (n, features), and the n pictures that could be read.

    Raises:
        BadPicture: none of them could be read.
        OSError: the system does not let a file be read; nothing is kept.
    """
    place = _place(pictures, backbone)
    kept = _kept(place, len(pictures), backbone)
    if kept is None:
        features, good = [], []
        for indices, pixels in stream(pictures.paths, backbone.side, batch_size):
            features.append(backbone.features(pixels))
            good += indices
        if not good:
            raise none_read(pictures)
        kept = np.concatenate(features), np.array(good)
        cache.keep(place, lambda part: np.savez(part, features=kept[0], good=kept[1]))
    features, good = kept
    bad = np.setdiff1d(np.arange(len(pictures)), good)
    if len(bad):
        paths = pictures.take(bad).paths
        print(skipped(paths, pictures.folder, "damaged", "damaged"))
    return features, pictures.take(good)


def forget_bottlenecks(pictures: Pictures, backbone: Backbone) -> None:
    """Remove what `bottlenecks` has kept of these pictures, so that it is computed again."""
    _place(pictures, backbone).unlink(missing_ok=True)


def _place(pictures: Pictures, backbone: Backbone) -> Path:
    name = backbone.name.replace(" ", "-")
    return cache.CACHE / "features" / f"{name}-{_key(pictures, backbone)}.npz"


def _key(pictures: Pictures, backbone: Backbone) -> str:
    key = hashlib.sha256(f"4 {backbone.key} {backbone.side}\n".encode())
    contents = content_hashes(pictures.paths)
    for name, content in zip(pictures.names(), contents, strict=True):
        key.update(f"{content} {name}\n".encode())
    return key.hexdigest()[:16]


def _kept(
    place: Path, count: int, backbone: Backbone
) -> tuple[np.ndarray, np.ndarray] | None:
    """The features and the readable pictures from the cache, or None; a damaged file is named."""
    try:
        with np.load(place, allow_pickle=False) as arrays:
            features, good = arrays["features"], arrays["good"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        features, good = None, None
    if (
        features is not None
        and features.shape == (len(good), backbone.width)
        and np.isfinite(features).all()
        and set(good.tolist()) <= set(range(count))
    ):
        return features, good
    print(f"{cache.short(place)} is damaged and is made again.")
    return None


def label_image(
    path: str | os.PathLike, model: keras.Model, class_names: Sequence[str]
) -> dict[str, float]:
    """Print and return the score of each class for a picture, the best first.

    Args:
        path: a picture of any size.
        model: takes pictures with values from 0 to 255, gives a logit for each class.
        class_names: in the order of the logits.

    Raises:
        FileNotFoundError, BadPicture, OSError: as `read_picture`.
    """
    pixels = read_picture(path, model.input_shape[1])
    logits = model(pixels[None].astype(np.float32), training=False)
    shares = np.asarray(tf.nn.softmax(logits)[0], float)
    scores = {class_names[i]: float(shares[i]) for i in np.argsort(-shares)}
    for name, score in scores.items():
        print(f"{name} {score:.4f}")
    return scores
