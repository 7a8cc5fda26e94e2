"""Masks: where a picture is changed, with a soft edge, and a blend that leaves the rest as it was, pixel for pixel."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from styleprop.images.arrays import resize
from styleprop.images.picture import Picture

_BLACK, _WHITE = 8, 247  # what lossy files make of black and white
_FULL = 250
_ROWS = 256


def to_mask(picture: Picture) -> np.ndarray:
    """A picture's brightness times its opacity as a mask, uint8 (H, W): white is 255, black or transparent is 0.

    Where all that can be seen has one brightness, the shape stands in the opacity alone, and that is the mask.
    """
    gray = np.array(Image.fromarray(picture.image).convert("L"))
    if picture.alpha is None:
        return gray
    seen = gray[picture.alpha >= 128]
    if seen.size and np.ptp(seen) <= 2 * _BLACK and np.ptp(picture.alpha) > 2 * _BLACK:
        return picture.alpha
    return ((gray.astype(np.uint16) * picture.alpha + 127) // 255).astype(np.uint8)


def fit_mask(mask: np.ndarray, height: int, width: int, feather: float) -> np.ndarray:
    """Bring a mask to a picture's size and soften its edge inwards, so that what is 0 stays 0.

    Args:
        mask: uint8 (H, W) of any size, 0 outside, 255 inside, greys between.
        height: of the picture, pixels.
        width: of the picture, pixels.
        feather: how wide the soft edge is, as a share of the picture's shorter side, 0 to 0.2. It is made
            narrower where it would leave nothing of a thin mask.

    Returns:
        uint8 (height, width).
    """
    mask = resize(mask, width, height)
    mask = np.where(mask < _BLACK, 0, np.where(mask > _WHITE, 255, mask)).astype(np.uint8)
    radius = feather * min(height, width)
    while radius >= 1:
        edge = _rise(mask > 0, radius)
        if edge.max() >= _FULL:
            return ((mask.astype(np.uint16) * edge + 127) // 255).astype(np.uint8)
        radius /= 2
    return mask


def blend(outside: np.ndarray, inside: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Two uint8 (H, W, 3) by a uint8 (H, W) mask: exactly `outside` where it is 0, exactly `inside` where it is 255."""
    blended = np.empty_like(outside)
    for top in range(0, len(mask), _ROWS):
        rows = np.s_[top : top + _ROWS]
        weight = mask[rows, :, None].astype(np.uint16)
        blended[rows] = (outside[rows] * (255 - weight) + inside[rows] * weight + 127) // 255
    return blended


def _rise(inside: np.ndarray, radius: float) -> np.ndarray:
    """From 0 on the edge of a bool (H, W) region to 255 at `radius` pixels inside it."""
    region = Image.fromarray(np.where(inside, 255, 0).astype(np.uint8))
    soft = np.array(region.filter(ImageFilter.GaussianBlur(radius / 2.5)), np.int16)
    return (np.clip(2 * soft - 255, 0, 255) * inside).astype(np.uint8)
