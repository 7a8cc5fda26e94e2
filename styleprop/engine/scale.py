"""The scale at which a picture is painted: strokes belong to the picture, whatever its pixels."""

import math
from typing import NamedTuple

from styleprop import images
from styleprop.engine import tiling

CANVAS_SIDE = 768  # of the canvas' shorter side at brush 1, pixels


class Scale(NamedTuple):
    """The canvas' height and width, and the side of the square as large as which a style is read, pixels."""

    height: int
    width: int
    reading: float


def plan_canvas(height: int, width: int, brush: float = 1.0, side: int = 0) -> Scale:
    """The scale at which to paint a picture.

    The canvas' shorter side is `side / brush`, but a picture is never enlarged, nor is more painted than goes in one
    piece; where it may not grow, a finer brush reads the style finer instead. So a stroke is `brush` times as large, in
    parts of the picture, as in the style picture.

    Args:
        height: of the picture, pixels.
        width: of the picture, pixels.
        brush: 0.5 to 2.
        side: of the canvas' shorter side at brush 1, pixels; 0 for `CANVAS_SIDE`.
    """
    short = min(height, width)
    shrink = min(
        1.0, min(short, side or CANVAS_SIDE) / brush / short, math.sqrt(tiling.WHOLE_PIXELS / (height * width))
    )
    rows, columns = (max(min(length, images.MIN_SIDE), round(length * shrink)) for length in (height, width))
    return Scale(rows, columns, brush * min(rows, columns))


def plan_growth(height: int, width: int, brush: float, side: int) -> tuple[int, int]:
    """Height and width at which a picture that is smaller than a domain's canvas is painted: enlarged to it.

    The arguments are those of `plan_canvas`, which see. A picture that is no smaller stays as it is.
    """
    short = min(height, width)
    growth = min(side / brush / short, math.sqrt(tiling.WHOLE_PIXELS / (height * width)))
    return (height, width) if growth * short < short + 1 else (round(height * growth), round(width * growth))
