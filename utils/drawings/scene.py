"""Pictures drawn by rule: a thing of some kind, and the world around it.

The kinds differ in shape only. Colours, places, sizes, backgrounds and light are drawn from the
same ranges for all of them, so that none of these gives a kind away. The kinds are in flowers.py
and shapes.py; chapter 22 works with them.
"""

import colorsys
import itertools
from collections.abc import Callable
from dataclasses import dataclass

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
Kind = Callable[[Place], list[Part]]


def upright(kind: Kind) -> Kind:
    """Say of a kind that it stands upright: it is hardly turned."""
    kind.upright = True
    return kind


def draw(kind: Kind, count: int, seed: object, side: int = SIDE) -> np.ndarray:
    """`count` pictures of one kind, uint8 of shape (count, side, side, 3).

    Args:
        kind: one of drawings.FLOWERS or drawings.SHAPES.
        seed: what NumPy's default_rng takes; the same seed draws the same pictures.
        side: the width and height in pixels.
    """
    rng = np.random.default_rng(seed)
    sizes = [CHUNK] * (count // CHUNK) + [count % CHUNK] * bool(count % CHUNK)
    chunks = [_scene(kind, n, rng, side) for n in sizes]
    return np.concatenate(chunks) if chunks else np.zeros((0, side, side, 3), np.uint8)


def _scene(kind: Kind, n: int, rng: np.random.Generator, side: int) -> np.ndarray:
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
    if getattr(kind, "upright", False):
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
