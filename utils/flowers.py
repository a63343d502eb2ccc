"""Pictures drawn by rule: five kinds of flowers, and 24 other kinds to train a backbone on.

The kinds differ in shape: how many petals, of what form, in what order. Colours, places, sizes,
backgrounds and light are drawn from the same ranges for all of them, so that none of these
gives a kind away. A backbone that has learnt from OTHERS (data/make_backbone.py) has seen no
flower. Chapter 22 works with them.
"""

import colorsys
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SIDE = 96  # pixels
CHUNK = 32  # pictures drawn at once: their arrays fit into a processor's cache
TURN = 2 * np.pi


@dataclass
class Place:
    """The pixels of some pictures as the thing in them sees them; its radius is 1.

    u, v: to the right and down from its middle; r, t: the same as distance and angle. All of
        shape (pictures, side, side).
    some: random numbers from low to high, one a picture, shape (pictures, 1, 1).
    whole: random whole numbers from low to high, the same shape.
    """

    u: np.ndarray
    v: np.ndarray
    some: Callable[[float, float], np.ndarray]
    whole: Callable[[int, int], np.ndarray]

    def __post_init__(self):
        self.r = np.hypot(self.u, self.v)
        self.t = np.arctan2(self.v, self.u)

    def sectors(self, count: np.ndarray, turn: np.ndarray | float = 0.0) -> np.ndarray:
        """The angle from the middle of the nearest of `count` equal sectors."""
        size = TURN / count
        return np.mod(self.t + turn + size / 2, size) - size / 2

    def ellipse(self, u, v, width, height) -> np.ndarray:
        distance = np.hypot((self.u - u) / width, (self.v - v) / height)
        return (1 - distance) * np.minimum(width, height)

    def box(self, u, v, width, height) -> np.ndarray:
        return np.minimum(width - np.abs(self.u - u), height - np.abs(self.v - v))


# A kind returns its parts from back to front: how deep inside the part each pixel lies (below 0:
# outside), which of the picture's three colours it has, and its brightness.
Part = tuple[np.ndarray, int, np.ndarray | float]


# Five flowers


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

# Other kinds, for the backbone


def _polygon(low: int, high: int):
    def polygon(p: Place) -> list[Part]:
        count = p.whole(low, high)
        flat = p.r * np.cos(p.sectors(count)) - np.cos(np.pi / count)
        return [(-flat, 0, 0.8 + 0.2 * p.u)]

    return polygon


def _star(low: int, high: int):
    def star(p: Place) -> list[Part]:
        count, deep = p.whole(low, high), p.some(0.35, 0.65)
        share = np.abs(p.sectors(count)) * count / np.pi
        return [(1 - (1 - deep) * share - p.r, 0, 0.7 + 0.3 * share)]

    return star


def _gear(low: int, high: int):
    def gear(p: Place) -> list[Part]:
        count, hole = p.whole(low, high), p.some(0.15, 0.4)
        teeth = np.cos(count * p.t) * 6 * (1 - p.some(0.6, 0.85))
        rim = 0.85 + teeth.clip(-0.13, 0.13)
        return [(rim - p.r, 0, 0.9), (hole - p.r, 1, 0.9)]

    return gear


def ring(p: Place) -> list[Part]:
    return [(p.some(0.1, 0.25) - np.abs(p.r - 0.75), 0, 0.9)]


def target(p: Place) -> list[Part]:
    bands = np.cos(p.r * p.whole(3, 5) * TURN)
    return [(1 - p.r, 1, 0.9), (np.minimum(1 - p.r, 0.1 * bands), 0, 0.9)]


def coil(p: Place) -> list[Part]:
    arms = p.whole(1, 2)
    band = np.cos(p.r * p.some(2, 3) * TURN + arms * p.t)
    return [(np.minimum(1 - p.r, 0.1 * (band - 0.2)), 0, 0.9)]


def stripes(p: Place) -> list[Part]:
    bands = np.cos(p.u * p.some(2, 4) * np.pi)
    return [
        (p.box(0, 0, 0.9, 0.7), 1, 0.9),
        (np.minimum(p.box(0, 0, 0.9, 0.7), 0.1 * bands), 0, 0.9),
    ]


def checks(p: Place) -> list[Part]:
    often = p.some(1.5, 3) * np.pi
    fields = np.cos(p.u * often) * np.cos(p.v * often)
    return [(1 - p.r, 1, 0.9), (np.minimum(1 - p.r, 0.1 * fields), 0, 0.9)]


def plus(p: Place) -> list[Part]:
    wide = p.some(0.15, 0.3)
    return [(np.maximum(p.box(0, 0, 1, wide), p.box(0, 0, wide, 1)), 0, 0.9)]


