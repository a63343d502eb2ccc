"""Pictures of noise, a folder of them, a backbone, and a system that refuses files."""

import builtins
import io
import os

from utils.pictures.backbones import COURSE_SIDE, Backbone, course_network
from utils.session import keras

import numpy as np
import pytest
from PIL import Image


def save_noise(path, side=40, seed=0, **options):
    """A picture of noise; another seed, another picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(256, size=(side, side, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(path, **options)
    return path


@pytest.fixture(scope="session")
def noise():
    return save_noise


@pytest.fixture
def folder(tmp_path):
    """Two classes of four pictures each."""
    for number in range(8):
        kind = ("cat", "dog")[number % 2]
        save_noise(tmp_path / "mine" / kind / f"{number}.jpg", seed=number)
    return tmp_path / "mine"


@pytest.fixture(scope="session")
def backbone():
    """The course's network with weights drawn at random: the same each time, and no file."""
    keras.utils.set_random_seed(1)
    return Backbone("course", course_network(), COURSE_SIDE, "a key")


@pytest.fixture
def refuse():
    """refuse(path, number, after=0): opening the file fails with this errno, after some times."""
    with pytest.MonkeyPatch.context() as patch:

        def refuse(path, number, after=0):
            left, open_it = [after], builtins.open

            def refusing(file, *args, **kwargs):
                if str(file) == str(path):
                    left[0] -= 1
                    if left[0] < 0:
                        raise OSError(number, os.strerror(number), str(file))
                return open_it(file, *args, **kwargs)

            patch.setattr(builtins, "open", refusing)
            patch.setattr(io, "open", refusing)
            return patch

        yield refuse
