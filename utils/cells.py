"""Recurrent networks as pictures (chapter 17): what goes in and out, unrolling, the gates.

`utils.diagrams` hands these functions on. Blue goes in, green comes out, yellow is the network.
"""

from collections.abc import Mapping, Sequence

from utils import sheet
from utils.plots import BLUE, GREEN, GREY, ORANGE, SKY

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

STEP = 0.42  # inches from one step to the next
BUS = 0.5  # how high the line lies that brings x and the last h to all gates


def draw_forms(forms: Mapping[str, tuple[str, str]], *, title: str = "") -> None:
    """Draw side by side how many inputs and answers a recurrent network has.

    Args:
        forms: for each name which steps read and which answer, as two texts with a character a
            step: ("xxx", "--y") reads three times and answers at the last step. "-" is nothing.
        title: one line above the drawing.

    Raises:
        ValueError: there are no forms, one has no steps or two texts of unequal lengths, or they
            do not fit side by side.
    """
    if not forms or any(len(r) != len(a) or not r for r, a in forms.values()):
        raise ValueError("Each form has two texts, with one character a step in each.")
    rooms = [
        max(STEP * len(reads), sheet.width_of([name]))
        for name, (reads, _) in forms.items()
    ]
    middles = sheet.columns(rooms, 0.6)
    ax = sheet.new(2.6, title)
    for middle, (name, steps) in zip(middles, forms.items(), strict=True):
        sheet.text(ax, middle, 0.2, name)
        xs = sheet.spread(len(steps[0]), STEP, middle)
        before = None
        for x, read, answer in zip(xs, *steps, strict=True):
            cell = sheet.box(ax, x, 1.35, 0.26, "", ORANGE)
            if read != "-":
                sheet.arrow(ax, sheet.box(ax, x, 0.65, 0.26, read, SKY), cell)
            if answer != "-":
                sheet.arrow(ax, cell, sheet.box(ax, x, 2.05, 0.26, answer, GREEN))
            if before:
                sheet.arrow(ax, before, cell)
            before = cell
    plt.show()


def draw_unrolled(reads: Sequence[str], *, title: str = "") -> None:
    """Draw a recurrent network rolled up, with its loop, and beside it once for each step.

    Args:
        reads: what each step reads, such as ["h", "e", "l", "l"]; five steps at the most.
        title: one line above the drawing.

    Raises:
        ValueError: there are no steps, or more than five.
    """
    if not 1 <= len(reads) <= 5:
        raise ValueError(f"One to five steps can be drawn, not {len(reads)}.")
    ax = sheet.new(2.7, title)
    _step(ax, 0.7, "$x_t$", "$y_t$")
    _line(ax, [(0.93, 1.5), (1.25, 1.5), (1.25, 1.3)], ORANGE)
    sheet.arrow(ax, (1.25, 1.3, None), (0.93, 1.3, None), ORANGE)
    sheet.text(ax, 1.42, 1.4, "$h_t$")
    sheet.text(ax, 1.78, 1.4, "=")
    start = sheet.box(ax, 2.15, 1.4, 0.34, "$h_0$", ORANGE)
    before = start
    for step, read in enumerate(reads, 1):
        x = 2.15 + 0.66 * step
        cell = _step(ax, x, str(read), f"$y_{step}$")
        sheet.arrow(ax, before, cell, ORANGE)
        if step > 1:
            sheet.text(ax, x - 0.33, 1.62, f"$h_{step - 1}$")
        before = cell
    end = before[0] + 0.23
    sheet.arrow(ax, (end, 1.4, None), (end + 0.3, 1.4, None), ORANGE)
    sheet.text(ax, end + 0.14, 1.62, f"$h_{len(reads)}$")
    plt.show()


def draw_lstm(*, title: str = "") -> None:
    """Draw the gates of an LSTM: c runs along the top, f keeps, i writes, o shows."""
    ax = sheet.new(3.5, title)
    gates = {"f": 1.5, "i": 2.5, "g": 3.5, "o": 4.5}
    tops = _gates(ax, gates, {"f": "keep", "i": "write", "g": "new", "o": "show"})
    forget, add = _node(ax, 1.5, 2.95, "×"), _node(ax, 3.0, 2.95, "+")
    write, show = _node(ax, 3.0, 2.3, "×"), _node(ax, 5.2, 1.9, "×")
    squash = sheet.box(ax, 5.2, 2.45, 0.5, "tanh", ORANGE)
    _kept(ax, "c", forget, add)
    sheet.arrow(ax, tops["f"], forget)
    for gate in "ig":
        sheet.arrow(ax, tops[gate], write)
    sheet.arrow(ax, write, add)
    sheet.arrow(ax, (5.2, 2.95, None), squash)
    sheet.arrow(ax, squash, show)
    sheet.arrow(ax, tops["o"], show)
    _line(ax, [(5.2, 1.9), (5.2, 0.75)], GREY)
    sheet.arrow(ax, (5.2, 0.75, None), (5.45, 0.75, None))
    _name(ax, 5.7, 0.75, "$h_t$", GREEN)
    plt.show()


