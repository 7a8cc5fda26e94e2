"""Crisp outlines: along the photo's outlines a painting that was enlarged gets an edge as sharp as the photo's.

There, where two parts meet, a painting's colours are nearly linear functions of the photo's light around: a guided
filter (He et al. 2013) finds them, at half the size (He and Sun 2015), and those of the sharp photo have a sharp edge
between the painting's own colours. Beside it the painting is as smooth as before it was refined, so that nothing rings.
Where it is no such function, and where the photo's outlines crowd and are texture, it stays as it is.
"""

import cv2
import numpy as np

from styleprop.images.colors import LUMA

MARGIN = 36  # pixels around an outcome's that have a say in it
WINDOW, SOFT = 9, 3  # pixels of half the size: where a function is fitted, and about as soft as a painting is
EVEN = 1.6  # squared grey levels: what varies less is flat
STRONG = 160  # of Canny's gradients, at half the size: an edge of about 40 grey levels
TENSOR, COHERENT = 5, 0.8  # pixels of half the size; of 1, as in `outlines`
EDGE, BESIDE = 5, 9  # pixels of half the size across an outline: where the function is all, and where nothing may ring
AROUND = 25  # pixels of half the size, in a square of which outlines may crowd
CROWD, CROWDED = 0.06, 0.14  # the share of outlines from which on, and at which, they are texture
SURE = 0.5  # of the painting's variance that the function explains, from which on it counts whole


def crisp(painted: np.ndarray, enlarged: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """Give a painting crisp outlines.

    Args:
        painted: uint8 (H, W, 3), the painting at the photo's size.
        enlarged: uint8 (H, W, 3), the smaller painting enlarged smoothly, whose colours beside an outline count.
        photo: uint8 (H, W, 3).

    Returns:
        uint8 (H, W, 3); the painting itself where the photo has no outlines.
    """
    light = cv2.transform(photo, LUMA[None])
    guide = _half(light).astype(np.float32)
    edge, beside = _bands(guide)
    if not beside.any():
        return painted
    small = _half(enlarged)
    colors = small.astype(np.float32)
    soft = _mean(guide, SOFT)
    slope, offset, share = _fit(soft, colors)
    weight = beside * np.minimum(share / SURE, 1)
    lowest, highest = (find(small, np.ones((WINDOW, WINDOW), np.uint8)) for find in (cv2.erode, cv2.dilate))
    found = slope, offset, lowest, highest, cv2.merge([edge, weight])
    slope, offset, lowest, highest, weights = (_double(part, light.shape) for part in found)
    sharp = np.clip(slope * light[..., None] + offset, lowest, highest)
    wanted = enlarged + weights[..., :1] * (sharp - enlarged)
    return np.rint(painted + weights[..., 1:] * (wanted - painted)).astype(np.uint8)


def _fit(guide: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, offsets and the share of the variance of colours as linear functions of a guide, around each pixel."""
    mean, others = _mean(guide, WINDOW)[..., None], _mean(colors, WINDOW)
    varied = _mean(guide * guide, WINDOW)[..., None] - mean * mean + EVEN
    both = _mean(guide[..., None] * colors, WINDOW) - mean * others
    known = (_mean(colors * colors, WINDOW) - others * others).sum(axis=-1) + EVEN
    slope = both / varied
    return _mean(slope, WINDOW), _mean(others - slope * mean, WINDOW), (slope * both).sum(axis=-1) / known


def _bands(light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where outlines are and where they are near, 0 to 1 with soft borders: ridges of the gradient along a line."""
    down, right = (cv2.Sobel(light, cv2.CV_32F, *axis) for axis in ((0, 1), (1, 0)))
    squares, product = _mean(down * down + right * right, TENSOR), _mean(down * right, TENSOR)
    along = np.hypot(_mean(down * down - right * right, TENSOR), 2 * product)
    ridges = cv2.Canny(np.rint(light).astype(np.uint8), STRONG, STRONG, L2gradient=True) > 0
    outlines = (ridges & (along > COHERENT * squares)).astype(np.float32)
    alone = np.clip((CROWDED - _mean(ridges.astype(np.float32), AROUND)) / (CROWDED - CROWD), 0, 1)
    edge, beside = (_mean(cv2.dilate(outlines, np.ones((width, width), np.uint8)), 3) for width in (EDGE, BESIDE))
    return edge, alone * beside


def _half(image: np.ndarray) -> np.ndarray:
    """Reduced to half, by pairs from the first on, so that a part from an even pixel on is as of the whole."""
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _double(half: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return cv2.resize(half, None, fx=2, fy=2)[: shape[0], : shape[1]]


def _mean(values: np.ndarray, side: int) -> np.ndarray:
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
