"""What a school does beside painting: colours that lie flat, and outlines in ink, such as a woodblock's.

The lines are a difference of Gaussians of the photo's lightness (Winnemöller et al. 2012, XDoG), averaged along the
outlines (Kang et al. 2007, coherent lines). They are kept as a smooth field, which is enlarged and cut off at a level:
so a line has sharp edges at any size. Colours come to lie flat by a domain transform (Gastal and Oliveira 2011).
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from styleprop import images
from styleprop.engine.halves import structure_tensor
from styleprop.engine.scale import plan_canvas, plan_growth
from styleprop.images.palettes import Palette

LINE_SIDE = 768  # of the shorter side of the picture that lines are found in, pixels
INK = np.array((26, 26, 33), np.uint8)
SMOOTH, LEVELS, REACH = 2, 25, 3  # bilateral filters: how many, of a spread of grey levels, of pixels around
WIDTH, SURROUND = 1.2, 1.6  # standard deviation of the finer Gaussian, pixels; of the coarser, in those of the finer
TENSOR = 9  # pixels around each whose gradients have a say in where its outline runs
ALONG = (1.5, 3.0, 4.5)  # pixels either way along an outline
FAINTEST, RAMP = 3.0, 3.0  # grey levels darker than around: what becomes ink by half, and how far from none to all
EDGE, SPAN = 128, 64  # of a field: where a line's edge lies, and steps of a ramp


@dataclass(frozen=True)
class Lines:
    """Outlines of a photo.

    Attributes:
        field: uint8 (h, w), 128 on the edge of a line, more inside it.
        opacity: of the ink, 0 to 1.
    """

    field: np.ndarray
    opacity: float

    def draw(self, array: np.ndarray, height: int, width: int, box: tuple[int, int, int, int]) -> np.ndarray:
        """Draw them over a part of a picture.

        Args:
            array: uint8 (bottom - top, right - left, 3).
            height, width: of the whole picture.
            box: (top, left, bottom, right) in it.

        Returns:
            A new array of that shape.
        """
        field = images.resize_part(self.field, width, height, box, Image.Resampling.BICUBIC)
        steep = max(height / self.field.shape[0], 1.0) / SPAN
        share = np.clip((np.arange(256) - EDGE) * steep + 0.5, 0, 1)
        mask = cv2.LUT(field, np.rint(255 * self.opacity * share).astype(np.uint8))
        return images.blend(array, np.broadcast_to(INK, array.shape), mask)


def plan_lines(height: int, width: int, brush: float = 1.0) -> tuple[int, int]:
    """Height and width at which lines of a picture are found: lines are `brush` times as wide, whatever its size."""
    rows, columns, _ = plan_canvas(height, width, brush, LINE_SIDE)
    return plan_growth(rows, columns, brush, LINE_SIDE)


def find_lines(photo: np.ndarray, brush: float = 1.0) -> np.ndarray:
    """The field of `Lines` of a uint8 (H, W, 3) photo: uint8 (h, w), of `plan_lines`' size."""
    height, width = plan_lines(photo.shape[0], photo.shape[1], brush)
    light = cv2.cvtColor(images.resize(photo, width, height), cv2.COLOR_RGB2LAB)[..., 0]
    for _ in range(SMOOTH):
        light = cv2.bilateralFilter(light, 2 * REACH + 1, LEVELS, REACH)
    light = light.astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(light, (0, 0), sigma) for sigma in (WIDTH, SURROUND * WIDTH))
    darker = _along_outlines(coarse - fine, light)
    return cv2.addWeighted(darker, SPAN / RAMP, darker, 0, EDGE - FAINTEST * SPAN / RAMP, dtype=cv2.CV_8U)


def _along_outlines(values: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Means of float32 (H, W) values along the outlines of a float32 (H, W) lightness."""
    even, odd, _ = structure_tensor(light, TENSOR)
    angle = cv2.phase(even, odd) / 2 + np.float32(np.pi / 2)
    x, y = cv2.polarToCart(np.ones_like(angle), angle)
    rows, columns = np.mgrid[: values.shape[0], : values.shape[1]].astype(np.float32)
    total = values.copy()
    for step in (sign * step for step in ALONG for sign in (-1, 1)):
        at = columns + step * x, rows + step * y
        total += cv2.remap(values, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return total / (1 + 2 * len(ALONG))


def wash(painted: np.ndarray, amount: float) -> np.ndarray:
    """Let colours lie flat between outlines, by `amount`, 0 to 1: uint8 (H, W, 3) to the same."""
    flat = cv2.edgePreservingFilter(painted, flags=cv2.RECURS_FILTER, sigma_s=20, sigma_r=0.25)
    return cv2.addWeighted(flat, amount, painted, 1 - amount, 0)


@dataclass(frozen=True)
class Drawing:
    """What is done beside painting.

    Attributes:
        flatness: 0 to 1, of `wash`.
        opacity: 0 to 1, of `Lines`.
        palette: what the colours of the painting become, or None.
        brush: how wide the lines are, see `plan_lines`.
    """

    flatness: float = 0.0
    opacity: float = 0.0
    palette: Palette | None = None
    brush: float = 1.0

    def finish(self, painted: np.ndarray) -> np.ndarray:
        """What becomes of a painting of the canvas' size, uint8 (H, W, 3)."""
        painted = wash(painted, self.flatness) if self.flatness else painted
        return self.palette.paint(painted) if self.palette else painted

    def draw(self, find: Callable[[], np.ndarray]) -> Lines | None:
        """What is drawn over it, of a field that is found where it is needed."""
        return Lines(find(), self.opacity) if self.opacity else None
