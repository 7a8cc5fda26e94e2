"""Dimensions of the networks."""

from dataclasses import dataclass, field
from typing import Any, Self

from styleprop.config.base import Config
from styleprop.config.sound import SoundConfig
from styleprop.errors import SettingsError

ARCHITECTURES = ("propagation", "modulated", "classic", "residual")
SMOOTHINGS = ("none", "lattice", "soft")
STRIDES = {"propagation": 8, "modulated": 8, "classic": 2, "residual": 4}
MULTIPLES = {**STRIDES, "modulated": 16}
STYLED = ("propagation", "modulated")  # that have a style code and detail channels
NORMALIZATIONS = ("instance", "weights")


@dataclass(frozen=True)
class AutoencoderConfig(Config):
    """Dimensions of an autoencoder.

    Attributes:
        architecture: "propagation" (encoder, latent, style-conditioned decoder with instance norms), "modulated" (the
            same encoder; a decoder without normalisation, whose weights the style scales, with a level at 1/16),
            "classic" (two convolutions and a max-pool; two convolutions and an up-sampling; sigmoid output) or
            "residual" (the CycleGAN paper's generator: two strided convolutions; residual blocks; two enlargements).
        filters: channels at 1/2, 1/4 and 1/8 of the picture's size. "classic" uses the first alone, at full size;
            "residual" has them at full size, 1/2 and 1/4.
        detail_filters: further channels of the latent, each a linear function of 8x8 pixels, for fine detail.
        encoder_blocks: residual blocks of the encoder at 1/2, 1/4 and 1/8.
        decoder_blocks: residual blocks of the decoder at 1/2, 1/4 and 1/8. "residual" uses the last, at 1/4.
        coarse_filters, coarse_blocks: channels and residual blocks at 1/16, which "modulated" alone has.
        code_hidden: width of the hidden layer that reads the style code beside the linear one; 0 for none. In
            "modulated" of both layers of the network that maps the code to what scales the weights.
        normalization: of "residual": "instance" (of each picture, as the paper) or "weights" (scaled weight
            standardisation, Brock et al. 2021: no picture's own statistics, so flat parts stay flat and tiles agree).
            With "weights" the 4x4 means go along with the latent, and a new network gives them back, enlarged.
        floor: under the deviations that propagation divides by and multiplies with; 0 is plain AdaIN.
        smoothing: of a picture whose style has moved: "none", "lattice" (`ops.remove_lattice`) or "soft"
            (`ops.soften` as well). A reconstruction stays as it is. "propagation" alone has it.

    The latent holds the last of `filters`, then `detail_filters` channels.
    """

    architecture: str = "propagation"
    filters: tuple[int, ...] = (32, 64, 128)
    detail_filters: int = 32
    encoder_blocks: tuple[int, ...] = (0, 1, 2)
    decoder_blocks: tuple[int, ...] = (1, 2, 2)
    coarse_filters: int = 160
    coarse_blocks: int = 3
    code_hidden: int = 128
    floor: float = 0.0
    smoothing: str = "none"
    normalization: str = "instance"

    def __post_init__(self) -> None:
        self._check_choices()
        for name in ("filters", "encoder_blocks", "decoder_blocks"):
            value = getattr(self, name)
            if len(value) != 3 or not all(isinstance(number, int) and 0 <= number <= 1024 for number in value):
                raise SettingsError(f"{name} must be three whole numbers from 0 to 1024, not {value!r}.")
        if min(self.filters) < 1 or not 0 <= self.code_hidden <= 4096 or not 1 <= self.detail_filters <= 192:
            raise SettingsError("filters must be at least 1, detail_filters 1 to 192, and code_hidden 0 to 4096.")
        if not 1 <= self.coarse_filters <= 1024 or not 0 <= self.coarse_blocks <= 64 or self.floor < 0:
            raise SettingsError("coarse_filters must be 1 to 1024, coarse_blocks 0 to 64, and floor not negative.")

    def _check_choices(self) -> None:
        choices = {"architecture": ARCHITECTURES, "smoothing": SMOOTHINGS, "normalization": NORMALIZATIONS}
        for name, known in choices.items():
            value = getattr(self, name)
            if value not in known:
                raise SettingsError(f"{name} must be one of {', '.join(known)}, not {value!r}.")
        if self.architecture == "modulated" and self.code_hidden < 1:
            raise SettingsError("The modulated architecture needs code_hidden of at least 1.")

    @property
    def stride(self) -> int:
        """Pixels of the picture per latent position, along each side."""
        return STRIDES[self.architecture]

    @property
    def multiple(self) -> int:
        """What the sides of a batch must be multiples of."""
        return MULTIPLES[self.architecture]

    @property
    def feature_filters(self) -> tuple[int, ...]:
        """Channels of the encoder's outputs, the latent last."""
        if self.architecture == "classic":
            return self.filters[:1]
        if self.architecture == "residual":
            return (self.filters[2] + (3 if self.normalization == "weights" else 0),)
        return (*self.filters[:2], self.filters[2] + self.detail_filters)

    @property
    def norm_filters(self) -> tuple[int, ...]:
        """Channels of the decoder's instance norms, in the order in which it comes to them."""
        return self.filters[::-1] if self.architecture == "propagation" else ()

    @property
    def code_size(self) -> int:
        """Floats in a style code: a mean and a standard deviation per channel and scale."""
        return 2 * sum(self.feature_filters)

    @classmethod
    def classic(cls) -> "AutoencoderConfig":
        """The textbook autoencoder: 64 filters of 3x3, one max-pool, a sigmoid output."""
        return cls(architecture="classic", filters=(64, 64, 64))

    @classmethod
    def modulated(cls) -> "AutoencoderConfig":
        """Style propagation without normalisation: weight demodulation, and a level at 1/16."""
        return cls(architecture="modulated", encoder_blocks=(0, 0, 0), decoder_blocks=(0, 1, 0), floor=0.2)

    @classmethod
    def residual(cls) -> "AutoencoderConfig":
        """The generator of Zhu et al. 2017: 64 filters, nine residual blocks."""
        return cls(architecture="residual", filters=(64, 128, 256), decoder_blocks=(0, 0, 9))

    @classmethod
    def painter(cls) -> "AutoencoderConfig":
        """A generator without any picture's statistics: seven residual blocks of 96 filters, 1.3 million parameters."""
        return cls(architecture="residual", filters=(32, 64, 96), decoder_blocks=(0, 0, 7), normalization="weights")

    @classmethod
    def tiny(cls, architecture: str = "propagation") -> "AutoencoderConfig":
        """A network of a few thousand parameters for tests."""
        return cls(
            architecture=architecture,
            filters=(4, 6, 8),
            detail_filters=4,
            encoder_blocks=(0, 1, 1),
            decoder_blocks=(1, 1, 2),
            coarse_filters=10,
            coarse_blocks=1,
            code_hidden=4,
        )


