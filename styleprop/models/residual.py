"""The residual autoencoder: the CycleGAN paper's generator as an encoder and a decoder, with two normalisations."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.layers import GAIN, Composite, Conv2D, StandardizedConv2D, activate, convolution
from styleprop.ops import Moments, Tensor, channel_statistics, halve, normalize, upsample_2x


def hidden_convolution(
    config: AutoencoderConfig, filters: int, name: str, gain: float = GAIN, strides: int = 1
) -> Conv2D:
    """A 3x3 convolution as the normalisation asks for it."""
    if config.normalization == "instance":
        return convolution(filters, name, strides=strides)
    return StandardizedConv2D(filters, 3, strides=strides, gain=gain, name=name)


def activation(config: AutoencoderConfig, x: Tensor) -> Tensor:
    """What follows a convolution but for the last of a block: instance norm and ReLU, or leaky ReLU alone."""
    return ops.relu(_instance_norm(x)) if config.normalization == "instance" else activate(x)


class ResidualEncoder(Composite, keras.Model):
    """The first half of the CycleGAN paper's generator: c7s1-64, d128, d256 (Zhu et al. 2017, appendix 7.2).

    Normalised by its weights, it gives the picture's 4x4 means as well.
    """

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="encoder", **kwargs)
        full, half, quarter = config.filters
        self.config = config
        self.stem = convolution(full, "stem", kernel_size=7)
        self.down2 = hidden_convolution(config, half, "down2", strides=2)
        self.down4 = hidden_convolution(config, quarter, "down4", strides=2)

    def call(self, batch: Tensor) -> list[Tensor]:
        """(B, H, W, 3) in [-1, 1] to [(B, H/4, W/4, C)], with three channels more where there are means."""
        x = batch
        for layer in (self.stem, self.down2, self.down4):
            x = activation(self.config, layer(x))
        if self.config.normalization == "instance":
            return [x]
        means = halve(halve(ops.cast(batch, "float32")))
        return [ops.concatenate([ops.cast(x, "float32"), means], axis=-1)]


class ResidualDecoder(Composite, keras.Model):
    """The second half: residual blocks, u128, u64, c7s1-3; no use for style codes.

    Enlargement is bilinear with a convolution after it, in the place of the paper's transposed convolution, which
    leaves a checkerboard (Odena et al. 2016); pictures go on by their border pixels, not reflected. Instance norm ends
    in a tanh, as the paper has it. Normalised by its weights, the network adds to the enlarged means of the picture:
    its blocks and its output start at zero, so that a new one blurs and nothing else.
    """

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="decoder", autocast=False, **kwargs)
        full, half, quarter = config.filters
        self.config = config
        self.blocks = [
            [
                hidden_convolution(config, quarter, f"block{index}_conv1"),
                hidden_convolution(config, quarter, f"block{index}_conv2", gain=0.0),
            ]
            for index in range(config.decoder_blocks[2])
        ]
        self.up2 = hidden_convolution(config, half, "up2")
        self.up1 = hidden_convolution(config, full, "up1")
        initializer = "glorot_uniform" if config.normalization == "instance" else "zeros"
        self.rgb = convolution(3, "rgb", kernel_size=7, initializer=initializer)

    def call(
        self,
        latent: Tensor,
        code: Tensor | None = None,
        moved: Tensor | None = None,
        statistics: Sequence[Moments] | None = None,
        return_statistics: bool = False,
    ) -> Tensor | tuple[Tensor, list[Moments]]:
        """(B, h, w, C) to (B, 4 h, 4 w, 3), about [-1, 1]."""
        x = ops.cast(latent[..., : self.config.filters[2]], self.compute_dtype)
        for conv1, conv2 in self.blocks:
            x = x + self._normalize(conv2(activation(self.config, conv1(x))))
        for layer in (self.up2, self.up1):
            x = activation(self.config, layer(upsample_2x(x)))
        batch = self._finish(ops.cast(self.rgb(x), "float32"), latent)
        return (batch, []) if return_statistics else batch

    def _normalize(self, x: Tensor) -> Tensor:
        return _instance_norm(x) if self.config.normalization == "instance" else x

    def _finish(self, picture: Tensor, latent: Tensor) -> Tensor:
        if self.config.normalization == "instance":
            return ops.tanh(picture)
        means = ops.cast(latent[..., self.config.filters[2] :], "float32")
        return picture + upsample_2x(upsample_2x(means))


def _instance_norm(x: Tensor) -> Tensor:
    return normalize(x, *channel_statistics(x))
