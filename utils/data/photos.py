"""Photographs in folders: five kinds of flowers."""

import os
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.checks import record
from utils.data import fetch
from utils.data.fetch import Archive
from utils.drawings import flowers

_FLOWERS = Archive(
    "flower_photos.tgz",
    "flower_photos",
    "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    (
        "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    ),
)


@dataclass(frozen=True)
class Flowers:
    """Pictures of five kinds of flowers, in fetch.

    folder: holds one folder of JPEG files for each kind, with its name.
    class_names: daisy, dandelion, roses, sunflowers, tulips.
    source: "real" (photographs) or "stand-in" (drawn by utils/drawings/flowers.py).
    """

    folder: Path
    class_names: tuple[str, ...]
    source: str


def load_flowers() -> Flowers:
    """Five kinds of flowers: TensorFlow's 3,670 photographs, or 1,000 drawings.

    A folder `flower_photos` in COURSE_DATA_DIR or the cache may hold any number of photographs.
    Introduced in chapter 22.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    names = tuple(flowers.FLOWERS)
    folder, source, why = fetch.unpacked(_FLOWERS), "real", ""
    if folder:
        missing = [n for n in names if not any((folder / n).glob("*.jpg"))]
        if missing:
            print(
                f"{cache.short(folder)} is not used: there is no picture in {missing[0]}."
            )
            folder = None
    if not folder:
        count = flowers.PICTURES * len(names)
        folder, source = cache.cached_folder(flowers.write_flowers, count), "stand-in"
        offline = os.environ.get("COURSE_OFFLINE") == "1"
        why = " (COURSE_OFFLINE=1)" if offline else " (no download)"
    count = sum(1 for name in names for _ in (folder / name).glob("*.jpg"))
    print(f"Flowers: ~{count:,} pictures of {len(names)} kinds, source: ~{source}{why}")
    record(data="Flowers", source=source)
    return Flowers(folder, names, source)
