"""From the canvas to the photo's pixels, part by part."""

from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.engine import crisp, strokes
from styleprop.images.colors import LUMA
from styleprop.models.enlarger import plan_steps
from styleprop.weights import load_enlarger

NAME = "enlarger"
STRIDE = 4
COLORED = 0.3  # of the colours that the network adds to an enlargement: all of them are specks round a bright gap
CORE, SMOOTH_MARGIN = 768, 8


class Enlarger:
    """Refines what was enlarged smoothly, with a network where there is one. Read-only: threads may share one.

    Args:
        network: a `models.enlarger.Enlarger`, or None to leave it smooth.
        code_size: floats in the style codes that it knows.

    Attributes:
        margin: pixels around an outcome's that have a say in it.
    """

    def __init__(self, network: Any = None, code_size: int = 0):
        self.margin = SMOOTH_MARGIN if network is None else strokes.MARGIN + max(crisp.MARGIN, network.margin)
        self.code_size = code_size
        self._refine = network and _compile(network, code_size)

    def refine(self, enlarged: np.ndarray, photo: np.ndarray, code: Any, scale: float) -> np.ndarray:
        """Refine a part: what the network makes of it, with crisp outlines and smooth strokes.

        Args:
            enlarged: uint8 (H, W, 3), the painting at the photo's size.
            photo: uint8 (H, W, 3), what was painted.
            code: (1, K), the style code of what it was painted as; one of another size counts as unknown, zeros.
            scale: pixels that one of the canvas has become.

        Returns:
            uint8 (H, W, 3).
        """
        if self._refine is None:
            return enlarged
        height, width = enlarged.shape[:2]
        batches = [images.pad_to_multiple(part[None], STRIDE) for part in (enlarged, photo)]
        known = tuple(code.shape) == (1, self.code_size)
        refined = self._refine(*batches, code if known else tf.zeros((1, self.code_size)))
        return self.polish(refined[0, :height, :width].numpy(), enlarged, photo, scale)

    def polish(self, refined: np.ndarray, enlarged: np.ndarray, photo: np.ndarray, scale: float) -> np.ndarray:
        """Crisp outlines and smooth strokes for what was refined; without a network, nothing. See `refine`."""
        if self._refine is None:
            return refined
        return strokes.smooth_strokes(crisp.crisp(refined, enlarged, photo), photo, scale)

    def plan_steps(self, small: tuple[int, int], large: tuple[int, int]) -> list[tuple[int, int]]:
        """The sizes, heights and widths, to which to enlarge one after the other; without a network there is one."""
        return [large] if self._refine is None else plan_steps(small, large)

    def trace_counts(self) -> dict[str, int]:
        """How often the network has been traced; nothing where there is none."""
        return {"enlarge": self._refine.experimental_get_tracing_count()} if self._refine is not None else {}


def _compile(network: Any, code_size: int) -> Any:
    """The network from and to uint8 (1, H, W, 3): what `images.to_batch` and `from_batch` do, by all cores.

    Of what it adds, the lightness stays and the colours in part: the canvas has those, and finer ones are not seen.
    """
    even = COLORED * np.eye(3) + (1 - COLORED) * np.outer(LUMA, np.ones(3))

    def refine(enlarged: tf.Tensor, photo: tf.Tensor, code: tf.Tensor) -> tf.Tensor:
        smooth, guide = (tf.cast(part, tf.float32) / 127.5 - 1.0 for part in (enlarged, photo))
        added = tf.tensordot(network.call(smooth, guide, code) - smooth, even.astype(np.float32), 1)
        return tf.cast(tf.round(tf.clip_by_value((smooth + added + 1.0) * 127.5, 0, 255)), tf.uint8)

    pixels = tf.TensorSpec((1, None, None, 3), tf.uint8)
    return tf.function(refine, input_signature=[pixels, pixels, tf.TensorSpec((1, code_size))])


@cache
def open_enlarger() -> Enlarger:
    """The embedded one, loaded once. Raises CheckpointError."""
    network = load_enlarger(find_checkpoint(NAME))
    return Enlarger(network, network.config.code_size)


def enlarge_part(small: np.ndarray, height: int, width: int, box: tuple[int, int, int, int]) -> np.ndarray:
    """A part of a picture's bicubic enlargement: the same pixels as in the enlargement of the whole, but for rounding.

    Args:
        small: uint8 (h, w, 3).
        height: of the whole enlargement, pixels.
        width: of the whole enlargement, pixels.
        box: (top, left, bottom, right) in it.

    Returns:
        uint8 (bottom - top, right - left, 3).
    """
    return images.resize_part(small, width, height, box, Image.Resampling.BICUBIC)
