"""The autoencoder of sounds: a log-magnitude spectrogram to a latent and back.

Batches are float32 (B, frames, bins, 1), about [-1, 1]; frames a multiple of 4, bins of 8. The latent has one position
for 4 frames and 8 bins, so statistics over its frames are those of a channel *and* a band of frequencies.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from styleprop.config import SoundConfig
from styleprop.layers import Composite, ResidualBlock, Upsampling, activate, blank, convolution
from styleprop.ops import EPSILON, Tensor, lerp

FRAMES, BINS = 4, 8  # of the picture for a position of the latent


class Statistics(NamedTuple):
    """Of a latent, over its frames; each (1, 1, bins / 8, C).

    Attributes:
        mean: the mean.
        slow: standard deviation of what changes slowly.
    """

    mean: Any
    slow: Any


class SoundEncoder(Composite, keras.Model):
    """Picture to latent."""

    def __init__(self, config: SoundConfig, **kwargs: Any):
        super().__init__(name="encoder", **kwargs)
        half, quarter = config.filters
        self.stem = convolution(half, "stem")
        self.down = convolution(quarter, "down", strides=2)
        self.blocks = [ResidualBlock(quarter, name=f"block{index}") for index in range(config.blocks)]
        self.narrow = convolution(config.latent_filters, "narrow", strides=(1, 2), dtype="float32")

    def call(self, batch: Tensor) -> Tensor:
        """(B, T, F, 1) to (B, T/4, F/8, C)."""
        x = activate(self.down(activate(self.stem(ops.space_to_depth(batch, 2)))))
        for block in self.blocks:
            x = block(x)
        return self.narrow(x)


class SoundDecoder(Composite, keras.Model):
    """Latent to picture."""

    def __init__(self, config: SoundConfig, **kwargs: Any):
        super().__init__(name="decoder", **kwargs)
        half, self.quarter = config.filters
        self.widen = convolution(2 * self.quarter, "widen")
        self.blocks = [ResidualBlock(self.quarter, name=f"block{index}") for index in range(config.blocks)]
        self.up = Upsampling(half, name="up")
        self.pixels = convolution(4, "pixels", dtype="float32")

    def call(self, latent: Tensor) -> Tensor:
        """(B, t, f, C) to (B, 4 t, 8 f, 1)."""
        shape = ops.shape(latent)
        x = activate(ops.reshape(self.widen(latent), (shape[0], shape[1], 2 * shape[2], self.quarter)))
        for block in self.blocks:
            x = block(x)
        return ops.depth_to_space(self.pixels(activate(self.up(x))), 2)


class SoundAutoencoder(Composite, keras.Model):
    """Encoder and decoder; calling it reconstructs."""

    def __init__(self, config: SoundConfig, **kwargs: Any):
        super().__init__(name="sound", **kwargs)
        self.config = config
        self.encoder = SoundEncoder(config)
        self.decoder = SoundDecoder(config)

    def call(self, batch: Tensor) -> Tensor:
        """The reconstruction D(E(x)) of a batch, same shape."""
        return self.decoder(self.encoder(batch))

    def slow(self, latent: Tensor) -> Tensor:
        """What changes slowly: the mean over `config.slow` frames around each. Same shape."""
        return ops.average_pool(latent, (self.config.slow, 1), 1, "same")

    def statistics(self, latent: Tensor) -> Statistics:
        """Of a latent (B, t, f, C), over its frames."""
        slow, mean = self.slow(latent), ops.mean(latent, axis=1, keepdims=True)
        variance = ops.mean(ops.square(slow - mean), axis=1, keepdims=True)
        return Statistics(mean, ops.sqrt(variance + EPSILON))

    def propagate(
        self,
        latent: Tensor,
        own: Statistics,
        target: Statistics,
        grain: Tensor,
        agreement: float | Tensor,
        strength: float = 1.0,
    ) -> Tensor:
        """Put a style's statistics into a latent (AdaIN, Huang and Belongie 2017, eq. 8, per channel and band).

        What changes slowly, divided by its deviation, is a mixture of the content's and the style's own, and gets the
        style's mean and deviation; what changes fast is the style's own. Deviations that are divided by have a floor:
        where nothing happens, nothing is raised.

        Args:
            latent: (B, t, f, C), of the content.
            own: its statistics, or those of a longer sound that it is a part of.
            target: those of the style.
            grain: (1 or B, t, f, C), of the style's latent, as long as the content's.
            agreement: (1, 1, f, C), what `agreement` found of all of the content and the grain.
            strength: 0 keeps the latent, 1 takes the style's.
        """
        keep, give = self.config.keep, (1 - self.config.keep**2) ** 0.5
        slow_grain = self.slow(grain)
        mixed = keep * self.normalized(latent, own) + give * self.normalized(grain, target)
        wanted, apart = self._share(target), keep**2 * self._share(own) + give**2 * self._share(target) + 1e-6
        mixed = mixed * ops.sqrt(wanted / ops.maximum(apart + 2 * keep * give * agreement, 0.1 * apart))
        full = target.mean + mixed * self._deviation(target) + grain - slow_grain
        return lerp(latent, full, strength)

    def normalized(self, latent: Tensor, own: Statistics) -> Tensor:
        """What changes slowly in a latent, less its mean and divided by its deviation."""
        return (self.slow(latent) - own.mean) / self._deviation(own)

    def agreement(self, latent: Tensor, own: Statistics, grain: Tensor, target: Statistics) -> Tensor:
        """How far what changes slowly is the same in a content and in a grain as long: (1, 1, f, C), at most 1."""
        return ops.mean(self.normalized(latent, own) * self.normalized(grain, target), axis=(0, 1), keepdims=True)

    def _share(self, statistics: Statistics) -> Tensor:
        """The variance that is left of what changes slowly when it has been normalised: less than 1, by the floor."""
        return ops.square(statistics.slow / self._deviation(statistics))

    def _deviation(self, statistics: Statistics) -> Tensor:
        return ops.sqrt(ops.square(statistics.slow) + self.config.floor**2)


def build_sound_autoencoder(config: SoundConfig) -> SoundAutoencoder:
    """A new network with its weights initialised; the same seed (`keras.utils.set_random_seed`) gives the same ones."""
    network = SoundAutoencoder(config)
    network(blank(1, 2 * FRAMES, 2 * BINS, 1))
    return network
