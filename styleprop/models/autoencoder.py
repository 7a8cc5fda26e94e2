"""The autoencoder: an encoder to a latent, a decoder from it. Its statistics carry the style.

`build_autoencoder(config)` gives a network with `encoder` and `decoder` callable apart. Batches are float32
(B, H, W, 3) in [-1, 1], sides a multiple of `config.multiple`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.layers import (
    Composite,
    Detail,
    ResidualBlock,
    StyleModulation,
    Upsampling,
    activate,
    blank,
    convolution,
    patch_convolution,
    smooth_moved,
)
from styleprop.models.modulated import ModulatedDecoder
from styleprop.models.residual import ResidualDecoder, ResidualEncoder
from styleprop.ops import (
    Moments,
    Tensor,
    adain,
    channel_statistics,
    lerp,
    split_code,
    style_code,
)


def _blocks(filters: int, count: int, name: str) -> list[ResidualBlock]:
    return [ResidualBlock(filters, name=f"{name}_{index}") for index in range(count)]


def _run(blocks: Iterable[keras.layers.Layer], x: Tensor) -> Tensor:
    for block in blocks:
        x = block(x)
    return x


class Encoder(Composite, keras.Model):
    """Picture to features at 1/2, 1/4 and 1/8; the last is the latent."""

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="encoder", **kwargs)
        half, quarter, eighth = config.filters
        self.stem = convolution(half, "stem")
        self.blocks2 = _blocks(half, config.encoder_blocks[0], "block2")
        self.down4 = convolution(quarter, "down4", strides=2)
        self.blocks4 = _blocks(quarter, config.encoder_blocks[1], "block4")
        self.down8 = convolution(eighth, "down8", strides=2)
        self.blocks8 = _blocks(eighth, config.encoder_blocks[2], "block8")
        self.detail = patch_convolution(config.detail_filters, "detail")

    def call(self, batch: Tensor) -> list[Tensor]:
        """(B, H, W, 3) in [-1, 1] to [(B, H/2, W/2, C2), (B, H/4, W/4, C4), (B, H/8, W/8, C8 + detail)]."""
        half = _run(self.blocks2, activate(self.stem(ops.space_to_depth(batch, 2))))
        quarter = _run(self.blocks4, activate(self.down4(half)))
        eighth = _run(self.blocks8, activate(self.down8(quarter)))
        latent = ops.concatenate([ops.cast(eighth, "float32"), self.detail(batch)], axis=-1)
        return [half, quarter, latent]


class Decoder(Composite, keras.Model):
    """Latent and style code to picture; instance norms modulated by the code at 1/8, 1/4 and 1/2.

    The code comes with its move: how far propagation has taken it from the code of the picture that was encoded. So the
    decoder can tell a reconstruction, whose detail matters, from a painting.
    """

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="decoder", autocast=False, **kwargs)
        half, quarter, eighth = config.filters
        two, four, eight = config.decoder_blocks
        hidden = config.code_hidden
        self.first8 = _blocks(eighth, min(eight, 1), "first8")
        self.modulate8 = StyleModulation(eighth, hidden, name="modulate8")
        self.blocks8 = _blocks(eighth, max(eight - 1, 0), "block8")
        self.up4 = Upsampling(quarter, name="up4")
        self.modulate4 = StyleModulation(quarter, hidden, name="modulate4")
        self.blocks4 = _blocks(quarter, four, "block4")
        self.up2 = Upsampling(half, name="up2")
        self.modulate2 = StyleModulation(half, hidden, name="modulate2")
        self.blocks2 = _blocks(half, two, "block2")
        self.rgb = convolution(12, "rgb", dtype="float32")
        self.detail = Detail(config.detail_filters, name="detail")
        self.split = eighth
        self.smoothing = config.smoothing

    def call(
        self,
        latent: Tensor,
        code: Tensor,
        moved: Tensor | None = None,
        statistics: Sequence[Moments] | None = None,
        return_statistics: bool = False,
        kept: Tensor | None = None,
    ) -> Tensor | tuple[Tensor, list[Moments]]:
        """Decode.

        Args:
            latent: (B, h, w, C8 + detail).
            code: (B, K) style codes.
            moved: (B, K), what propagation has added to the codes; None for a reconstruction.
            statistics: what an earlier call returned, to decode a part with the statistics of the whole
                (Chen et al. 2022, thumbnail instance normalisation); None to measure them here.
            kept: 0 to 1, how much of `statistics` there is in a mean with those measured here; None for all.
            return_statistics: also return [(mean, std), ...] of the three instance norms.

        Returns:
            (B, 8 h, 8 w, 3), about [-1, 1], not clipped; with `return_statistics` a pair.
        """
        used: list = []
        moved = ops.zeros_like(code) if moved is None else moved
        both = ops.concatenate([code, moved], axis=-1)

        def modulate(layer: StyleModulation, x: Tensor) -> Tensor:
            pair = _statistics(x, None if statistics is None else statistics[len(used)], kept)
            used.append(pair)
            return layer(x, both, pair)

        x = _run(self.blocks8, modulate(self.modulate8, _run(self.first8, latent[..., : self.split])))
        x = _run(self.blocks4, modulate(self.modulate4, self.up4(x)))
        x = _run(self.blocks2, modulate(self.modulate2, self.up2(x)))
        batch = self.detail(ops.depth_to_space(self.rgb(x), 2), latent[..., self.split :], moved)
        batch = smooth_moved(batch, moved, self.smoothing)
        return (batch, used) if return_statistics else batch


def _statistics(x: Tensor, earlier: Moments | None, kept: Tensor | None) -> Moments:
    """Those of an instance norm: its own, earlier ones, or a mean of both."""
    if earlier is None:
        return channel_statistics(x)
    if kept is None:
        return earlier
    return tuple(lerp(own, before, kept) for own, before in zip(channel_statistics(x), earlier, strict=True))


class ClassicEncoder(Composite, keras.Model):
    """Two 3x3 convolutions with ReLU, then a 2x2 max-pool."""

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="encoder", **kwargs)
        self.conv1 = convolution(config.filters[0], "conv1")
        self.conv2 = convolution(config.filters[0], "conv2")

    def call(self, batch: Tensor) -> list[Tensor]:
        """(B, H, W, 3) in [-1, 1] to [(B, H/2, W/2, C)]."""
        x = ops.relu(self.conv2(ops.relu(self.conv1(batch))))
        return [ops.max_pool(x, 2, 2)]


class ClassicDecoder(Composite, keras.Model):
    """Two 3x3 convolutions with ReLU, an up-sampling, and a sigmoid output layer."""

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="decoder", autocast=False, **kwargs)
        self.conv1 = convolution(config.filters[0], "conv1")
        self.conv2 = convolution(config.filters[0], "conv2")
        self.rgb = convolution(3, "rgb", initializer="glorot_uniform")

    def call(
        self,
        latent: Tensor,
        code: Tensor | None = None,
        moved: Tensor | None = None,
        statistics: Sequence[Moments] | None = None,
        return_statistics: bool = False,
    ) -> Tensor | tuple[Tensor, list[Moments]]:
        """(B, h, w, C) to (B, 2 h, 2 w, 3) in [-1, 1]; the classic net has no use for style codes and no norms."""
        x = ops.relu(self.conv2(ops.relu(self.conv1(latent))))
        x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)
        batch = 2.0 * ops.sigmoid(self.rgb(x)) - 1.0
        return (batch, []) if return_statistics else batch


PARTS = {
    "propagation": (Encoder, Decoder),
    "modulated": (Encoder, ModulatedDecoder),
    "classic": (ClassicEncoder, ClassicDecoder),
    "residual": (ResidualEncoder, ResidualDecoder),
}


class Autoencoder(Composite, keras.Model):
    """An encoder and a decoder; calling it reconstructs, so `compile` and `fit` train it on pictures to themselves."""

    def __init__(self, config: AutoencoderConfig, **kwargs: Any):
        super().__init__(name="autoencoder", **kwargs)
        self.config = config
        encoder, decoder = PARTS[config.architecture]
        self.encoder: Any = encoder(config)
        self.decoder: Any = decoder(config)

    def encode(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """(B, H, W, 3) to the latent (B, H/stride, W/stride, C) and the style code (B, K)."""
        features = self.encoder(batch)
        return features[-1], style_code(features)

    def call(self, batch: Tensor) -> Tensor:
        """The reconstruction D(E(x), code(x)) of a batch, same shape."""
        return self.decoder(*self.encode(batch))

    def propagate(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: float | Tensor = 1.0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Put a style code's statistics into a latent, by a strength (AdaIN, Huang and Belongie 2017, eq. 8 and 14).

        Both deviations have the config's floor, sqrt(std^2 + floor^2), so that a channel in which next to nothing
        happens is not raised to the style's strength.

        Args:
            latent: (B, h, w, C) content latent.
            code: (B, K) its own style code.
            target_code: (B, K) the style's code.
            strength: 0 keeps the content's statistics, 1 takes the style's.

        Returns:
            The latent, the code and the code's move: what the decoder takes.
        """
        mean, std = split_code(code, self.config.feature_filters)[-1]
        target_mean, target_std = split_code(target_code, self.config.feature_filters)[-1]
        if self.config.floor:
            std, target_std = (ops.sqrt(ops.square(value) + self.config.floor**2) for value in (std, target_std))
        full = adain(latent, mean, std, target_mean, target_std)
        moved = strength * (target_code - code)
        return lerp(latent, full, strength), code + moved, moved


def build_autoencoder(config: AutoencoderConfig) -> Autoencoder:
    """A new network with its weights initialised; the same seed (`keras.utils.set_random_seed`) gives the same ones."""
    model = Autoencoder(config)
    model(blank(1, 2 * config.multiple, 2 * config.multiple, 3))
    return model
