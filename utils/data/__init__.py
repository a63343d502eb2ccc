"""One function a data set: the real one if it can be had, else its stand-in (see fetch.py)."""

from utils.data.digits import load_fashion_mnist, load_mnist
from utils.data.photos import load_flowers
from utils.data.tables import load_takeoff
from utils.data.trials import load_trials

__all__ = [
    "load_fashion_mnist",
    "load_flowers",
    "load_mnist",
    "load_takeoff",
    "load_trials",
]
