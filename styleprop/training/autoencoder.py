"""Training of an autoencoder on pictures to themselves."""

from collections.abc import Iterator
from pathlib import Path

import keras
from keras import ops

from styleprop.config import TrainingConfig
from styleprop.data import CropSampler
from styleprop.losses import reconstruction_loss
from styleprop.models.autoencoder import Autoencoder
from styleprop.training.loop import Run, compile_trainer, cosine_schedule, train
from styleprop.training.progress import Progress


class AutoencoderTrainer(keras.Model):
    """Takes a batch of pictures; its loss is that of their reconstructions.

    The classic network learns with the mean squared error alone, the other with the absolute error beside it.
    """

    def __init__(self, network: Autoencoder):
        super().__init__()
        self.network = network
        self.classic = network.config.architecture == "classic"
        self.reconstruction = keras.metrics.Mean(name="reconstruction")

    def call(self, x, training=None):
        """The reconstruction of a batch."""
        return self.network(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean squared error, and for the propagation network the mean absolute error on top."""
        loss = ops.mean(ops.square(y_pred - x)) if self.classic else reconstruction_loss(x, y_pred)
        self.reconstruction.update_state(loss)
        return loss


def train_autoencoder(
    network: Autoencoder,
    pictures: list[Path],
    config: TrainingConfig,
    folder: Path | None = None,
    evaluate=None,
    seconds: float = float("inf"),
    **reporting: int,
) -> Iterator[Progress]:
    """Train in place with Adam, resuming from `folder`; see `loop.train` for what it yields and raises.

    Args:
        network: the autoencoder, of either architecture, changed in place.
        pictures: picture files (or uint8 arrays) to learn from.
        config: steps, batch and crop size, learning rate, seed; its loss weights are not used.
        folder: where the state and the CSV log go; None keeps nothing.
        evaluate: called with the averaged weights, returns (scores, preview).
        seconds: time limit.
        reporting: `report_every` and `evaluate_every`, in steps.
    """
    trainer = AutoencoderTrainer(network)
    compile_trainer(trainer, keras.optimizers.Adam(cosine_schedule(config), global_clipnorm=5.0))
    sampler = CropSampler(pictures, config.crop_size, config.seed)

    def make_batch(step: int):
        return sampler.batch(step, config.batch_size)

    yield from train(Run(trainer, network, config, make_batch, folder, evaluate, **reporting), seconds)
