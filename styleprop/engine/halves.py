"""Half the size and back: a part from a multiple of 4 pixels on comes out as of the whole picture."""

import cv2
import numpy as np


def half(image: np.ndarray) -> np.ndarray:
    """Reduce an image (H, W) or (H, W, C) to half, by means of pairs from the first on; an odd last one is doubled."""
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def enlarge(small: np.ndarray, shape: tuple[int, ...], times: int = 2, by: int = cv2.INTER_LINEAR) -> np.ndarray:
    """Enlarge what was reduced again, by one of OpenCV's interpolations, and crop it to the (H, W, …) of before."""
    large = cv2.resize(small, None, fx=times, fy=times, interpolation=by)
    return np.ascontiguousarray(large[: shape[0], : shape[1]])


def mean(values: np.ndarray, side: int) -> np.ndarray:
    """Means over squares of `side` pixels around each; the border is repeated."""
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)


def structure_tensor(light: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of a float32 (H, W) image, around each pixel (Bigun and Granlund 1987).

    Returns:
        Means over `side` pixels of x^2 - y^2, 2 x y and x^2 + y^2, where (x, y) is the gradient, levels a pixel. The
        first two are as long as the last where all gradients lie along one line, at half the angle that they make.
    """
    x, y = (cv2.Sobel(light, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    return mean(x * x - y * y, side), mean(2 * x * y, side), mean(x * x + y * y, side)
