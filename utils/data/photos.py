"""Photographs in folders: five kinds of flowers."""

from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.data.archives import Archive, unpacked
from utils.data.fetch import why_not
from utils.drawings import flowers
from utils.records import record

_NAMES = tuple(flowers.FLOWERS)


def _lacks(folder: Path) -> str:
    missing = [name for name in _NAMES if not any((folder / name).glob("*.jpg"))]
    return f"there is no picture in {missing[0]}" if missing else ""


_FLOWERS = Archive(
    "flower_photos.tgz",
    "flower_photos",
    "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    (
        "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    ),
    _lacks,
)


@dataclass(frozen=True)
class Flowers:
    """Pictures of five kinds of flowers, in files.

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
    folder, source, why = unpacked(_FLOWERS), "real", ""
    if not folder:
        source, why = "stand-in", why_not()
        folder = cache.cached_folder(
            flowers.write_flowers,
            made_with=("numpy", "pillow"),
            count=flowers.PICTURES * len(_NAMES),
        )
    count = sum(1 for name in _NAMES for _ in (folder / name).glob("*.jpg"))
    print(
        f"Flowers: ~{count:,} pictures of {len(_NAMES)} kinds, source: ~{source}{why}"
    )
    record(data="Flowers", source=source)
    return Flowers(folder, _NAMES, source)
