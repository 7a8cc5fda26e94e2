"""The settings of a stylization, checked."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from styleprop import images
from styleprop.config.style import check_range
from styleprop.engine.scale import plan_canvas
from styleprop.errors import SettingsError
from styleprop.styles import BuiltInStyle

Source: TypeAlias = images.Source | images.Picture
Style: TypeAlias = BuiltInStyle | Source  # or the name of a built-in one
Styles: TypeAlias = Style | Sequence[Style | tuple[Style, float]]
FILES = str | bytes | bytearray | memoryview  # single pictures, though sequences
MAX_STYLES = 4
EMPTY_MASK = "The mask is empty: nothing lies inside it."
STRETCHED_MASK = "The mask has another shape than the picture and was stretched."
SHAPE_TOLERANCE = 0.02


def weighted(style: Styles) -> list[tuple[Style, float]]:
    """One style or (style, weight) pairs as pairs whose weights sum to one. Raises SettingsError."""
    several = style if isinstance(style, Sequence) and not isinstance(style, FILES) else [style]
    pairs = [_pair(entry) for entry in several]
    if not 1 <= len(pairs) <= MAX_STYLES:
        raise SettingsError(f"Give one to {MAX_STYLES} styles, not {len(pairs)}.")
    for _, weight in pairs:
        check_range("A style's weight", weight, 0.0, 1e6)
    total = sum(weight for _, weight in pairs)
    if total <= 0:
        raise SettingsError("At least one style must have a weight above 0.")
    return [(source, weight / total) for source, weight in pairs if weight > 0]


def _pair(entry: Style | tuple[Style, float]) -> tuple[Style, float]:
    return entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, 1.0)


class Region:
    """Where a style is to go.

    Args:
        mask: uint8 (H, W) of any size, 255 inside.
        feather: see `images.fit_mask`.
        inverted: all but the inside, its soft edge with it, from `outside`.

    Attributes:
        notes: plain sentences a person should see.
    """

    def __init__(self, mask: np.ndarray, feather: float, notes: tuple[str, ...] = (), inverted: bool = False):
        self.mask, self.feather, self.notes, self.inverted = mask, feather, notes, inverted

    def __call__(self, height: int, width: int) -> np.ndarray:
        """Where it lies in a picture of a size, uint8 (height, width)."""
        fitted = images.fit_mask(self.mask, height, width, self.feather)
        return np.where(fitted < 255, np.uint8(255), np.uint8(0)) if self.inverted else fitted

    @property
    def outside(self) -> "Region":
        """All but the inside."""
        return Region(self.mask, self.feather, self.notes, True)


def open_mask(mask: Source, image: np.ndarray, feather: float) -> Region:
    """A mask for a picture.

    Args:
        mask: uint8 (H, W), an `images.Picture`, or whatever `images.load` takes.
        image: uint8 (H, W, 3), what it is for.
        feather: see `images.fit_mask`.

    Raises:
        SettingsError: the array is no mask.
        ImageError: the picture cannot be read.
    """
    if not isinstance(mask, np.ndarray):
        mask = images.to_mask(mask if isinstance(mask, images.Picture) else images.load(mask))
    if mask.dtype != np.uint8 or mask.ndim != 2 or not mask.size:
        raise SettingsError("A mask must be uint8 of shape (H, W).")
    height, width = image.shape[:2]
    stretch = (mask.shape[0] * width) / (mask.shape[1] * height)
    empty = not images.fit_mask(mask, *plan_canvas(height, width)[:2], 0.0).any()
    return Region(mask, feather, (STRETCHED_MASK,) * (abs(stretch - 1) > SHAPE_TOLERANCE) + (EMPTY_MASK,) * empty)