def crescent(p: Place) -> list[Part]:
    bite = np.hypot(p.u - p.some(0.35, 0.6), p.v) - p.some(0.75, 0.9)
    return [(np.minimum(1 - p.r, bite), 0, 0.9)]


def heart(p: Place) -> list[Part]:
    v = p.v - 0.8 * np.sqrt(np.abs(p.u)) + 0.25
    return [((0.85 - np.hypot(p.u, v)) * 0.8, 0, 0.9 - 0.2 * p.v)]


def blade(p: Place) -> list[Part]:
    wide = p.some(0.25, 0.5) * (1 - p.u**2)
    veins = np.cos(p.some(12, 20) * (p.u - np.abs(p.v)))
    inside = np.minimum(wide - np.abs(p.v), 1 - np.abs(p.u))
    return [
        (inside, 0, 0.8 + 0.12 * veins),
        (np.minimum(0.04 - np.abs(p.v), inside), 1, 1),
    ]


def maple(p: Place) -> list[Part]:
    lobes = np.abs(np.cos(2.5 * p.t))
    edge = (
        0.35 + 0.55 * lobes ** p.some(0.7, 1.3) + 0.06 * np.cos(p.whole(20, 30) * p.t)
    )
    veins = p.r * np.abs(np.sin(2.5 * p.t))
    return [(edge - p.r, 0, 0.9), (np.minimum(0.05 - veins, edge - p.r), 1, 0.9)]


def clover(p: Place) -> list[Part]:
    count = p.whole(3, 4)
    edge = 0.15 + 0.85 * np.sqrt(np.abs(np.cos(count * p.t / 2)))
    edge -= 0.2 * (np.abs(np.cos(count * p.t / 2)) > 0.97)
    return [(edge - p.r, 0, 0.65 + 0.35 * p.r)]


def mushroom(p: Place) -> list[Part]:
    cap = np.minimum(p.ellipse(0, 0, 0.95, p.some(0.6, 0.95)), 0.05 - p.v)
    stem = p.box(0, 0.45, p.some(0.12, 0.3), 0.5)
    dots = np.cos(p.some(6, 9) * p.u) * np.cos(p.some(6, 9) * p.v) - 0.5
    return [(stem, 1, 0.9), (cap, 0, 0.9), (np.minimum(cap, 0.2 * dots), 2, 1)]


def fir(p: Place) -> list[Part]:
    layer = np.mod((p.v + 1) * p.whole(2, 4) / 1.6, 1)
    wide = (p.v + 1) * 0.3 + 0.25 * layer
    tree = np.minimum(wide - np.abs(p.u), np.minimum(p.v + 1, 0.6 - p.v))
    return [(p.box(0, 0.8, 0.1, 0.3), 1, 0.8), (tree, 0, 0.7 + 0.3 * layer)]


def fish(p: Place) -> list[Part]:
    body = p.ellipse(-0.2, 0, 0.75, p.some(0.3, 0.5))
    tail = np.minimum((p.u - 0.3) * 0.9 - np.abs(p.v), 0.95 - p.u)
    scales = np.cos(14 * p.u) * np.cos(14 * p.v)
    return [
        (tail, 1, 0.9),
        (body, 0, 0.8 + 0.15 * scales),
        (p.ellipse(-0.6, -0.1, 0.08, 0.08), 2, 1),
    ]


def butterfly(p: Place) -> list[Part]:
    u = np.abs(p.u)
    upper = 1 - np.hypot((u - 0.5) / 0.45, (p.v + 0.3 - 0.3 * u) / 0.45)
    lower = 1 - np.hypot((u - 0.38) / 0.35, (p.v - 0.45) / p.some(0.3, 0.45))
    spot = 0.15 - np.hypot(u - 0.55, p.v + 0.25)
    return [
        (0.4 * lower, 1, 0.9),
        (0.4 * upper, 0, 0.9),
        (spot, 2, 0.9),
        (p.box(0, 0, 0.06, 0.7), 2, 0.5),
    ]


def wheel(p: Place) -> list[Part]:
    spokes = p.some(0.04, 0.09) - np.abs(p.r * np.sin(p.sectors(p.whole(4, 9))))
    rim = p.some(0.06, 0.14) - np.abs(p.r - 0.88)
    hub = p.some(0.1, 0.25) - p.r
    return [(np.minimum(spokes, 0.9 - p.r), 0, 0.8), (rim, 0, 0.9), (hub, 1, 0.9)]


def snowflake(p: Place) -> list[Part]:
    angle = p.sectors(6)
    along, across = p.r * np.cos(angle), np.abs(p.r * np.sin(angle))
    twigs = 0.05 - np.abs(np.mod(along - across * 0.6, 0.3) - 0.15)
    twigs = np.minimum(twigs, 0.35 * (1 - along) + 0.05 - across)
    arms = np.minimum(0.05 - across, 1 - along)
    return [(np.maximum(arms, np.minimum(twigs, 1 - p.r)), 0, 0.95)]


