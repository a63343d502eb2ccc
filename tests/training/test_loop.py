"""The compiled loop gives the numbers of a plain one, and says what is wrong with its input."""

from utils.session import set_seed
from utils.training import Batches, Diverged, Dropout, evaluate, run, train
from utils.training.layers import padded_products, suits_xla

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

MSE = keras.losses.MeanSquaredError()
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
ACCURACY = {"accuracy": keras.metrics.sparse_categorical_accuracy}


@pytest.fixture
def line():
    """40 points near a line: x (40, 1) and y (40, 1)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 1)).astype(np.float32)
    return x, 2 * x + 1 + rng.normal(0, 0.1, x.shape).astype(np.float32)


@pytest.fixture
def classes():
    """60 points of three kinds: x (60, 4) and y (60,)."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=60).astype(np.int32)
    return rng.normal(y[:, None], 0.3, (60, 4)).astype(np.float32), y


def network(inputs=1, outputs=1, *extra):
    set_seed(1)
    return keras.Sequential(
        [keras.Input((inputs,)), layers.Dense(6, "tanh"), *extra, layers.Dense(outputs)]
    )


def plain_loop(model, loss, optimizer, x, y, steps, batch_size, seed):
    """The same training with nothing but a tape; returns the loss of each step."""
    table = np.zeros((steps, batch_size), np.int32)
    Batches(len(x), batch_size, seed).fill(table)
    losses = []
    for batch in table:
        with tf.GradientTape() as tape:
            value = loss(y[batch], model(x[batch], training=True))
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(value, variables), variables)
        losses.append(float(value))
    return np.array(losses)


@pytest.mark.parametrize("jit_compile", [True, False])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.1),
        lambda: keras.optimizers.SGD(0.05, momentum=0.9),
        lambda: keras.optimizers.Adam(0.01),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_100_steps_equal_those_of_a_plain_loop(classes, optimizer, jit_compile):
    x, y = classes
    plain, compiled = network(4, 3), network(4, 3)
    losses = plain_loop(plain, CROSS_ENTROPY, optimizer(), x, y, 100, 6, seed=3)
    options = {"epochs": 10, "batch_size": 6, "seed": 3, "jit_compile": jit_compile}
    history = train(compiled, CROSS_ENTROPY, optimizer(), x, y, **options)
    epochs = losses.reshape(10, 10).mean(axis=1)
    np.testing.assert_allclose(history.history["loss"], epochs, atol=1e-5)
    for ours, theirs in zip(compiled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_dropout_drops_its_share_keeps_the_mean_and_is_quiet_in_use():
    set_seed(0)
    layer, ones = Dropout(0.3), np.ones((100, 1000), np.float32)
    first, second = (layer(ones, training=True).numpy() for _ in range(2))
    assert (first == 0).mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(first[first != 0], 1 / 0.7, rtol=1e-6)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer(ones), ones)
    np.testing.assert_array_equal(Dropout(0.0)(ones, training=True), ones)
    copy = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (type(copy), copy.rate) == (Dropout, 0.3)


@pytest.mark.parametrize("dropout", [layers.Dropout, Dropout])
def test_calls_of_any_length_give_the_same_bits(classes, monkeypatch, dropout):
    x, y = classes
    ends = []
    for seconds in (run.CALL_SECONDS, 1e-12):  # the second: one step a call
        monkeypatch.setattr(run, "CALL_SECONDS", seconds)
        set_seed(2)  # for the dropout, made before the network
        model = network(4, 3, dropout(0.3))
        train(
            model,
            CROSS_ENTROPY,
            keras.optimizers.Adam(0.01),
            x,
            y,
            epochs=5,
            batch_size=6,
        )
        ends.append(model.get_weights())
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("jit_compile", [True, False])
def test_a_run_of_two_steps_is_two_steps(line, jit_compile):
    x, y = line
    plain, compiled = network(), network()
    losses = plain_loop(plain, MSE, keras.optimizers.SGD(0.1), x, y, 2, 20, seed=0)
    options = {"epochs": 1, "batch_size": 20, "jit_compile": jit_compile}
    history = train(compiled, MSE, keras.optimizers.SGD(0.1), x, y, **options)
    assert history.history["loss"] == [pytest.approx(losses.mean(), rel=1e-5)]
    for ours, theirs in zip(compiled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_an_epoch_shows_each_example_once_in_an_order_of_its_own():
    table = np.zeros((9, 3), np.int32)
    Batches(10, 3, seed=5).fill(table)
    epochs = table.reshape(3, 9)
    assert all(len(set(epoch)) == 9 for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    parts = Batches(10, 3, seed=5)
    again = np.zeros_like(table)
    for start, end in [(0, 2), (2, 3), (3, 9)]:
        parts.fill(again[start:end])
    np.testing.assert_array_equal(table, again)


def test_history_has_metrics_and_validation_like_keras(classes):
    x, y = classes
    model = network(4, 3)
    history = train(
        model,
        CROSS_ENTROPY,
        keras.optimizers.Adam(0.05),
        x[:40],
        y[:40],
        epochs=15,
        batch_size=10,
        metrics=ACCURACY,
        validation_data=(x[40:], y[40:]),
    )
    assert history.epoch == list(range(15))
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history.history["accuracy"][-1] > 0.9
    scores = evaluate(
        model, CROSS_ENTROPY, x[40:], y[40:], metrics=ACCURACY, batch_size=7
    )
    assert scores["loss"] == pytest.approx(history.history["val_loss"][-1], rel=1e-5)
    model.compile(loss=CROSS_ENTROPY, metrics=["accuracy"])
    expected = model.evaluate(x[40:], y[40:], verbose=0)
    assert list(scores.values()) == pytest.approx(expected, rel=1e-5)
    assert history.seconds > 0 < history.compile_seconds


def test_penalties_and_learning_rate_schedules_take_part(line):
    x, y = line
    set_seed(0)
    penalty = keras.regularizers.L2(0.1)
    model = keras.Sequential(
        [keras.Input((1,)), layers.Dense(1, kernel_regularizer=penalty)]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 50, 0.9)
    train(model, MSE, keras.optimizers.SGD(schedule), x, y, epochs=200, batch_size=40)
    slope = model.get_weights()[0].item()
    variance = np.mean((x - x.mean()) * (y - y.mean())) / (np.var(x) + 0.1)
    assert slope == pytest.approx(variance, rel=0.02)


def test_validation_and_evaluation_count_penalties_as_keras_does(line):
    x, y = line
    set_seed(0)
    model = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(6, "tanh", kernel_regularizer="l2"),
            layers.Dense(1, activity_regularizer=keras.regularizers.L2(0.3)),
        ]
    )
    options = {"epochs": 3, "batch_size": 10, "validation_data": (x[:30], y[:30])}
    history = train(model, MSE, keras.optimizers.SGD(0.01), x, y, **options).history
    model.compile(loss=MSE)
    expected = model.evaluate(x[:30], y[:30], batch_size=1000, verbose=0)
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
    ours = evaluate(model, MSE, x, y, batch_size=15)["loss"]
    expected = model.evaluate(x, y, batch_size=15, verbose=0)
    assert ours == pytest.approx(expected, rel=1e-5)