@dataclass(frozen=True)
class GeneratorConfig(Config):
    """One generator of a CycleGAN.

    Attributes:
        autoencoder: what it is built from.
        strength: of the propagation of its learnt style codes, 0..1.
        canvas_side: pixels of a picture's shorter side at which it paints; 0 for those of the picture.
        styles: style codes; a picture gets that of the painting which is nearest to it in colour, see `Generator`.
        wash: 0..1, how flat the colours lie between outlines, see `engine.drawing`.
        lines: 0..1, opacity of the photo's outlines in ink.
    """

    autoencoder: AutoencoderConfig = AutoencoderConfig()
    strength: float = 0.7
    canvas_side: int = field(default=0, kw_only=True)
    styles: int = field(default=1, kw_only=True)
    wash: float = field(default=0.0, kw_only=True)
    lines: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.styles, int) or not 1 <= self.styles <= 64:
            raise SettingsError(f"styles must be a whole number from 1 to 64, not {self.styles!r}.")
        for name in ("strength", "wash", "lines"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie in [0, 1], not {getattr(self, name)!r}.")
        if not isinstance(self.canvas_side, int) or not (self.canvas_side == 0 or 64 <= self.canvas_side <= 4096):
            raise SettingsError(f"canvas_side must be 0 or a whole number from 64 to 4096, not {self.canvas_side!r}.")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave. Raises SettingsError for a key it does not know."""
        inner = values.get("autoencoder", {})
        if not isinstance(inner, dict):
            raise SettingsError("autoencoder must be an object of settings.")
        return super().from_dict({**values, "autoencoder": AutoencoderConfig.from_dict(inner)})


@dataclass(frozen=True)
class CycleGANConfig(GeneratorConfig):
    """Dimensions of a CycleGAN, first of all of the generator that paints photos.

    Attributes:
        discriminator_filters: of the discriminators' first layer. They are normalised as the generators are.
        discriminator_scales: sizes at which a picture is judged, each by a network of its own: the full, the half, ….
        back: the generator of photos, where it is not as the other.
    """

    discriminator_filters: int = 32
    discriminator_scales: int = 1
    back: GeneratorConfig | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.discriminator_filters <= 256:
            raise SettingsError(f"discriminator_filters must be 1 to 256, not {self.discriminator_filters!r}.")
        if not 1 <= self.discriminator_scales <= 3:
            raise SettingsError(f"discriminator_scales must be 1 to 3, not {self.discriminator_scales!r}.")

    def generator(self, name: str) -> GeneratorConfig:
        """That of "generator_ab", photo to painting, or "generator_ba"."""
        return self.back if self.back and name == "generator_ba" else self

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave. Raises SettingsError for a key it does not know."""
        back = values.get("back")
        if not (back is None or isinstance(back, dict)):
            raise SettingsError("back must be an object of settings.")
        return super().from_dict({**values, "back": None if back is None else GeneratorConfig.from_dict(back)})

    @classmethod
    def paper(cls) -> "CycleGANConfig":
        """The networks of Zhu et al. 2017 at 256 pixels."""
        return cls(AutoencoderConfig.residual(), 0.0, 64)

    @classmethod
    def single_paintings(cls, autoencoder: AutoencoderConfig) -> "CycleGANConfig":
        """What a domain gets that starts from an autoencoder's weights: the styles of many paintings, each whole."""
        return cls(autoencoder, 1.0, 24, canvas_side=384, styles=64)

    @classmethod
    def painter(cls) -> "CycleGANConfig":
        """What a new domain gets: generators that cannot leave a lattice, judged at two sizes."""
        return cls(AutoencoderConfig.painter(), 0.0, 24, discriminator_scales=2, canvas_side=384)

    @classmethod
    def tiny(cls) -> "CycleGANConfig":
        """A few thousand parameters for tests."""
        return cls(AutoencoderConfig.tiny(), 0.5, 4)


@dataclass(frozen=True)
class FeaturesConfig(Config):
    """Dimensions of a feature network with the layers of VGG16's first four blocks.

    Attributes:
        filters: channels of the blocks' convolutions, those of the network that it is to stand for.
        ranks: channels to which each block's convolutions narrow before they widen to `filters`; the first
            convolution does not.
    """

    filters: tuple[int, ...] = (64, 128, 256, 512)
    ranks: tuple[int, ...] = (24, 40, 64, 72)

    def __post_init__(self) -> None:
        for name in ("filters", "ranks"):
            value = getattr(self, name)
            if len(value) != 4 or not all(isinstance(number, int) and 1 <= number <= 512 for number in value):
                raise SettingsError(f"{name} must be four whole numbers from 1 to 512, not {value!r}.")
        if any(rank > count for rank, count in zip(self.ranks, self.filters, strict=True)):
            raise SettingsError("ranks must not be above filters.")

    @classmethod
    def tiny(cls) -> "FeaturesConfig":
        """A few thousand parameters for tests."""
        return cls((4, 4, 6, 8), (4, 4, 6, 8))


@dataclass(frozen=True)
class EnlargerConfig(Config):
    """Dimensions of the network that takes a painting to its photo's size.

    Attributes:
        filters: channels at 1/2 and 1/4 of the size.
        blocks: residual blocks at 1/4.
        code_size: floats in a style code of the autoencoder that paints.
        code_hidden: how many numbers are read from the style code.
    """

    filters: tuple[int, ...] = (16, 48)
    blocks: int = 2
    code_size: int = 512
    code_hidden: int = 16

    def __post_init__(self) -> None:
        if len(self.filters) != 2 or not all(isinstance(number, int) and 1 <= number <= 512 for number in self.filters):
            raise SettingsError(f"filters must be two whole numbers from 1 to 512, not {self.filters!r}.")
        if not 0 <= self.blocks <= 64 or not 1 <= self.code_size <= 65536 or not 1 <= self.code_hidden <= 1024:
            raise SettingsError("blocks must be 0 to 64, code_size 1 to 65536 and code_hidden 1 to 1024.")

    @classmethod
    def tiny(cls) -> "EnlargerConfig":
        """A few thousand parameters for tests."""
        return cls((4, 6), 1, AutoencoderConfig.tiny().code_size, 4)


MODELS: dict[str, type[Config]] = {
    "autoencoder": AutoencoderConfig,
    "cyclegan": CycleGANConfig,
    "enlarger": EnlargerConfig,
    "features": FeaturesConfig,
    "sound": SoundConfig,
}
