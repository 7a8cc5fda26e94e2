"""Style pictures as they are read: at some scale, and without the grain of a scan, which is no brush's work."""

import math

import cv2
import numpy as np

from styleprop.images import resize_to_area

SIDE = 768  # of a square in whose area grain is looked for, pixels: the canvas'
MOST = 0.3  # of a picture's texture that may be grain; half of 382 paintings of 768 pixels have more than 0.38
WITHIN, FINE = 17, 3  # pixels: texture is what varies within the first, grain what does within the second
NARROWEST, WIDEST, HALVINGS = 0.3, 0.8, 5  # deviations of the blur, pixels; steps in which the one needed is found


def read_style(image: np.ndarray, side: float) -> np.ndarray:
    """A uint8 (H, W, 3) style picture resampled to an area of `side` x `side` pixels, without grain.

    Grain is finer than any stroke, yet half of an over-sharpened scan's texture: a network that reads it paints it,
    and in a flat sky nothing else.
    """
    seen = max(side, SIDE)
    if _share(_light(image, seen)) > MOST:
        image = without_grain(resize_to_area(image, seen**2))
    return resize_to_area(image, side**2)


def without_grain(image: np.ndarray) -> np.ndarray:
    """A uint8 (H, W, 3) picture, blurred a little where grain is more than `MOST` of its texture; else itself.

    By as little as that takes, and by `WIDEST` at most, so that the lines of an etching are thicker, but do not go.
    """
    if grain_share(image) <= MOST:
        return image
    narrow, wide = NARROWEST, WIDEST
    for _ in range(HALVINGS):
        middle = (narrow + wide) / 2
        if grain_share(_blurred(image, middle)) > MOST:
            narrow = middle
        else:
            wide = middle
    return _blurred(image, wide)


def grain_share(image: np.ndarray) -> float:
    """Which share of a picture's texture is grain, 0 to about 1; of uint8 (H, W, 3)."""
    return _share(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _share(light: np.ndarray) -> float:
    light = light.astype(np.float32)
    texture, grain = (np.abs(light - cv2.blur(light, (size, size))).mean() for size in (WITHIN, FINE))
    return float(grain / (texture + 1e-6))


def _light(image: np.ndarray, side: float) -> np.ndarray:
    """How light a picture is, uint8, about as `resize_to_area` would show it, in a fraction of the time."""
    factor = side / math.sqrt(image.shape[0] * image.shape[1])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None, fx=factor, fy=factor, interpolation=how)


def _blurred(image: np.ndarray, deviation: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), deviation)
