"""Training survives a kill at any moment, and damaged checkpoints are noticed."""

import multiprocessing
import os
import random
import resource
import signal
import threading
import time
from multiprocessing import forkserver
from pathlib import Path

from utils import training
from utils.session import keras, set_seed
from utils.training.checkpoints import CheckpointFolder
from utils.training.state import RunState

import numpy as np
import pytest
from keras import layers

ROOT = Path(__file__).parents[2]
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["test_checkpoints"])  # so this module runs no TensorFlow
PATIENCE = 600  # seconds; only a process that hangs needs as many

INTERVAL = 5
ARRAYS = {"w": np.arange(6.0).reshape(2, 3), "b": np.array([7], np.int32)}


@pytest.fixture(scope="module", autouse=True)
def server():
    """Starts the process that the others are forked from; it finds its modules by PYTHONPATH."""
    with pytest.MonkeyPatch.context() as patch:
        here = [str(ROOT), str(Path(__file__).parent)]
        patch.setenv("PYTHONPATH", os.pathsep.join(here))
        forkserver.ensure_running()


def steps_in(folder: Path) -> list[int]:
    return sorted(int(path.stem[5:]) for path in folder.glob("step-*.npz"))


def load(folder: Path):
    with CheckpointFolder(folder, {}) as checkpoints:
        return checkpoints.load()


def fill(folder: Path, steps=(100, 200)) -> None:
    with CheckpointFolder(folder, {}) as checkpoints:
        for step in steps:
            checkpoints.save(step, ARRAYS | {"step": np.array(step)})


def test_the_newest_two_are_kept_and_the_newest_is_loaded(tmp_path):
    folder = tmp_path / "학습 1"
    fill(folder, steps=(100, 900, 1000))
    assert steps_in(folder) == [900, 1000]
    step, arrays = load(folder)
    assert step == arrays.pop("step") == 1000
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=True)
    assert load(tmp_path / "empty") is None
    with np.load(folder / "step-000001000.npz") as file:  # numpy alone reads it too
        np.testing.assert_array_equal(file["w"], ARRAYS["w"])


def test_every_flipped_byte_and_every_length_is_noticed(tmp_path, capsys):
    fill(tmp_path)
    newest = tmp_path / "step-000000200.npz"
    good = newest.read_bytes()
    flipped = (
        good[:k] + bytes([good[k] ^ 1 << k % 8]) + good[k + 1 :]
        for k in range(len(good))
    )
    torn = (good[:k] for k in range(0, len(good), 7))
    for bad in (*flipped, *torn):
        newest.write_bytes(bad)
        assert load(tmp_path)[0] == 100
        assert "step-000000200.npz is damaged" in capsys.readouterr().out
        assert newest.with_suffix(".damaged").read_bytes() == bad
    newest.write_bytes(good)
    assert load(tmp_path)[0] == 200


def test_a_damaged_checkpoint_is_not_counted_among_the_two(tmp_path, capsys):
    fill(tmp_path)
    (tmp_path / "step-000000200.npz").write_bytes(b"torn")
    with CheckpointFolder(tmp_path, {}) as checkpoints:
        checkpoints.load()
        checkpoints.save(150, ARRAYS)
    assert "the checkpoint of step 100 is used" in capsys.readouterr().out
    assert steps_in(tmp_path) == [100, 150]


def test_if_all_are_damaged_the_run_begins_anew(tmp_path, capsys):
    fill(tmp_path, steps=(100,))
    (tmp_path / "step-000000100.npz").write_bytes(b"")
    assert load(tmp_path) is None
    assert "no checkpoint is used" in capsys.readouterr().out


