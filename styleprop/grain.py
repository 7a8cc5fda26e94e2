"""Style pictures as they are read: at some scale, and without the grain of a scan, which is no brush's work."""

import math

import cv2
import numpy as np

from styleprop.images import resize_to_area

SIDE = 768  # of a square in whose area grain is looked for, pixels: the canvas'
MOST = 0.3  # of a picture's texture that may be grain; half of 382 paintings of 768 pixels have more than 0.38
WITHIN, FINE = 17, 3  # pixels: texture is what varies within the first, grain what does within the second
WIDEST, HALVINGS = 0.5, 5  # variance of a blur, squared pixels; steps in which the one that is needed is found


def read_style(image: np.ndarray, side: float) -> np.ndarray:
    """A uint8 (H, W, 3) style picture resampled to an area of `side` x `side` pixels, without grain.

    Grain is finer than any stroke, yet half of an over-sharpened scan's texture: a network that reads it paints it,
    and in a flat sky nothing else. A picture in which it is more than `MOST` of the texture is blurred by about as
    little as takes it there, and by a binomial filter at most: the lines of an etching are thicker, but do not go.
    """
    seen = max(side, SIDE)
    factor = seen / math.sqrt(image.shape[0] * image.shape[1])
    light = _light(image, factor)
    if grain_share(light) > MOST:
        if factor < 1:
            image, factor = resize_to_area(image, seen**2), 1.0
            light = _light(image, factor)
        image = _blurred(image, _least_blur(light) / factor**2)
    return resize_to_area(image, side**2)


def _least_blur(light: np.ndarray) -> float:
    """The variance of the narrowest blur that leaves no more than `MOST` of grain, or `WIDEST`."""
    narrow, wide = 0.0, WIDEST
    for _ in range(HALVINGS):
        middle = (narrow + wide) / 2
        if grain_share(_blurred(light, middle)) > MOST:
            narrow = middle
        else:
            wide = middle
    return wide


def _blurred(image: np.ndarray, variance: float) -> np.ndarray:
    """By the three taps that have this variance, up to 0.5; uint8."""
    taps = np.array([variance / 2, 1 - variance, variance / 2])
    return cv2.sepFilter2D(image, -1, taps, taps)


def grain_share(light: np.ndarray) -> float:
    """Which share of a picture's texture is grain, 0 to about 1; of how light it is, uint8 (H, W)."""
    light = light.astype(np.float32)
    texture, grain = (cv2.norm(light, cv2.blur(light, (size, size)), cv2.NORM_L1) for size in (WITHIN, FINE))
    return float(grain / (texture + 1e-6 * light.size))


def _light(image: np.ndarray, factor: float) -> np.ndarray:
    """How light a picture is, uint8, about as `resize_to_area` would show it, in a fraction of the time."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None, fx=factor, fy=factor, interpolation=how)
