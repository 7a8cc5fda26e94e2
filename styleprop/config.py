"""Frozen settings: one dataclass per model, one per training run. No Keras, nothing of ours but `errors`."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from styleprop.errors import SettingsError

ARCHITECTURES = ("propagation", "classic", "residual")
STRIDES = {"propagation": 8, "classic": 2, "residual": 4}


@dataclass(frozen=True)
class _Config:
    """Shared dictionary form. Lists from JSON become tuples, unknown or missing keys raise SettingsError."""

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave. Raises SettingsError for a key it does not know."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise SettingsError(f"{cls.__name__} has no setting named {', '.join(unknown)}.")
        try:
            return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
        except TypeError as error:
            raise SettingsError(f"The settings do not make a {cls.__name__}: a value has the wrong type.") from error


@dataclass(frozen=True)
class AutoencoderConfig(_Config):
    """Dimensions of an autoencoder.

    Attributes:
        architecture: "propagation" (encoder, latent, style-conditioned decoder) or "classic" (two convolutions and a
            max-pool; two convolutions and an up-sampling; sigmoid output) or "residual" (the CycleGAN paper's
            generator: two strided convolutions; residual blocks; two enlargements).
        filters: channels at 1/2, 1/4 and 1/8 of the picture's size. "classic" uses the first alone, at full size;
            "residual" has them at full size, 1/2 and 1/4.
        detail_filters: further channels of the latent, each a linear function of 8x8 pixels, for fine detail.
        encoder_blocks: residual blocks of the encoder at 1/2, 1/4 and 1/8.
        decoder_blocks: residual blocks of the decoder at 1/2, 1/4 and 1/8. "residual" uses the last, at 1/4.
        code_hidden: width of the hidden layer that reads the style code beside the linear one; 0 for none.

    The latent holds the last of `filters`, then `detail_filters` channels.
    """

    architecture: str = "propagation"
    filters: tuple[int, ...] = (32, 64, 128)
    detail_filters: int = 32
    encoder_blocks: tuple[int, ...] = (0, 1, 2)
    decoder_blocks: tuple[int, ...] = (1, 2, 2)
    code_hidden: int = 128

    def __post_init__(self):
        if self.architecture not in ARCHITECTURES:
            raise SettingsError(f"architecture must be one of {', '.join(ARCHITECTURES)}, not {self.architecture!r}.")
        for name in ("filters", "encoder_blocks", "decoder_blocks"):
            value = getattr(self, name)
            if len(value) != 3 or not all(isinstance(number, int) and 0 <= number <= 1024 for number in value):
                raise SettingsError(f"{name} must be three whole numbers from 0 to 1024, not {value!r}.")
        if min(self.filters) < 1 or not 0 <= self.code_hidden <= 4096 or not 1 <= self.detail_filters <= 192:
            raise SettingsError("filters must be at least 1, detail_filters 1 to 192, and code_hidden 0 to 4096.")

    @property
    def stride(self) -> int:
        """Pixels of the picture per latent position, along each side."""
        return STRIDES[self.architecture]

    @property
    def feature_filters(self) -> tuple[int, ...]:
        """Channels of the encoder's outputs, the latent last."""
        if self.architecture == "classic":
            return self.filters[:1]
        if self.architecture == "residual":
            return self.filters[2:]
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
    def residual(cls) -> "AutoencoderConfig":
        """The generator of Zhu et al. 2017: 64 filters, nine residual blocks."""
        return cls(architecture="residual", filters=(64, 128, 256), decoder_blocks=(0, 0, 9))

    @classmethod
    def tiny(cls) -> "AutoencoderConfig":
        """A network of a few thousand parameters for tests."""
        return cls(
            filters=(4, 6, 8), detail_filters=4, encoder_blocks=(0, 1, 1), decoder_blocks=(1, 1, 2), code_hidden=4
        )


