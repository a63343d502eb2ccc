"""Two networks have the same description if, and only if, they compute and train alike."""

from utils.training.describe import describe_model

import keras
import numpy as np
import pytest
from keras import layers, regularizers


def dense(activation="relu", penalty=None, **more):
    layer = layers.Dense(
        4, activation, kernel_regularizer=penalty and regularizers.L2(penalty), **more
    )
    return keras.Sequential([keras.Input((4,)), layer, layers.Dense(4)])


def joined(first_again):
    """The two sums have the same layers; they differ in how these are joined."""
    inputs = keras.Input((4,))
    one, two = layers.Dense(4), layers.Dense(4)
    h = one(inputs)
    return keras.Model(inputs, layers.Add()([two(h), h if first_again else inputs]))


class ByHand(keras.Model):
    """A model that has no configuration."""

    def __init__(self, layer):
        super().__init__()
        self.inner = layer
        self.last = layers.Dense(2)

    def get_config(self):
        raise NotImplementedError

    def call(self, inputs):
        return self.last(self.inner(inputs))


MODELS = {
    "relu": dense,
    "tanh": lambda: dense("tanh"),
    "penalty": lambda: dense(penalty=0.1),
    "larger penalty": lambda: dense(penalty=0.2),
    "frozen": lambda: dense(trainable=False),
    "half precision": lambda: dense(dtype="mixed_float16"),
    "names after activations": lambda: dense("relu", name="relu"),
    "other names after activations": lambda: dense("tanh", name="tanh"),
    "joined to the input": lambda: joined(False),
    "joined to the first": lambda: joined(True),
    "by hand, relu": lambda: ByHand(layers.Dense(3, "relu")),
    "by hand, tanh": lambda: ByHand(layers.Dense(3, "tanh")),
    "shifted": lambda: keras.Sequential(
        [keras.Input((4,)), layers.Normalization(mean=np.ones(4), variance=np.ones(4))]
    ),
    "lambda": lambda: keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x)]),
}
ALIKE = [{"relu", "names after activations"}, {"tanh", "other names after activations"}]


@pytest.mark.parametrize("one", MODELS)
def test_only_the_same_network_has_the_same_description(one):
    description = describe_model(MODELS[one]())
    for other, build in MODELS.items():
        same = one == other or {one, other} in ALIKE
        assert (describe_model(build()) == description) == same, other


def test_functions_count_by_name_not_by_their_address_or_cell():
    def build(cell):
        scope = {}
        exec(compile("function = lambda x: x + 1", cell, "exec"), scope)
        layer = layers.Lambda(scope["function"])
        return keras.Sequential([keras.Input((4,)), layer])

    assert describe_model(build("<cell 1>")) == describe_model(build("<cell 2>"))
