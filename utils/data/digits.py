"""MNIST and Fashion-MNIST: the real sets if they can be had, else their stand-ins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from utils import cache
from utils.data.archives import GzipFile, contents
from utils.data.fetch import why_not
from utils.records import record

import numpy as np


@dataclass(frozen=True)
class Images:
    """Labelled pictures in three parts.

    x_train, x_valid, x_test: float32, shape (n, height, width), 0.0 is paper and 1.0 is ink.
    y_train, y_valid, y_test: int32, shape (n,), the index of the class.
    class_names: the classes in the order of their indices.
    source: "real" or "stand-in".
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str


# The names of the files, and how many bytes of them are uncompressed.
_IDX_FILES = {
    "train_images": ("train-images-idx3-ubyte", 16 + 60_000 * 28 * 28),
    "train_labels": ("train-labels-idx1-ubyte", 8 + 60_000),
    "test_images": ("t10k-images-idx3-ubyte", 16 + 10_000 * 28 * 28),
    "test_labels": ("t10k-labels-idx1-ubyte", 8 + 10_000),
}


def _idx_files(
    folder: str, hashes: tuple[str, ...], mirrors: tuple[str, ...]
) -> dict[str, GzipFile]:
    """The four files of a data set in MNIST's form, by what is in them."""
    found = {}
    for (part, (name, size)), sha256 in zip(_IDX_FILES.items(), hashes, strict=True):
        urls = tuple(f"{mirror}{name}.gz" for mirror in mirrors)
        found[part] = GzipFile(f"{folder}/{name}.gz", sha256, size, urls)
    return found


_MNIST = _idx_files(
    "mnist",
    (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
)
_FASHION = _idx_files(
    "fashion-mnist",
    (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
)
# The packages that the drawings are made with.
_MNIST_PACKAGES = ("numpy", "scipy", "scikit-learn", "keras", "tensorflow")
_FASHION_PACKAGES = ("numpy", "keras", "tensorflow")
_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load_mnist() -> Images:
    """Handwritten digits (LeCun, Cortes and Burges, 1998): 55,000 / 5,000 / 10,000 of 28x28.

    The validation pictures are the first 5,000 of the 60,000 training pictures, as in
    TensorFlow's first tutorials. Introduced in chapter 8.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    from utils.drawings.digits import mnist  # loads TensorFlow

    arrays, source, why = _real_or_stand_in(_MNIST, mnist, _MNIST_PACKAGES)
    images = _images(arrays, tuple("0123456789"), source)
    _say("MNIST", images, why)
    return images


def load_fashion_mnist() -> Images:
    """Ten kinds of clothes (Xiao, Rasul and Vollgraf, 2017): 55,000 / 5,000 / 10,000 of 28x28.

    As with MNIST, the validation pictures are the first 5,000 of the 60,000 training pictures.
    Introduced in chapter 11.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    from utils.drawings.clothes import fashion_mnist  # loads TensorFlow

    arrays, source, why = _real_or_stand_in(_FASHION, fashion_mnist, _FASHION_PACKAGES)
    images = _images(arrays, _CLOTHES, source)
    _say("Fashion-MNIST", images, why)
    return images


def _images(
    arrays: Mapping[str, np.ndarray], class_names: tuple[str, ...], source: str
) -> Images:
    x_train, x_test = (
        np.divide(arrays[part], 255, dtype=np.float32)
        for part in ("train_images", "test_images")
    )
    y_train, y_test = (
        arrays[k].astype(np.int32) for k in ("train_labels", "test_labels")
    )
    return Images(
        x_train=x_train[5000:],
        y_train=y_train[5000:],
        x_valid=x_train[:5000],
        y_valid=y_train[:5000],
        x_test=x_test,
        y_test=y_test,
        class_names=class_names,
        source=source,
    )


def _say(title: str, images: Images, why: str) -> None:
    counts = " / ".join(
        f"{len(y):,}" for y in (images.y_train, images.y_valid, images.y_test)
    )
    print(
        f"{title}: {counts} pictures to train / validate / test, source: ~{images.source}{why}"
    )
    record(data=title, source=images.source)


def _real_or_stand_in(
    needed: Mapping[str, GzipFile],
    make: Callable[[], dict[str, np.ndarray]],
    made_with: Sequence[str],
) -> tuple[dict[str, np.ndarray], str, str]:
    """The arrays of all files, or, if one of them cannot be had, those of the stand-in.

    Returns the arrays, the source, and for a stand-in the reason in brackets.
    """
    files = contents(needed)
    if files is None:
        return cache.cached_stand_in(make, made_with), "stand-in", why_not()
    return {key: _from_idx(file) for key, file in files.items()}, "real", ""


def _from_idx(content: bytes) -> np.ndarray:
    """The uint8 array in an IDX file: a magic number that ends in the rank, the sizes, the data."""
    rank = content[3]
    sizes = np.frombuffer(content, ">i4", count=rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)
