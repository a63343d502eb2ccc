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
    """The order of the steps is that of their random numbers."""
    canvas = _Canvas(n, rng, side)
    ground = canvas.picture.mean((1, 2))
    for _ in range(3):
        _clutter(canvas)
    _things(canvas, kind, ground)
    _blade(canvas)
    return _lit(canvas)


class _Canvas:
    """Pictures that are being painted, float32 of shape (n, side, side, 3) from 0 to 1."""

    def __init__(self, n: int, rng: np.random.Generator, side: int):
        self.n, self.rng, self.side = n, rng, side
        grid = np.mgrid[:1, -1 : 1 : side * 1j, -1 : 1 : side * 1j]
        self.rows, self.columns = grid[1:].astype(np.float32)
        self.picture = _background(n, rng, side)

    def some(self, low: float, high: float) -> np.ndarray:
        return self.rng.uniform(low, high, (self.n, 1, 1)).astype(np.float32)

    def whole(self, low: int, high: int) -> np.ndarray:
        numbers = self.rng.integers(low, high, (self.n, 1, 1), endpoint=True)
        return numbers.astype(np.float32)

    def put(self, size, u, v, turn, squash) -> Place:
        """The pixels as seen from (u, v), in units of `size`, turned and squashed."""
        x, y = self.columns - u, self.rows - v
        across = (np.cos(turn) * x + np.sin(turn) * y) / size
        down = (np.cos(turn) * y - np.sin(turn) * x) / (size * squash)
        return Place(across, down, self.some, self.whole)

    def paint(self, parts: list[Part], colours, size, alpha=1.0) -> None:
        for inside, colour, shade in parts:
            mask = (inside * (size * self.side / 2) + 0.5).clip(0, 1) * alpha
            shades = np.broadcast_to(shade, inside.shape)[..., None]
            light = colours[:, colour, None, None] * shades
            self.picture[:] += mask[..., None] * (light - self.picture)


def _clutter(canvas: _Canvas) -> None:
    """A blade or a stone that belongs to the background, in most pictures."""
    some = canvas.some
    size = some(0.2, 0.7)
    p = canvas.put(size, some(-1, 1), some(-1, 1), some(0, TURN), some(0.1, 0.6))
    parts = [(1 - p.r, 0, some(0.6, 1.1))]
    colours = _colours(canvas.n, canvas.rng)
    canvas.paint(parts, colours, size, some(0, 1) < 0.7)


def _things(canvas: _Canvas, kind: Kind, ground: np.ndarray) -> None:
    """What the picture shows; in every third one there is another of them, half hidden."""
    some = canvas.some
    colours = _colours(canvas.n, canvas.rng, ground)
    turn, squash = some(0, TURN), some(0.65, 1.0)
    if getattr(kind, "upright", False):
        turn, squash = some(-0.5, 0.5), some(0.85, 1.15)
    size = some(0.55, 0.95)
    free = 1.05 - size
    u, v = some(-1, 1) * free, some(-1, 1) * free
    second, angle = 0.6 * size, some(0, TURN)
    aside, below = 0.8 * size * np.cos(angle), 0.8 * size * np.sin(angle)
    parts = kind(canvas.put(second, u + aside, v + below, turn, squash))
    canvas.paint(parts, colours, second, some(0, 1) < 0.33)
    canvas.paint(kind(canvas.put(size, u, v, turn, squash)), colours, size)


def _blade(canvas: _Canvas) -> None:
    """A blade of grass in front, in some pictures."""
    some = canvas.some
    size = some(0.4, 0.9)
    p = canvas.put(size, some(-1, 1), some(-1, 1), some(0, TURN), some(0.03, 0.1))
    colours = _colours(canvas.n, canvas.rng)
    canvas.paint([(1 - p.r, 0, 0.8)], colours, size, some(0, 1) < 0.4)


def _lit(canvas: _Canvas) -> np.ndarray:
    """The finished pictures, uint8: light from one side, and noise."""
    some, picture = canvas.some, canvas.picture
    slope = some(-0.3, 0.3) * canvas.columns + some(-0.3, 0.3) * canvas.rows
    light = (some(0.7, 1.2) * (1 + slope))[..., None]
    noise = canvas.rng.standard_normal(picture.shape, np.float32)
    noise = noise * some(0.0, 0.03)[..., None]
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
