"""Name the thing in a picture. Chapter 16 is about it."""

import functools
import os
from dataclasses import dataclass, field

from utils import cache
from utils.drawings import SHAPES
from utils.pictures.backbones import (
    COURSE_WEIGHTS,
    course_network,
    forward_pass,
    hash_of,
)
from utils.pictures.imagenet import (
    NETWORKS,
    announce,
    fill,
    imagenet_names,
    imagenet_network,
)
from utils.pictures.reading import read_picture
from utils.session import keras, tf

import numpy as np

KINDS_WEIGHTS = cache.ROOT / "data" / "backbone_kinds.weights.h5"


@dataclass(frozen=True)
class Classifier:
    """A network with its last layer, and the names of its classes.

    model: pictures (n, side, side, 3), 0 to 255, to probabilities (n, classes).
    source: "real" if it has learnt from ImageNet's photographs, "stand-in" if from drawings.
    key: a hash of the weights.
    """

    name: str
    model: keras.Model
    class_names: tuple[str, ...]
    source: str
    key: str = field(repr=False)

    def __post_init__(self):
        object.__setattr__(self, "_forward", forward_pass(self.model))

    @property
    def side(self) -> int:
        return self.model.input_shape[1]

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """float32 of shape (n, classes), for pictures of shape (n, side, side, 3)."""
        return self._forward(tf.constant(pixels)).numpy()

    def best(self, pixels: np.ndarray, top: int = 5) -> dict[str, float]:
        """The likeliest classes of one picture (side, side, 3), the best first."""
        scores = self.probabilities(pixels[None])[0]
        order = np.argsort(-scores)[:top]
        return {self.class_names[i]: float(scores[i]) for i in order}


def load_classifier(name: str = "MobileNetV2") -> Classifier:
    """A network that names things: "MobileNetV2", "InceptionV3" or "NASNetMobile" know ImageNet's
    1,000 classes, "course" 29 kinds of drawings.

    Where the weights of the first three cannot be had, one line says so, and you get the last.

    Raises:
        ValueError: there is no classifier of this name.
    """
    if name == "course":
        model = course_classifier()
        return Classifier(name, model, tuple(SHAPES), "stand-in", hash_of(model))
    if name not in NETWORKS:
        known = ", ".join([*NETWORKS, "course"])
        raise ValueError(f"There is no classifier {name!r}; there is {known}.")
    model = imagenet_network(name, whole=True)
    announce(name, model)
    if model is None:
        return load_classifier("course")
    return Classifier(name, model, tuple(imagenet_names()), "real", hash_of(model))


def course_classifier() -> keras.Model:
    """The course's own network with its last layer, as tools/train_backbone.py left it."""
    backbone = course_network()
    fill(backbone, COURSE_WEIGHTS, "course")
    head = kinds_head(backbone.output_shape[-1])
    fill(head, KINDS_WEIGHTS, "course")
    return keras.Sequential([backbone, head, keras.layers.Softmax()])


def kinds_head(width: int) -> keras.Model:
    """A last layer with a logit for each kind of SHAPES."""
    inputs = keras.Input((width,))
    return keras.Model(inputs, keras.layers.Dense(len(SHAPES), name="kinds")(inputs))


@functools.cache
def _usual() -> Classifier:
    return load_classifier()


def predict_image(
    path: str | os.PathLike, top: int = 5, classifier: Classifier | None = None
) -> dict[str, float]:
    """Print and return the likeliest classes of a picture with their scores, the best first.

    The first call without a classifier loads MobileNetV2.

    Args:
        path: a picture of any size; its middle square is looked at.
        top: how many classes, from 1 to as many as there are.

    Raises:
        FileNotFoundError, BadPicture, OSError: as `read_picture`.
        ValueError: `top` is out of range.
    """
    classifier = classifier or _usual()
    if not 1 <= top <= len(classifier.class_names):
        raise ValueError(f"top is {top}: ask for 1 to {len(classifier.class_names)}.")
    scores = classifier.best(read_picture(path, classifier.side), top)
    for name, score in scores.items():
        print(f"{name} {score:.3f}")
    return scores
