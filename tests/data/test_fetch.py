"""Which sites are asked for a file, and which are asked again."""

import errno
import io
import socket
import threading

from utils import cache
from utils.data import fetch
from utils.data.fetch import BadFile

import pytest
import requests

SLOW, GOOD = "https://slow.invalid/f", "https://good.invalid/f"


@pytest.fixture
def all_answer(online, monkeypatch):
    """Every site answers the probe; returns the list of those that were asked."""
    asked = []
    monkeypatch.setattr(requests, "head", lambda site, timeout: asked.append(site))
    return asked


def test_a_look_up_that_hangs_does_not_hold_up_the_decision(online, monkeypatch):
    release, still_hanging = threading.Event(), []

    def head(site, timeout):
        still_hanging.append(not release.wait(60))

    monkeypatch.setattr(requests, "head", head)
    monkeypatch.setattr(fetch, "PROBE_SECONDS", 0.1)
    assert fetch.download((SLOW, GOOD), lambda url: url) is None
    assert not still_hanging
    release.set()


def test_a_site_that_does_not_answer_is_left_and_the_others_used(online, monkeypatch):
    def head(site, timeout):
        if "slow" in site:
            raise requests.ConnectTimeout

    monkeypatch.setattr(requests, "head", head)
    assert fetch.download((SLOW, GOOD), lambda url: url) == GOOD
    assert not fetch.answers("https://slow.invalid")
    assert fetch.answers("https://good.invalid")


def test_only_a_probe_that_succeeded_is_remembered(online, monkeypatch):
    network = []

    def head(site, timeout):
        asked.append(site)
        if not network:
            raise requests.ConnectionError

    asked = []
    monkeypatch.setattr(requests, "head", head)
    assert fetch.download([GOOD], lambda url: url) is None
    assert not fetch.answers("https://good.invalid")
    network.append("is back")
    assert fetch.download([GOOD], lambda url: url) == GOOD
    assert fetch.download([GOOD], lambda url: url) == GOOD
    assert len(asked) == 3


def test_a_site_that_fell_silent_is_left_in_this_load_and_asked_in_the_next(
    all_answer, capsys
):
    tried = []

    def get(url):
        tried.append(url)
        if url == SLOW:
            raise requests.Timeout
        return url

    silent = set()
    for _ in range(2):
        assert fetch.download((SLOW, GOOD), get, silent) == GOOD
    assert tried == [SLOW, GOOD, GOOD]
    said = capsys.readouterr().out.splitlines()
    assert said == [f"{SLOW} is not used: it fell silent for 60 s."]
    assert fetch.download((SLOW, GOOD), get) == GOOD
    assert tried[3:] == [SLOW, GOOD]
    assert all_answer.count("https://slow.invalid") == 2


def test_silence_ends_a_download(online, monkeypatch):
    monkeypatch.setattr(fetch, "SILENCE_SECONDS", 0.1)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(requests.Timeout),
    ):  # it takes connections and never says a word
        fetch.stream(f"http://127.0.0.1:{server.getsockname()[1]}", io.BytesIO())


@pytest.mark.parametrize(
    ("error", "tries", "reason"),
    [
        (BadFile("it is odd"), 2, "it is odd"),
        (requests.ConnectionError(), 2, "the connection broke"),
        (requests.Timeout(), 1, "it fell silent for 60 s"),
        (OSError(errno.ENOSPC, "No space"), 1, "cannot be written (No space)"),
    ],
    ids=["bad", "broken", "silent", "disk full"],
)
def test_what_goes_wrong_is_said_in_one_sentence(
    all_answer, capsys, error, tries, reason
):
    tried = []

    def get(url):
        tried.append(url)
        raise error

    assert fetch.download([GOOD], get) is None
    assert len(tried) == tries
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{GOOD} is not used: ") and said.endswith(f"{reason}.")


def test_offline_no_site_is_asked(all_answer, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert fetch.download([GOOD], lambda url: url) is None
    assert not all_answer
    assert fetch.why_not() == " (COURSE_OFFLINE=1)"


def test_the_data_folder_comes_before_the_cache(empty_cache, tmp_path, monkeypatch):
    assert fetch.folders() == [empty_cache]
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert fetch.folders() == [tmp_path, empty_cache]
    monkeypatch.setenv("COURSE_DATA_DIR", "data")  # seen from the course's folder
    assert fetch.folders()[0] == cache.ROOT / "data"


def test_a_data_folder_that_does_not_exist_stops_with_a_sentence(
    empty_cache, monkeypatch
):
    monkeypatch.setenv("COURSE_DATA_DIR", "no/such/folder")
    with pytest.raises(FileNotFoundError, match="names 'no/such/folder'"):
        fetch.folders()
