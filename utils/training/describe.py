"""What makes a training run this one and no other: a checkpoint belongs to one run."""

import hashlib
import json
import zlib

from utils.session import keras
from utils.training.compiled import Metrics
from utils.training.state import Batches

import numpy as np

# The keys under which a Keras configuration has the names of layers.
NAMED = ("name", "keras_history", "input_layers", "output_layers")


def describe(
    model: keras.Model,
    loss: keras.losses.Loss,
    optimizer: keras.optimizers.Optimizer,
    metrics: Metrics,
    validation_data: tuple[np.ndarray, np.ndarray] | None,
    batches: Batches,
    x: np.ndarray,
    y: np.ndarray,
) -> dict[str, object]:
    """What a training run is, in values that JSON can hold.

    The number of epochs and the way of compiling are left out: they may change in between.
    """
    variables = model.variables + optimizer.variables
    return {
        "weights": [[list(v.shape), v.dtype] for v in variables],
        "model": describe_model(model),
        "loss": [type(loss).__name__, loss.get_config()],
        "optimizer": [type(optimizer).__name__, optimizer.get_config() | {"name": ""}],
        "metrics": [[name, _plain(metric)] for name, metric in metrics.items()],
        "number of examples": batches.examples,
        "batch size": batches.batch_size,
        "seed": batches.seed,
        "data": _checksums(x, y),
        "validation data": validation_data and _checksums(*validation_data),
    }


def _checksums(*arrays: np.ndarray) -> list[int]:
    return [zlib.crc32(np.ascontiguousarray(array)) for array in arrays]


def describe_model(model: keras.Model) -> str:
    """A hash of the network: its layers, how they are joined, activations, penalties and so on.

    The names of layers don't count: Keras gives a new one to each layer that it makes. A layer
    that has no configuration, as one written by hand may, counts by its class.
    """
    configurations = []
    for layer in model._flatten_layers():
        try:
            configuration = layer.get_config()
        except (
            Exception
        ):  # whatever the get_config of a layer written by hand may raise
            configuration = None
        configurations.append([type(layer).__name__, configuration])
    plain = json.loads(json.dumps(configurations, default=_plain, skipkeys=True))
    content = json.dumps(_renamed(plain, {}))
    return hashlib.sha256(content.encode()).hexdigest()


def _plain(thing: object) -> object:
    """Something for JSON that is the same in each process, as an address in memory is not."""
    if isinstance(thing, np.ndarray | np.generic):
        return thing.tolist()
    return getattr(thing, "__name__", type(thing).__name__)


def _renamed(thing: object, names: dict[str, str], named: bool = False) -> object:
    """A Keras configuration with the names of its layers replaced by numbers, in order.

    The code of lambdas is left out: it holds the name of its cell, another one in each kernel.
    """
    if isinstance(thing, dict):
        kind = str(thing.get("class_name"))
        if kind == "__lambda__":
            return kind
        if kind.endswith("DTypePolicy"):  # its name is float32 or the like
            return thing
        return {
            key: _renamed(value, names, named or key in NAMED)
            for key, value in thing.items()
        }
    if isinstance(thing, list):
        return [_renamed(part, names, named) for part in thing]
    if named and isinstance(thing, str):
        return names.setdefault(thing, f"layer {len(names)}")
    return thing
