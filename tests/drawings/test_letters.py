"""Drawn letters: pictures like MNIST's without a digit in them."""

from utils.drawings import draw_letters

import numpy as np
import pytest


def test_they_have_the_form_of_mnist():
    letters = draw_letters(50)
    assert letters.shape == (50, 28, 28) and letters.dtype == np.float32
    assert letters.min() >= 0 and letters.max() <= 1
    ink = letters.mean(axis=(1, 2))  # of a digit of MNIST: 0.13 on average
    assert (ink > 0.03).all() and (ink < 0.4).all()


def test_they_lie_in_the_middle():
    letters = draw_letters(50)
    assert (letters[:, [0, -1]].max(axis=(1, 2)) == 0).mean() > 0.9
    weights = letters.sum(axis=(1, 2))
    down = (letters.sum(axis=2) * np.arange(28)).sum(axis=1) / weights
    assert (abs(down - 13.5) < 3).all()


def test_a_seed_decides():
    assert (draw_letters(20) == draw_letters(20)).all()
    assert (draw_letters(20) != draw_letters(20, seed=1)).any()


def test_no_letters_is_refused():
    with pytest.raises(ValueError, match="At least one letter"):
        draw_letters(0)
