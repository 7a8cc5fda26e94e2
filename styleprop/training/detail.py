"""The linear fine detail of an autoencoder, fitted to pictures in closed form.

Gradients turn the detail layers slowly, as three of them must turn together; but for a given decoder the best ones are
known: the principal components of what it misses.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from keras import ops

from styleprop import images
from styleprop.models.autoencoder import Autoencoder
from styleprop.training.held_out import read_squares
from styleprop.training.progress import Progress
from styleprop.training.state import WeightAverage

COUNT, SIDE = 8, 256  # pictures of either kind that are looked at, their middle
OTHERS = 0.1  # weight of the other pictures, so that what only they have, such as colour, is not lost
TINY = 1e-12  # of a network that misses nothing


def then_fit_detail(
    reports: Iterator[Progress],
    network: Autoencoder,
    evaluate: Callable[[WeightAverage], tuple[dict[str, float], np.ndarray]],
    pictures: Sequence[Path | np.ndarray],
    others: Sequence[Path | np.ndarray],
) -> Iterator[Progress]:
    """A training's reports, and once it is over one more: of its last weights with their detail layers fitted.

    Args:
        reports: of the training.
        network: to which each evaluation has copied the averaged weights; it is changed.
        evaluate: what the training calls too.
        pictures, others: as in `fit_detail`.
    """
    last = None
    for last in reports:
        yield last
    if last is not None:
        start = time.monotonic()
        fit_detail(network, pictures, others)
        scores, preview = evaluate(WeightAverage(network, 0.9))
        yield replace(last, seconds=last.seconds + time.monotonic() - start, scores=scores, preview=preview)


def fit_detail(
    network: Autoencoder, pictures: Sequence[Path | np.ndarray], others: Sequence[Path | np.ndarray]
) -> None:
    """Fit the detail layers, in place, to pictures, and a little to others (PCA, Hotelling 1933).

    The channels stay as near to what they were as they can.

    Args:
        network: of the propagation architecture.
        pictures: files or uint8 arrays that it is to be good at; the first few that can be read are looked at.
        others: what else it may be shown.

    Raises:
        TrainingError: none of either can be read.
    """
    looked_at = [read_squares(found, COUNT, SIDE) for found in (pictures, others)]
    encoder, decoder = network.encoder.detail, network.decoder.detail
    before = ops.convert_to_numpy(encoder.kernel)
    decoder.synthesis.kernel.assign(ops.zeros_like(decoder.synthesis.kernel))
    own, rest = (_covariance(network, found) for found in looked_at)
    components = _principal((1.0 - OTHERS) * own + OTHERS * rest, before.reshape(-1, before.shape[-1]))
    for layer in (encoder, decoder.analysis):
        layer.kernel.assign(components.reshape(before.shape))
    decoder.synthesis.kernel.assign(components.T)


def _covariance(network: Autoencoder, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Second moments, (192, 192) of trace 1, of what a network misses in each 8x8 pixels of uint8 pictures."""
    moments = sum(missed.T @ missed for missed in (what_is_missed(network, picture) for picture in pictures))
    return moments / (np.trace(moments) + TINY)


def what_is_missed(network: Autoencoder, picture: np.ndarray) -> np.ndarray:
    """A uint8 picture, sides multiples of 8, less its reconstruction: (N, 192) float32, a row for each 8x8 pixels."""
    batch = images.to_batch(picture)
    return ops.convert_to_numpy(ops.space_to_depth(ops.cast(batch - network(batch), "float32"), 8)).reshape(-1, 192)


def _principal(covariance: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The orthonormal basis of the strongest components that lies nearest to another one of its size (Procrustes)."""
    _, vectors = np.linalg.eigh(covariance)
    strongest = vectors[:, -near.shape[1] :]
    left, _, right = np.linalg.svd(strongest.T @ near, full_matrices=False)
    return strongest @ left @ right
