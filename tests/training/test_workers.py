"""Processes that train together: what each is told, how they end, who is silent (chapter 25)."""

import json
import os
import signal
from pathlib import Path

from utils.training.workers import Workers, free_addresses

import pytest

START = """
import json, os, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
config = json.loads(os.environ.get("TF_CONFIG", "{}"))
index = config.get("task", {}).get("index", 0)
"""


@pytest.fixture
def start(tmp_path):
    """Workers of a program that begins like the chapter's and goes on as the test says."""

    def make(lines, count=2):
        program = tmp_path / "program.py"
        program.write_text(START + lines)
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        return Workers(program, folder, count)

    return make


def gone(process) -> bool:
    return process.returncode is not None


def test_addresses_are_free_and_of_this_machine():
    addresses = free_addresses(3)
    assert len(set(addresses)) == 3
    assert {address.split(":")[0] for address in addresses} == {"127.0.0.1"}


def test_each_worker_knows_all_and_its_own_place(start):
    lines = "(folder / f'told-{index}').write_text(json.dumps(config))"
    with start(lines) as workers:
        assert workers.wait() == [0, 0]
    told = [json.loads((workers.folder / f"told-{i}").read_text()) for i in range(2)]
    assert [one["cluster"]["worker"] for one in told] == [workers.addresses] * 2
    assert [one["task"]["index"] for one in told] == [0, 1]


def test_a_single_worker_has_no_cluster(start, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with start("sys.exit(3 if 'TF_CONFIG' in os.environ else 0)", count=1) as workers:
        assert workers.wait() == [0]


@pytest.mark.parametrize("end", ["sys.exit(3)", "os.kill(os.getpid(), 9)"])
def test_when_one_ends_badly_the_others_are_killed(start, end):
    with start(f"if index == 1: {end}\ntime.sleep(600)") as workers:
        codes = workers.wait()
    assert codes == [-signal.SIGKILL, 3 if "exit" in end else -signal.SIGKILL]


def test_who_takes_too_long_is_named(start):
    with start("time.sleep(600 * index)") as workers:
        workers.processes[0].wait()
        with pytest.raises(TimeoutError, match=r"workers \[1\] still run"):
            workers.wait(seconds=0)
    assert all(map(gone, workers.processes))


def test_the_worker_whose_heart_stands_still_is_silent(start):
    lines = """
while True:
    (folder / f"heart-{index}").touch()
    time.sleep(600 if index == 1 else 0.05)
"""
    with start(lines) as workers:
        assert workers.silent(behind=1) == [1]


def test_where_all_have_ended_nobody_is_silent(start):
    with start("") as workers, pytest.raises(TimeoutError, match="silent"):
        workers.silent(behind=1)


def test_nothing_outlives_the_block(start):
    with pytest.raises(KeyError), start("time.sleep(600)") as workers:
        raise KeyError
    assert all(map(gone, workers.processes))


def test_when_one_cannot_be_started_the_others_do_not_stay(start):
    workers = start("time.sleep(600)")
    (workers.folder / "log-1").mkdir()  # no file can be opened there
    with pytest.raises(IsADirectoryError):
        workers.__enter__()
    assert len(workers.processes) == 1
    assert all(map(gone, workers.processes))


def test_steps_and_what_is_printed_are_kept(start):
    lines = "(folder / f'step-{index}').write_text(str(7 + index)); print('hello')"
    with start(lines) as workers:
        workers.wait()
        assert workers.steps() == [7, 8]
    assert (workers.folder / "log-1").read_text() == "hello\n"


def test_traces_of_an_earlier_run_are_forgotten(start):
    workers = start("")
    Path(workers.folder / "step-0").write_text("5")
    os.utime(workers.folder / "step-0", (0, 0))
    with workers:
        assert workers.steps() == [0, 0]
