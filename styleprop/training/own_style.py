"""Training of a decoder on a few styles by heart: whatever the content, it comes as near to these as it can.

Unlike the stylizer's training it shows the decoder what it will be shown in use: the style code of a whole picture, and
the whole of a photo, both at one scale. Crops will not do here. Their statistics lie below those of the picture that
they are of, so a decoder that gives every crop the style's own makes too much of whole pictures.
"""

import contextlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop import images
from styleprop.config import TrainingConfig
from styleprop.data import CropSampler
from styleprop.errors import ImageError, TrainingError
from styleprop.grain import read_style
from styleprop.losses import (
    APPEARANCE_LAYERS,
    CONTENT_LAYERS,
    FeatureLoss,
    appearance_loss,
    content_loss,
    grid_loss,
    reconstruction_loss,
    statistics_loss,
    style_statistics,
)
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor, halve
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress

SIDES = (384, 512)  # of contents, pixels
LOSSES = ("reconstruction", "content", "appearance", "style", "grid")
ALLOWED, CARE = 1.04, 12.0  # of the content's distance before; the weight of what lies above
LAYERS = ("relu1_2", "relu2_2", "relu3_1", "relu3_3", "relu4_1", "relu4_3")


def read_code(network: Autoencoder, image: np.ndarray, side: int) -> np.ndarray:
    """Style code (1, K) of a uint8 image, as the app reads it for a square content of this side."""
    batch = images.to_batch(read_style(image, side))
    return ops.convert_to_numpy(network.encode(images.pad_to_multiple(batch, network.config.multiple))[1])


def load_styles(pictures: Sequence[Path | np.ndarray], most: int | None = None) -> list[np.ndarray]:
    """The first `most` pictures that can be read, as uint8 arrays, whole but no larger than is looked at.

    Raises TrainingError where there are none.
    """
    found: list[np.ndarray] = []
    for picture in pictures:
        with contextlib.suppress(ImageError):
            image = picture if isinstance(picture, np.ndarray) else images.load(picture).image
            found.append(images.fit_within(image, 2 * max(SIDES)))
        if len(found) == most:
            break
    if not found:
        raise TrainingError("None of the style pictures can be read.")
    return found


