"""Shared fixtures: an empty cache, no data folder, no network."""

from utils import cache

import pytest


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """The course sees an empty cache and neither COURSE_DATA_DIR nor a network."""
    monkeypatch.setattr(cache, "CACHE", tmp_path / "cache")
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    return tmp_path / "cache"