def test_padded_products_train_alike_and_leave_no_trace(classes):
    x, y = classes
    plain, padded = network(4, 3, layers.Dense(10)), network(4, 3, layers.Dense(10))
    padded.set_weights(plain.get_weights())
    steps = {"epochs": 10, "batch_size": 6}
    train(
        plain,
        CROSS_ENTROPY,
        keras.optimizers.SGD(0.1),
        x,
        y,
        **steps,
        jit_compile=False,
    )
    train(
        padded,
        CROSS_ENTROPY,
        keras.optimizers.SGD(0.1),
        x,
        y,
        **steps,
        jit_compile=True,
    )
    for one, other in zip(plain.get_weights(), padded.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    with padded_products(padded):
        assert [layer for layer in padded.layers if "call" in vars(layer)] == [
            padded.layers[1]
        ]
        np.testing.assert_allclose(padded(x), plain(x), atol=1e-4)
    assert not any("call" in vars(layer) for layer in padded.layers)


def test_convolutions_go_without_xla():
    pictures = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten()]
    )
    nested = keras.Sequential([keras.Input((8, 8, 1)), pictures, layers.Dense(1)])
    assert not suits_xla(pictures)
    assert not suits_xla(nested)
    assert suits_xla(network())


def test_a_picture_network_learns(classes):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=64).astype(np.int32)
    x = rng.normal(0, 0.1, (64, 8, 8, 1)).astype(np.float32)
    x[y == 1, 2:4] += 1
    set_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    options = {"epochs": 20, "batch_size": 16, "metrics": ACCURACY}
    history = train(model, CROSS_ENTROPY, keras.optimizers.Adam(0.01), x, y, **options)
    assert history.history["accuracy"][-1] == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda x, y: {"y": y[:-1]}, "40 examples but 39 targets"),
        (
            lambda x, y: {"batch_size": 41},
            "batch size is 41, but there are 40 examples",
        ),
        (lambda x, y: {"batch_size": 0}, "choose one from 1 to 40"),
        (lambda x, y: {"epochs": 0}, "number of epochs is 0"),
        (
            lambda x, y: {"x": np.where(x == x[7], np.nan, x)},
            r"x holds .* first at index \[7, 0\]",
        ),
        (
            lambda x, y: {"y": np.where(x == x[3], np.inf, y)},
            r"y holds .* first at index \[3, 0\]",
        ),
        (lambda x, y: {"x": np.hstack([x, x])}, r"shape \(1,\), .* the shape \(2,\)"),
        (lambda x, y: {"x": x[None].repeat(40, 0)}, r"have the shape \(40, 1\)"),
    ],
)
def test_bad_input_gets_a_sentence_and_trains_nothing(line, change, sentence):
    x, y = line
    model = network()
    before = model.get_weights()
    given = {"x": x, "y": y, "epochs": 1, "batch_size": 10} | change(x, y)
    with pytest.raises(ValueError, match=sentence):
        train(model, MSE, keras.optimizers.SGD(0.1), **given)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_the_model_has_no_output_for_is_named(classes, label):
    x, y = classes
    y = np.where(np.arange(60) == 7, np.int32(label), y)
    model, options = network(4, 3), {"epochs": 1, "batch_size": 10}
    with pytest.raises(ValueError, match=f"label {label}, but the model has 3 outputs"):
        train(model, CROSS_ENTROPY, keras.optimizers.SGD(0.1), x, y, **options)


def test_a_frozen_model_is_refused(line):
    model = network()
    model.trainable = False
    with pytest.raises(ValueError, match="no trainable weights"):
        train(model, MSE, keras.optimizers.SGD(0.1), *line, epochs=1, batch_size=10)


def test_a_loss_that_is_no_number_stops_at_its_epoch_with_good_weights(line):
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    with pytest.raises(Diverged, match=r"in epoch \d+ of 500") as stop:
        train(model, MSE, keras.optimizers.SGD(2.5), *line, epochs=500, batch_size=10)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    history = stop.value.history
    assert 0 < len(history.epoch) < 500
    assert f"in epoch {len(history.epoch) + 1} of" in str(stop.value)
    assert np.isfinite(history.history["loss"]).all()
