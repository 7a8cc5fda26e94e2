"""Frozen settings: one dataclass per model, one per training run. No Keras, nothing of ours but `errors`."""

from styleprop.config.models import ARCHITECTURES, AutoencoderConfig, CycleGANConfig, EnlargerConfig, FeaturesConfig
from styleprop.config.training import (
    ADVERSARIAL_LOSSES,
    OPTIMIZERS,
    CycleGANTrainingConfig,
    EnlargerTrainingConfig,
    TrainingConfig,
)

__all__ = [
    "ADVERSARIAL_LOSSES",
    "ARCHITECTURES",
    "OPTIMIZERS",
    "AutoencoderConfig",
    "CycleGANConfig",
    "CycleGANTrainingConfig",
    "EnlargerConfig",
    "EnlargerTrainingConfig",
    "FeaturesConfig",
    "TrainingConfig",
]
