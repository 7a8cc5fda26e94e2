"""Half the size and back: a part from a multiple of 4 pixels on comes out as of the whole picture."""

import cv2
import numpy as np


def half(image: np.ndarray) -> np.ndarray:
    """Reduce an image (H, W) or (H, W, C) to half, by means of pairs from the first on; an odd last one is doubled."""
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def double(small: np.ndarray, shape: tuple[int, ...], by: int = cv2.INTER_LINEAR) -> np.ndarray:
    """Enlarge a half again, by one of OpenCV's interpolations, and crop it to the (H, W, …) that it was made of."""
    return _times(small, shape, 2, by)


def quadruple(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The same for the half of a half, bilinearly."""
    return _times(small, shape, 4, cv2.INTER_LINEAR)


def _times(small: np.ndarray, shape: tuple[int, ...], factor: int, by: int) -> np.ndarray:
    large = cv2.resize(small, None, fx=factor, fy=factor, interpolation=by)
    return np.ascontiguousarray(large[: shape[0], : shape[1]])


def mean(values: np.ndarray, side: int) -> np.ndarray:
    """Means over squares of `side` pixels around each; the border is repeated."""
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
