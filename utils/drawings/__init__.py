"""Pictures and texts that the course makes itself, among them the stand-ins for real data sets.

They are deterministic and honest: the same shapes as the real set, a similar difficulty, and
`source` says "stand-in" wherever they are used.
"""

from utils.drawings.flowers import FLOWERS
from utils.drawings.letters import draw_letters
from utils.drawings.scene import draw
from utils.drawings.shapes import SHAPES

__all__ = ["FLOWERS", "SHAPES", "draw", "draw_letters"]
