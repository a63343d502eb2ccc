"""What the compiled loop has to know of layers: which suit XLA, and what is quicker there."""

import contextlib
from collections.abc import Iterator

from utils.session import keras, tf

PACKET = 16  # columns


def suits_xla(model: keras.Model) -> bool:
    """Whether to compile the training of this model with XLA.

    Not with convolutions or pooling: on a CPU XLA makes them many times slower (chapter 13),
    and with deterministic operations it has no gradient of max pooling at all. Nor where Keras
    says that a layer cannot be compiled, as for an LSTM on a GPU.
    """
    return not any(
        "Conv" in type(layer).__name__
        or "Pool" in type(layer).__name__
        or not getattr(layer, "supports_jit", True)
        for layer in model._flatten_layers()
    )


@contextlib.contextmanager
def padded_products(model: keras.Model) -> Iterator[None]:
    """While this lasts, Dense layers of 9 to 15 units multiply by 16 columns and drop the rest.

    XLA on a CPU takes nearly three times as long for ten columns as for sixteen, forwards, and
    twice for their gradient. The results are the same but for rounding.
    """
    narrow = [
        layer
        for layer in model._flatten_layers()
        if type(layer) is keras.layers.Dense and PACKET // 2 < layer.units < PACKET
    ]
    for layer in narrow:
        layer.call = _padded(layer)
    try:
        yield
    finally:
        for layer in narrow:
            del layer.call


def _padded(layer):
    plain = layer.call

    def call(inputs, training=None):
        if len(inputs.shape) != 2:
            return plain(inputs, training=training)
        kernel = tf.pad(layer.kernel, [[0, 0], [0, PACKET - layer.units]])
        outputs = tf.matmul(inputs, kernel)[:, : layer.units]
        if layer.use_bias:
            outputs += layer.bias
        return layer.activation(outputs)

    return call


@keras.saving.register_keras_serializable("course")
class Dropout(keras.layers.Dropout):
    """Keras's Dropout, but quicker where XLA compiles the training for a CPU. See chapter 11.

    A quarter of such a step can go into Keras's random numbers, which come from Philox.
    Those of ThreeFry (Salmon and others, 2011) are as good and cost XLA much less.
    """

    def call(self, inputs, training=False):
        if not training or self.noise_shape or not 0 < self.rate < 1:
            return super().call(inputs, training)
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return _drop(inputs, self.rate, seed)


@tf.function(jit_compile=True)
def _drop(inputs, rate, seed):
    return tf.nn.experimental.stateless_dropout(inputs, rate, seed, rng_alg="threefry")
