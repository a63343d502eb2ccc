"""A sheet to draw diagrams on: circles, boxes, arrows and texts, placed in inches.

What `utils.diagrams` draws with; a chapter does not need it.
"""

from collections.abc import Mapping, Sequence

from utils.plots import BLUE, GREY, RED

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.textpath import TextPath

WIDTH = 6.0
FONT = 10  # points
Spot = tuple[float, float, Patch | None]  # a middle, and what is drawn there


def new(height: float, title: str = "") -> Axes:
    """An empty figure, six inches wide, whose units are inches; a title comes on top of it."""
    whole = height + 0.35 * bool(title)
    still = PlaceHolderLayoutEngine(False, False)  # "none" would not outlast a save
    ax = plt.figure(figsize=(WIDTH, whole), layout=still).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, whole))
    ax.axis("off")
    ax.text(
        WIDTH / 2, height + 0.15, title, ha="center", va="center", fontweight="bold"
    )
    return ax


def spread(count: int, gap: float, middle: float) -> list[float]:
    """`count` places, `gap` apart, around `middle`."""
    return [middle + gap * (i - (count - 1) / 2) for i in range(count)]


def columns(widths: Sequence[float], gap: float) -> list[float]:
    """The middles of columns of these widths, with `gap` or less between them.

    Raises:
        ValueError: they do not fit side by side.
    """
    count = len(widths)
    gap = min(gap, (WIDTH - 0.1 - sum(widths)) / max(1, count - 1))
    if gap < (0.18 if count > 1 else 0):
        raise ValueError(
            f"{count} columns do not fit side by side: draw fewer, with shorter texts."
        )
    right = (WIDTH - sum(widths) - gap * (count - 1)) / 2
    middles = []
    for width in widths:
        middles.append(right + width / 2)
        right += width + gap
    return middles


def ranks(sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each node: right of all it takes in; inputs next to their first use.

    Raises:
        ValueError: they go in a circle.
    """
    found = {}
    while len(found) < len(sources):
        rest = [node for node in sources if node not in found]
        ready = [node for node in rest if all(one in found for one in sources[node])]
        if not ready:
            raise ValueError(f"These nodes go in a circle: {', '.join(rest)}.")
        for node in ready:
            found[node] = 1 + max([found[one] for one in sources[node]], default=-1)
    for node in sources:
        uses = [found[other] for other in sources if node in sources[other]]
        if uses and not sources[node]:
            found[node] = min(uses) - 1
    return found


def width_of(texts: Sequence[str], margin: float = 0.2) -> float:
    """How wide the longest line of these texts is, in inches, with a margin."""
    lines = [line for words in texts for line in words.split("\n") if line.strip()]
    points = [TextPath((0, 0), line, size=FONT).get_extents().width for line in lines]
    return max(points, default=0) / 72 + margin


def text(ax: Axes, x: float, y: float, words: str, *, paper: bool = False) -> None:
    """Write words around a place, if `paper` with a white ground below them."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1} if paper else None
    ax.text(x, y, words, ha="center", va="center", size=FONT, bbox=ground, zorder=4)


def circle(
    ax: Axes, x: float, y: float, radius: float, words: str, colour: str
) -> Spot:
    """A circle with words in it."""
    return _shape(ax, x, y, Circle((x, y), radius), words, colour)


def box(ax: Axes, x: float, y: float, wide: float, words: str, colour: str) -> Spot:
    """A box with round corners, as high as its words need."""
    high = 0.26 + 0.17 * len(words.split("\n"))
    round_ = FancyBboxPatch(
        (x - wide / 2, y - high / 2),
        wide,
        high,
        boxstyle="round,pad=0,rounding_size=0.08",
    )
    return _shape(ax, x, y, round_, words, colour)


def arrow(
    ax: Axes,
    start: Spot,
    end: Spot,
    colour: str = GREY,
    width: float = 1.3,
    dip: float = 0.0,
) -> None:
    """An arrow to the edge of a thing, from below another one, `dip` inches below the straight
    line in its middle."""
    x, y, patch = end
    far = np.hypot(x - start[0], y - start[1])
    if isinstance(patch, Circle) and not dip:  # its edge is easily found
        rest = 1 - patch.radius / far
        x, y = start[0] + rest * (x - start[0]), start[1] + rest * (y - start[1])
        patch = None
    way = FancyArrowPatch(
        start[:2],
        (x, y),
        patchB=patch,
        shrinkA=0,
        shrinkB=0,
        arrowstyle="-|>",
        mutation_scale=10,
        connectionstyle=f"arc3,rad={2 * dip / far}",
        color=colour,
        linewidth=width,
        zorder=1,
    )
    ax.add_patch(way)


def join(ax: Axes, starts: Sequence[Spot], ends: Sequence[Spot], table=None) -> None:
    """Arrows from all to all, grey, or from a `table` of weights: between -1 and 1, one row for
    each start; the wider the larger, blue above zero, red below."""
    for i, start in enumerate(starts):
        for j, end in enumerate(ends):
            if table is None:
                arrow(ax, start, end, width=0.8)
            else:
                colour = BLUE if table[i, j] >= 0 else RED
                arrow(ax, start, end, colour, 0.3 + 3 * abs(table[i, j]))


def branch(
    ax: Axes,
    start: Sequence[float],
    angle: float,
    length: float,
    colour: str,
    width: float,
) -> tuple[float, float]:
    """A round line from `start` at an angle in degrees, with a width in points; its end."""
    end_x = start[0] + length * np.cos(np.radians(angle))
    end_y = start[1] + length * np.sin(np.radians(angle))
    xs, ys = [start[0], end_x], [start[1], end_y]
    ax.plot(xs, ys, color=colour, lw=width, solid_capstyle="round", zorder=1)
    return end_x, end_y


def _shape(ax: Axes, x: float, y: float, patch: Patch, words: str, colour: str) -> Spot:
    """A filled patch with a darker edge; the fill is light, so that words stay legible."""
    light = 1 - 0.45 * (1 - np.array(to_rgb(colour)))
    patch.set(facecolor=light, edgecolor=colour, linewidth=1.8, zorder=3)
    ax.add_patch(patch)
    text(ax, x, y, words)
    return x, y, patch
