"""Refuses what does not fit together, before anything is trained."""

from utils.session import keras

import numpy as np


def inspect(
    model: keras.Model,
    loss: keras.losses.Loss,
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    epochs: int,
    checkpoint_every: int,
) -> None:
    """Look at the arguments of `train`.

    Raises:
        ValueError: they do not fit together; its one sentence says what does not, and what to do.
    """
    _inspect_counts(len(x), len(y), batch_size, epochs, checkpoint_every)
    _inspect_values(x=x, y=y)
    if not model.trainable_variables:
        raise ValueError(
            "The model has no trainable weights: is every layer frozen, or unbuilt?"
        )
    if isinstance(getattr(model, "input_shape", None), tuple):
        _inspect_shape(np.shape(x)[1:], model.input_shape[1:])
        sparse = isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
        if sparse and loss.ignore_class is None:
            _inspect_labels(y, model.output_shape[-1])


def _inspect_counts(examples, targets, batch_size, epochs, checkpoint_every) -> None:
    if examples != targets:
        raise ValueError(
            f"There are {examples} examples but {targets} targets: they must match."
        )
    if not 1 <= batch_size <= examples:
        raise ValueError(
            f"The batch size is {batch_size}, but there are {examples} examples: "
            f"choose one from 1 to {examples}."
        )
    if epochs < 1:
        raise ValueError(f"The number of epochs is {epochs}: there must be at least 1.")
    if checkpoint_every < 1:
        raise ValueError(
            f"checkpoint_every is {checkpoint_every}: there must be at least 1 step between "
            "two checkpoints."
        )


def _inspect_values(**arrays: np.ndarray) -> None:
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            where = np.argwhere(~np.isfinite(array))[0].tolist()
            raise ValueError(
                f"{name} holds a value that is not a finite number, first at index {where}: "
                "remove or replace it before training."
            )


def _inspect_shape(given: tuple, wanted: tuple) -> None:
    """Keras adds or drops a last 1 by itself."""
    shapes = [given, (*given, 1)] + [given[:-1]] * (given[-1:] == (1,))
    if not any(
        len(shape) == len(wanted)
        and all(w in (None, g) for g, w in zip(shape, wanted, strict=True))
        for shape in shapes
    ):
        raise ValueError(
            f"The model takes examples of the shape {wanted}, but those in x have the shape "
            f"{given}: reshape x, or change the model's input."
        )


def _inspect_labels(y: np.ndarray, classes: int) -> None:
    labels = [int(np.min(y)), int(np.max(y))]
    if wrong := [label for label in labels if not 0 <= label < classes]:
        raise ValueError(
            f"y holds the label {wrong[0]}, but the model has {classes} outputs, for the "
            f"labels 0 to {classes - 1}."
        )
