"""Distillation of a small feature network from VGG16, so that perceptual losses can be had without VGG16.

Layer by layer, each fitted in closed form to what VGG16 answers on crops of pictures: Zhang et al. 2016, "Accelerating
very deep convolutional networks for classification and detection", section 3.2 (asymmetric: the layer sees what the
layers before it make, not what VGG16's would), without the nonlinearity of their section 3.1.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.config import TrainingConfig
from styleprop.data import CropSampler
from styleprop.losses import TINY
from styleprop.models.distilled import LAYERS, FeatureStudent
from styleprop.models.features import FeatureNetwork, bgr_input
from styleprop.ops import Tensor
from styleprop.training.loop import STATE_FILE
from styleprop.training.progress import Progress
from styleprop.training.state import WeightAverage, save_state

CROPS = 32
PART = 4
POSITIONS = 6000  # of each part, at which answers are compared
RIDGE = 1e-4  # of the mean variance, added to every variance


def train_features(
    student: FeatureStudent,
    teacher: FeatureNetwork,
    pictures: list[Path],
    config: TrainingConfig,
    folder: Path | None = None,
    **options: Any,
) -> Iterator[Progress]:
    """Fit the student in place; a step is a layer, and there is nothing to go on with afterwards.

    Args:
        student: changed in place; its `filters` are the teacher's.
        teacher: VGG16 with all of LAYERS.
        pictures: picture files (or uint8 arrays) to learn from; 32 crops are taken.
        config: crop size and seed; the rest is not used.
        folder: where the outcome goes; None keeps nothing. Nothing is done where it is there already.
        options: the others' of a training; not used.

    Yields:
        Progress after each layer, with the relative squared error of its map.
    """
    if folder and (folder / STATE_FILE).exists():
        return
    start = time.monotonic()
    batch = CropSampler(pictures, config.crop_size, config.seed).batch(0, CROPS)
    total = len(LAYERS)
    for step, error in enumerate(fit_layers(student, teacher, batch), 1):
        if folder and step == total:
            save_state(folder / STATE_FILE, step, WeightAverage(student, 0.0), [])
        yield Progress(step, total, {"error": error}, time.monotonic() - start)


def fit_layers(student: FeatureStudent, teacher: FeatureNetwork, batch: np.ndarray) -> Iterator[float]:
    """Give the student's layers their weights, one after the other.

    Args:
        batch: (B, S, S, 3) in [-1, 1].

    Yields:
        Squared error of the layer's map, relative to the teacher's squares.
    """
    kernel, bias = bgr_input()
    theirs = ours = [ops.matmul(part * 0.5 + 0.5, kernel) + bias for part in _parts(batch)]
    for name, layers in zip(LAYERS, student.convolutions, strict=True):
        if name.endswith("_1") and name != LAYERS[0]:
            theirs, ours = ([ops.max_pool(x, 2, 2) for x in maps] for maps in (theirs, ours))
        kernel, bias = (ops.cast(array, "float32") for array in teacher.convolutions[name])
        wanted = [ops.conv(x, kernel, padding="same") for x in theirs]
        if len(layers) == 1:
            layers[0].set_weights([kernel, bias])
        else:
            found = [ops.conv(x, kernel, padding="same") for x in ours]
            narrow, widen, offset = reduced_rank(_rows(wanted), _rows(found), layers[0].filters)
            layers[0].set_weights([np.tensordot(ops.convert_to_numpy(kernel), narrow.T, 1)])
            layers[1].set_weights([widen.T[None, None], offset + bias])
        theirs = [ops.relu(x + bias) for x in wanted]
        ours = [_run(layers, x) for x in ours]
        yield _relative_error(ours, theirs)


def reduced_rank(wanted: np.ndarray, found: np.ndarray, rank: int) -> tuple[Any, Any, Any]:
    """Reduced-rank regression: the N and W of a rank, and the b, with least |wanted - (W N found + b)|^2.

    Args:
        wanted, found: (n, C) of as many rows.
        rank: at most C.

    Returns:
        N (rank, C), W (C, rank) and b (C,), float32.
    """
    mean_wanted, mean_found = wanted.mean(axis=0), found.mean(axis=0)
    wanted, found = wanted - mean_wanted, found - mean_found
    covariance = found.T @ found / len(found)
    ridge = RIDGE * np.trace(covariance) / len(covariance) + TINY
    full = np.linalg.solve(covariance + ridge * np.eye(len(covariance)), found.T @ wanted / len(found)).T
    _, vectors = np.linalg.eigh(full @ covariance @ full.T)
    widen = vectors[:, ::-1][:, :rank]
    narrow = widen.T @ full
    offset = mean_wanted - widen @ (narrow @ mean_found)
    return narrow.astype("float32"), widen.astype("float32"), offset.astype("float32")


def _parts(batch: Tensor) -> list[Tensor]:
    return [batch[first : first + PART] for first in range(0, len(batch), PART)]


def _rows(maps: Iterable[Tensor]) -> np.ndarray:
    """Channel vectors at some of the positions: (n, C) float64, the same positions for maps of one shape."""
    rows = [ops.convert_to_numpy(x).reshape(-1, x.shape[-1]) for x in maps]
    return np.concatenate([part[:: len(part) // POSITIONS + 1] for part in rows]).astype("float64")


def _run(layers: Iterable[keras.layers.Layer], x: Tensor) -> Tensor:
    for layer in layers:
        x = layer(x)
    return x


def _relative_error(maps: Sequence[Tensor], targets: Sequence[Tensor]) -> float:
    error = sum(float(ops.sum(ops.square(x - y))) for x, y in zip(maps, targets, strict=True))
    return error / sum(float(ops.sum(ops.square(y))) for y in targets)
