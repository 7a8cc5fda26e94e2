"""Settings of training runs."""

from dataclasses import dataclass, replace
from typing import Any

from styleprop.config.base import Config
from styleprop.errors import SettingsError

OPTIMIZERS = ("adam", "momentum", "sgd")
ADVERSARIAL_LOSSES = ("least_squares", "cross_entropy")
GAMES = ("adversarial", "codes")
CYCLE_LOSSES = ("pixels", "brightness")
WEIGHTS = ("cycle", "identity", "style", "content", "contrastive", "palette", "grid", "grain", "halo")


@dataclass(frozen=True)
class _RunConfig(Config):
    """What every training run has beside the settings of its kind."""

    ema_momentum: float = 0.995
    optimizer: str = "adam"
    precision: str = "float32"
    seed: int = 0


@dataclass(frozen=True)
class TrainingConfig(_RunConfig):
    """One training run of an autoencoder or a stylizer.

    Attributes:
        total_steps: optimizer steps; the learning rate follows a cosine from `learning_rate` to a hundredth of it.
        batch_size: pictures of each kind (content, style) a step.
        crop_size: side of the square training crops, pixels; a multiple of 16.
        reconstruction_weight … grid_weight: factors of the losses.
        absolute_weight: of the absolute error beside the squared one, where an autoencoder learns to reconstruct alone;
            the classic one never has it.
        similarity_weight … calm_weight: factors of `self_similarity_loss`, `tone_loss`, `halo_loss`, `overshoot_loss`
            and `calm_loss`.
        scene_share: of the content pictures, those that are shapes before a flat sky (`data.flat_scenes`), to which the
            halo, overshoot and calm losses belong.
        half_scale_weight: share of the content and style losses taken on the half-size picture, 0..1.
        freeze_encoder: train the decoder of a stylizer alone, so that style codes made before keep their meaning.
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
    absolute_weight: float = 1.0
    texture_weight: float = 0.0
    similarity_weight: float = 0.0
    tone_weight: float = 0.0
    halo_weight: float = 0.0
    overshoot_weight: float = 0.0
    calm_weight: float = 0.0
    scene_share: float = 0.0
    half_scale_weight: float = 0.6
    freeze_encoder: bool = False
    warmup_steps: int = 100

    def __post_init__(self) -> None:
        _check_run(self)
        if not 0 <= self.half_scale_weight <= 1 or not 0 <= self.scene_share <= 1:
            raise SettingsError("half_scale_weight and scene_share must lie in [0, 1].")


@dataclass(frozen=True)
class CycleGANTrainingConfig(_RunConfig):
    """One training run of a CycleGAN; the defaults are those of Zhu et al. 2017 but for batch and crop size.

    Attributes:
        total_steps: steps; the learning rate is constant over the first half, then falls linearly to zero. With 0 the
            networks stay as they start, and only the style codes are the domain's.
        batch_size: pictures of each domain a step.
        crop_size: side of the square training crops, pixels; a multiple of 16.
        learning_rate: of Adam with beta_1 0.5; of style codes, in their standard deviations.
        game: "adversarial", the paper's; or "codes", where nothing is learnt but the style codes of the way to a
            painting, see `training.codes`: steps, batch size, learning rate and `lead_steps` count then.
        adversarial_loss: "least_squares" (Mao et al. 2017) or "cross_entropy" (Goodfellow et al. 2014).
        cycle_weight, identity_weight: of the cycle-consistency and the identity loss, beside 1 for the adversarial one.
            The paper's are 10 and 5; generators that start from an autoencoder need less to stay with the picture.
        cycle_loss: "pixels", or "brightness" and the colours of 8x8 pixels.
        cycle_end: share of `cycle_weight` that is left when the training ends; it falls along a line.
        style_weight: of the style loss between a batch of fakes and one of real pictures, each taken as one picture,
            where the training has a feature network. Not in the paper: it tells in one step what a discriminator has
            to learn first.
        content_weight: of the content loss between a fake and the picture it is made of, with the same network. Not in
            the paper either: it keeps things in their places, of which a round trip alone is no proof.
        contrastive_weight: of the patch-wise contrastive loss (Park et al. 2020) between the same two, with the same
            network. It can stand in the place of the cycle, which is not computed with a `cycle_weight` of 0.
        palette_weight: of the distance of the colours of a batch of fakes from those of a batch of real pictures.
        grid_weight: of the loss for what repeats every eight pixels in the fakes.
        grain_weight: of the loss for what varies from pixel to pixel in translations of noisy gradients, half a batch
            of them a step. Instance norm brings a flat picture's noise to the strength of a picture's features; what is
            drawn in its place should be flat as well.
        halo_weight: of the loss for what is brighter or darker beside an outline than far from it, in translations of
            shapes before a flat sky, half a batch of them a step.
        lead_steps: the discriminators' steps before the generators' first, so that those follow opponents that know
            something.
        freeze_pixels: leave the layers that write pixels finer than the features as the autoencoder learnt them; an
            adversarial loss teaches them a checkerboard. Only the "propagation" architecture has such layers.
        freeze_autoencoder: leave both generators as they start but for their style codes.
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
    game: str = "adversarial"
    adversarial_loss: str = "least_squares"
    cycle_weight: float = 5.0
    cycle_loss: str = "pixels"
    cycle_end: float = 1.0
    identity_weight: float = 0.0
    style_weight: float = 4.0
    content_weight: float = 0.4
    contrastive_weight: float = 0.0
    palette_weight: float = 0.0
    grid_weight: float = 20.0
    grain_weight: float = 10.0
    halo_weight: float = 0.0
    lead_steps: int = 100
    freeze_pixels: bool = True
    freeze_autoencoder: bool = False
    pool_size: int = 50
    held_out: int = 60

    def __post_init__(self) -> None:
        _check_run(self, 0)
        if self.adversarial_loss not in ADVERSARIAL_LOSSES:
            raise SettingsError(
                f"adversarial_loss must be {' or '.join(ADVERSARIAL_LOSSES)}, not {self.adversarial_loss!r}."
            )
        if self.cycle_loss not in CYCLE_LOSSES or not 0 <= self.cycle_end <= 1:
            raise SettingsError(f"cycle_loss must be {' or '.join(CYCLE_LOSSES)}, and cycle_end lie in [0, 1].")
        if self.game not in GAMES:
            raise SettingsError(f"game must be {' or '.join(GAMES)}, not {self.game!r}.")
        counts = min(self.pool_size, self.held_out, self.lead_steps)
        if min(counts, *(getattr(self, f"{name}_weight") for name in WEIGHTS)) < 0:
            raise SettingsError("pool_size, held_out, lead_steps and the weights of the losses must not be negative.")

    @classmethod
    def codes(cls) -> "CycleGANTrainingConfig":
        """What a training of `CycleGANConfig.single_paintings` takes by default."""
        return cls(total_steps=400, learning_rate=0.02, game="codes", lead_steps=12, ema_momentum=0.95)

    @classmethod
    def painter(cls, **settings: Any) -> "CycleGANTrainingConfig":
        """What a training of `CycleGANConfig.painter` takes by default, with some settings changed."""
        recipe = cls(
            total_steps=100_000,
            batch_size=8,
            crop_size=256,
            learning_rate=3e-4,
            cycle_weight=8.0,
            cycle_loss="brightness",
            cycle_end=0.25,
            content_weight=0.3,
            palette_weight=4.0,
            grid_weight=0.0,
            grain_weight=0.0,
            lead_steps=0,
            freeze_pixels=False,
        )
        return replace(recipe, **settings)


