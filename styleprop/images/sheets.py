"""Contact sheets: many pictures in one, to be looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from styleprop.images.arrays import center_square

GAP = 4
PAPER = 255
MARGIN, TEXT_HEIGHT, FONT_SIZE, INK = 12, 26, 16, "#23211e"


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


def beside(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Of two contact sheets with the same first of two columns one with three: that, and the second of either."""
    start = (now.shape[1] - GAP) // 2 + GAP
    return np.hstack([before, now[:, start:]])


def labelled_sheet(cells: Sequence[tuple[np.ndarray, str]]) -> np.ndarray:
    """Lay pictures out in rows on white, each whole and with a line of text below.

    Args:
        cells: one or more (uint8 (H, W, 3), label) pairs; the pictures are of one size.

    Returns:
        uint8 (h, w, 3), about four to three where there are many pictures.
    """
    height, width = cells[0][0].shape[:2]
    columns = sheet_columns(len(cells), height, width)
    step_x, step_y = width + MARGIN, height + TEXT_HEIGHT + MARGIN
    size = (columns * step_x + MARGIN, -(-len(cells) // columns) * step_y + MARGIN)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for number, (image, label) in enumerate(cells):
        left, top = MARGIN + number % columns * step_x, MARGIN + number // columns * step_y
        sheet.paste(Image.fromarray(image), (left, top))
        pen.text((left, top + height + 4), _shortened(label, pen, font, width), INK, font)
    return np.array(sheet)


def sheet_columns(count: int, height: int, width: int) -> int:
    """How many pictures a row of `labelled_sheet` has, for `count` pictures of one size."""
    return min(count, max(1, round(math.sqrt(count * height / width * 4 / 3))))


def _shortened(
    label: str, pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> str:
    text = label
    while len(text) > 1 and pen.textlength(text, font) > width:
        text = text[:-2].rstrip() + "…"
    return text
