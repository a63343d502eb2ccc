"""The training of chapter 22's backbone, at toy size."""

from tools import train_backbone
from utils.drawings import SHAPES
from utils.pictures.backbones import COURSE_WEIGHTS, load_backbone

import numpy as np


def test_the_drawings_are_those_of_every_kind_and_the_same_each_time():
    x, y = train_backbone.pictures(2, seed=1)
    assert (x.shape, x.dtype) == ((2 * len(SHAPES), 72, 72, 3), np.uint8)
    assert np.bincount(y).tolist() == [2] * len(SHAPES)
    np.testing.assert_array_equal(x, train_backbone.pictures(2, seed=1)[0])


def test_a_toy_run_writes_weights_that_load(tmp_path, capsys):
    before = COURSE_WEIGHTS.stat().st_mtime_ns
    weights = tmp_path / "toy.weights.h5"
    kinds = tmp_path / "kinds.weights.h5"
    train_backbone.main(weights, kinds, count=3, tests=1, epochs=1)
    said = capsys.readouterr().out
    assert said.startswith("87 pictures in ") and "accuracy on new pictures" in said
    assert load_backbone("course", weights).key != load_backbone("course").key
    assert {path.name for path in tmp_path.iterdir()} == {weights.name, kinds.name}
    assert COURSE_WEIGHTS.stat().st_mtime_ns == before