@dataclass(frozen=True)
class CycleGANConfig(_Config):
    """Dimensions of a CycleGAN.

    Attributes:
        autoencoder: what both generators are built from.
        strength: of the propagation of a generator's learnt style code, 0..1.
        discriminator_filters: of the discriminators' first layer.
    """

    autoencoder: AutoencoderConfig = AutoencoderConfig()
    strength: float = 0.7
    discriminator_filters: int = 32

    def __post_init__(self):
        if not 0 <= self.strength <= 1 or not 1 <= self.discriminator_filters <= 256:
            raise SettingsError("strength must lie in [0, 1] and discriminator_filters be 1 to 256.")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave. Raises SettingsError for a key it does not know."""
        inner = values.get("autoencoder", {})
        if not isinstance(inner, dict):
            raise SettingsError("autoencoder must be an object of settings.")
        return super().from_dict({**values, "autoencoder": AutoencoderConfig.from_dict(inner)})

    @classmethod
    def paper(cls) -> "CycleGANConfig":
        """The networks of Zhu et al. 2017 at 256 pixels."""
        return cls(AutoencoderConfig.residual(), 0.0, 64)

    @classmethod
    def tiny(cls) -> "CycleGANConfig":
        """A few thousand parameters for tests."""
        return cls(AutoencoderConfig.tiny(), 0.5, 4)


@dataclass(frozen=True)
class FeaturesConfig(_Config):
    """Dimensions of a feature network with the layers of VGG16's first four blocks.

    Attributes:
        filters: channels of the blocks' convolutions; VGG16 has 64, 128, 256, 512.
    """

    filters: tuple[int, ...] = (16, 32, 64, 128)

    def __post_init__(self):
        valid = all(isinstance(number, int) and 1 <= number <= 512 for number in self.filters)
        if len(self.filters) != 4 or not valid:
            raise SettingsError(f"filters must be four whole numbers from 1 to 512, not {self.filters!r}.")

    @classmethod
    def tiny(cls) -> "FeaturesConfig":
        """A few thousand parameters for tests."""
        return cls((4, 4, 6, 8))


@dataclass(frozen=True)
class TrainingConfig(_Config):
    """One training run of an autoencoder or a stylizer.

    Attributes:
        total_steps: optimizer steps; the learning rate follows a cosine from `learning_rate` to a hundredth of it.
        batch_size: pictures of each kind (content, style) a step.
        crop_size: side of the square training crops, pixels; a multiple of 16.
        reconstruction_weight … grid_weight: factors of the losses.
        half_scale_weight: share of the content and style losses taken on the half-size picture, 0..1.
        warmup_steps: steps over which the learning rate rises from zero.
        ema_momentum: per-step momentum of the averaged weights that are saved and evaluated.
        optimizer: "adam", "momentum" or "sgd".
        precision: "float32", or "mixed_bfloat16" (twice as fast where the processor has bfloat16 instructions).
        seed: of the weights' initial values and of every random choice in the data.
    """

    total_steps: int = 4000
    batch_size: int = 4
    crop_size: int = 192
    learning_rate: float = 5e-4
    reconstruction_weight: float = 8.0
    content_weight: float = 0.4
    appearance_weight: float = 0.25
    style_weight: float = 10.0
    color_weight: float = 1.0
    variation_weight: float = 0.1
    grid_weight: float = 20.0
    half_scale_weight: float = 0.6
    warmup_steps: int = 100
    ema_momentum: float = 0.995
    optimizer: str = "adam"
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self):
        _check_run(self)
        if not 0 <= self.half_scale_weight <= 1:
            raise SettingsError("half_scale_weight must lie in [0, 1].")


OPTIMIZERS = ("adam", "momentum", "sgd")
ADVERSARIAL_LOSSES = ("least_squares", "cross_entropy")


@dataclass(frozen=True)
class CycleGANTrainingConfig(_Config):
    """One training run of a CycleGAN; the defaults are those of Zhu et al. 2017 but for batch and crop size.

    Attributes:
        total_steps: steps; the learning rate is constant over the first half, then falls linearly to zero.
        batch_size: pictures of each domain a step.
        crop_size: side of the square training crops, pixels; a multiple of 16.
        learning_rate: of Adam with beta_1 0.5.
        adversarial_loss: "least_squares" (Mao et al. 2017) or "cross_entropy" (Goodfellow et al. 2014).
        cycle_weight, identity_weight: of the cycle-consistency and the identity loss, beside 1 for the adversarial one.
            The paper's are 10 and 5; generators that start from an autoencoder need less to stay with the picture.
        style_weight: of the style loss between a batch of fakes and one of real pictures, each taken as one picture,
            where the training has a feature network. Not in the paper: it tells in one step what a discriminator has
            to learn first.
        grid_weight: of the loss for what repeats every eight pixels in the fakes.
        lead_steps: the discriminators' steps before the generators' first, so that those follow opponents that know
            something.
        freeze_pixels: leave the layers that write pixels finer than the features as the autoencoder learnt them; an
            adversarial loss teaches them a checkerboard. Only the "propagation" architecture has such layers.
        pool_size: how many earlier fakes the discriminators are shown half of the time; 0 for none.
        held_out: pictures of each domain that are set aside before training, at most a quarter of them.
        ema_momentum: per-step momentum of the averaged weights that are saved and evaluated.
        optimizer: "adam", "momentum" or "sgd".
        precision: "float32", or "mixed_bfloat16".
        seed: of the weights' initial values and of every random choice.
    """

    total_steps: int = 3000
    batch_size: int = 4
    crop_size: int = 128
    learning_rate: float = 2e-4
    adversarial_loss: str = "least_squares"
    cycle_weight: float = 5.0
    identity_weight: float = 0.0
    style_weight: float = 4.0
    grid_weight: float = 20.0
    lead_steps: int = 100
    freeze_pixels: bool = True
    pool_size: int = 50
    held_out: int = 60
    ema_momentum: float = 0.995
    optimizer: str = "adam"
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self):
        _check_run(self)
        if self.adversarial_loss not in ADVERSARIAL_LOSSES:
            raise SettingsError(
                f"adversarial_loss must be {' or '.join(ADVERSARIAL_LOSSES)}, not {self.adversarial_loss!r}."
            )
        if (
            min(self.pool_size, self.held_out, self.lead_steps) < 0
            or min(self.cycle_weight, self.identity_weight, self.style_weight, self.grid_weight) < 0
        ):
            raise SettingsError("pool_size, held_out, lead_steps and the weights of the losses must not be negative.")


def _check_run(config):
    if config.total_steps < 1 or config.batch_size < 1:
        raise SettingsError("total_steps and batch_size must be at least 1.")
    if config.crop_size < 16 or config.crop_size % 16:
        raise SettingsError(f"crop_size must be a multiple of 16, not {config.crop_size}.")
    if not 0 < config.learning_rate <= 1 or not 0 <= config.ema_momentum < 1:
        raise SettingsError("learning_rate must lie in (0, 1] and ema_momentum in [0, 1).")
    if config.optimizer not in OPTIMIZERS:
        raise SettingsError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {config.optimizer!r}.")
    if config.precision not in ("float32", "mixed_bfloat16"):
        raise SettingsError(f"precision must be float32 or mixed_bfloat16, not {config.precision!r}.")
