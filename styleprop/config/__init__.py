"""Frozen settings: one dataclass per model, one per training run. No Keras, nothing of ours but `errors`."""

from styleprop.config.base import Config
from styleprop.config.kinds import FINE_TUNES, KINDS
from styleprop.config.models import (
    ARCHITECTURES,
    MODELS,
    AutoencoderConfig,
    CycleGANConfig,
    EnlargerConfig,
    FeaturesConfig,
    GeneratorConfig,
)
from styleprop.config.sound import SoundConfig
from styleprop.config.style import StyleOptions
from styleprop.config.training import (
    ADVERSARIAL_LOSSES,
    OPTIMIZERS,
    CycleGANTrainingConfig,
    EnlargerTrainingConfig,
    TrainingConfig,
)
from styleprop.config.video import VideoOptions

__all__ = [
    "ADVERSARIAL_LOSSES",
    "ARCHITECTURES",
    "FINE_TUNES",
    "KINDS",
    "MODELS",
    "OPTIMIZERS",
    "AutoencoderConfig",
    "Config",
    "CycleGANConfig",
    "CycleGANTrainingConfig",
    "EnlargerConfig",
    "EnlargerTrainingConfig",
    "FeaturesConfig",
    "GeneratorConfig",
    "SoundConfig",
    "StyleOptions",
    "TrainingConfig",
    "VideoOptions",
]
