"""Drawn flowers and shapes."""

from utils.drawings import FLOWERS, SHAPES, draw, flowers
from utils.drawings.scene import upright

import numpy as np


def test_drawings_are_the_same_each_time_and_no_kind_has_colours_of_its_own():
    sets = {name: draw(kind, 96, [0, 1]) for name, kind in FLOWERS.items()}
    for name, drawn in sets.items():
        assert (drawn.shape, drawn.dtype) == ((96, 96, 96, 3), np.uint8)
        again = draw(FLOWERS[name], 32, [0, 1])
        np.testing.assert_array_equal(drawn[:32], again)
    means = np.array([drawn.mean((0, 1, 2)) for drawn in sets.values()])
    assert np.ptp(means, axis=0).max() < 25, "of 255"


def test_there_are_29_shapes_and_no_flower_is_among_them():
    assert len(SHAPES) == len(set(SHAPES.values())) == 29
    assert not set(SHAPES.values()) & set(FLOWERS.values())


def test_what_stands_upright_is_said_where_it_is_drawn():
    standing = {n for n, kind in (FLOWERS | SHAPES).items() if hasattr(kind, "upright")}
    assert standing == {"tulips", "mushroom", "fir", "house", "umbrella", "glass"}
    turned = []

    def kind(p):
        right, down = p.u[:, 0, 1] - p.u[:, 0, 0], p.u[:, 1, 0] - p.u[:, 0, 0]
        turned.append(np.arctan2(down, right))
        return [(1 - p.r, 0, 1)]

    draw(kind, 32, 0)
    assert np.ptp(turned[0]) > 2, "all ways"
    turned.clear()
    draw(upright(kind), 32, 0)
    assert np.ptp(turned[0]) < 1.1, "at most half a radian to either side"


def test_no_picture_is_an_empty_array():
    assert draw(FLOWERS["daisy"], 0, 0, side=8).shape == (0, 8, 8, 3)


def test_flowers_are_written_into_a_folder_a_kind(tmp_path):
    flowers.write_flowers(tmp_path, count=2)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")}
    assert written == {f"{name}/00{i}.jpg" for name in FLOWERS for i in range(2)}
