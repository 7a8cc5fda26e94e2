"""Range, size and padding: uint8 (H, W, 3) in [0, 255] is a picture, float32 (1, H, W, 3) in [-1, 1] is a batch."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np
from PIL import Image

from styleprop.images.picture import MIN_SIDE

STRIP_PIXELS, AT_ONCE = 2**23, 2
LOBES = 3  # of Lanczos' window, on either side, in pixels of the smaller picture


def to_batch(image: np.ndarray) -> np.ndarray:
    """Turn uint8 (H, W, 3) in [0, 255] into float32 (1, H, W, 3) in [-1, 1]. Raises ValueError for anything else."""
    _check_image(image)
    return (image.astype(np.float32) / 127.5 - 1.0)[None]


def from_batch(batch: np.ndarray) -> np.ndarray:
    """Turn float (1, H, W, 3) or (H, W, 3) in [-1, 1] into uint8 (H, W, 3); values outside are clipped.

    `from_batch(to_batch(image))` is `image`. Raises ValueError for another shape, or NaN or infinity.
    """
    values = np.asarray(batch, dtype=np.float32)
    values = values[0] if values.ndim == 4 and len(values) == 1 else values
    if values.ndim != 3 or values.shape[2] != 3:
        raise ValueError(f"expected (1, H, W, 3) or (H, W, 3), got {np.shape(batch)}")
    if not np.isfinite(values).all():
        raise ValueError("the batch holds NaN or infinity")
    return np.rint(np.clip((values + 1.0) * 127.5, 0, 255)).astype(np.uint8)


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resample uint8 (H, W, 3) or (H, W) to `width` x `height` pixels with Lanczos; the same size gives a copy.

    Large pictures are read strip by strip, as Pillow makes copies of what it is given, two at once.
    """
    _check_image(image, channels=(None, 3))
    if (height, width) == image.shape[:2]:
        return image.copy()
    strips = math.ceil(image.shape[0] * image.shape[1] / STRIP_PIXELS)
    edges = [height * index // strips for index in range(strips + 1)]
    boxes = [(top, 0, bottom, width) for top, bottom in pairwise(edges) if top < bottom]
    make = partial(resize_part, image, width, height, resampling=Image.Resampling.LANCZOS)
    if len(boxes) == 1:
        return make(boxes[0])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return np.concatenate(list(pool.map(make, boxes)))


def resize_part(
    image: np.ndarray, width: int, height: int, box: tuple[int, int, int, int], resampling: Image.Resampling
) -> np.ndarray:
    """A part of what resampling makes of a picture: the same pixels as in the whole, but for rounding.

    Args:
        image: uint8 (H, W, 3) or (H, W).
        width, height: of the whole outcome, pixels.
        box: (top, left, bottom, right) in that.
        resampling: one of Pillow's.

    Returns:
        uint8 (bottom - top, right - left), and the channels.
    """
    top, left, bottom, right = box
    down, across = image.shape[0] / height, image.shape[1] / width
    # Only what the part needs: Pillow copies all of what it is given.
    reach_down, reach_across = (math.ceil(LOBES * max(scale, 1)) + 1 for scale in (down, across))
    y0, x0 = max(int(top * down) - reach_down, 0), max(int(left * across) - reach_across, 0)
    near = image[y0 : math.ceil(bottom * down) + reach_down, x0 : math.ceil(right * across) + reach_across]
    within = (left * across - x0, top * down - y0, right * across - x0, bottom * down - y0)
    found = Image.fromarray(np.ascontiguousarray(near)).resize((right - left, bottom - top), resampling, box=within)
    return np.array(found)


def fit_within(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrink uint8 (H, W, 3) or (H, W) so that its long side is at most `max_side`; never enlarges it."""
    scale = max_side / max(image.shape[:2])
    return image if scale >= 1 else _rescale(image, scale)


def resize_to_area(image: np.ndarray, pixels: float) -> np.ndarray:
    """Resample uint8 (H, W, 3) or (H, W) to about `pixels` in area, up or down, keeping the aspect.

    No side becomes shorter than MIN_SIDE, even where that makes the area larger.
    """
    height, width = image.shape[:2]
    return _rescale(image, max(math.sqrt(pixels / (height * width)), MIN_SIDE / min(height, width)))


def center_square(image: np.ndarray, side: int) -> np.ndarray:
    """Cut the largest centred square out of uint8 (H, W, 3) or (H, W) and resample it to `side` x `side` pixels."""
    height, width = image.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    return resize(image[top : top + short, left : left + short], side, side)


def crop_square(image: np.ndarray, left: int, top: int, side: int, size: int) -> np.ndarray:
    """Cut `side` x `side` pixels out of uint8 (H, W, 3) at (left, top), resampled to `size` x `size` bicubically."""
    box = (left, top, left + side, top + side)
    return np.array(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC, box=box))


def pad_to_multiple(batch: np.ndarray, multiple: int) -> np.ndarray:
    """Pad float (B, H, W, C) by reflection, over and over where the pad exceeds the size.

    Pixels go to the bottom and right, so that height and width become multiples of `multiple`; dtype and range stay.
    """
    rows, columns = (-side % multiple for side in batch.shape[1:3])
    return np.pad(batch, ((0, 0), (0, rows), (0, columns), (0, 0)), mode="reflect")


def _rescale(image: np.ndarray, scale: float) -> np.ndarray:
    height, width = image.shape[:2]
    return resize(image, max(1, round(width * scale)), max(1, round(height * scale)))


def _check_image(image: np.ndarray, channels: tuple[int | None, ...] = (3,)) -> None:
    found = image.shape[2] if image.ndim == 3 else None
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or found not in channels:
        raise ValueError(f"expected a uint8 picture, got {image.dtype} {image.shape}")
