"""Networks trained on ImageNet: a data set like the others. Chapter 16 is about them.

The weights are looked for in COURSE_DATA_DIR/imagenet/, in data/cache/imagenet/ and in Keras's own
cache, under Keras's names; then they are downloaded from Keras's site, unless COURSE_OFFLINE=1.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.data.fetch import BadFile, download, folders, pooch, stream, why_not
from utils.records import record
from utils.session import keras

import numpy as np
from keras import layers

SITE = "https://storage.googleapis.com/tensorflow/keras-applications"
NAMES = cache.ROOT / "data" / "imagenet_names.txt"


@dataclass(frozen=True)
class Weights:
    """A file of weights, and where it is downloaded from.

    md5: as Keras has it; "" where Keras has none, and the network itself is the only check.
    """

    name: str
    url: str
    md5: str = ""


@dataclass(frozen=True)
class Network:
    """side: of the pictures, in pixels; whole and headless: with the last layer and without."""

    side: int
    whole: Weights
    headless: Weights


_MOBILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224"
_INCEPTION = "inception_v3_weights_tf_dim_ordering_tf_kernels"
NETWORKS = {
    "MobileNetV2": Network(
        224,
        Weights(f"{_MOBILE}.h5", f"{SITE}/mobilenet_v2/{_MOBILE}.h5"),
        Weights(f"{_MOBILE}_no_top.h5", f"{SITE}/mobilenet_v2/{_MOBILE}_no_top.h5"),
    ),
    "InceptionV3": Network(
        299,
        Weights(
            f"{_INCEPTION}.h5",
            f"{SITE}/inception_v3/{_INCEPTION}.h5",
            "9a0d58056eeedaa3f26cb7ebd46da564",
        ),
        Weights(
            f"{_INCEPTION}_notop.h5",
            f"{SITE}/inception_v3/{_INCEPTION}_notop.h5",
            "bcbd6486424b2319ff4ef7d526e38f63",
        ),
    ),
    "NASNetMobile": Network(
        224,
        Weights(
            "nasnet_mobile.h5",
            f"{SITE}/nasnet/NASNet-mobile.h5",
            "020fb642bf7360b370c678b08e0adf61",
        ),
        Weights(
            "nasnet_mobile_no_top.h5",
            f"{SITE}/nasnet/NASNet-mobile-no-top.h5",
            "1ed92395b5b598bdda52abe5c0dbfd63",
        ),
    ),
}


def imagenet_names() -> list[str]:
    """The 1,000 classes of ImageNet, in the order of the networks' outputs."""
    return NAMES.read_text("utf-8").splitlines()


def imagenet_network(name: str, whole: bool) -> keras.Model | None:
    """One of Keras's networks with its ImageNet weights; None where they cannot be had.

    Pictures (n, side, side, 3) with values from 0 to 255, to probabilities (n, 1000) if `whole`,
    else to features (n, width). A file that does not hold these weights is named and not used.
    """
    network = NETWORKS[name]
    weights = network.whole if whole else network.headless
    model = untrained(name, whole)
    keras_home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    places = [folder / "imagenet" for folder in folders()] + [keras_home / "models"]
    for place in places:
        path = place / weights.name
        if path.is_file():
            try:
                fill(model, path, name, weights.md5)
                return model
            except (BadFile, OSError) as error:
                print(f"{cache.short(path)} is not used: {error}.")
    path = download([weights.url], lambda url: _fetch(url, weights, model, name))
    return model if path else None


def announce(name: str, model: keras.Model | None) -> None:
    """Say in one line whether the weights of a network could be had."""
    source = "real" if model else "stand-in"
    why = f"{why_not()[:-1]}; the course's own network instead)"
    print(f"ImageNet's {name}, source: ~{source}{'' if model else why}")
    record(data="ImageNet", source=source)


def untrained(name: str, whole: bool) -> keras.Model:
    """One of Keras's networks, with the scaling to -1 ... 1 that these three want before it."""
    side = NETWORKS[name].side
    inputs = keras.Input((side, side, 3))
    scaled = layers.Rescaling(1 / 127.5, -1)(inputs)
    build = getattr(keras.applications, name)
    if whole:
        network = build(weights=None, input_tensor=scaled)
    else:
        network = build(
            include_top=False, weights=None, pooling="avg", input_tensor=scaled
        )
    return keras.Model(inputs, network.output, name=name)


def fill(model: keras.Model, path: Path, name: str, md5: str = "") -> None:
    """Load the weights of a file into a model.

    Raises:
        BadFile: it is another file than Keras's, damaged, or does not hold weights for all layers
            of this model.
    """
    if md5 and pooch.file_hash(path, "md5") != md5:
        raise BadFile(f"its MD5 is not {md5}")
    before = [weight for weight in model.get_weights() if weight.ndim > 1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each layer that Keras misses
            model.load_weights(path)
    except (OSError, ValueError, KeyError):
        loaded = False
    else:
        after = [weight for weight in model.get_weights() if weight.ndim > 1]
        loaded = all(np.isfinite(weight).all() for weight in after)
        loaded = loaded and not any(map(np.array_equal, before, after))
    if not loaded:
        raise BadFile(f"it does not hold the weights of {name}")


def _fetch(url: str, weights: Weights, model: keras.Model, name: str) -> Path:
    place = cache.CACHE / "imagenet" / weights.name

    def write(part: Path) -> None:
        with part.open("wb") as file:
            stream(url, file)
        fill(model, part, name, weights.md5)

    cache.keep(place, write)
    return place