@dataclass(frozen=True)
class EnlargerTrainingConfig(_RunConfig):
    """One training run of an enlarger.

    Attributes:
        total_steps: optimizer steps; the learning rate follows a cosine from `learning_rate` to a hundredth of it.
        batch_size: crops a step of each of three kinds: of photos painted at the crop's own size, which are to come
            back after reduction; of real paintings, likewise; and of photos painted at the reduced size.
        crop_size: side of the square training crops, pixels; a multiple of 48.
        picture_size: side of the squares of photos that are painted whole, pixels; a multiple of 96.
        pictures: how many are painted, each a photo and a style.
        absolute_weight … leak_weight: factors of the losses.
        outline_share: of the gradient of the photo's strong outlines that the outcome is to have.
        warp: how far outlines are moved at random before a reduction, in pixels of the reduced painting.
        warmup_steps, ema_momentum, optimizer, precision, seed: as in `TrainingConfig`.
    """

    total_steps: int = 6000
    batch_size: int = 3
    crop_size: int = 96
    learning_rate: float = 1e-3
    picture_size: int = 768
    pictures: int = 240
    absolute_weight: float = 1.0
    perceptual_weight: float = 0.5
    style_weight: float = 0.5
    low_weight: float = 2.0
    outline_weight: float = 2.0
    beside_weight: float = 2.0
    flat_weight: float = 2.0
    lattice_weight: float = 4.0
    leak_weight: float = 0.2
    outline_share: float = 0.9
    warp: float = 1.5
    warmup_steps: int = 100

    def __post_init__(self) -> None:
        _check_run(self)
        if self.crop_size % 48 or self.picture_size % 96 or self.picture_size < 4 * self.crop_size:
            raise SettingsError("crop_size must be a multiple of 48, picture_size one of 96, and four times as large.")
        weights = ("absolute", "perceptual", "style", "low", "outline", "beside", "flat", "lattice", "leak")
        if self.pictures < 1 or min(self.warp, *(getattr(self, f"{name}_weight") for name in weights)) < 0:
            raise SettingsError("pictures must be at least 1; warp and the weights of the losses must not be negative.")


def _check_run(config: TrainingConfig | CycleGANTrainingConfig | EnlargerTrainingConfig, least: int = 1) -> None:
    if config.total_steps < least or config.batch_size < 1:
        raise SettingsError(f"total_steps must be at least {least} and batch_size at least 1.")
    if config.crop_size < 16 or config.crop_size % 16:
        raise SettingsError(f"crop_size must be a multiple of 16, not {config.crop_size}.")
    if not 0 < config.learning_rate <= 1 or not 0 <= config.ema_momentum < 1:
        raise SettingsError("learning_rate must lie in (0, 1] and ema_momentum in [0, 1).")
    if config.optimizer not in OPTIMIZERS:
        raise SettingsError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {config.optimizer!r}.")
    if config.precision not in ("float32", "mixed_bfloat16"):
        raise SettingsError(f"precision must be float32 or mixed_bfloat16, not {config.precision!r}.")
