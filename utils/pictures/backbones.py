"""Trained networks to build on: the course's own small one, and three that know ImageNet.

Chapter 22 is about them. Each takes pictures with values from 0 to 255 and gives a row of
features for each.
"""

import hashlib
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from utils import cache
from utils.data.fetch import answers
from utils.session import keras, tf

import numpy as np
from keras import layers

COURSE_SIDE = 64
COURSE_WEIGHTS = cache.ROOT / "data" / "backbone.weights.h5"
SIDES = {
    "course": COURSE_SIDE,
    "MobileNetV2": 224,
    "InceptionV3": 299,
    "NASNetMobile": 224,
}
KERAS_SITE = "https://storage.googleapis.com"
IMAGENET_FILES = {
    "MobileNetV2": "mobilenet_v2_weights*_1.0_224_no_top.h5",
    "InceptionV3": "inception_v3_weights*_notop.h5",
    "NASNetMobile": "nasnet_mobile_no_top.h5",
}


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
        def forward(pixels):
            return self.model(tf.cast(pixels, tf.float32), training=False)

        compiled = tf.function(forward, reduce_retracing=True)
        object.__setattr__(self, "_forward", compiled)

    @property
    def width(self) -> int:
        return self.model.output_shape[-1]

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """float32 of shape (n, width)."""
        return self._forward(tf.constant(pixels)).numpy()


def load_backbone(
    name: str = "course", weights: str | os.PathLike | None = None
) -> Backbone:
    """A backbone by name: "course", "MobileNetV2", "InceptionV3" or "NASNetMobile".

    The course's own has learnt from drawings of 29 kinds (tools/train_backbone.py). The others,
    trained on ImageNet's 1.2 million photographs, are downloaded by Keras at the first call.
    Where that cannot be done, one sentence says so, and you get the course's own.

    Args:
        weights: a file of weights for this network (include_top=False), instead of the usual ones.

    Raises:
        ValueError: there is no backbone of this name, or the weights are not for it.
        FileNotFoundError: there is no such file of weights.
    """
    if name not in SIDES:
        raise ValueError(f"There is no backbone {name!r}; there is {', '.join(SIDES)}.")
    side = SIDES[name]
    if name == "course":
        weights = weights or COURSE_WEIGHTS
    if weights is None:
        try:
            model = _imagenet(name)
        except OSError as error:
            print(
                f"{name} needs weights from the network ({error}): the course's own is used."
            )
            return load_backbone()
    else:
        model = course_network() if name == "course" else _keras_network(name, None)
        _load(model, Path(weights), name)
    digest = hashlib.sha256()
    for variable in model.get_weights():
        digest.update(np.ascontiguousarray(variable))
    return Backbone(name, model, side, digest.hexdigest())


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


def _keras_network(name: str, weights: str | None) -> keras.Model:
    """One of Keras's networks, with the scaling to -1 ... 1 that these three want before it."""
    inputs = keras.Input((SIDES[name], SIDES[name], 3))
    scaled = layers.Rescaling(1 / 127.5, -1)(inputs)
    build = getattr(keras.applications, name)
    return build(include_top=False, weights=weights, pooling="avg", input_tensor=scaled)


def _imagenet(name: str) -> keras.Model:
    """Raises OSError, with the reason, where the weights can neither be found nor downloaded."""
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    there = any(folder.glob(IMAGENET_FILES[name]))
    if not there and os.environ.get("COURSE_OFFLINE") == "1":
        raise OSError("COURSE_OFFLINE=1")
    if not there and not answers(KERAS_SITE):
        raise OSError(f"{KERAS_SITE} does not answer")
    try:
        return _keras_network(name, "imagenet")
    except Exception as error:  # Keras raises a bare Exception where a download fails
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OSError(reason) from None


def _load(model: keras.Model, path: Path, name: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file of weights {cache.short(path)}.")
    before = [weight for weight in model.get_weights() if weight.ndim > 1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each layer that Keras misses
            model.load_weights(path)
    except (OSError, ValueError, KeyError):
        loaded = False
    else:
        after = [weight for weight in model.get_weights() if weight.ndim > 1]
        loaded = not any(map(np.array_equal, before, after))
    if not loaded:
        raise ValueError(f"{cache.short(path)} does not hold the weights of {name}.")