def draw_gru(*, title: str = "") -> None:
    """Draw the gates of a GRU: h runs along the top, z mixes it with the new value g, r says how
    much of h the new value sees."""
    ax = sheet.new(3.5, title)
    tops = _gates(ax, {"r": 1.5, "z": 2.7}, {"r": "reset", "z": "keep"})
    tops["g"] = sheet.box(ax, 4.1, 1.45, 0.75, "g: new\ntanh", ORANGE)
    _line(ax, [(0.95, 0.25), (4.1, 0.25)], GREY)  # x alone
    sheet.arrow(ax, (4.1, 0.25, None), tops["g"])
    keep, add = _node(ax, 2.7, 2.95, "×"), _node(ax, 4.6, 2.95, "+")
    mix = _node(ax, 4.6, 2.2, "×")
    rest = sheet.box(ax, 3.5, 2.2, 0.5, "1 - z", ORANGE)
    _kept(ax, "h", keep, add)
    sheet.arrow(ax, tops["z"], keep)
    sheet.arrow(ax, tops["z"], rest)
    sheet.arrow(ax, rest, mix)
    sheet.arrow(ax, tops["g"], mix)
    sheet.arrow(ax, mix, add)
    reset = _node(ax, 3.4, 1.05, "×")
    _line(ax, [(1.5, 1.72), (1.5, 2.2), (2.1, 2.2), (2.1, 1.05)], GREY)
    sheet.arrow(ax, (2.1, 1.05, None), reset)
    _line(ax, [(0.95, 0.68), (3.4, 0.68)], GREY)  # h alone
    sheet.arrow(ax, (3.4, 0.68, None), reset)
    sheet.arrow(ax, reset, tops["g"])
    plt.show()


def _step(ax: Axes, x: float, read: str, answer: str) -> sheet.Spot:
    """One step of an unrolled network: what it reads, the cell, what it answers."""
    cell = sheet.box(ax, x, 1.4, 0.46, "cell", ORANGE)
    sheet.arrow(ax, sheet.box(ax, x, 0.5, 0.34, read, SKY), cell)
    sheet.arrow(ax, cell, sheet.box(ax, x, 2.35, 0.34, answer, GREEN))
    return cell


def _gates(
    ax: Axes, places: Mapping[str, float], names: Mapping[str, str]
) -> dict[str, sheet.Spot]:
    """The gates, side by side above the line that brings x and the last h to all of them."""
    last = max(places.values())
    _line(ax, [(0.65, 0.8), (0.95, 0.8), (0.95, 0.25), (0.65, 0.25)], GREY)
    _line(ax, [(0.95, BUS), (last, BUS)], GREY)
    _name(ax, 0.4, 0.8, "$h_{t-1}$", SKY)
    _name(ax, 0.4, 0.25, "$x_t$", SKY)
    tops = {}
    for gate, x in places.items():
        kind = "tanh" if gate == "g" else "sigmoid"
        box = sheet.box(ax, x, 1.45, 0.75, f"{gate}: {names[gate]}\n{kind}", ORANGE)
        sheet.arrow(ax, (x, BUS, None), box)
        tops[gate] = box
    return tops


def _kept(ax: Axes, state: str, keep: sheet.Spot, add: sheet.Spot) -> None:
    """The state along the top: what was there is kept in part, and something is added."""
    _name(ax, 0.4, 2.95, f"${state}_{{t-1}}$", SKY)
    sheet.arrow(ax, (0.65, 2.95, None), keep, BLUE, 2)
    sheet.arrow(ax, keep, add, BLUE, 2)
    sheet.arrow(ax, add, (5.45, 2.95, None), BLUE, 2)
    _name(ax, 5.7, 2.95, f"${state}_t$", GREEN)


def _name(ax: Axes, x: float, y: float, words: str, colour: str) -> None:
    sheet.box(ax, x, y, 0.5, words, colour)


def _node(ax: Axes, x: float, y: float, words: str) -> sheet.Spot:
    return sheet.circle(ax, x, y, 0.14, words, GREY)


def _line(ax: Axes, points: Sequence[tuple[float, float]], colour: str) -> None:
    ax.plot(*zip(*points, strict=True), color=colour, lw=1.3, zorder=1)
