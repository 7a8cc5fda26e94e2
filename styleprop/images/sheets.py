"""Contact sheets: many pictures in one, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from styleprop.images.arrays import center_square

GAP = 4
PAPER = 255


def contact_sheet(rows: Sequence[Sequence[np.ndarray | None]], side: int) -> np.ndarray:
    """Lay pictures out in rows, each as its centre square of `side` x `side` pixels, on white.

    Args:
        rows: rows of uint8 (H, W, 3) of any size; None leaves a place empty. Rows may differ in length.
        side: of each picture on the sheet, pixels.

    Returns:
        uint8 (rows * (side + GAP) + GAP, longest row * (side + GAP) + GAP, 3).
    """
    step = side + GAP
    columns = max(map(len, rows))
    sheet = np.full((len(rows) * step + GAP, columns * step + GAP, 3), PAPER, np.uint8)
    for top, row in enumerate(rows):
        for left, image in enumerate(row):
            if image is not None:
                place = np.s_[GAP + top * step : (top + 1) * step, GAP + left * step : (left + 1) * step]
                sheet[place] = center_square(image, side)
    return sheet
