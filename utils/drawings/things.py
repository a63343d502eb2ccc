"""Leaves, animals and other things, none of them a flower: part of the SHAPES in shapes.py."""

from utils.drawings.scene import TURN, Part, Place, upright

import numpy as np


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


@upright
def mushroom(p: Place) -> list[Part]:
    cap = np.minimum(p.ellipse(0, 0, 0.95, p.some(0.6, 0.95)), 0.05 - p.v)
    stem = p.box(0, 0.45, p.some(0.12, 0.3), 0.5)
    dots = np.cos(p.some(6, 9) * p.u) * np.cos(p.some(6, 9) * p.v) - 0.5
    return [(stem, 1, 0.9), (cap, 0, 0.9), (np.minimum(cap, 0.2 * dots), 2, 1)]


@upright
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


@upright
def house(p: Place) -> list[Part]:
    roof = np.minimum(0.15 - p.v, (p.v + 0.95) * p.some(0.8, 1.1) - np.abs(p.u))
    walls = p.box(0, 0.5, p.some(0.5, 0.75), 0.42)
    return [
        (walls, 0, 0.9),
        (roof, 1, 0.8),
        (p.box(p.some(-0.3, 0.3), 0.55, 0.15, 0.25), 2, 0.7),
    ]


@upright
def umbrella(p: Place) -> list[Part]:
    ribs = np.abs(np.sin(p.u * p.whole(3, 5) * np.pi / 2))
    top = np.minimum(1 - p.r, -p.v - 0.12 * ribs + 0.15)
    return [(p.box(0, 0.45, 0.045, 0.5), 1, 0.8), (top, 0, 0.6 + 0.4 * ribs)]


@upright
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
