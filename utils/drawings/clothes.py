"""The stand-in for Fashion-MNIST: ten kinds of clothes, drawn by rule."""

from collections.abc import Callable

from utils.drawings.digits import vary

import numpy as np


def fashion_mnist() -> dict[str, np.ndarray]:
    """60,000 training and 10,000 test pictures of ten kinds of clothes, drawn by rule.

    1,000 designs of each kind, with their own outline, sleeves, pattern and brightness, are drawn
    for the training set, and 200 others for the test set. Each picture is one of them, turned and
    moved a little, with noise. Shirts, coats and pullovers are alike, as in the real set.

    Returns:
        "train_images" (60000, 28, 28) and "test_images" (10000, 28, 28), uint8, 0 is the ground;
        "train_labels" (60000,) and "test_labels" (10000,), uint8.
    """
    rng = np.random.default_rng(1)
    arrays = {}
    for part, designs, count in [("train", 1000, 60_000), ("test", 200, 10_000)]:
        pictures = np.concatenate([_clothes(kind, designs, rng) for kind in range(10)])
        chosen = rng.permutation(np.arange(count) % len(pictures))
        images = vary(pictures[..., None], chosen, rng, strength=0.5)
        noisy = rng.integers(-15, 16, images.shape, dtype=np.int16)
        noisy[images == 0] = 0
        noisy += images
        arrays[f"{part}_images"] = noisy.clip(0, 255).astype(np.uint8)
        arrays[f"{part}_labels"] = (chosen // designs).astype(np.uint8)
    return arrays


TSHIRT, TROUSER, PULLOVER, DRESS, COAT, SANDAL, SHIRT, SNEAKER, BAG, BOOT = range(10)
_Y, _X = np.mgrid[:28, :28].astype(np.float32)
_SIDE = np.abs(_X - 13.5)  # from the middle: clothes are as good as symmetric

Some = Callable[[float, float], np.ndarray]
Drawings = tuple[np.ndarray, np.ndarray]


def _clothes(kind: int, designs: int, rng: np.random.Generator) -> np.ndarray:
    """Designs of one kind, float32 of shape (designs, 28, 28) from 0 to 1."""
    column = (designs, 1, 1)

    def some(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, column).astype(np.float32)

    if kind == TROUSER:
        shape, lines = _trousers(some)
    elif kind == BAG:
        shape, lines = _bags(some)
    elif kind in (SANDAL, SNEAKER, BOOT):
        shape, lines = _shoes(kind, some)
    else:
        shape, lines = _tops(kind, some)
    across, along, phase = rng.normal(0, 1.2, (3, *column)).astype(np.float32)
    waves = np.sin(across * _X + along * _Y + phase)
    contrast = rng.choice(np.float32([0.03, 0.08, 0.25]), column, p=[0.5, 0.3, 0.2])
    ink = {COAT: 0.5, SHIRT: 0.25}.get(kind, 0.35)
    shade = some(ink, ink + 0.5) + contrast * waves
    return (shape * shade * (1 - some(0, 0.6) * lines)).clip(0, 1)


def _tops(kind: int, some: Some) -> Drawings:
    """What is worn on the upper body: the filled outlines and the lines on them."""
    is_dress = kind == DRESS
    top = some(1, 4)
    lengths = {
        TSHIRT: (16, 23),
        PULLOVER: (17, 23),
        DRESS: (22, 26),
        COAT: (21, 26),
        SHIRT: (18, 25),
    }
    bottom = np.minimum(top + some(*lengths[kind]), 26.5)
    shoulder = some(3, 6) if is_dress else some(5.5, 8.5)
    waist = shoulder + (some(-2, 0.5) if is_dress else some(-2, 1))
    hem = waist + (some(0, 5) if is_dress else some(-0.5, 2))
    middle = (top + bottom) / 2
    body = _bent(
        _Y, [(top, shoulder - 2.5), (top + 3, shoulder), (middle, waist), (bottom, hem)]
    )
    shape = _inside(body - _SIDE) * _inside(bottom - _Y) * _inside(_Y - top)

    share = {TSHIRT: 0.03, PULLOVER: 0.95, DRESS: 0.2, COAT: 0.98, SHIRT: 0.7}[kind]
    reach = np.where(some(0, 1) < share, some(0.7, 1.0), some(0.1, 0.45))
    if is_dress:
        reach *= some(0, 1) < 0.4  # the others have no sleeves
    cuff = top + 2.5 + reach * (bottom - top - 2.5)
    wrist = np.minimum(shoulder + some(1, 5) * (0.4 + reach), 12.5)
    arm = _bent(_Y, [(top + 2, shoulder - 1), (cuff, wrist)])
    sleeve = _inside(some(1.4, 2.4) - np.abs(_SIDE - arm))
    sleeve *= _inside(cuff - _Y) * _inside(_Y - top - 1) * (reach > 0)
    shape = np.maximum(shape, sleeve)

    depth = some(0, {TSHIRT: 4, PULLOVER: 3, DRESS: 6, COAT: 3, SHIRT: 4}[kind])
    neck = some(1.5, 3.5) * (1 - np.maximum(_Y - top, 0) / (0.5 + depth))
    shape *= 1 - _inside(neck - _SIDE)

    seam = _inside(0.6 - np.abs(_SIDE - body + 0.5)) * (reach > 0.6) * some(0, 0.8)
    share = {TSHIRT: 0.03, PULLOVER: 0.05, DRESS: 0.15, COAT: 0.9, SHIRT: 0.65}[kind]
    width = some(0.5, 1.3) if kind == COAT else some(0.1, 0.6)
    buttons = _inside(width - np.abs(_X - 13.5 - some(-1, 1))) * (some(0, 1) < share)
    return shape, np.maximum(seam, buttons)


def _trousers(some: Some) -> Drawings:
    top, bottom, hip, foot = some(1, 4), some(23, 27), some(3.5, 6.5), some(4, 7.5)
    fork = top + some(5, 12)
    legs = _bent(_Y, [(top, hip), (fork, hip), (bottom, foot)])
    gap = _bent(_Y, [(fork, 0 * foot), (bottom, foot - some(1.5, 3.5))])
    shape = _inside(legs - _SIDE) * _inside(bottom - _Y) * _inside(_Y - top)
    shape *= 1 - _inside(gap - _SIDE) * _inside(_Y - fork)
    return shape, _inside(1 - _SIDE) * _inside(fork - _Y)


def _shoes(kind: int, some: Some) -> Drawings:
    """From the side, the toe to the left: an upper part on a sole with or without a heel."""
    toe, end, ground = some(0.5, 2.5), some(25, 27), some(18, 22)
    ankle = some(*{SANDAL: (3, 12), SNEAKER: (6, 10), BOOT: (10, 18)}[kind])
    tip = some(2, 4.5)
    instep = toe + some(0.35, 0.6) * (end - toe)
    height = _bent(
        _X,
        [
            (toe, tip),
            (instep, tip + 0.35 * ankle),
            (instep + some(1, 5), ankle),
            (end, ankle + some(-2, 1)),
        ],
    )
    length = _inside(_X - toe) * _inside(end - _X)
    upper = _inside(_Y - ground + height) * _inside(ground - _Y) * length
    if kind == SANDAL:  # straps, bare skin between them
        straps = np.sin(
            (_X + some(-0.8, 0.8) * _Y) * 2 * np.pi / some(3.5, 8) + some(0, 6)
        )
        upper *= _inside(3 * (straps - some(-0.5, 0.6)))

    share = 0.1 if kind == SNEAKER else 0.5
    heel = some(1, 4) * (some(0, 1) < share)
    thick = some(0.7, 2)
    depth = _bent(_X, [(end - 7, 0 * heel), (end - 6, heel)])
    sole = _inside(_Y - ground + thick) * _inside(ground + depth - _Y) * length
    return np.maximum(upper, sole), _inside(0.8 - np.abs(_Y - ground + thick)) * length


def _bags(some: Some) -> Drawings:
    """A body, as good as a box, and a handle above it."""
    top, bottom, wide = some(5, 13), some(20, 26), some(8, 13)
    body = _bent(_Y, [(top, wide - some(-0.5, 3)), (bottom, wide)])
    shape = _inside(body - _SIDE) * _inside(_Y - top) * _inside(bottom - _Y)
    high, far = np.minimum(some(2, 10), top - 1), some(3, 9)
    ring = np.abs(np.hypot(_SIDE / far, (_Y - top) / high) - 1)
    handle = _inside(some(0.6, 1.4) - ring * np.minimum(high, far)) * _inside(top - _Y)
    return np.maximum(shape, handle), _inside(0.7 - np.abs(_Y - top - some(2, 8)))


def _inside(distance: np.ndarray) -> np.ndarray:
    """1 inside, 0 outside, soft over the pixel at the edge; `distance` in pixels."""
    return (distance + 0.5).clip(0, 1)


def _bent(along: np.ndarray, knots: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The heights at `along` of a line that is bent at the (place, height) knots."""
    (place, height), *rest = knots
    total = height
    for next_place, next_height in rest:
        share = (along - place) / np.maximum(next_place - place, 0.01)
        total = total + (next_height - height) * share.clip(0, 1)
        place, height = next_place, next_height
    return total
