"""Refuses what does not fit together, before anything is trained."""

from utils.session import keras

import numpy as np


def inspect(model, loss, x, y, batch_size, epochs, checkpoint_every) -> None:
    if len(x) != len(y):
        raise ValueError(
            f"There are {len(x)} examples but {len(y)} targets: they must match."
        )
    if not 1 <= batch_size <= len(x):
        raise ValueError(
            f"The batch size is {batch_size}, but there are {len(x)} examples: "
            f"choose one from 1 to {len(x)}."
        )
    if epochs < 1:
        raise ValueError(f"The number of epochs is {epochs}: there must be at least 1.")
    if checkpoint_every < 1:
        raise ValueError(
            f"checkpoint_every is {checkpoint_every}: there must be at least 1 step between "
            "two checkpoints."
        )
    for name, array in [("x", np.asarray(x)), ("y", np.asarray(y))]:
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            where = np.argwhere(~np.isfinite(array))[0].tolist()
            raise ValueError(
                f"{name} holds a value that is not a finite number, first at index {where}: "
                "remove or replace it before training."
            )
    if not model.trainable_variables:
        raise ValueError(
            "The model has no trainable weights: is every layer frozen, or unbuilt?"
        )
    given, wanted = np.shape(x)[1:], getattr(model, "input_shape", None)
    if isinstance(wanted, tuple) and not _fits(given, wanted[1:]):
        raise ValueError(
            f"The model takes examples of the shape {wanted[1:]}, but those in x have the shape "
            f"{given}: reshape x, or change the model's input."
        )
    sparse = isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
    if isinstance(wanted, tuple) and sparse and loss.ignore_class is None:
        classes, labels = model.output_shape[-1], [int(np.min(y)), int(np.max(y))]
        if wrong := [label for label in labels if not 0 <= label < classes]:
            raise ValueError(
                f"y holds the label {wrong[0]}, but the model has {classes} outputs, for the "
                f"labels 0 to {classes - 1}."
            )


def _fits(given: tuple, wanted: tuple) -> bool:
    """Whether Keras takes this shape; it adds or drops a last 1 by itself."""
    shapes = [given, (*given, 1)] + [given[:-1]] * (given[-1:] == (1,))
    return any(
        len(shape) == len(wanted)
        and all(w in (None, g) for g, w in zip(shape, wanted, strict=True))
        for shape in shapes
    )
