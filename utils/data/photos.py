"""Photographs: five kinds of flowers in folders, and three things to name."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from utils import cache
from utils.data.archives import Archive, compare, unpacked
from utils.data.fetch import BadFile, download, folders, stream, why_not
from utils.drawings import SHAPES, draw, flowers
from utils.records import record

from PIL import Image

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


@dataclass(frozen=True)
class Photographs:
    """Pictures of one thing each.

    paths: the files; names: what is in them, in the words of the classifier of the same source.
    source: "real" or "stand-in" (drawings of kinds that the course's own network knows).
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    source: str


_SITE = "https://raw.githubusercontent.com/google-coral/test_data/master"
_PHOTOGRAPHS = {  # the SHA-256 of the files
    (
        "parrot.jpg",
        "macaw",
    ): "a8fba9e7e29439fa414c13129aad661f2289ff891231920a7c33641b076f1833",
    ("cat_720p.jpg", "Egyptian cat"): (
        "cfb1dbdf64b30de79104a47555ff8e9f12737a12c2128ecd0e7f38531a8c13ce"
    ),
    (
        "hot_dog.jpg",
        "hotdog",
    ): "ed6952e022eb71c0d0b1ff068dcee3abed056dfa1852f041c35f138c4ff15b2e",
}
_DRAWN = ("fish", "heart", "cogwheel")


def load_photographs(source: str = "real") -> Photographs:
    """A macaw, a cat and a hot dog: three photographs of Open Images; or three drawings.

    Introduced in chapter 16.

    Args:
        source: "stand-in" asks for the drawings, even where the photographs can be had.

    Raises:
        FileNotFoundError: COURSE_DATA_DIR names no folder.
    """
    paths, silent = [], set()
    for (name, _), sha256 in _PHOTOGRAPHS.items() if source == "real" else ():
        path = _found(name, sha256) or download(
            [f"{_SITE}/{name}"], lambda url, n=name, s=sha256: _fetch(url, n, s), silent
        )
        if path is None:
            break
        paths.append(path)
    names, source, why = tuple(name for _, name in _PHOTOGRAPHS), "real", ""
    if len(paths) < len(names):
        folder = cache.cached_folder(
            _draw, made_with=("numpy", "pillow"), count=len(_DRAWN)
        )
        paths = [folder / name / "0.jpg" for name in _DRAWN]
        names, source, why = _DRAWN, "stand-in", why_not()
    print(f"Photographs: {len(paths)}, source: ~{source}{why}")
    record(data="Photographs", source=source)
    return Photographs(tuple(paths), names, source)


def _found(name: str, sha256: str) -> Path | None:
    for folder in folders():
        path = folder / "imagenet" / "pictures" / name
        try:
            if path.is_file():
                compare(hashlib.sha256(path.read_bytes()).hexdigest(), sha256)
                return path
        except (BadFile, OSError) as error:
            print(f"{cache.short(path)} is not used: {error}.")
    return None


def _fetch(url: str, name: str, sha256: str) -> Path:
    content = io.BytesIO()
    stream(url, content)
    compare(hashlib.sha256(content.getvalue()).hexdigest(), sha256)
    place = cache.CACHE / "imagenet" / "pictures" / name
    cache.keep(place, lambda part: part.write_bytes(content.getvalue()))
    return place


def _draw(folder: Path) -> None:
    for name in _DRAWN:
        (folder / name).mkdir(parents=True)
        pixels = draw(SHAPES[name], 1, seed=3, side=256)[0]
        Image.fromarray(pixels).save(folder / name / "0.jpg", quality=95)
