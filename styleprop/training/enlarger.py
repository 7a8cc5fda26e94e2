"""Training of the enlarger: from an enlarged painting and its photo to a painting that is crisp at the photo's size."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.config import EnlargerTrainingConfig
from styleprop.losses import lattice_loss, statistics_loss, style_statistics
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.enlarger import Enlarger
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor, luminance
from styleprop.outlines import BAND, FINE, average, find_outlines, gradients, length, spread
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.painted import EnlargerSampler, PaintedPictures
from styleprop.training.progress import Progress

LAYERS = ("relu1_1", "relu2_1", "relu3_1")
LOSSES = ("absolute", "perceptual", "style", "low", "outline", "beside", "flat", "lattice", "leak")
EDGE = 8  # pixels along a crop's border that do not count: there the reduction lacked its surroundings
FAINT = 0.02  # a gradient of luminance, a pixel, at which half of the calm is gone
TINY = 1e-6
FAR = 8  # pixels from an outline
NOTHING = 1e-8  # a product of two variances
PICTURES_FOLDER = "pictures"


class EnlargerTrainer(keras.Model):
    """Takes the batches of `EnlargerSampler`."""

    def __init__(self, network: Enlarger, features: FeatureNetwork, config: EnlargerTrainingConfig):
        super().__init__()
        self.network = network
        self.features: Any = features
        self.config = config
        self.weights_of = {name: getattr(config, f"{name}_weight") for name in LOSSES}
        self.means = {name: keras.metrics.Mean(name=name) for name in LOSSES}

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> Tensor:
        """The refined paintings."""
        return self.network(x["enlarged"], x["photo"], x["code"])

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The weighted sum; each part goes to its running mean under its own name."""
        known = 2 * self.config.batch_size
        pictures = {name: _inner(batch) for name, batch in x.items() if name != "code"}
        made = _inner(y_pred)
        parts = self._perceptual(made, pictures, known)
        parts["absolute"] = ops.mean(ops.abs(made[:known] - pictures["target"][:known]))
        parts["low"] = low_loss(made[known:], pictures["enlarged"][known:])
        parts["outline"] = outline_loss(made[known:], pictures["photo"][known:], self.config.outline_share)
        parts["beside"] = beside_loss(made[known:], pictures["photo"][known:])
        parts["flat"] = flat_loss(made, pictures["photo"], pictures["enlarged"])
        parts["leak"] = leak_loss(made[known:], pictures["photo"][known:], pictures["enlarged"][known:])
        parts["lattice"] = lattice_loss(y_pred - x["enlarged"])
        for name, value in parts.items():
            self.means[name].update_state(value)
        return sum(self.weights_of[name] * value for name, value in parts.items())

    def _perceptual(self, made: Tensor, pictures: dict[str, Tensor], known: int) -> dict[str, Tensor]:
        ours = self._look(made)
        wanted = [ops.stop_gradient(x) for x in self._look(pictures["reference"])]
        distances = [
            ops.mean(ops.abs(x[:known] - y[:known])) / (ops.mean(ops.abs(y[:known])) + TINY)
            for x, y in zip(ours, wanted, strict=True)
        ]
        return {
            "perceptual": sum(distances) / len(distances),
            "style": statistics_loss(style_statistics(ours), style_statistics(wanted)),
        }

    def _look(self, batch: Tensor) -> list[Tensor]:
        return [ops.cast(x, "float32") for x in self.features(batch, names=LAYERS)]


def _inner(batch: Tensor) -> Tensor:
    return batch[:, EDGE:-EDGE, EDGE:-EDGE]


def low_loss(made: Tensor, enlarged: Tensor) -> Tensor:
    """Mean absolute difference of two batches' 8x8 averages: colours stay, outlines may move a little."""
    return ops.mean(ops.abs(ops.average_pool(made - enlarged, 8, 4, "valid")))


def outline_loss(made: Tensor, photo: Tensor, share: float) -> Tensor:
    """By how much the gradient lacks, across the photo's strong outlines, of a share of the photo's; mean there."""
    strong, theirs = find_outlines(photo)
    strength = length(theirs)
    across = ops.abs(ops.sum(gradients(luminance(made)) * theirs, axis=-1, keepdims=True)) / strength
    return ops.sum(strong * ops.relu(share * strength - across)) / (ops.sum(strong) + 1.0)


def beside_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean gradient a little way off the photo's strong outlines: what should be on them and is not.

    An enlarged outline is a slope, and one that was painted beside the photo's is a second outline.
    """
    strong, _ = find_outlines(photo)
    beside = spread(strong, FAR) - spread(strong, BAND)
    return ops.sum(beside * length(gradients(luminance(made)))) / (ops.sum(beside) + 1.0)


def flat_loss(made: Tensor, photo: Tensor, enlarged: Tensor) -> Tensor:
    """Mean gradient above the enlarged painting's own where neither it nor the photo has anything."""
    batches = (made, enlarged, average(photo, 5))
    ours, known, theirs = (length(gradients(luminance(batch))) for batch in batches)
    calm = 1.0 / (1.0 + ops.square(spread(ops.maximum(theirs, known), 3) / FAINT))
    return ops.mean(calm * ops.relu(ours - known))


def leak_loss(made: Tensor, photo: Tensor, enlarged: Tensor) -> Tensor:
    """Squared local correlation of what was added to the painting with the photo's fine structure, off its outlines."""
    fine, added = (_fine(luminance(batch)) for batch in (photo, made - enlarged))
    both, ours, theirs = (average(product, 15) for product in (fine * added, added * added, fine * fine))
    off = 1.0 - spread(find_outlines(photo)[0], 3)
    return ops.sum(off * ops.square(both) / (ours * theirs + NOTHING)) / (ops.sum(off) + 1.0)


def _fine(luma: Tensor) -> Tensor:
    return (luma - average(luma, FINE))[:, 1:-1, 1:-1]


def train_enlarger(
    network: Enlarger,
    painter: Autoencoder,
    features: FeatureNetwork,
    pictures: Mapping[str, Sequence[Path | np.ndarray]],
    config: EnlargerTrainingConfig,
    folder: Path | None = None,
    **options: Any,
) -> Iterator[Progress]:
    """Train in place, resuming from `folder`; see `loop.train` for what it yields and raises.

    Args:
        network: the enlarger, changed in place.
        painter: the autoencoder whose paintings it is to enlarge.
        features: the frozen network of the perceptual losses, with LAYERS.
        pictures: "content", photos to paint, and "style", paintings to take styles from and to restore.
        folder: where the state, the CSV log and the painted pictures go; None keeps nothing.
        options: `loop.Run`'s, such as `evaluate`, `seconds` and `report_every`.
    """
    painter.trainable = False
    trainer = EnlargerTrainer(network, features, config)
    compile_trainer(trainer, make_optimizer(config.optimizer))
    painted_folder = folder / PICTURES_FOLDER if folder else None
    painted = PaintedPictures(painter, pictures["content"], pictures["style"], config, painted_folder)
    sampler = EnlargerSampler(painted)
    yield from train(Run(trainer, network, config, sampler.batch, folder=folder, **options))
