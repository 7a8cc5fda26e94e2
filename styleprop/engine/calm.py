"""Calm skies: what hardly varies is smooth before it is painted.

A decoder raises the faintest of texture to strokes: of a night sky's black it makes a circuit board, the squares of
JPEG in which it is 0 or 1. A guided filter (He et al. 2013, equations 5, 6 and 8, the picture its own guide) takes out
most of what varies by a grey level or less around, half of one and a half, and leaves the rest.
"""

import cv2
import numpy as np

from styleprop.engine.halves import mean

FAINT = 2.0  # squared grey levels: of what varies by as much around, half stays
WINDOW = 25  # pixels


def calm(image: np.ndarray) -> np.ndarray:
    """Smooth a uint8 (H, W, 3) picture where it hardly varies: float32 (H, W, 3), in its range but for rounding."""
    levels = image.astype(np.float32)
    means = mean(levels, WINDOW)
    varied = np.maximum(mean(_squared(levels), WINDOW) - _squared(means), 0)
    slope = (varied / (varied + FAINT))[..., None]
    return mean(slope, WINDOW)[..., None] * levels + mean(means - slope * means, WINDOW)


def _squared(levels: np.ndarray) -> np.ndarray:
    """Means over the channels, (H, W)."""
    return cv2.transform(levels * levels, np.full((1, 3), 1 / 3))
