"""Smooth strokes: a painting that is enlarged shows its canvas' pixels as stairs, and the network's as a weave.

Both go where every pixel becomes a mean along the stroke that it lies on: a line integral convolution (Cabral and
Leedom 1993) along the painting's edge tangent flow (Kang et al. 2007), which its smoothed structure tensor tells, as in
Kyprianidis and Kang 2011. Across the strokes nothing is blurred; and the photo's sharpest outlines stay as they are.
"""

import cv2
import numpy as np

from styleprop.engine.halves import enlarge, half, mean, structure_tensor
from styleprop.images.colors import LUMA

MARGIN = 16  # pixels around an outcome's that have a say in it; a multiple of 4, see `halves`
STEPS = 1.0, 3.0  # pixels to either side along a stroke: one mean of three after the other, of nine in all
LARGE = 3.0  # pixels that one of the canvas has become, up to which only the first is taken: else strokes would go
MIDDLE = 0.4  # of each mean
SOFT, TENSOR = 3, 5  # pixels of half the size: windows for the gradient and for the tensor
CROSSED = 0.1  # of 1, the coherence at which steps are half, as lines run several ways
FLAT = 1.0  # squared grey levels of a gradient: what varies less has no strokes
SOME, SHARP = 6.0, 12.0  # grey levels a pixel of the photo: from which on, and at which, nothing is smoothed


def smooth_strokes(painted: np.ndarray, photo: np.ndarray, scale: float) -> np.ndarray:
    """Smooth a painting along its strokes.

    Args:
        painted: uint8 (H, W, 3).
        photo: uint8 (H, W, 3), what was painted.
        scale: pixels that one of the canvas has become.

    Returns:
        uint8 (H, W, 3).
    """
    flow = _flow(painted)
    here = np.arange(painted.shape[1], dtype=np.float32), np.arange(painted.shape[0], dtype=np.float32)[:, None]
    smooth = cv2.cvtColor(painted, cv2.COLOR_RGB2RGBA)  # four channels are seen twice as fast
    for step in STEPS if scale > LARGE else STEPS[:1]:
        ways = ([at + way * part for at, part in zip(here, flow, strict=True)] for way in (-step, step))
        before, after = (_seen(smooth, *way) for way in ways)
        smooth = cv2.addWeighted(smooth, MIDDLE, cv2.addWeighted(before, 0.5, after, 0.5, 0), 1 - MIDDLE, 0)
    sharp = _sharp(photo)
    return cv2.blendLinear(painted, cv2.cvtColor(smooth, cv2.COLOR_RGBA2RGB), sharp, 1 - sharp)


def _seen(image: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    maps = cv2.convertMaps(columns, rows, cv2.CV_16SC2)
    return cv2.remap(image, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _flow(painted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows by which strokes go on, float32 (H, W) each: a pixel, or less where lines cross."""
    squares, mixed, energy = structure_tensor(mean(_half_light(painted).astype(np.float32), SOFT), TENSOR)
    coherent = cv2.magnitude(squares, mixed)
    size = (1 + CROSSED) * coherent / (coherent + CROSSED * (energy + FLAT))
    angle = 0.5 * cv2.phase(squares, mixed)  # of the gradient, which strokes run across
    # Not interpolated: of two neighbours one may go forward, and the other back.
    columns, rows = (
        enlarge(part, painted.shape, by=cv2.INTER_NEAREST) for part in (-size * np.sin(angle), size * np.cos(angle))
    )
    return columns, rows


def _sharp(photo: np.ndarray) -> np.ndarray:
    """Where a photo has sharp outlines, and a few pixels around them: float32 (H, W), 0 to 1."""
    steps = (cv2.Sobel(_half_light(photo), cv2.CV_32F, *axis, scale=1 / 16) for axis in ((1, 0), (0, 1)))
    slope = cv2.magnitude(*steps)
    near = cv2.dilate(np.clip((slope - SOME) / (SHARP - SOME), 0, 1), np.ones((3, 3), np.uint8))
    return enlarge(near, photo.shape)


def _half_light(image: np.ndarray) -> np.ndarray:
    return half(cv2.transform(image, LUMA[None]))
