"""What TensorFlow compiles for a training run: its loop of steps, and its scores."""

import contextlib
from collections.abc import Callable, Mapping

from utils.session import keras, tf
from utils.training.layers import padded_products

import numpy as np

Metrics = Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]


def compiled_loop(
    model: keras.Model,
    loss: keras.losses.Loss,
    optimizer: keras.optimizers.Optimizer,
    metrics: Metrics,
    jit_compile: bool,
    x: tf.Tensor,
    y: tf.Tensor,
    table: tf.Tensor,
) -> Callable:
    """The loop over the first `count` rows of a table of batches, as one function.

    It takes (x, y, table, count), of the shapes and types shown here. It returns the loss and
    the metrics of each step, shape (len(table), 1 + len(metrics)), and the values that the
    variables of the model and of the optimizer had before the first step.
    """
    variables = model.variables + optimizer.variables
    products = padded_products(model) if jit_compile else contextlib.nullcontext()

    @tf.function(jit_compile=jit_compile)
    def run(x, y, batches, count):
        before = [tf.identity(variable) for variable in variables]
        values = tf.TensorArray(
            tf.float32, size=len(batches), element_shape=[1 + len(metrics)]
        )
        step = 0
        while step < count:  # XLA would compile `tf.range(count)` anew for each count
            examples, true = tf.gather(x, batches[step]), tf.gather(y, batches[step])
            with tf.GradientTape() as tape:
                predicted = model(examples, training=True)
                objective = tf.add_n([loss(true, predicted), *model.losses])
            gradients = tape.gradient(objective, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            values = values.write(step, _means(objective, metrics, true, predicted))
            step += 1
        return values.stack(), before

    with products:
        return run.get_concrete_function(x, y, table, tf.constant(0))


def compiled_scores(
    model: keras.Model, loss: keras.losses.Loss, metrics: Metrics, x, y
) -> Callable:
    """The loss and the metrics of a batch of any size, as one function; shape (1 + metrics,).

    As in Keras the loss includes the penalties of the model. x and y show the shapes and types.
    """

    def scores(examples, true):
        predicted = model(examples, training=False)
        objective = tf.add_n([loss(true, predicted), *model.losses])
        return _means(objective, metrics, true, predicted)

    specs = [
        tf.TensorSpec([None, *np.shape(a)[1:]], tf.as_dtype(a.dtype)) for a in (x, y)
    ]
    return tf.function(scores).get_concrete_function(*specs)


def mean_scores(
    scores: Callable, names: list[str], x, y, batch_size: int, between: Callable = int
) -> dict[str, float]:
    """The means over all examples of what `compiled_scores` returns, by name.

    `between` is called after each batch.
    """
    totals = np.zeros(len(names))
    for first in range(0, len(x), batch_size):
        examples = tf.convert_to_tensor(x[first : first + batch_size])
        true = tf.convert_to_tensor(y[first : first + batch_size])
        totals += len(true) * scores(examples, true).numpy().astype(np.float64)
        between()
    return dict(zip(names, (totals / len(x)).tolist(), strict=True))


def _means(objective, metrics: Metrics, true, predicted) -> tf.Tensor:
    means = [tf.reduce_mean(metric(true, predicted)) for metric in metrics.values()]
    return tf.stack([tf.cast(mean, tf.float32) for mean in [objective, *means]])
