"""Name what is in a picture, chapter 16; make a classifier of a folder of them, chapter 22."""

from utils.pictures.backbones import course_network, load_backbone
from utils.pictures.classifiers import load_classifier, predict_image
from utils.pictures.features import bottlenecks, forget_bottlenecks, label_image
from utils.pictures.folders import find_pictures, split
from utils.pictures.reading import batches, read_all, read_picture

__all__ = [
    "batches",
    "bottlenecks",
    "course_network",
    "find_pictures",
    "forget_bottlenecks",
    "label_image",
    "load_backbone",
    "load_classifier",
    "predict_image",
    "read_all",
    "read_picture",
    "split",
]
