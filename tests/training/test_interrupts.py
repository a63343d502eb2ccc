"""An interrupt from the keyboard, at each point where it can strike, ends the run in good order."""

import signal
import threading

from utils.session import set_seed
from utils.training import run, train
from utils.training.state import RunState

import keras
import numpy as np
import pytest
from keras import layers

MSE = keras.losses.MeanSquaredError()
EPOCHS = 12


@pytest.fixture(autouse=True)
def listening():
    """Ctrl-C reaches Python, also where these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt():
    signal.raise_signal(signal.SIGINT)


class Interrupting(layers.Layer):
    """Passes its input on; the function `strike` runs when it is traced."""

    def __init__(self, strike):
        super().__init__()
        self.strike = strike

    def call(self, inputs):
        self.strike()
        return inputs


@pytest.fixture
def task():
    """What `train` takes: 40 points near a line, 4 steps an epoch."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 1)).astype(np.float32)
    set_seed(1)
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    return {
        "model": model,
        "loss": MSE,
        "optimizer": keras.optimizers.SGD(0.1),
        "x": x,
        "y": 2 * x + 1,
        "epochs": EPOCHS,
        "batch_size": 10,
    }


@pytest.fixture(autouse=True)
def same_handler():
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


def assert_stopped(capsys, task, history, epochs):
    sentence = f"Stopped after {epochs} of {EPOCHS} epochs; the weights are kept.\n"
    assert capsys.readouterr().out == sentence
    assert history.epoch == list(range(epochs))
    assert all(len(values) == epochs for values in history.history.values())
    assert all(np.isfinite(weights).all() for weights in task["model"].get_weights())


def test_while_it_is_set_up(task, capsys, monkeypatch):
    optimizer = task["optimizer"]
    build = optimizer.build
    monkeypatch.setattr(optimizer, "build", lambda v: (interrupt(), build(v)))
    before = task["model"].get_weights()
    assert_stopped(capsys, task, train(**task), 0)
    for old, new in zip(before, task["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("jit_compile", [True, False])
def test_while_it_is_traced(task, capsys, jit_compile):
    strikes = []

    def strike():
        strikes.append(1)
        if len(strikes) > 1:  # the first is that of the functional model
            interrupt()

    inputs = keras.Input((1,))
    outputs = Interrupting(strike)(layers.Dense(1)(inputs))
    task["model"] = keras.Model(inputs, outputs)
    before = task["model"].get_weights()
    assert_stopped(capsys, task, train(**task, jit_compile=jit_compile), 0)
    for old, new in zip(before, task["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_while_it_is_compiled(task, capsys, monkeypatch):
    take_back = RunState.take_back

    def struck(self, values):  # what follows the call that compiles
        interrupt()
        take_back(self, values)

    monkeypatch.setattr(RunState, "take_back", struck)
    before = task["model"].get_weights()
    assert_stopped(capsys, task, train(**task), 0)
    for old, new in zip(before, task["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("validation", [False, True])
def test_between_two_calls(task, capsys, monkeypatch, validation):
    monkeypatch.setattr(run, "CALL_SECONDS", 1e-12)  # one step a call
    add = RunState.add

    def struck(self, new, steps):
        means = add(self, new, steps)
        if self.done == 9:
            interrupt()
        assert self.done <= 9, "it went on"
        return means

    monkeypatch.setattr(RunState, "add", struck)
    before = task["model"].get_weights()
    valid = (task["x"], task["y"]) if validation else None
    assert_stopped(capsys, task, train(**task, validation_data=valid), 2)
    assert not np.array_equal(before[0], task["model"].get_weights()[0])


def test_while_it_is_validated(task, capsys):
    class Struck(np.ndarray):
        batches = 0

        def __getitem__(self, key):
            Struck.batches += 1
            if Struck.batches == 5:  # the second batch of the second epoch
                interrupt()
            return np.asarray(self)[key]

    x = np.zeros((2500, 1), np.float32)  # three batches
    valid = (x.view(Struck), x)
    assert_stopped(capsys, task, train(**task, validation_data=valid), 1)
    assert Struck.batches == 5


def test_one_in_the_last_call_is_told_too(task, capsys, monkeypatch):
    add = RunState.add
    monkeypatch.setattr(
        RunState,
        "add",
        lambda self, new, steps: (interrupt(), add(self, new, steps))[1],
    )
    assert_stopped(capsys, task, train(**task), EPOCHS)


def test_a_second_one_breaks_out(task, monkeypatch):
    def build(variables):
        interrupt()
        interrupt()
        raise AssertionError("it went on")

    monkeypatch.setattr(task["optimizer"], "build", build)
    with pytest.raises(KeyboardInterrupt):
        train(**task)


def test_in_other_threads_training_goes_on_as_ever(task):
    histories = []
    thread = threading.Thread(target=lambda: histories.append(train(**task)))
    thread.start()
    thread.join()
    assert len(histories[0].epoch) == EPOCHS


def test_where_interrupts_are_ignored_they_stay_so(task):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        add = task["optimizer"].build
        task["optimizer"].build = lambda variables: (interrupt(), add(variables))
        assert len(train(**task).epoch) == EPOCHS
    finally:
        signal.signal(signal.SIGINT, before)
