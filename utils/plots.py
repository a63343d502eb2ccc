"""Pictures and tables that more than one chapter draws."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's palette, told apart by colour-blind readers too (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#777777",
)


def use_style() -> None:
    """Small, legible pictures with the course's colours, for every picture that follows."""
    plt.style.use(Path(__file__).with_name("course.mplstyle"))


def show_images(
    images: np.ndarray,
    titles: Sequence[str] = (),
    *,
    columns: int = 6,
    title: str = "",
    cmap: str | None = None,
    symmetric: bool = False,
) -> None:
    """Draw pictures side by side.

    Args:
        images: shape (n, height, width) or (n, height, width, 3).
        titles: one short text above each picture, or none.
        columns: pictures in a row.
        title: one line above all of them.
        cmap: Matplotlib colour map; by default ink on white paper.
        symmetric: use one colour scale for all with 0 in its middle, as for weights.
    """
    images = np.asarray(images)
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    height = 1.15 if titles else 1.0
    fig, axes = plt.subplots(
        rows,
        columns,
        figsize=(columns, rows * height + 0.3 * bool(title)),
        squeeze=False,
    )
    limit = np.abs(images).max() if symmetric else None
    for ax in axes.flat:
        ax.axis("off")
    for ax, image in zip(axes.flat, images, strict=False):
        ax.imshow(image, cmap=cmap, vmin=-limit if symmetric else None, vmax=limit)
    for ax, text in zip(axes.flat, titles, strict=False):
        ax.set_title(text, fontsize=9, fontweight="normal")
    if title:
        fig.suptitle(title, fontsize="medium", fontweight="bold")
    plt.show()


def show_table(
    table: Mapping[str, Sequence[object]] | Sequence[Mapping[str, object]],
) -> None:
    """Show a table: a dict of columns, or one dict for each row; the keys are the head.

    A number that moves (see `checks`) is handed in as text: `f"~{accuracy:.4f}"`.
    """
    import pandas as pd
    from IPython.display import HTML, display

    display(HTML(pd.DataFrame(table).to_html(index=False, border=0)))
