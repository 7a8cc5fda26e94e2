"""Training of an autoencoder on pictures to themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from styleprop.config import TrainingConfig
from styleprop.data import CropSampler
from styleprop.losses import APPEARANCE_LAYERS, appearance_loss, reconstruction_loss
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress


class AutoencoderTrainer(keras.Model):
    """Takes a batch of pictures; its loss is that of their reconstructions.

    The mean squared error, with the absolute error beside it but for the classic network. Given a feature network, the
    appearance loss comes on top.
    """

    def __init__(self, network: Autoencoder, config: TrainingConfig, features: FeatureNetwork | None = None):
        super().__init__()
        self.network = network
        self.features: Any = features
        self.appearance_weight = config.appearance_weight
        self.absolute_weight = 0.0 if network.config.architecture == "classic" else config.absolute_weight
        self.reconstruction = keras.metrics.Mean(name="reconstruction")

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        """The reconstruction of a batch."""
        return self.network(x)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """A scalar; see the class."""
        loss = reconstruction_loss(x, y_pred, self.absolute_weight)
        self.reconstruction.update_state(loss)
        if self.features is None:
            return loss
        layers = [name for name in APPEARANCE_LAYERS if name in self.features.names]
        maps = [self.features(batch, names=layers) for batch in (y_pred, x)]
        return loss + self.appearance_weight * appearance_loss(*maps)


def train_autoencoder(
    network: Autoencoder,
    pictures: list[Path],
    config: TrainingConfig,
    features: FeatureNetwork | None = None,
    **options: Any,
) -> Iterator[Progress]:
    """Train in place with Adam, resuming from its folder; see `loop.train` for what it yields and raises.

    Args:
        network: the autoencoder, of either architecture, changed in place.
        pictures: picture files (or uint8 arrays) to learn from.
        config: steps, batch and crop size, learning rate, seed; of its loss weights, `appearance_weight`
            and `absolute_weight`.
        features: a frozen network for an appearance loss; None trains without.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    trainer = AutoencoderTrainer(network, config, features)
    compile_trainer(trainer, make_optimizer(config.optimizer))
    sampler = CropSampler(pictures, config.crop_size, config.seed)

    def make_batch(step: int) -> np.ndarray:
        return sampler.batch(step, config.batch_size)

    yield from train(Run(trainer, network, config, make_batch, **options))
