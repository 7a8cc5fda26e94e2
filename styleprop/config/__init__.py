"""Frozen settings: one dataclass per model, one per training run. No Keras, nothing of ours but `errors`."""

from styleprop.config.models import ARCHITECTURES, AutoencoderConfig, CycleGANConfig, FeaturesConfig
from styleprop.config.style import StyleOptions
from styleprop.config.training import ADVERSARIAL_LOSSES, OPTIMIZERS, CycleGANTrainingConfig, TrainingConfig

__all__ = [
    "ADVERSARIAL_LOSSES",
    "ARCHITECTURES",
    "OPTIMIZERS",
    "AutoencoderConfig",
    "CycleGANConfig",
    "CycleGANTrainingConfig",
    "FeaturesConfig",
    "StyleOptions",
    "TrainingConfig",
]
