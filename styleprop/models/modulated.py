"""The decoder of the "modulated" architecture: no normalisation, and a level at 1/16.

Instance norm, over a whole picture, brings the faintest noise of a flat sky to the strength of features and makes the
surroundings of every dark shape glow. Here the style scales the weights (Karras et al. 2020) and no picture's own
statistics are divided by; so tiles are independent of each other as well.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.layers import Composite, Detail, activate, convolution
from styleprop.modulation import ModulatedBlock, ModulatedConv2D, ModulatedPicture
from styleprop.ops import Moments, Tensor, upsample_2x


class Mapping(Composite, keras.layers.Layer):
    """Style code and its move to the vector that scales all weights: two hidden layers (Karras et al. 2019, fig. 1)."""

    def __init__(self, width: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        wide = keras.initializers.VarianceScaling(16.0, "fan_in")  # codes are small numbers
        self.first = keras.layers.Dense(2 * width, kernel_initializer=wide, dtype="float32", name="first")
        self.second = keras.layers.Dense(width, kernel_initializer="he_normal", dtype="float32", name="second")

    def call(self, code: Tensor, moved: Tensor) -> Tensor:
        """(B, K) twice to (B, width)."""
        return activate(self.second(activate(self.first(ops.concatenate([code, moved], axis=-1)))))


class Level(Composite, keras.layers.Layer):
    """Enlarge by two, add what comes from the side, and convolve: what a decoder does at one scale."""

    def __init__(self, inputs: int, filters: int, blocks: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.narrow = convolution(filters, "narrow", kernel_size=1)
        self.mix = ModulatedConv2D(filters, filters, name="mix")
        self.blocks = [ModulatedBlock(filters, name=f"block_{index}") for index in range(blocks)]

    def call(self, x: Tensor, style: Tensor, side: Tensor | None = None) -> Tensor:
        """(B, H, W, inputs) to (B, 2 H, 2 W, filters); `side` has the shape of the outcome."""
        x = upsample_2x(ops.cast(self.narrow(x), self.compute_dtype))
        x = self.mix(x if side is None else x + side, style)
        for block in self.blocks:
            x = block(x, style)
        return activate(x)


class ModulatedDecoder(Composite, keras.Model):
    """Latent and style code to picture; weights scaled by the code at 1/16, 1/8, 1/4, 1/2 and in the last layer."""

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="decoder", autocast=False, **kwargs)
        half, quarter, eighth = config.filters
        two, four, eight = config.decoder_blocks
        coarse = config.coarse_filters
        self.mapping = Mapping(config.code_hidden, name="mapping")
        self.down16 = ModulatedConv2D(eighth, coarse, strides=2, name="down16")
        self.blocks16 = [ModulatedBlock(coarse, name=f"block16_{index}") for index in range(config.coarse_blocks)]
        self.level8 = Level(coarse, eighth, eight, name="level8")
        self.level4 = Level(eighth, quarter, four, name="level4")
        self.level2 = Level(quarter, half, two, name="level2")
        self.rgb = ModulatedPicture(half, name="rgb")
        self.detail = Detail(config.detail_filters, name="detail")
        self.split = eighth

    def call(
        self,
        latent: Tensor,
        code: Tensor,
        moved: Tensor | None = None,
        statistics: Sequence[Moments] | None = None,
        return_statistics: bool = False,
    ) -> Tensor | tuple[Tensor, list[Moments]]:
        """Decode.

        Args:
            latent: (B, h, w, C8 + detail), h and w even.
            code: (B, K) style codes.
            moved: (B, K), what propagation has added to the codes; None for a reconstruction.
            statistics: of no use here: there are no norms.
            return_statistics: also return an empty list.

        Returns:
            (B, 8 h, 8 w, 3), about [-1, 1], not clipped; with `return_statistics` a pair.
        """
        moved = ops.zeros_like(code) if moved is None else moved
        style = self.mapping(code, moved)
        eighth = ops.cast(latent[..., : self.split], self.compute_dtype)
        x = self.down16(eighth, style)
        for block in self.blocks16:
            x = block(x, style)
        x = self.level8(activate(x), style, eighth)
        x = self.level2(self.level4(x, style), style)
        batch = self.detail(self.rgb(x, style), latent[..., self.split :], moved)
        return (batch, []) if return_statistics else batch