def berries(p: Place) -> list[Part]:
    parts = []
    for number in range(7):
        size, angle = p.some(0.18, 0.32), number * TURN / 6 + p.some(-0.3, 0.3)
        far = p.some(0.45, 0.7) * (number > 0)
        inside = p.ellipse(far * np.cos(angle), far * np.sin(angle), size, size)
        parts.append((inside, number % 2, 0.6 + 1.2 * inside))
    return parts


def house(p: Place) -> list[Part]:
    roof = np.minimum(0.15 - p.v, (p.v + 0.95) * p.some(0.8, 1.1) - np.abs(p.u))
    walls = p.box(0, 0.5, p.some(0.5, 0.75), 0.42)
    return [
        (walls, 0, 0.9),
        (roof, 1, 0.8),
        (p.box(p.some(-0.3, 0.3), 0.55, 0.15, 0.25), 2, 0.7),
    ]


def umbrella(p: Place) -> list[Part]:
    ribs = np.abs(np.sin(p.u * p.whole(3, 5) * np.pi / 2))
    top = np.minimum(1 - p.r, -p.v - 0.12 * ribs + 0.15)
    return [(p.box(0, 0.45, 0.045, 0.5), 1, 0.8), (top, 0, 0.6 + 0.4 * ribs)]


def glass(p: Place) -> list[Part]:
    bowl = np.minimum(
        p.some(0.45, 0.7) * np.sqrt((0.1 - p.v).clip(0, 1)) - np.abs(p.u), p.v + 0.9
    )
    stem, foot = p.box(0, 0.4, 0.05, 0.45), p.box(0, 0.88, p.some(0.3, 0.5), 0.07)
    return [
        (np.maximum(stem, foot), 0, 0.8),
        (bowl, 0, 0.8 + 0.3 * p.u),
        (np.minimum(bowl - 0.06, p.v + 0.4), 1, 0.9),
    ]


def shell(p: Place) -> list[Part]:
    angle = np.arctan2(p.u, -p.v + 0.8)
    far = np.hypot(p.u, p.v - 0.8) / 1.7
    ribs = np.cos(angle * p.whole(10, 18))
    inside = np.minimum(1 + 0.04 * ribs - far, p.some(0.6, 0.9) - np.abs(angle))
    return [(inside, 0, 0.75 + 0.25 * ribs), (0.12 - np.hypot(p.u, p.v - 0.75), 1, 0.9)]


def urchin(p: Place) -> list[Part]:
    count, core = p.whole(14, 30), p.some(0.35, 0.6)
    across = np.abs(p.r * np.sin(p.sectors(count)))
    return [(np.minimum(0.035 - across, 1 - p.r), 0, 0.8), (core - p.r, 0, 1.1 - p.r)]


OTHERS: dict[str, Callable[[Place], list[Part]]] = {
    "triangle": _polygon(3, 3),
    "polygon": _polygon(5, 7),
    "star": _star(4, 6),
    "burst": _star(9, 16),
    "cogwheel": _gear(6, 9),
    "saw": _gear(14, 24),
} | {
    kind.__name__: kind
    for kind in (
        ring, target, coil, stripes, checks, plus, crescent, heart, blade, maple, clover,
        mushroom, fir, fish, butterfly, wheel, snowflake, berries, house, umbrella, glass,
        shell, urchin,
    )
}  # fmt: skip


# The picture around it


