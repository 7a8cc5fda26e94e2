"""Half the size and back: a part from a multiple of 4 pixels on comes out as of the whole picture."""

import cv2
import numpy as np


def half(image: np.ndarray) -> np.ndarray:
    """Reduce an image (H, W) or (H, W, C) to half, by means of pairs from the first on; an odd last one is doubled."""
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def double(small: np.ndarray, shape: tuple[int, ...], times: int = 2) -> np.ndarray:
    """Enlarge a reduced image bilinearly by a factor, and crop it to the (H, W, …) that it was made of."""
    return np.ascontiguousarray(cv2.resize(small, None, fx=times, fy=times)[: shape[0], : shape[1]])


def mean(values: np.ndarray, side: int) -> np.ndarray:
    """Means over squares of `side` pixels around each; the border is repeated."""
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
