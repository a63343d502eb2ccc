"""One function a data set: the real one if it can be had, else its stand-in (see fetch.py)."""

from utils.data.digits import load_fashion_mnist, load_mnist
from utils.data.photos import load_flowers, load_photographs
from utils.data.reviews import load_imdb
from utils.data.small import load_alice, load_messages, load_scores, load_stocks
from utils.data.tables import load_takeoff
from utils.data.titanic import load_titanic
from utils.data.trials import load_trials

__all__ = [
    "load_alice",
    "load_fashion_mnist",
    "load_flowers",
    "load_imdb",
    "load_messages",
    "load_mnist",
    "load_photographs",
    "load_scores",
    "load_stocks",
    "load_takeoff",
    "load_titanic",
    "load_trials",
]