def draw(
    kind: Callable[[Place], list[Part]], count: int, seed: object, side: int = SIDE
) -> np.ndarray:
    """`count` pictures of one kind, uint8 of shape (count, side, side, 3).

    Args:
        kind: one of FLOWERS or OTHERS.
        seed: what NumPy's default_rng takes; the same seed draws the same pictures.
        side: the width and height in pixels.
    """
    rng = np.random.default_rng(seed)
    sizes = [CHUNK] * (count // CHUNK) + [count % CHUNK] * bool(count % CHUNK)
    chunks = [_scene(kind, n, rng, side) for n in sizes]
    return np.concatenate(chunks) if chunks else np.zeros((0, side, side, 3), np.uint8)


def _scene(kind, n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    def some(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)

    def whole(low: int, high: int) -> np.ndarray:
        return rng.integers(low, high, (n, 1, 1), endpoint=True).astype(np.float32)

    rows, columns = np.mgrid[:1, -1 : 1 : side * 1j, -1 : 1 : side * 1j][1:].astype(
        np.float32
    )

    def put(size, u, v, turn, squash) -> Place:
        x, y = columns - u, rows - v
        across = (np.cos(turn) * x + np.sin(turn) * y) / size
        down = (np.cos(turn) * y - np.sin(turn) * x) / (size * squash)
        return Place(across, down, some, whole)

    picture = _background(n, rng, side)
    ground = picture.mean((1, 2))

    def paint(p: Place, parts, colours, size, alpha=1.0) -> None:
        for inside, colour, shade in parts:
            mask = (inside * (size * side / 2) + 0.5).clip(0, 1) * alpha
            light = (
                colours[:, colour, None, None]
                * np.broadcast_to(shade, inside.shape)[..., None]
            )
            picture[:] += mask[..., None] * (light - picture)

    for _ in range(3):  # blades and stones that belong to the background
        size = some(0.2, 0.7)
        p = put(size, some(-1, 1), some(-1, 1), some(0, TURN), some(0.1, 0.6))
        paint(
            p, [(1 - p.r, 0, some(0.6, 1.1))], _colours(n, rng), size, some(0, 1) < 0.7
        )

    colours = _colours(n, rng, ground)
    turn, squash = some(0, TURN), some(0.65, 1.0)
    if kind in UPRIGHT:
        turn, squash = some(-0.5, 0.5), some(0.85, 1.15)
    size = some(0.55, 0.95)
    free = 1.05 - size
    u, v = some(-1, 1) * free, some(-1, 1) * free
    second = 0.6 * size  # in every third picture there is another one, half hidden
    angle = some(0, TURN)
    p = put(
        second,
        u + 0.8 * size * np.cos(angle),
        v + 0.8 * size * np.sin(angle),
        turn,
        squash,
    )
    paint(p, kind(p), colours, second, some(0, 1) < 0.33)
    p = put(size, u, v, turn, squash)
    paint(p, kind(p), colours, size)

    blade_size = some(0.4, 0.9)  # a blade of grass before it
    p = put(blade_size, some(-1, 1), some(-1, 1), some(0, TURN), some(0.03, 0.1))
    paint(p, [(1 - p.r, 0, 0.8)], _colours(n, rng), blade_size, some(0, 1) < 0.4)

    slope = some(-0.3, 0.3) * columns + some(-0.3, 0.3) * rows
    light = (some(0.7, 1.2) * (1 + slope))[..., None]
    noise = rng.standard_normal(picture.shape, np.float32) * some(0.0, 0.03)[..., None]
    return np.rint(255 * (picture * light + noise).clip(0, 1)).astype(np.uint8)


UPRIGHT = {tulips, mushroom, fir, house, umbrella, glass}


def _background(n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    """Two colours in blotches of three sizes."""
    colours = _colours(n, rng)
    mix = np.zeros((n, side, side), np.float32)
    for cells in (3, 8, 24):
        spread = np.float32(rng.uniform(0, 1, (n, 1, 1)) * (cells < 24 or 0.3))
        way = _enlarge(cells, side)
        blotches = rng.standard_normal((n, cells, cells), np.float32)
        mix += spread * (way @ blotches @ way.T)
    mix = (0.5 + 0.5 * mix).clip(0, 1)[..., None]
    return colours[:, 0, None, None] * mix + colours[:, 1, None, None] * (1 - mix)


def _enlarge(cells: int, side: int) -> np.ndarray:
    """The matrix (side, cells) that draws `cells` values out to `side`, in straight lines."""
    at = np.linspace(0, cells - 1, side)[:, None]
    return (1 - np.abs(at - np.arange(cells))).clip(0, 1).astype(np.float32)


def _colours(n: int, rng: np.random.Generator, ground: np.ndarray | None = None):
    """Three colours a picture, (n, 3, 3); the first is the best of four against the ground."""
    tries = _HUES[rng.integers(len(_HUES), size=(n, 6))]
    if ground is None:
        return tries[:, :3]
    best = np.abs(tries[:, :4] - ground[:, None]).sum(2).argmax(1)
    return np.stack([tries[np.arange(n), best], tries[:, 4], tries[:, 5]], axis=1)


_HUES = np.array(
    [
        colorsys.hsv_to_rgb(hue / 24, strong, bright)
        for hue, strong, bright in itertools.product(
            range(24), (0.15, 0.5, 0.9), (0.35, 0.65, 1.0)
        )
    ],
    np.float32,
)


# The stand-in of chapter 22's photographs

PICTURES = 200  # a kind


def write_flowers(folder: Path, count: int = PICTURES, seed: int = 22) -> None:
    """Write the flowers as JPEG files, `folder/kind/000.jpg` and so on."""
    from PIL import Image

    for number, (name, kind) in enumerate(FLOWERS.items()):
        (folder / name).mkdir(parents=True)
        for i, picture in enumerate(draw(kind, count, [seed, number])):
            Image.fromarray(picture).save(folder / name / f"{i:03}.jpg", quality=90)
