"""Drawn kinds that are no flowers: what the course's own backbone has learnt from."""

from utils.drawings import things
from utils.drawings.scene import TURN, Kind, Part, Place

import numpy as np


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


SHAPES: dict[str, Kind] = {
    "triangle": _polygon(3, 3),
    "polygon": _polygon(5, 7),
    "star": _star(4, 6),
    "burst": _star(9, 16),
    "cogwheel": _gear(6, 9),
    "saw": _gear(14, 24),
} | {
    kind.__name__: kind
    for kind in (
        ring, target, coil, stripes, checks, plus, crescent, heart, things.blade,
        things.maple, things.clover, things.mushroom, things.fir, things.fish,
        things.butterfly, things.wheel, things.snowflake, things.berries, things.house,
        things.umbrella, things.glass, things.shell, things.urchin,
    )
}  # fmt: skip
