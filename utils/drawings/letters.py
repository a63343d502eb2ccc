"""Drawn letters: pictures in MNIST's form that show no digit (chapter 26)."""

from pathlib import Path

import numpy as np

# No B, D, G, I, J, L, O, Q, S or Z: each can be read as a digit.
LETTERS = "ACEFHKMNPRTUVWXY"


def draw_letters(count: int, seed: int = 0) -> np.ndarray:
    """Letters in the fonts that Matplotlib ships, turned, scaled, sheared and moved a little.

    Size and place are MNIST's: nearly 20 pixels high, their ink centred on a field of 28x28.

    Args:
        count: how many pictures.
        seed: for the choice of letters and fonts, and for how they are moved.

    Returns:
        Shape (count, 28, 28), float32, 0.0 is paper and 1.0 is ink.

    Raises:
        ValueError: `count` is less than 1.
    """
    from utils.drawings.digits import vary

    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    if count < 1:
        raise ValueError(f"At least one letter has to be drawn, not {count}.")
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    pictures = []
    for path in sorted(folder.glob("DejaVuS*.ttf")):
        if "Display" in path.name:  # those hold no plain letters
            continue
        font = ImageFont.truetype(str(path), 23)
        for letter in LETTERS:
            field = Image.new("L", (28, 28))
            pen = ImageDraw.Draw(field)
            pen.text((14, 14), letter, fill=255, font=font, anchor="mm")
            pictures.append(_centred(np.asarray(field, np.float32) / 255))
    originals = np.stack(pictures)[..., None]
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(originals), size=count)
    return vary(originals, chosen, rng).astype(np.float32) / 255


def _centred(picture: np.ndarray) -> np.ndarray:
    """Move the centre of the ink to the middle, by whole pixels."""
    places = np.indices(picture.shape)
    centre = (places * picture).sum(axis=(1, 2)) / picture.sum()
    shift = np.rint(13.5 - centre).astype(int)
    return np.roll(picture, tuple(shift), axis=(0, 1))
