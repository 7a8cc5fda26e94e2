"""The enlarger: a painting that was enlarged to a photo's size, and the photo, to a painting of that size.

A small network of convolutions alone, without statistics of the picture: tiles that are read with a margin of
`Enlarger.margin` pixels come out as the whole would. Batches are float32 (B, H, W, 3) in [-1, 1], sides multiples of 4.
"""

import math
from typing import Any

import keras
from keras import ops

from styleprop.config import EnlargerConfig
from styleprop.layers import Composite, activate, blank, convolution
from styleprop.ops import Tensor, luminance, soften, upsample_2x

STRIDE = 4


class Scaling(Composite, keras.layers.Layer):
    """Features times a number per channel that is a function of the style code, 1 at first."""

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.scale = keras.layers.Dense(filters, kernel_initializer="zeros", dtype="float32", name="scale")

    def call(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, H, W, C) and what was read from the code, (B, K), to (B, H, W, C)."""
        return x * ops.cast(1.0 + self.scale(style)[:, None, None, :], x.dtype)


class ScaledBlock(Composite, keras.layers.Layer):
    """x + conv(activate(scaled conv(x))), 3x3 (He et al. 2016); the second starts at zero."""

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.conv1 = convolution(filters, "conv1")
        self.scaling = Scaling(filters, name="scaling")
        self.conv2 = convolution(filters, "conv2", initializer="zeros")

    def call(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, H, W, C) and (B, K) to (B, H, W, C)."""
        return x + self.conv2(activate(self.scaling(self.conv1(x), style)))


class Enlarger(Composite, keras.Model):
    """Adds to an enlarged painting what it lacks at its new size: outlines where the photo has them, and crisp paint.

    Of the photo only its luminance is seen, so the colours are the painting's. Most of the work is done at 1/4 of the
    size, between two convolutions at 1/2 of it. What is added is softened over 3x3 pixels, as a pixel shuffle alone may
    alternate from pixel to pixel.
    """

    def __init__(self, config: EnlargerConfig, **kwargs: Any):
        super().__init__(name="enlarger", autocast=False, **kwargs)
        self.config = config
        half, quarter = config.filters
        self.read = keras.layers.Dense(config.code_hidden, dtype="float32", name="read")
        self.stem = convolution(half, "stem")
        self.stem_scaling = Scaling(half, name="stem_scaling")
        self.down = convolution(quarter, "down", strides=2)
        self.blocks = [ScaledBlock(quarter, name=f"block{index}") for index in range(config.blocks)]
        self.narrow = convolution(half, "narrow", kernel_size=1)
        self.join = convolution(half, "join")
        self.join_scaling = Scaling(half, name="join_scaling")
        self.rgb = convolution(12, "rgb", initializer="zeros", dtype="float32")

    @property
    def margin(self) -> int:
        """Pixels on each side that an outcome pixel depends on, a multiple of 4."""
        return margin(self.config)

    def call(self, enlarged: Tensor, photo: Tensor, code: Tensor) -> Tensor:
        """Refine.

        Args:
            enlarged: (B, H, W, 3), the painting, enlarged smoothly.
            photo: (B, H, W, 3), what was painted, at full size.
            code: (B, K), the style code of what it was painted as.

        Returns:
            (B, H, W, 3), about [-1, 1], not clipped.
        """
        style = activate(self.read(code))
        pixels = ops.space_to_depth(ops.concatenate([enlarged, luminance(photo)], axis=-1), 2)
        half = activate(self.stem_scaling(self.stem(pixels), style))
        quarter = activate(self.down(half))
        for block in self.blocks:
            quarter = block(quarter, style)
        half = activate(self.join_scaling(self.join(half + upsample_2x(self.narrow(quarter))), style))
        return enlarged + soften(ops.depth_to_space(self.rgb(half), 2))


def plan_steps(small: tuple[int, int], large: tuple[int, int]) -> list[tuple[int, int]]:
    """The sizes, heights and widths, to which a painting is enlarged and refined one after the other.

    Each is about twice the one before, which is what the network has learnt; the last is `large`. At every step the
    photo is reduced to that size.
    """
    ratios = [after / before for before, after in zip(small, large, strict=True)]
    count = max(1, round(math.log2(max(ratios))))
    shares = [(index + 1) / count for index in range(count)]
    return [tuple(round(side * ratio**share) for side, ratio in zip(small, ratios, strict=True)) for share in shares]


def margin(config: EnlargerConfig) -> int:
    """Pixels around an outcome's that have a say in it: 4 for each of two convolutions a block, and 19 at the ends."""
    return 8 * config.blocks + 20


def build_enlarger(config: EnlargerConfig) -> Enlarger:
    """A new network with its weights initialised; it changes nothing yet. The same seed gives the same weights."""
    network = Enlarger(config)
    batch = blank(1, 2 * STRIDE, 2 * STRIDE, 3)
    network(batch, batch, blank(1, config.code_size))
    return network