def test_a_full_disk_costs_the_new_checkpoint_only(tmp_path, capsys):
    fill(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.glob("step-*")}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with CheckpointFolder(tmp_path, {}) as checkpoints:
            assert not checkpoints.save(300, {"w": np.zeros(10_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the checkpoint of step 200 stays" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in tmp_path.glob("step-*")} == before
    assert not list(tmp_path.glob("*.part"))


def test_two_processes_on_one_folder_are_refused(tmp_path):
    held = SERVER.Event()
    holder = SERVER.Process(target=hold, args=(tmp_path, held))
    holder.start()
    try:
        assert held.wait(PATIENCE)
        with pytest.raises(RuntimeError, match="Another process is training"):
            load(tmp_path)
    finally:
        holder.kill()
        holder.join()
    assert load(tmp_path)[0] == 200  # the lock died with its process


def hold(folder: Path, held) -> None:
    with CheckpointFolder(folder, {}) as checkpoints:
        checkpoints.save(200, ARRAYS)
        held.set()
        threading.Event().wait()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(NotADirectoryError, match="is a file: name a folder"):
        load(tmp_path / "run")
    assert (tmp_path / "run").read_text() == "mine"


# Training runs


def exactly_right(true, predicted):
    return keras.metrics.sparse_categorical_accuracy(true, predicted)


def task(kind: str, activation: str = "relu") -> dict:
    """What `train` takes, the same in each process: a compiled run or one of many calls."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=400).astype(np.int32)
    set_seed(1)
    if kind == "compiled":
        x = rng.normal(y[:, None], 1, (400, 8)).astype(np.float32)
        penalty = None if activation == "relu" else keras.regularizers.L2(0.1)
        dense = layers.Dense(16, activation, kernel_regularizer=penalty)
        body = [dense, layers.Dropout(0.3)]
        optimizer = keras.optimizers.Adam(0.01)
    else:  # as large models are trained: a few steps a call, without XLA
        x = rng.normal(y[:, None, None, None], 1, (400, 8, 8, 1)).astype(np.float32)
        body = [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.Flatten()]
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    model = keras.Sequential([keras.Input(x.shape[1:]), *body, layers.Dense(3)])
    return {
        "model": model,
        "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "optimizer": optimizer,
        "x": x,
        "y": y,
        "epochs": 200 if kind == "compiled" else 60,
        "batch_size": 30,  # 13 steps an epoch
        "metrics": {"accuracy": keras.metrics.sparse_categorical_accuracy},
        "validation_data": (x[:50], y[:50]),
        "checkpoint_every": INTERVAL,
    }


def end(given: dict, history) -> list:
    variables = given["model"].variables + given["optimizer"].variables
    return [variable.numpy() for variable in variables] + [history.history]


def assert_same(ours: list, theirs: list) -> None:
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(one, dict):
            assert one == other
        else:
            np.testing.assert_array_equal(one, other, strict=True)


def work(kind: str, folder: Path, results, killed: bool) -> None:
    """A training process: it tells its steps through `results` and its end through a pipe.

    One that is to be killed waits for that at its end.
    """
    progress, sender = results
    add = RunState.add

    def told(self, new, steps):
        progress.value = self.done + len(new)
        return add(self, new, steps)

    RunState.add = told
    given = task(kind)
    history = training.train(**given, checkpoint=folder)
    progress.value = max(steps_in(folder))
    if killed:
        threading.Event().wait()
    sender.send(end(given, history))


@pytest.mark.parametrize("kind", ["compiled", "calls"])
def test_25_kills_change_nothing(tmp_path, kind):
    given = task(kind)
    undisturbed = end(given, training.train(**given, checkpoint=tmp_path / "quiet"))
    folder = tmp_path / "killed"
    rng = random.Random(kind)
    losses = 0
    for number in range(26):
        progress = SERVER.Value("q", 0)
        receiver, sender = SERVER.Pipe(duplex=False)
        killed = number < 25
        process = SERVER.Process(
            target=work, args=(kind, folder, (progress, sender), killed)
        )
        process.start()
        if not killed:
            assert receiver.poll(PATIENCE)
            assert_same(receiver.recv(), undisturbed)
            process.join()
            break
        started = time.monotonic()
        while not progress.value:  # it imports and compiles
            assert process.is_alive(), "it ended by itself"
            assert time.monotonic() - started < PATIENCE, "it did not begin to train"
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.08))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        losses += progress.value - max(steps_in(folder), default=0) > INTERVAL
    assert losses == 0


@pytest.mark.parametrize("moment", ["half written", "before the rename", "after it"])
def test_a_kill_during_a_write_loses_at_most_that_checkpoint(tmp_path, moment):
    process = SERVER.Process(target=die_writing, args=(tmp_path, moment))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert load(tmp_path)[0] == (200 if moment == "after it" else 100)
    fill(tmp_path, steps=(200, 300))
    assert load(tmp_path)[0] == 300
    assert not list(tmp_path.glob("*.part"))


def die_writing(folder: Path, moment: str) -> None:
    fill(folder, steps=(100,))
    replace = os.replace

    def die(*paths):
        if moment == "after it":
            replace(*paths)
        elif moment == "half written":
            os.truncate(paths[0], 100)
        os.kill(os.getpid(), signal.SIGKILL)

    os.replace = die
    fill(folder, steps=(200,))


def test_a_finished_run_is_loaded_and_more_epochs_go_on(tmp_path, capsys):
    given = task("compiled") | {"epochs": 7}
    whole = end(given, training.train(**given))
    for epochs in (3, 7, 7):
        given = task("compiled") | {"epochs": epochs}
        history = training.train(**given, checkpoint=tmp_path)
    assert_same(end(given, history), whole)
    assert capsys.readouterr().out.splitlines() == [
        "Training goes on from step 39 of 91.",
        "Training was finished at step 91 of 91.",
    ]
    given = task("compiled") | {"epochs": 2}
    with pytest.raises(ValueError, match="of step 91, past the 26 asked for"):
        training.train(**given, checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda: {"batch_size": 20}, r"not the same batch size \(30 there, 20 here\)"),
        (lambda: {"seed": 8}, r"not the same seed \(0 there, 8 here\)"),
        (lambda: {"optimizer": keras.optimizers.SGD(0.01)}, "not the same weights"),
        (lambda: {"optimizer": keras.optimizers.Adam(0.02)}, "not the same optimizer"),
        (
            lambda: {"loss": keras.losses.SparseCategoricalCrossentropy()},
            "not the same loss",
        ),
        (lambda: {"y": np.zeros(400, np.int32)}, "not the same data"),
        (lambda: {"model": task("compiled", "tanh")["model"]}, "not the same model"),
        (lambda: {"metrics": {"accuracy": exactly_right}}, "not the same metrics"),
        (lambda: {"validation_data": None}, "not the same validation data"),
        (
            lambda: {"validation_data": (np.zeros((9, 8)), np.zeros(9))},
            "not the same validation data",
        ),
    ],
    ids=[
        *["batch", "seed", "weights", "optimizer", "loss", "data"],
        *["model", "metrics", "no validation", "other validation"],
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, sentence):
    given = task("compiled") | {"epochs": 1}
    training.train(**given, checkpoint=tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    given = task("compiled") | {"epochs": 2} | change()
    weights = given["model"].get_weights()
    with pytest.raises(ValueError, match=sentence):
        training.train(**given, checkpoint=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    for old, new in zip(weights, given["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_an_interval_of_no_steps_is_refused(tmp_path):
    given = task("compiled") | {"checkpoint_every": 0}
    with pytest.raises(ValueError, match="at least 1 step"):
        training.train(**given, checkpoint=tmp_path)
