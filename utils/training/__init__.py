"""The course's training loop, which chapter 8 writes out, and its checkpoints (chapter 20)."""

from utils.training.layers import Dropout
from utils.training.loop import evaluate, train
from utils.training.run import Diverged
from utils.training.state import Batches
from utils.training.workers import Workers

__all__ = ["Batches", "Diverged", "Dropout", "Workers", "evaluate", "train"]
