"""The compiled training loop: whole runs of steps as one function. Chapter 8 writes it out."""

import contextlib
import os

from utils.session import keras
from utils.training.checkpoints import CheckpointFolder
from utils.training.compiled import Metrics, compiled_scores, mean_scores
from utils.training.describe import describe
from utils.training.inspect import inspect
from utils.training.interrupts import Interrupts
from utils.training.run import Run
from utils.training.state import Batches, History

import numpy as np


def train(
    model: keras.Model,
    loss: keras.losses.Loss,
    optimizer: keras.optimizers.Optimizer,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    seed: int = 0,
    metrics: Metrics | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    jit_compile: bool | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 1000,
) -> History:
    """Train `model` in place and return the history of its epochs.

    The steps run in one `tf.function` with a `tf.range` loop, many at a call. Epoch number e
    shuffles the examples with NumPy's generator of [seed, e] and cuts them into whole batches.
    An interrupt ends the run early; the weights and the history so far are kept.

    Args:
        model: a built Keras model.
        loss: a Keras loss, such as `keras.losses.MeanSquaredError()`.
        optimizer: a Keras optimizer; its state goes on from where it is.
        x, y: examples and targets, the same number of each along the first axis.
        metrics: functions of (true, predicted) with one value for each example, by name; for
            instance {"accuracy": keras.metrics.sparse_categorical_accuracy}.
        validation_data: (x, y) to be evaluated after each epoch.
        jit_compile: compile with XLA or not. None chooses what chapter 13 measured to be fast:
            XLA, but not for convolutions.
        checkpoint: a folder. The run writes checkpoints there, and the same call, after whatever
            stopped it, goes on from the newest whole one as if nothing had happened: to the last
            bit the same weights, shuffling and history. With more epochs it goes on from the end.
            Chapter 20 is about it; the files are those of `utils.training.checkpoints`.
        checkpoint_every: the steps between two checkpoints. The end of the run writes one too.

    Raises:
        ValueError: the data do not fit together, are not finite, or are fewer than one batch;
            the model has nothing to train; or the checkpoint folder is that of another run.
        RuntimeError: another process is training with the checkpoint folder.
        Diverged: the loss is no longer finite. The weights are the last that gave a finite loss.
    """
    metrics = dict(metrics or {})
    with Interrupts() as interrupts, contextlib.ExitStack() as stack:
        inspect(model, loss, x, y, batch_size, epochs, checkpoint_every)
        parts = (model, loss, optimizer, metrics, validation_data)
        batches = Batches(len(x), batch_size, seed)
        run = Run(*parts, batches, epochs, interrupts)
        if checkpoint is not None:
            about = describe(*parts, batches, x, y)
            folder = stack.enter_context(CheckpointFolder(checkpoint, about))
            run.go_on_from(folder, checkpoint_every)
        try:
            interrupts.check()
            if run.state.done < run.total:
                run.compile(x, y, jit_compile)
                run.call_by_call()
        except KeyboardInterrupt:
            if interrupts.again:
                raise
            done = len(run.state.history.epoch)
            print(f"Stopped after {done} of {epochs} epochs; the weights are kept.")
        return run.state.history


def evaluate(
    model: keras.Model,
    loss: keras.losses.Loss,
    x: np.ndarray,
    y: np.ndarray,
    *,
    metrics: Metrics | None = None,
    batch_size: int = 1000,
) -> dict[str, float]:
    """The mean loss and metrics of `model` over all examples, without training it.

    The arguments are those of `train`; the last batch may be smaller than the others.
    """
    metrics = metrics or {}
    scores = compiled_scores(model, loss, metrics, x, y)
    return mean_scores(scores, ["loss", *metrics], x, y, batch_size)
