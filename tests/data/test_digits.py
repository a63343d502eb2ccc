"""MNIST and Fashion-MNIST: the same form whatever the source."""

import gzip
import hashlib

from utils import data
from utils.data import digits
from utils.data.archives import GzipFile
from utils.drawings import clothes
from utils.drawings import digits as drawn_digits

import numpy as np
import pytest


def test_idx_files_are_read(content):
    expected = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(digits._from_idx(content), expected)


def small_mnist():
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in [("train", 5100), ("test", 50)]:
        shape = (count, 28, 28)
        arrays[f"{part}_images"] = rng.integers(256, size=shape, dtype=np.uint8)
        arrays[f"{part}_labels"] = rng.integers(10, size=count, dtype=np.uint8)
    return arrays


@pytest.fixture
def small_sets(empty_cache, tmp_path, monkeypatch, idx):
    """Both sets are small ones; their files lie in the folder that is returned."""
    toy = {}
    for part, array in small_mnist().items():
        content = idx(array)
        sha256 = hashlib.sha256(content).hexdigest()
        toy[part] = GzipFile(f"toy/{part}.gz", sha256, len(content), ())
        path = tmp_path / "mine" / toy[part].name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content))
    for name in ("_MNIST", "_FASHION"):
        monkeypatch.setattr(digits, name, toy)
    monkeypatch.setattr(drawn_digits, "mnist", small_mnist)
    monkeypatch.setattr(clothes, "fashion_mnist", small_mnist)
    return tmp_path / "mine"


@pytest.mark.parametrize("load", [data.load_mnist, data.load_fashion_mnist])
def test_real_and_stand_in_have_the_same_form(small_sets, monkeypatch, capsys, load):
    stand_in = load()
    monkeypatch.setenv("COURSE_DATA_DIR", str(small_sets))
    real = load()

    assert (real.source, stand_in.source) == ("real", "stand-in")
    assert len(set(real.class_names)) == 10
    for name in ("x_train", "y_train", "x_valid", "y_valid", "x_test", "y_test"):
        ours, theirs = getattr(real, name), getattr(stand_in, name)
        expected = np.float32 if name[0] == "x" else np.int32
        assert ours.dtype == theirs.dtype == expected
        np.testing.assert_array_equal(ours, theirs)
    assert real.x_valid.shape == (5000, 28, 28)
    assert (real.x_train.min(), real.x_train.max()) == (0, 1)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("source: ~stand-in (COURSE_OFFLINE=1)")
    assert second.endswith("source: ~real")


def test_one_bad_file_of_four_gives_the_stand_in(small_sets, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_DIR", str(small_sets))
    (small_sets / "toy/test_labels.gz").write_bytes(gzip.compress(b"else"))
    assert data.load_mnist().source == "stand-in"
    assert "test_labels.gz is not used" in capsys.readouterr().out


@pytest.mark.parametrize("files", [digits._MNIST, digits._FASHION])
def test_the_mirrors_speak_https_and_the_hashes_are_sha256(files):
    for file in files.values():
        assert len(file.sha256) == 64 and len(file.mirrors) >= 2
        assert all(url.startswith("https://") for url in file.mirrors)
