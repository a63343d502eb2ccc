"""A folder of labelled pictures becomes a classifier: chapter 22."""

from utils.pictures.backbones import course_network, load_backbone
from utils.pictures.features import bottlenecks, label_image
from utils.pictures.folders import find_pictures, split
from utils.pictures.reading import batches, read_all

__all__ = [
    "batches",
    "bottlenecks",
    "course_network",
    "find_pictures",
    "label_image",
    "load_backbone",
    "read_all",
    "split",
]
