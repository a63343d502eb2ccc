"""Trained networks to build on: three that know ImageNet, and the course's own small one.

Chapter 22 is about them. Each takes pictures with values from 0 to 255 and gives a row of
features for each.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from utils import cache
from utils.data.fetch import BadFile
from utils.pictures.imagenet import (
    NETWORKS,
    announce,
    fill,
    imagenet_network,
    untrained,
)
from utils.session import keras, set_seed, tf

import numpy as np
from keras import layers

COURSE_SIDE = 64
COURSE_WEIGHTS = cache.ROOT / "data" / "backbone.weights.h5"
SIDES = {name: network.side for name, network in NETWORKS.items()} | {
    "course": COURSE_SIDE
}


def forward_pass(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """The model as one compiled function of pictures, without training."""

    @tf.function(reduce_retracing=True)
    def forward(pixels):
        return model(tf.cast(pixels, tf.float32), training=False)

    return forward


@dataclass(frozen=True)
class Backbone:
    """A network without its last layer.

    model: pictures (n, side, side, 3), 0 to 255, to features (n, width).
    key: a hash of the weights.
    """

    name: str
    model: keras.Model
    side: int
    key: str = field(repr=False)

    def __post_init__(self):
        object.__setattr__(self, "_forward", forward_pass(self.model))

    @property
    def source(self) -> str:
        """ "real" if it has learnt from ImageNet's photographs, else "stand-in"."""
        return "real" if self.name in NETWORKS else "stand-in"

    @property
    def width(self) -> int:
        return self.model.output_shape[-1]

    def untrained(self, seed: int) -> "Backbone":
        """The same network with random weights, which has learnt nothing: a control."""
        set_seed(seed)
        return _backbone(f"untrained {self.name}", keras.models.clone_model(self.model))

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """float32 of shape (n, width)."""
        return self._forward(tf.constant(pixels)).numpy()


def load_backbone(
    name: str = "MobileNetV2", weights: str | os.PathLike | None = None
) -> Backbone:
    """A backbone by name: "MobileNetV2", "InceptionV3", "NASNetMobile" or "course".

    The first three have learnt from ImageNet's 1.2 million photographs. Where their weights cannot
    be had, one sentence says so, and you get the course's own, which has learnt from drawings of 29
    kinds (tools/train_backbone.py).

    Args:
        weights: a file of weights for this network (include_top=False), instead of the usual ones.

    Raises:
        ValueError: there is no backbone of this name, or the weights are not for it.
        FileNotFoundError: there is no such file of weights.
    """
    if name not in SIDES:
        raise ValueError(f"There is no backbone {name!r}; there is {', '.join(SIDES)}.")
    if name == "course":
        weights = weights or COURSE_WEIGHTS
    if weights is None:
        model = imagenet_network(name, whole=False)
        announce(name, model)
        return _backbone(name, model) if model else load_backbone("course")
    path = Path(weights)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file of weights {cache.short(path)}.")
    model = course_network() if name == "course" else untrained(name, whole=False)
    try:
        fill(model, path, name)
    except BadFile:
        raise ValueError(
            f"{cache.short(path)} does not hold the weights of {name}."
        ) from None
    return _backbone(name, model)


def _backbone(name: str, model: keras.Model) -> Backbone:
    return Backbone(name, model, model.input_shape[1], hash_of(model))


def hash_of(model: keras.Model) -> str:
    """The SHA-256 of a model's weights."""
    digest = hashlib.sha256()
    for variable in model.get_weights():
        digest.update(np.ascontiguousarray(variable))
    return digest.hexdigest()


def course_network() -> keras.Model:
    """The course's own network, untrained: six convolutions, each with batch normalisation.

    The means of the maps of all six make its 608 features: those of the first know colours and
    edges, those of the last know shapes.
    """
    x = inputs = keras.Input((COURSE_SIDE, COURSE_SIDE, 3))
    x = layers.Rescaling(1 / 127.5, -1)(x)
    widths, strides = (32, 64, 64, 128, 128, 192), (2, 2, 1, 2, 1, 2)
    seen = []
    for number, (width, stride) in enumerate(zip(widths, strides, strict=True), 1):
        block = f"block{number}"
        x = layers.Conv2D(
            width,
            5 if number == 1 else 3,
            strides=stride,
            padding="same",
            use_bias=False,
            name=f"{block}_conv",
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{block}_norm")(x)
        x = layers.ReLU(name=f"{block}_relu")(x)
        seen.append(layers.GlobalAveragePooling2D(name=f"{block}_mean")(x))
    return keras.Model(inputs, layers.Concatenate(name="features")(seen), name="course")
