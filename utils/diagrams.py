"""Cells, networks, graphs and rows of boxes, as circles and arrows (first drawn in chapter 0).

Each function draws one figure, six inches wide, and ends with `plt.show()`. What goes in is
blue, what comes out is green, and all between is yellow.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from utils import sheet
from utils.cells import draw_forms, draw_gru, draw_lstm, draw_unrolled  # noqa: F401, handed on
from utils.plots import GREEN, ORANGE, SKY

import matplotlib.pyplot as plt
import numpy as np

IN, BETWEEN, OUT = SKY, ORANGE, GREEN
SHOWN = 7  # circles in a layer; of a larger one the first and the last three are drawn


def draw_neuron() -> None:
    """Draw a nerve cell: dendrites bring signals to its body, the axon hands one on."""
    ax, x, y = sheet.new(2.8), 1.9, 1.5
    for angle in (80, 125, 170, 215, 260):  # each dendrite forks
        fork = sheet.branch(ax, (x, y), angle, 0.75, IN, 6)
        sheet.branch(ax, fork, angle - 17, 0.4, IN, 3.5)
        sheet.branch(ax, fork, angle + 17, 0.4, IN, 3.5)
    axon = sheet.branch(ax, (x, y), 0, 2.8, OUT, 6)
    for angle in (40, 0, -40):
        ax.plot(
            *sheet.branch(ax, axon, angle, 0.6, OUT, 3.5), "o", color=OUT, markersize=10
        )
    sheet.circle(ax, x, y, 0.42, "body", BETWEEN)
    sheet.text(ax, 0.45, 0.35, "dendrites:\nsignals in")
    sheet.text(ax, 3.5, y - 0.3, "axon: signal out")
    sheet.text(ax, 5.2, 0.7, "to other cells")
    sheet.arrow(ax, (2.8, y + 0.25, None), (4.2, y + 0.25, None))
    plt.show()


def draw_perceptron(
    inputs: Sequence[str],
    weights: Sequence[str],
    bias: str = "b",
    activation: str = "step",
    output: str = "y",
    *,
    title: str = "",
) -> None:
    """Draw one unit: each input times its weight, the sum with the bias, the activation.

    Args:
        inputs, weights: a text for every input and for its weight.
        bias, activation, output: the texts above the sum, in the circle after it, in the last.
        title: one line above the drawing.

    Raises:
        ValueError: there are no inputs, or not as many weights.
    """
    inputs, weights = _texts("inputs", inputs), _texts("weights", weights)
    if not inputs or len(inputs) != len(weights):
        raise ValueError("Give one input or more, and as many weights.")
    middle = 0.1 + max(0.45, 0.375 * len(inputs))
    ax = sheet.new(middle + max(1.2, middle), title)
    total = sheet.circle(ax, 2.8, middle, 0.42, "sum", BETWEEN)
    after = sheet.circle(ax, 4.15, middle, 0.42, activation, BETWEEN)
    for i, y in enumerate(sheet.spread(len(inputs), -0.75, middle)):
        sheet.arrow(ax, sheet.circle(ax, 0.7, y, 0.32, inputs[i], IN), total)
        sheet.text(ax, 1.55, y + 0.4 * (middle - y), weights[i], paper=True)
    sheet.arrow(ax, (2.8, middle + 0.85, None), total)
    sheet.text(ax, 2.8, middle + 0.97, bias)
    sheet.arrow(ax, total, after)
    radius = max(0.32, sheet.width_of([output], 0.1) / 2)
    sheet.arrow(ax, after, sheet.circle(ax, 5.9 - radius, middle, radius, output, OUT))
    plt.show()


def draw_network(
    sizes: Sequence[int],
    *,
    weights: Sequence[np.ndarray] | None = None,
    names: Sequence[str] = (),
    title: str = "",
) -> None:
    """Draw layers of circles, from left to right, each joined to the layer before.

    Args:
        sizes: the number of units in each layer, inputs first, such as [2, 5, 3, 1]. Of more
            than seven only the first and the last three are drawn.
        weights: for each two layers an array of shape (units before, units after). The wider
            a line, the larger its weight: blue above zero, red below. By default all are grey.
        names: a text below each layer, or none.
        title: one line above the drawing.

    Raises:
        ValueError: fewer than two layers, a size below 1, or weights or names that do not fit.
    """
    sizes, names = list(sizes), _texts("names", names)
    tables = [] if weights is None else [np.asarray(table, float) for table in weights]
    _check_network(sizes, tables, names)
    slots, room = min(max(sizes), SHOWN), 0.5 if names or max(sizes) > SHOWN else 0.1
    below = names or [""] * len(sizes)
    xs = sheet.columns([max(0.4, sheet.width_of([name], 0)) for name in below], 1.3)
    ax, middle = sheet.new(0.5 * slots + room + 0.1, title), 0.25 * slots + room
    layers = []
    for layer, (x, size) in enumerate(zip(xs, sizes, strict=True)):
        units, ys = np.arange(size), sheet.spread(min(size, SHOWN), -0.5, middle)
        if size > SHOWN:
            sheet.text(ax, x, ys.pop(3), "\N{VERTICAL ELLIPSIS}")
            units = units[[0, 1, 2, -3, -2, -1]]
            below[layer] = f"{below[layer]}\n{size} units".strip()
        colour = IN if layer == 0 else OUT if layer == len(sizes) - 1 else BETWEEN
        layers.append((units, [sheet.circle(ax, x, y, 0.17, "", colour) for y in ys]))
        sheet.text(ax, x, 0.25, below[layer])
    most = max(np.abs(table).max() for table in tables) if tables else 1
    for layer, ((before, starts), (after, ends)) in enumerate(pairwise(layers)):
        table = tables[layer][np.ix_(before, after)] / (most or 1) if tables else None
        sheet.join(ax, starts, ends, table)
    plt.show()


def draw_graph(
    nodes: Mapping[str, Sequence[str]], *, title: str = "", leftwards: bool = False
) -> None:
    """Draw what is computed from what: boxes with arrows from left to right.

    Args:
        nodes: for each node the list of nodes that it takes in, [] for one that takes in
            none. Boxes above each other stand in the order of this dict.
        title: one line above the drawing.
        leftwards: from right to left instead, as errors run in chapter 9.

    Raises:
        ValueError: there are no nodes, one that is taken in is missing, or they go in a circle.
    """
    sources = {node: _texts(node, taken) for node, taken in nodes.items()}
    used = {source for taken in sources.values() for source in taken}
    if not nodes or used - set(nodes):
        missing = ", ".join(sorted(used - set(nodes))) or "all, there are no nodes"
        raise ValueError(f"Each node has its own list in nodes; missing: {missing}.")
    ranks = sheet.ranks(sources)
    stacks = [[] for _ in range(max(ranks.values()) + 1)]
    for node in nodes:
        stacks[ranks[node]].append(node)
    most, widths = max(map(len, stacks)), [sheet.width_of(stack) for stack in stacks]
    xs, side = sheet.columns(widths, 0.9), -1 if leftwards else 1
    if leftwards:
        xs = [sheet.WIDTH - x for x in xs]
    ax, spots = sheet.new(0.7 * most + 0.3, title), {}
    for x, wide, stack in zip(xs, widths, stacks, strict=True):
        ys = sheet.spread(len(stack), -0.7, 0.35 * most + 0.15)
        for node, y in zip(stack, ys, strict=True):
            colour = IN if not sources[node] else BETWEEN if node in used else OUT
            spots[node] = sheet.box(ax, x, y, wide, node, colour)
    for node, taken in sources.items():
        for source in taken:
            passes = ranks[node] - ranks[source] > 1
            dip = 0.45 * side if passes else 0  # below what it passes
            sheet.arrow(ax, spots[source], spots[node], dip=dip)
    plt.show()


def draw_blocks(
    blocks: Sequence[str], *, captions: Sequence[str] = (), title: str = ""
) -> None:
    """Draw boxes in a row, each joined to the next by an arrow.

    Args:
        blocks: the text in each box; a line break makes it narrower.
        captions: a text below each box, or none.
        title: one line above the drawing.

    Raises:
        ValueError: there are no blocks, not as many captions, or more than fit into a row.
    """
    blocks, captions = _texts("blocks", blocks), _texts("captions", captions)
    if not blocks or len(captions) not in (0, len(blocks)):
        raise ValueError("Give one block or more, and as many captions or none.")
    below = captions or [""] * len(blocks)
    widths = [sheet.width_of([block]) for block in blocks]
    rooms = [max(w, sheet.width_of([c])) for w, c in zip(widths, below, strict=True)]
    xs, y, spots = sheet.columns(rooms, 0.8), 0.9 if captions else 0.45, []
    ax = sheet.new(y + 0.45, title)
    for i, x in enumerate(xs):
        spots.append(sheet.box(ax, x, y, widths[i], blocks[i], BETWEEN))
        sheet.text(ax, x, 0.3, below[i])
    for start, end in pairwise(spots):
        sheet.arrow(ax, start, end)
    plt.show()


def _texts(name: str, texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise ValueError(f"{name} is a list of texts, not one text: [{texts!r}].")
    return [str(one) for one in texts]


def _check_network(sizes: list, tables: list[np.ndarray], names: list[str]) -> None:
    whole = [isinstance(size, (int, np.integer)) and size > 0 for size in sizes]
    if len(sizes) < 2 or not all(whole):
        raise ValueError(f"sizes are two or more whole numbers above 0, not {sizes}.")
    if names and len(names) != len(sizes):
        raise ValueError(f"{len(names)} names do not fit {len(sizes)} layers.")
    pairs, shapes = list(pairwise(sizes)), [table.shape for table in tables]
    if tables and shapes != pairs:
        raise ValueError(f"weights have the shapes {pairs}, not {shapes}.")
    if not all(np.isfinite(table).all() for table in tables):
        raise ValueError("weights are finite numbers, without nan or inf.")
