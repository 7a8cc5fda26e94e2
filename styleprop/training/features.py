"""Distillation of a small feature network from VGG16, so that perceptual losses can be had without VGG16."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from styleprop.config import TrainingConfig
from styleprop.data import CropSampler
from styleprop.losses import TINY, appearance_loss, style_loss
from styleprop.models.distilled import LAYERS, FeatureStudent
from styleprop.models.features import FeatureNetwork
from styleprop.training.loop import Run, compile_trainer, cosine_schedule, make_optimizer, train
from styleprop.training.progress import Progress

DISTANCE_WEIGHT = 2.0
LOSSES = ("hint", "appearance", "style")


class DistillationTrainer(keras.Model):
    """Takes {"image", "other"} batches; the student learns the teacher's maps and its distances of each pair.

    Linear heads, one for each layer, turn the student's channels into the teacher's for the hint loss (Romero et al.
    2015, eq. 3); they are not kept. The distances are compared by their logarithms, so that near pairs count as much
    as far ones.
    """

    def __init__(self, student: FeatureStudent, teacher: FeatureNetwork):
        super().__init__()
        self.student = student
        self.teacher = teacher
        self.heads = [layers.Conv2D(_channels(teacher, name), 1, name=f"head_{name}") for name in LAYERS]
        self.means = {name: keras.metrics.Mean(name=name) for name in LOSSES}

    def call(self, x, training=None):
        """The student's maps, the heads' maps, and the teacher's, each a list over LAYERS for images and others."""
        both = ops.concatenate([x["image"], x["other"]])
        maps = self.student(both)
        hints = [head(values) for head, values in zip(self.heads, maps, strict=True)]
        return {"maps": maps, "hints": hints, "targets": self.teacher(both, names=LAYERS)}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Relative squared error of the maps, and squared error of the distances' logarithms, per layer."""
        maps, hints, targets = y_pred["maps"], y_pred["hints"], y_pred["targets"]
        parts = {"hint": sum(_relative_error(*pair) for pair in zip(hints, targets, strict=True)) / len(LAYERS)}
        for name, distance in (("appearance", appearance_loss), ("style", style_loss)):
            parts[name] = _distance_error(distance, maps, targets)
        for name, value in parts.items():
            self.means[name].update_state(value)
        return parts["hint"] + DISTANCE_WEIGHT * (parts["appearance"] + parts["style"])


def _channels(teacher, name):
    return int(teacher.convolutions[name][0].shape[-1])


def _relative_error(x, target):
    """Of the head's map to the target divided by its magnitude, so that the heads need not grow."""
    x, target = ops.cast(x, "float32"), ops.stop_gradient(ops.cast(target, "float32"))
    return ops.mean(ops.square(x - target / ops.sqrt(ops.mean(ops.square(target)) + TINY)))


def _distance_error(distance, maps, targets):
    count = maps[0].shape[0] // 2
    errors = []
    for ours, theirs in zip(maps, targets, strict=True):
        for row in range(count):
            near, far = slice(row, row + 1), slice(count + row, count + row + 1)
            wanted = ops.stop_gradient(distance([theirs[near]], [theirs[far]]))
            found = distance([ours[near]], [ours[far]])
            errors.append(ops.square(ops.log(found + 1e-3) - ops.log(wanted + 1e-3)))
    return sum(errors) / len(errors)


def disturb(batch: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Other pictures at all distances from a batch's: mixed with their neighbours, recoloured, blurred, with noise.

    Half of them take each other's colours, as a stylised picture takes its style's: what is left to tell apart are
    the strokes.

    Args:
        batch: (B, H, W, 3) float32 in [-1, 1].
        random: decides how much of each.
    """
    mixed = [_disturb_one(batch[index], batch[index - 1], random) for index in range(len(batch))]
    return np.clip(np.stack(mixed), -1.0, 1.0).astype("float32")


def _disturb_one(original, neighbour, random):
    share = random.choice((0.0, random.random(), 1.0))
    image = (1 - share) * original + share * neighbour
    if random.random() < 0.5:
        image = _take_colors(image, neighbour if share < 0.5 else original)
    if random.random() < 0.5:
        image = image * random.uniform(0.5, 1.3, 3) + random.uniform(-0.4, 0.4, 3)
    if random.random() < 0.4:
        size = int(random.choice((2, 4, 8)))
        small = image.reshape(image.shape[0] // size, size, -1, size, 3).mean((1, 3))
        image = small.repeat(size, 0).repeat(size, 1)
    if random.random() < 0.4:
        image = image + random.normal(0, random.uniform(0.02, 0.3), image.shape)
    return image


def _take_colors(image, other):
    mean, deviation = image.mean((0, 1)), image.std((0, 1)) + 1e-3
    return (image - mean) / deviation * other.std((0, 1)) + other.mean((0, 1))


def train_features(
    student: FeatureStudent,
    teacher: FeatureNetwork,
    pictures: list[Path],
    config: TrainingConfig,
    folder: Path | None = None,
    evaluate=None,
    seconds: float = float("inf"),
    **reporting: int,
) -> Iterator[Progress]:
    """Train in place with Adam, resuming from `folder`; see `loop.train` for what it yields and raises.

    The heads are trained beside the student and start anew when a run is taken up.

    Args:
        student: changed in place.
        teacher: VGG16 with all of LAYERS.
        pictures: picture files (or uint8 arrays) to learn from.
        config: steps, batch and crop size, learning rate, seed; its loss weights are not used.
        folder: where the state and the CSV log go; None keeps nothing.
        evaluate: called with the averaged weights, returns (scores, preview).
        seconds: time limit.
        reporting: `report_every` and `evaluate_every`, in steps.
    """
    trainer = DistillationTrainer(student, teacher)
    compile_trainer(trainer, make_optimizer(config.optimizer, cosine_schedule(config)))
    sampler = CropSampler(pictures, config.crop_size, config.seed)
    zeros = np.zeros((2, config.crop_size, config.crop_size, 3), "float32")
    trainer({"image": zeros, "other": zeros})

    def make_batch(step: int):
        batch = sampler.batch(step, config.batch_size)
        return {"image": batch, "other": disturb(batch, np.random.default_rng((config.seed, step, 1)))}

    yield from train(Run(trainer, student, config, make_batch, folder, evaluate, **reporting), seconds)
