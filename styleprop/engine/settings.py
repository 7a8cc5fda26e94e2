"""The settings of a stylization, checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from styleprop import images
from styleprop.errors import SettingsError

MAX_STYLES = 4
COLORS = ("style", "content", "only")
MIN_BRUSH, MAX_BRUSH = 0.5, 2.0
EMPTY_MASK = "The mask is empty: nothing lies inside it."
STRETCHED_MASK = "The mask has another shape than the picture and was stretched."
SHAPE_TOLERANCE = 0.02


def check_settings(strength, detail, color, brush) -> None:
    """Raise SettingsError where one is out of its range."""
    check_range("strength", strength, 0.0, 1.0)
    check_range("detail", detail, 0.0, 1.0)
    check_range("brush", brush, MIN_BRUSH, MAX_BRUSH)
    if color not in COLORS:
        raise SettingsError(f"color must be one of {', '.join(COLORS)}, not {color!r}.")


def check_range(name: str, value: Any, low: float, high: float) -> None:
    """Raise SettingsError where a value is no number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SettingsError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}.")


def weighted(style) -> list[tuple[Any, float]]:
    """One style or (style, weight) pairs as pairs whose weights sum to one. Raises SettingsError."""
    several = isinstance(style, Sequence) and not isinstance(style, str | bytes)
    pairs = [_pair(entry) for entry in style] if several else [(style, 1.0)]
    if not 1 <= len(pairs) <= MAX_STYLES:
        raise SettingsError(f"Give one to {MAX_STYLES} styles, not {len(pairs)}.")
    for _, weight in pairs:
        check_range("A style's weight", weight, 0.0, 1e6)
    total = sum(weight for _, weight in pairs)
    if total <= 0:
        raise SettingsError("At least one style must have a weight above 0.")
    return [(source, weight / total) for source, weight in pairs if weight > 0]


def _pair(entry) -> tuple[Any, float]:
    return entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, 1.0)


def open_mask(mask, image: np.ndarray, feather: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """A mask of an image's size with a soft edge, and notes about it.

    Args:
        mask: uint8 (H, W), an `images.Picture`, or whatever `images.load` takes.
        image: uint8 (H, W, 3), what it is for.
        feather: see `images.fit_mask`.

    Raises:
        SettingsError: the array is no mask, or the feather is out of range.
        ImageError: the picture cannot be read.
    """
    check_range("feather", feather, 0.0, images.MAX_FEATHER)
    if not isinstance(mask, np.ndarray):
        mask = images.to_mask(mask if isinstance(mask, images.Picture) else images.load(mask))
    if mask.dtype != np.uint8 or mask.ndim != 2 or not mask.size:
        raise SettingsError("A mask must be uint8 of shape (H, W).")
    height, width = image.shape[:2]
    stretch = (mask.shape[0] * width) / (mask.shape[1] * height)
    fitted = images.fit_mask(mask, height, width, feather)
    notes = (STRETCHED_MASK,) * (abs(stretch - 1) > SHAPE_TOLERANCE) + (EMPTY_MASK,) * (not fitted.any())
    return fitted, notes
