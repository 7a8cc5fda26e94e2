"""Crisp outlines: along the photo's outlines a painting that was enlarged gets an edge as sharp as the photo's.

There, where two parts meet, a painting's colours are nearly linear functions of the photo's light around: a guided
filter (He et al. 2013) finds them, at a quarter of the size (He and Sun 2015), and those of the sharp photo have a
sharp edge between the painting's own colours. Beside it the painting is as smooth as before it was refined, so that
nothing rings. Where it is no such function, and where the photo's outlines crowd and are texture, it stays as it is.
"""

import cv2
import numpy as np

from styleprop.engine.halves import enlarge, half, mean, structure_tensor
from styleprop.images.colors import LUMA

MARGIN = 36  # pixels around an outcome's that have a say in it; a multiple of 4, see `half`
WINDOW = 5  # pixels of a quarter of the size: where a function is fitted
SOFT, RANGE = 3, 9  # pixels of half the size: about as soft as a painting is, and where its colours are the limits
EVEN = 1.6  # squared grey levels: what varies less is flat
STRONG = 160  # of Canny's gradients, at half the size: an edge of about 40 grey levels
TENSOR, COHERENT = 5, 0.8  # pixels of half the size; of 1, as in `outlines`
EDGE, BESIDE = 5, 9  # pixels of half the size across an outline: where the function is all, and where nothing may ring
AROUND = 25  # pixels of half the size, in a square of which outlines may crowd
CROWD, CROWDED = 0.12, 0.17  # the share of outlines from which on, and at which, they are texture
SURE = 0.42  # of the painting's variance that the function explains, from which on it counts whole


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
    guide = half(light).astype(np.float32)
    edge, beside = _bands(guide)
    if not beside.any():
        return painted
    small = half(enlarged)
    slope, offset, share = _fit(half(mean(guide, SOFT)), half(small).astype(np.float32))
    weight = beside * enlarge(np.minimum(share / SURE, 1), beside.shape)
    lowest, highest = (find(small, np.ones((RANGE, RANGE), np.uint8)) for find in (cv2.erode, cv2.dilate))
    slope, offset = (enlarge(part, light.shape, 4) for part in (slope, offset))
    lowest, highest, edge, weight = (enlarge(part, light.shape) for part in (lowest, highest, edge, weight))
    sharp = cv2.add(cv2.multiply(slope, cv2.merge([light] * 3), dtype=cv2.CV_32F), offset, dtype=cv2.CV_8U)
    sharp = cv2.min(cv2.max(sharp, lowest), highest)
    wanted = cv2.blendLinear(sharp, enlarged, edge, 1 - edge)
    return cv2.blendLinear(wanted, painted, weight, 1 - weight)


def _fit(guide: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, offsets and the share of the variance of colours as linear functions of a guide, around each pixel."""
    own, others = mean(guide, WINDOW)[..., None], mean(colors, WINDOW)
    varied = mean(guide * guide, WINDOW)[..., None] - own * own + EVEN
    both = mean(guide[..., None] * colors, WINDOW) - own * others
    known = _total(mean(colors * colors, WINDOW) - others * others) + EVEN
    slope = both / varied
    return mean(slope, WINDOW), mean(others - slope * own, WINDOW), _total(slope * both) / known


def _total(channels: np.ndarray) -> np.ndarray:
    return cv2.transform(channels, np.ones((1, 3)))


def _bands(light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where outlines are and where they are near, 0 to 1 with soft borders: ridges of the gradient along a line."""
    squares, mixed, energy = structure_tensor(light, TENSOR)
    ridges = cv2.Canny(np.rint(light).astype(np.uint8), STRONG, STRONG, L2gradient=True) > 0
    outlines = (ridges & (cv2.magnitude(squares, mixed) > COHERENT * energy)).astype(np.float32)
    alone = np.clip((CROWDED - mean(ridges.astype(np.float32), AROUND)) / (CROWDED - CROWD), 0, 1)
    edge, beside = (mean(cv2.dilate(outlines, np.ones((width, width), np.uint8)), 3) for width in (EDGE, BESIDE))
    return edge, alone * beside
