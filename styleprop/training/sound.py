"""Training of the autoencoder of sounds, on sounds that are made for it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.config import TrainingConfig
from styleprop.images.sheets import contact_sheet
from styleprop.losses import reconstruction_loss
from styleprop.models.sound import SoundAutoencoder
from styleprop.ops import Tensor
from styleprop.sound import examples, textures
from styleprop.sound.making import Random, finished, noise
from styleprop.sound.spectrum import FLOOR_DB, HOP, RATE, picture_of, spectra
from styleprop.training.check import Check
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress
from styleprop.training.state import WeightAverage

SECONDS = 2.5
CLIPS = 360
DB = -FLOOR_DB / 2  # decibels of a difference of 1
FAR = 1000  # seeds of what is trained on, away from those of the built-in sounds


class SoundTrainer(keras.Model):
    """Takes a batch of spectrograms, each of which is the style of the next.

    Its loss is that of the reconstructions, and of propagation: what is decoded from the style's statistics is to have
    them in each bin of the spectrogram too: mean, deviation, and the deviation of what changes from frame to frame.
    """

    def __init__(self, network: SoundAutoencoder, config: TrainingConfig):
        super().__init__()
        self.network = network
        self.weights_of = config.reconstruction_weight, config.style_weight
        self.reconstruction = keras.metrics.Mean(name="reconstruction")
        self.style = keras.metrics.Mean(name="style")

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        """The reconstructions and the propagated of a batch, one after the other."""
        network = self.network
        latent = network.encoder(x)
        own = network.statistics(latent)
        target = type(own)(*(ops.roll(value, 1, axis=0) for value in own))
        moved = network.propagate(latent, own, target, ops.roll(latent, 1, axis=0), 0.0)
        return network.decoder(ops.concatenate([latent, moved]))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """A scalar; see the class."""
        count = ops.shape(x)[0]
        reconstruction = reconstruction_loss(x, y_pred[:count])
        wanted, found = _bins(ops.roll(x, 1, axis=0)), _bins(y_pred[count:])
        style = sum(ops.mean(ops.abs(a - b)) for a, b in zip(wanted, found, strict=True))
        self.reconstruction.update_state(reconstruction)
        self.style.update_state(style)
        return self.weights_of[0] * reconstruction + self.weights_of[1] * style


def _bins(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    mean = ops.mean(x, axis=1, keepdims=True)
    steps = x[:, 1:] - x[:, :-1]
    return mean, *(ops.sqrt(ops.mean(ops.square(part), axis=1) + 1e-6) for part in (x - mean, steps))


def train_sound(network: SoundAutoencoder, config: TrainingConfig, **options: Any) -> Iterator[Progress]:
    """Train in place with Adam, resuming from its folder; see `loop.train` for what it yields and raises.

    Args:
        network: changed in place.
        config: steps, batch size, frames of a crop (`crop_size`), learning rate, seed; of its loss weights,
            `reconstruction_weight` and `style_weight`.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    trainer = SoundTrainer(network, config)
    compile_trainer(trainer, make_optimizer(config.optimizer))
    clips = [_picture(make_clip(config.seed, number)) for number in range(min(CLIPS, 2 * config.total_steps))]
    make_batch = partial(_batch, clips, config)
    yield from train(Run(trainer, network, config, make_batch, **options))


def make_clip(seed: int, number: int) -> np.ndarray:
    """One of the sounds to learn from, (N,) float32: a texture, an example, a mixture of two, or coloured noise."""
    random = np.random.default_rng([FAR + seed, number])
    makers = [*textures.MAKERS.values(), *examples.MAKERS.values(), examples.organ, _coloured]
    made = makers[number % len(makers)](random, SECONDS)
    if random.random() < 0.3:
        other = makers[random.integers(len(makers))](random, SECONDS)
        made = made + 10 ** random.uniform(-1.5, 0) * other
    tilt = random.uniform(-0.5, 0.5)  # as rooms and microphones have it
    changed = np.fft.rfft(made) * (1 + np.fft.rfftfreq(len(made), 1 / RATE) / 1000) ** tilt
    return finished(np.fft.irfft(changed, len(made)))


def _coloured(random: Random, seconds: float) -> np.ndarray:
    nodes = random.uniform(-2.5, 0, 12)
    return finished(noise(random, seconds, lambda hz: 10 ** np.interp(np.sqrt(hz), np.linspace(0, 127, 12), nodes)))


def _picture(sound: np.ndarray) -> np.ndarray:
    return picture_of(spectra(sound[None]))[0]


def _batch(clips: list[np.ndarray], config: TrainingConfig, step: int) -> np.ndarray:
    random = np.random.default_rng([config.seed, step])
    crops = []
    for clip in (clips[index] for index in random.integers(len(clips), size=config.batch_size)):
        start = random.integers(max(1, len(clip) - config.crop_size))
        crop = clip[start : start + config.crop_size] + random.uniform(-0.15, 0.15)
        crops.append(np.maximum(crop, -1))
    return np.stack(crops)[..., None].astype("float32")


class SoundCheck(Check):
    """How the built-in sounds, none of which is trained on, are reconstructed.

    Its score is "lsd_db", the log-spectral distance in decibels, the median. Its preview has a row for each of
    four: the spectrogram, and its reconstruction.

    Args:
        network: a second network of the training's config; the averaged weights are copied to it.
        folder: where `preview.png` goes; None keeps none.
    """

    def __init__(self, network: SoundAutoencoder, folder: Path | None = None):
        self.network, self.folder = network, folder
        sounds = [*map(textures.built_in, textures.MAKERS), *map(examples.example, examples.MAKERS)]
        self.pictures = np.stack([_picture(sound[: 256 * HOP - 1]) for sound in sounds])[..., None]

    def look(self, average: WeightAverage) -> np.ndarray:
        """The reconstructions; see `Check`."""
        average.copy_to(self.network)
        return ops.convert_to_numpy(self.network(self.pictures))

    def sheet(self, made: np.ndarray) -> np.ndarray:
        """A row of each of four spectrograms and its reconstruction; see `Check`."""
        rows = [[_shown(picture), _shown(found)] for picture, found in zip(self.pictures[::3], made[::3], strict=True)]
        return contact_sheet(rows, 256)

    def score(self, made: np.ndarray) -> dict[str, float]:
        """Scores of what `look` made; see `Check`."""
        distances = np.sqrt(np.mean(np.square(DB * (made - self.pictures)), axis=(1, 2, 3)))
        return {"lsd_db": float(np.median(distances))}


def _shown(picture: np.ndarray) -> np.ndarray:
    grey = np.clip((picture[::-1, :256, 0].T[::-1] + 1) * 127.5, 0, 255).astype("uint8")
    return np.repeat(grey[..., None], 3, axis=2)
