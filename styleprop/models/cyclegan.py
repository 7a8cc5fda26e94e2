"""A CycleGAN (Zhu et al. 2017) built from autoencoders: two generators and two discriminators.

Domain a holds photos, domain b paintings. Batches are float32 (B, H, W, 3) in [-1, 1], sides a multiple of the
autoencoder's stride.
"""

from typing import Any

import keras
from keras import ops

from styleprop.config import CycleGANConfig, GeneratorConfig
from styleprop.layers import GAIN, Composite, StandardizedConv2D, activate, blank
from styleprop.models.autoencoder import Autoencoder
from styleprop.ops import Tensor, channel_statistics, halve, normalize

BLANK = (1, 32, 32, 3)


class Generator(Composite, keras.Model):
    """An autoencoder that propagates a learnt style code into every picture.

    With E, D and `propagate` of the autoencoder, G(x) = D(propagate(E(x), code(x), style, strength)). So a training
    from an autoencoder's weights and a domain's style codes starts with style propagation, and at strength 0 with
    the identity. Architectures whose decoder has no use for style codes are plain image-to-image networks.

    A domain has more than one manner: of several codes each picture gets that whose `tones`, means and deviations of
    the colours of the painting it comes from, are nearest to the picture's, by squared distance plus `handicaps`.
    """

    def __init__(self, config: GeneratorConfig, **kwargs: Any):
        super().__init__(**kwargs)
        self.config = config
        self.autoencoder = Autoencoder(config.autoencoder)
        self.autoencoder.build()  # only its parts are called
        styles = config.styles
        shape = styles, config.autoencoder.code_size
        self.style = self.add_weight(
            shape, "ones", "float32", trainable=config.strength > 0, autocast=False, name="style"
        )
        self.tones = None
        if styles > 1:
            fixed = {"dtype": "float32", "trainable": False, "autocast": False}
            self.tones = self.add_weight((styles, 6), "zeros", name="tones", **fixed)
            self.handicaps = self.add_weight((styles,), "zeros", name="handicaps", **fixed)

    def choose(self, batch: Tensor) -> Tensor:
        """Which of its style codes (B, H, W, 3) pictures in [-1, 1] get: (B,) whole numbers."""
        if self.tones is None:
            return ops.zeros((ops.shape(batch)[0],), "int32")
        distances = ops.sum(ops.square(picture_tones(batch)[:, None] - self.tones[None]), axis=-1)
        return ops.argmin(distances + self.handicaps, axis=1)

    def code(self, batch: Tensor) -> Tensor:
        """The style codes (B, K) that (B, H, W, 3) pictures in [-1, 1] get."""
        return ops.take(self.style, self.choose(batch), axis=0)

    def paint(self, batch: Tensor, target: Tensor) -> Tensor:
        """Pictures (B, H, W, 3) with the style codes (B, K), to the same shape, about [-1, 1], not clipped."""
        latent, code = self.autoencoder.encode(batch)
        target = ops.cast(target, code.dtype)
        return self.autoencoder.decoder(*self.autoencoder.propagate(latent, code, target, self.config.strength))

    def call(self, batch: Tensor) -> Tensor:
        """Translate (B, H, W, 3) to the same shape, about [-1, 1], not clipped."""
        if not self.config.strength:
            return self.autoencoder.decoder(*self.autoencoder.encode(batch))
        return self.paint(batch, self.code(batch))


def picture_tones(batch: Tensor) -> Tensor:
    """Means and deviations of the colours of pictures (B, H, W, 3) in [-1, 1]: (B, 6) float32."""
    return ops.concatenate([ops.reshape(part, (-1, 3)) for part in channel_statistics(batch)], axis=1)


class Discriminator(Composite, keras.Model):
    """PatchGAN: a score for every 70 x 70 pixels (Isola et al. 2017, section 6.1.2; Zhu et al. 2017, section 4).

    4x4 convolutions of 1, 2, 4 and 8 times `filters`, strides 2, 2, 2, 1, leaky ReLU; then one filter. The slope is
    0.1, the paper's 0.2. The paper's instance norm on all hidden ones but the first hides how flat a patch is; with
    `normalization` "weights" these have standardised weights instead.

    With several scales another network judges the picture at half the size, and so on (Wang et al. 2018, section 3.2).
    """

    def __init__(self, filters: int, scales: int = 1, normalization: str = "instance", **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        counts, strides = (filters, 2 * filters, 4 * filters, 8 * filters), (2, 2, 2, 1)
        self.normalization = normalization
        self.hidden = [
            self._convolution(index, count, stride)
            for index, (count, stride) in enumerate(zip(counts, strides, strict=True))
        ]
        self.score = keras.layers.Conv2D(1, 4, padding="same", kernel_initializer=_normal(4), name="score")
        self.smaller = Discriminator(filters, scales - 1, normalization, name="smaller") if scales > 1 else None

    def _convolution(self, index: int, count: int, stride: int) -> keras.layers.Conv2D:
        if index and self.normalization == "weights":
            return StandardizedConv2D(count, 4, strides=stride, gain=GAIN, name=f"conv{index}")
        return keras.layers.Conv2D(count, 4, stride, "same", kernel_initializer=_normal(index), name=f"conv{index}")

    def call(self, batch: Tensor) -> list[Tensor]:
        """(B, H, W, 3) to a list of scores, (B, H/8, W/8, 1) and, for each further scale, of half the sides."""
        x = activate(self.hidden[0](batch))
        for layer in self.hidden[1:]:
            x = layer(x)
            x = activate(normalize(x, *channel_statistics(x)) if self.normalization == "instance" else x)
        scores = [ops.cast(self.score(x), "float32")]
        return scores if self.smaller is None else scores + self.smaller(halve(batch))


def _normal(seed: int) -> keras.initializers.RandomNormal:
    return keras.initializers.RandomNormal(0.0, 0.02, seed=keras.random.SeedGenerator(seed))


class CycleGAN(Composite, keras.Model):
    """Generators a to b and b to a, and a discriminator of each domain."""

    def __init__(self, config: CycleGANConfig, **kwargs: Any):
        super().__init__(name="cyclegan", **kwargs)
        self.config = config
        names = "generator_ab", "generator_ba"
        self.generator_ab, self.generator_ba = (Generator(config.generator(name), name=name) for name in names)
        dimensions = config.discriminator_filters, config.discriminator_scales, config.autoencoder.normalization
        self.discriminator_a = Discriminator(*dimensions, name="discriminator_a")
        self.discriminator_b = Discriminator(*dimensions, name="discriminator_b")

    @property
    def parts(self) -> dict[str, keras.Model]:
        """The four networks by name; a checkpoint has a weights file of each."""
        names = ("generator_ab", "generator_ba", "discriminator_a", "discriminator_b")
        return {name: getattr(self, name) for name in names}

    def call(self, batch: Tensor) -> Tensor:
        """The round trip a to b to a of a batch, same shape."""
        return self.generator_ba(self.generator_ab(batch))


def build_generator(config: CycleGANConfig, name: str) -> Generator:
    """One new generator alone, with its weights initialised."""
    generator = Generator(config.generator(name), name=name)
    generator(blank(*BLANK))
    return generator


def build_cyclegan(config: CycleGANConfig) -> CycleGAN:
    """A new CycleGAN with its weights initialised."""
    model = CycleGAN(config)
    for network in model.parts.values():
        network(blank(*BLANK))
    model.build()  # only its parts are called
    return model
