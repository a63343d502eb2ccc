"""Five kinds of flowers drawn by rule: the stand-in of chapter 22's photographs.

They are told apart by how many petals they have, of what form and in what order.
"""

from pathlib import Path

from utils.drawings.scene import TURN, Part, Place, draw, upright

import numpy as np

PICTURES = 200  # a kind


def daisy(p: Place) -> list[Part]:
    """10 to 20 blunt petals with gaps between them, a small disc."""
    count, disc = p.whole(10, 20), p.some(0.2, 0.32)
    petal = _petals(p, count, p.some(0.55, 0.8), blunt=6.0)
    return [(petal, 0, 0.75 + 0.3 * p.r), (disc - p.r, 1, 1.1 - p.r)]


def dandelion(p: Place) -> list[Part]:
    """Rings of many fine rays, a fringed edge, no disc."""
    parts = []
    for ring, (reach, shade) in enumerate([(1.0, 0.7), (0.75, 0.9), (0.5, 1.05)]):
        angle = p.sectors(p.whole(26, 40), turn=ring * 0.7 + p.some(0, 1))
        edge = reach * (1 - p.some(1.5, 2.5) * np.abs(angle))
        parts.append((edge - p.r, 0, shade + p.some(0.1, 0.25) * np.cos(30 * angle)))
    return parts


def roses(p: Place) -> list[Part]:
    """Few broad petals, wound in a spiral: dark arcs inside a nearly round edge."""
    lobes = p.whole(4, 6)
    edge = 0.9 + 0.1 * np.abs(np.cos(lobes * p.t / 2))
    hand = np.where(p.some(-1, 1) > 0, 1, -1)
    wound = np.log(p.r + 0.08) * p.some(1.3, 2.0) + hand * p.t / TURN
    wound = np.mod(wound + 0.06 * np.cos(lobes * p.t), 1)
    return [(edge - p.r, 0, 0.45 + p.some(0.5, 0.65) * wound)]


def sunflowers(p: Place) -> list[Part]:
    """14 to 26 pointed petals in two rows around a large, dotted disc."""
    count, disc = p.whole(14, 26), p.some(0.42, 0.58)
    behind = _petals(p, count, p.some(1.0, 1.4), blunt=1.0, turn=np.pi / count)
    before = _petals(p, count, p.some(0.9, 1.2), blunt=1.0)
    seeds = np.cos(p.some(20, 30) * p.u) * np.cos(p.some(20, 30) * p.v)
    return [
        (behind, 0, 0.65),
        (before, 0, 0.7 + 0.35 * p.r),
        (disc - p.r, 1, 0.8 + 0.3 * seeds),
    ]


@upright
def tulips(p: Place) -> list[Part]:
    """From the side: a cup of two to four points on a stem, with a leaf or two."""
    width, points = p.some(0.4, 0.6), p.whole(2, 4)
    wave = np.abs(np.mod(p.u / width * points / 2 + 0.5 * points, 1) - 0.5) * 2
    top = -0.9 + p.some(0.2, 0.45) * wave
    down = (p.v + 0.9) / 1.1
    bulge = width * np.sqrt((1 - down**2 * np.sign(down)).clip(0, 1))
    cup = np.minimum(bulge - np.abs(p.u), p.v - top)
    stem = np.minimum(0.06 - np.abs(p.u), np.minimum(p.v, 1.3 - p.v))
    side = np.where(p.some(-1, 1) > 0, 1, -1)
    leaf = p.some(0.08, 0.14) - np.abs(p.u - side * 0.5 * (1.1 - p.v) ** 2)
    leaf = np.minimum(leaf, np.minimum(p.v - p.some(0.1, 0.3), 1.2 - p.v))
    return [(stem, 2, 0.8), (leaf, 2, 0.9), (cup, 0, 0.7 + 0.35 * wave)]


def _petals(p: Place, count, fill, blunt: float, turn=0.0) -> np.ndarray:
    """A wreath of petals; `blunt` 1 is a point, more is rounder, `fill` 1 leaves no gaps."""
    angle = p.sectors(count, turn)
    along, across = p.r * np.cos(angle), p.r * np.sin(angle)
    place = along.clip(0, 1)
    widest = fill * np.pi / count * 0.75
    half = np.minimum(widest * 2 * place * (1 - place**blunt), 1.2 * widest)
    return np.minimum(half - np.abs(across), 1 - along)


FLOWERS = {
    kind.__name__: kind for kind in (daisy, dandelion, roses, sunflowers, tulips)
}


def write_flowers(folder: Path, count: int = PICTURES, seed: int = 22) -> None:
    """Write the flowers as JPEG files, `folder/kind/000.jpg` and so on."""
    from PIL import Image

    for number, (name, kind) in enumerate(FLOWERS.items()):
        (folder / name).mkdir(parents=True)
        for i, picture in enumerate(draw(kind, count, [seed, number])):
            Image.fromarray(picture).save(folder / name / f"{i:03}.jpg", quality=90)
