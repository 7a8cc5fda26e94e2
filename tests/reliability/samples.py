"""Pictures that are sent, each of them known again."""

import colorsys
import io

import numpy as np
from PIL import Image

GOLDEN_SIZE = (96, 128)


def png(image: np.ndarray) -> bytes:
    """A picture as a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def scene(number: int, height: int = 96, width: int = 128) -> np.ndarray:
    """A uint8 picture of waves and grain that no other number has."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [np.sin(rows / random.uniform(4, 20)) + np.cos(columns / random.uniform(4, 20)) for _ in range(3)]
    noise = random.normal(0, 8, (height, width, 3))
    return np.clip(np.stack(waves, axis=2) * 55 + 128 + noise, 0, 255).astype(np.uint8)


def flat(number: int, of: int, side: int = 96) -> np.ndarray:
    """A picture in one of `of` colours, with a little grain."""
    color = np.array(colorsys.hsv_to_rgb(number / of, 0.9, 0.9)) * 235
    grain = np.random.default_rng(number).normal(0, 6, (side, side, 3))
    return np.clip(color + grain, 0, 255).astype(np.uint8)


def striped(number: int, of: int, side: int = 96) -> np.ndarray:
    """Fine stripes in one of `of` colours: the base rebuilds them badly, so that a short training betters it."""
    color = np.array(colorsys.hsv_to_rgb(number / of, 0.9, 0.9)) * 255
    rows, columns = np.mgrid[0:side, 0:side]
    return (((rows + 2 * columns) // 3 % 2)[:, :, None] * color).astype(np.uint8)


def golden() -> bytes:
    """The picture whose reconstruction must never change by a bit."""
    return png(scene(7, *GOLDEN_SIZE))
