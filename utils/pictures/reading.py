"""Pictures are read in a stream: ten thousand large photographs need no more memory than ten."""

import io
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from utils.pictures.folders import Pictures, system_errors
from utils.session import tf

import numpy as np
from PIL import Image, ImageOps

LARGEST = 100_000_000  # pixels; more than the largest cameras of today make
Image.MAX_IMAGE_PIXELS = None  # our own limit, with a sentence of its own


class BadPicture(ValueError):
    """A file is not a picture that can be read; the message names it and says why."""


def read_picture(path: str | os.PathLike, side: int) -> np.ndarray:
    """The middle square of a picture, uint8 of shape (side, side, 3).

    A JPEG is decoded at an eighth, a quarter or half of its size where that is enough. Of an
    animation the first picture counts, a turned one is set upright, CMYK and 16 bits become RGB
    and 8 bits, and what is transparent becomes white.

    Raises:
        FileNotFoundError: there is no such file.
        BadPicture: it is not a picture, a damaged one, or one of more than 100 million pixels.
        OSError: the system does not let it be read, whatever it is.
    """
    path = Path(path)
    with system_errors(path):
        if path.is_dir():
            raise BadPicture(f"{path} is a folder, not a picture.")
        content = path.read_bytes()
        try:
            return _decode(content, side)
        except BadPicture as problem:
            raise BadPicture(f"{path} {problem}") from None
        except Image.UnidentifiedImageError:
            raise BadPicture(f"{path} is not a picture that can be read.") from None
        except Exception as error:
            # A damaged file makes Pillow raise almost anything; an errno comes from the system.
            if isinstance(error, MemoryError) or getattr(error, "errno", None):
                raise
            raise BadPicture(f"{path} is damaged: {error}.") from None


def _decode(content: bytes, side: int) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        if width * height > LARGEST:
            raise BadPicture(
                f"has {width:,} x {height:,} pixels: {LARGEST:,} in all are the most. Shrink it."
            )
        image.draft("RGB", (side, side))
        image = _in_eight_bits(ImageOps.exif_transpose(image))
        fitted = ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)
        return np.asarray(fitted)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """RGB of 8 bits, on white paper where it is transparent."""
    if image.mode.startswith("I"):  # 16 bits, which convert() would cut off at 255
        values = np.asarray(image).clip(0, 65535)
        return Image.fromarray((values // 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image)
        image = paper
    return image.convert("RGB")


def stream(
    paths: Sequence[Path], side: int, batch_size: int = 32
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Read pictures in order, batch by batch; only two batches are in memory at a time.

    Yields the indices of the readable pictures of a batch and the pictures, uint8 of shape
    (n, side, side, 3). Files that are no pictures, or damaged ones, are left out.

    Raises:
        OSError: the system does not let a file be read.
    """

    def read(index: int) -> tuple[int, np.ndarray | None]:
        try:
            return index, read_picture(paths[index], side)
        except BadPicture:
            return index, None

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        ahead = deque()
        for first in range(0, len(paths), batch_size):
            numbers = range(first, min(first + batch_size, len(paths)))
            ahead.append([threads.submit(read, number) for number in numbers])
            if len(ahead) == 2:
                yield from _read_batch(ahead.popleft())
        while ahead:
            yield from _read_batch(ahead.popleft())


def _read_batch(reading) -> Iterator[tuple[list[int], np.ndarray]]:
    good = [
        done for done in (future.result() for future in reading) if done[1] is not None
    ]
    if good:
        indices, pixels = zip(*good, strict=True)
        yield list(indices), np.stack(pixels)


def none_read(pictures: Pictures) -> BadPicture:
    return BadPicture(f"None of the {len(pictures)} pictures can be read.")


def read_all(pictures: Pictures, side: int) -> np.ndarray:
    """All pictures in memory, uint8 of shape (n, side, side, 3); for small sets.

    Raises:
        BadPicture: one of them cannot be read.
    """
    pixels = np.empty((len(pictures), side, side, 3), np.uint8)
    unread = set(range(len(pictures)))
    for indices, batch in stream(pictures.paths, side):
        pixels[indices] = batch
        unread.difference_update(indices)
    for index in unread:
        read_picture(pictures.paths[index], side)  # says why
    return pixels


def batches(
    pictures: Pictures, side: int, batch_size: int = 32, seed: int | None = None
) -> "tf.data.Dataset":
    """An endless stream for `fit` of (pictures, labels); each round in an order of its own.

    Args:
        seed: of the shuffling; None keeps the order and ends after one round.

    Raises:
        BadPicture: none of them can be read.
    """
    if not any(True for _ in stream(pictures.paths, side, batch_size=1)):
        raise none_read(pictures)

    def rounds():
        number = 0
        while seed is not None or number == 0:
            order = np.arange(len(pictures))
            if seed is not None:
                order = np.random.default_rng([seed, number]).permutation(len(pictures))
            chosen = pictures.take(order)
            some = False
            for indices, pixels in stream(chosen.paths, side, batch_size):
                some = True
                yield pixels, chosen.labels[indices]
            if not some:
                raise none_read(pictures)
            number += 1

    form = (
        tf.TensorSpec((None, side, side, 3), tf.uint8),
        tf.TensorSpec((None,), tf.int32),
    )
    return tf.data.Dataset.from_generator(rounds, output_signature=form).prefetch(1)