class StyleTable:
    """Of each style picture, for contents of each of `SIDES`: its code, and its statistics at half the content's size.

    Args:
        network: whose encoder reads the codes.
        features: the frozen network of the style loss.
        pictures: files or uint8 arrays; those that cannot be read are left out.

    Raises:
        TrainingError: none of the pictures can be read.
    """

    def __init__(self, network: Autoencoder, features: FeatureNetwork, pictures: Sequence[Path | np.ndarray]):
        self.network = network
        self.features: Any = features
        self.pictures = load_styles(pictures)
        self.read = cache(self._read)  # where it is wanted: the first step need not wait for sixty pictures

    def batch(self, random: np.random.Generator, count: int) -> dict[str, Any]:
        """Codes (count, K) and statistics of styles chosen at random."""
        chosen = [(int(random.integers(len(self.pictures))), SIDES[random.integers(len(SIDES))]) for _ in range(count)]
        codes, statistics = zip(*(self.read(*pair) for pair in chosen), strict=True)
        return {"code": np.concatenate(codes), "statistics": _gather(statistics)}

    def _read(self, index: int, side: int) -> tuple[np.ndarray, list]:
        image = self.pictures[index]
        return read_code(self.network, image, side), self._statistics(image, side)

    def _statistics(self, image: np.ndarray, side: int) -> list:
        batch = images.to_batch(read_style(image, side // 2))
        statistics = style_statistics(self.features(batch, names=LAYERS))
        return [[ops.convert_to_numpy(part) for part in parts] for parts in statistics]


def _gather(rows: Sequence[list]) -> list:
    return [[np.concatenate(parts) for parts in zip(*layers, strict=True)] for layers in zip(*rows, strict=True)]


class OwnStyleTrainer(keras.Model):
    """Takes {"content", "code", "statistics"} batches; its loss is that of the stylizations and of a reconstruction.

    The features see the picture's half size, which is the scale of strokes. Content counts for little until it is
    further away than it was with the weights to start from, and then for much (an exact penalty): paintings differ, and
    with one weight for all of them one costs the content a tenth, and another nothing.

    Args:
        network: the autoencoder; its decoder learns.
        base: another, with the weights to start from; it stays as it is.
        features: the frozen network of the losses.
        config: the losses' weights and so on.
    """

    def __init__(self, network: Autoencoder, base: Autoencoder, features: FeatureNetwork, config: TrainingConfig):
        super().__init__()
        self.network = network
        base.trainable = False
        self.base = base
        self.features: Any = features
        self.config = config
        self.weights_of = {name: getattr(config, f"{name}_weight") for name in LOSSES}
        self.means = {name: keras.metrics.Mean(name=name) for name in LOSSES}

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
        """The stylizations of the contents, now and before, and the reconstruction of the middle of the first."""
        latent, code = self.network.encode(x["content"])
        moved = self.network.propagate(latent, code, x["code"])
        return {
            "stylized": self.network.decoder(*moved),
            "before": self.base.decoder(*moved),
            "reconstruction": self.network.decoder(_middle(latent[:1]), code[:1], ops.zeros_like(code[:1])),
        }

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The weighted sum; each part goes to its running mean under its own name."""
        content = x["content"]
        stylized, before, target = (self._look(batch) for batch in (y_pred["stylized"], y_pred["before"], content))
        style = statistics_loss(style_statistics(stylized.values()), x["statistics"])
        parts = {"style": style, **_distances(stylized, target)}
        parts["grid"] = grid_loss(y_pred["stylized"])
        parts["reconstruction"] = reconstruction_loss(_middle(content[:1]), y_pred["reconstruction"])
        for name, value in parts.items():
            self.means[name].update_state(value)
        total = sum(self.weights_of[name] * value for name, value in parts.items())
        return total + CARE * self._rise(parts, _distances(before, target))

    def _look(self, batch: Tensor) -> dict[str, Tensor]:
        return dict(zip(LAYERS, self.features(halve(batch), names=LAYERS), strict=True))

    def _rise(self, now: dict[str, Tensor], before: dict[str, Tensor]) -> Tensor:
        """By what share more than `ALLOWED` the content is further away than before; 0 where it is not."""
        known = sum(ops.stop_gradient(self.weights_of[name] * value) for name, value in before.items())
        return ops.relu(sum(self.weights_of[name] * now[name] for name in before) / known - ALLOWED)


def _distances(stylized: dict, content: dict) -> dict:
    def compare(loss: FeatureLoss, names: Sequence[str]) -> Tensor:
        return loss([stylized[name] for name in names], [ops.stop_gradient(content[name]) for name in names])

    return {"content": compare(content_loss, CONTENT_LAYERS), "appearance": compare(appearance_loss, APPEARANCE_LAYERS)}


def _middle(batch: Tensor) -> Tensor:
    edge = batch.shape[1] // 4
    return batch[:, edge:-edge, edge:-edge]


def train_own_style(
    network: Autoencoder,
    content: Sequence[Path | np.ndarray],
    styles: StyleTable,
    config: TrainingConfig,
    **options: Any,
) -> Iterator[Progress]:
    """Train in place, resuming from its folder; see `loop.train` for what it yields and raises.

    Args:
        network: the autoencoder, changed in place but for its encoder, as the styles' codes are read once.
        content: photo files (or uint8 arrays) to practise on.
        styles: what is to be learnt; its network is another, with the weights to start from, and stays as it is.
        config: its `freeze_encoder` is taken as true.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    network.encoder.trainable = False
    trainer = OwnStyleTrainer(network, styles.network, styles.features, config)
    compile_trainer(trainer, make_optimizer(config.optimizer))
    contents = CropSampler(content, config.crop_size, config.seed, largest=True)

    def make_batch(step: int) -> dict[str, Any]:
        chosen = styles.batch(np.random.default_rng((config.seed, step)), config.batch_size)
        return {"content": contents.batch(step, config.batch_size), **chosen}

    yield from train(Run(trainer, network, config, make_batch, **options))
