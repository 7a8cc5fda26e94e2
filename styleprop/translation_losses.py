"""The losses of a CycleGAN by name: pure functions, each a float32 scalar (a mean over the batch)."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from keras import ops

from styleprop.losses import TINY
from styleprop.ops import Tensor, channel_statistics, halve, luminance, normalize

Spread: TypeAlias = tuple[Tensor, Tensor]  # mean (C,), and second moment or a root of the covariance (C, C)
TEMPERATURE = 0.07  # Park et al. 2020, section 3.2
COARSE = BLOCK = 8


def adversarial_loss(scores: Sequence[Tensor], real: bool, kind: str = "least_squares") -> Tensor:
    """How far a discriminator's scores are from calling every patch real, or fake; the mean over its scales.

    Args:
        scores: a list of (B, h, w, 1), unbounded.
        real: what they should say.
        kind: "least_squares" (Mao et al. 2017, eq. 9: real is 1, fake 0) or "cross_entropy" (Goodfellow et al. 2014,
            eq. 1, with the generator's loss turned so that it does not saturate).
    """
    return sum(_adversarial(x, real, kind) for x in scores) / len(scores)


def _adversarial(scores: Tensor, real: bool, kind: str) -> Tensor:
    if kind == "cross_entropy":
        return ops.mean(ops.softplus(-scores if real else scores))
    return ops.mean(ops.square(scores - (1.0 if real else 0.0)))


def cycle_consistency_loss(batch: Tensor, cycled: Tensor, kind: str = "pixels") -> Tensor:
    """Mean absolute difference of a batch and its round trip.

    Args:
        batch, cycled: (B, H, W, 3) in [-1, 1].
        kind: "pixels" (Zhu et al. 2017, eq. 2), or "brightness": of the brightness, and of the colours of squares of
            8x8 pixels, so that the fine colours are free.
    """
    difference = ops.cast(cycled, "float32") - ops.cast(batch, "float32")
    if kind == "pixels":
        return ops.mean(ops.abs(difference))
    coarse = ops.average_pool(difference, COARSE, COARSE, "valid")
    return 0.5 * (ops.mean(ops.abs(luminance(difference))) + ops.mean(ops.abs(coarse)))


def identity_loss(batch: Tensor, same: Tensor) -> Tensor:
    """Mean absolute difference of a batch and its translation to its own domain (Zhu et al. 2017, section 5.2)."""
    return cycle_consistency_loss(batch, same)


def contrastive_loss(features: Sequence[Tensor], source_features: Sequence[Tensor], patches: int = 256) -> Tensor:
    """How hard it is to tell, for a patch of a fake, from which patch of its source it was made.

    Park et al. 2020, eq. 3; the negatives are the other patches of the same picture. Here over maps of a frozen network
    in the place of the generator's encoder with heads of its own, and normalised over each picture, so that colour and
    contrast do not count.

    Args:
        features, source_features: maps (B, h, w, C) of fakes and of what they are made of.
        patches: about as many of each map, on a regular lattice; more than half of it is used only where it is small.

    Returns:
        The cross entropy, mean over patches and maps; the logarithm of the number of patches is a guess.
    """
    pairs = zip(features, source_features, strict=True)
    return sum(_patch_cross_entropy(_patches(x, patches), _patches(y, patches)) for x, y in pairs) / len(features)


def _patches(x: Tensor, count: int) -> Tensor:
    """(B, n, C) unit vectors, n at most `count`."""
    x = ops.cast(x, "float32")
    x = normalize(x, *channel_statistics(x))
    step = int(np.ceil((x.shape[1] * x.shape[2] / count) ** 0.5))
    x = x[:, step // 2 :: step, step // 2 :: step]
    x = ops.reshape(x, (x.shape[0], -1, x.shape[3]))
    return x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + TINY)


def _patch_cross_entropy(x: Tensor, y: Tensor) -> Tensor:
    likeness = ops.matmul(x, ops.transpose(y, (0, 2, 1))) / TEMPERATURE
    right = ops.sum(x * y, axis=-1) / TEMPERATURE
    return ops.mean(ops.logsumexp(likeness, axis=-1) - right)


def palette_loss(batch: Tensor, target: Tensor, directions: int = 16) -> Tensor:
    """Distance of the colours of two batches, each taken as one picture: sliced Wasserstein, squared.

    Colours along a direction are sorted and compared one by one (Rabin et al. 2011); the same fixed directions always,
    spread over the half sphere. Of squares of 4x4 pixels: the palette of areas, not of grain.

    Args:
        batch, target: (B, H, W, 3) in [-1, 1] of one shape, sides multiples of 4.
        directions: how many.
    """
    lines = _directions(directions)
    sorted_colors = [ops.sort(ops.matmul(_area_colors(x), lines), axis=0) for x in (batch, target)]
    return ops.mean(ops.square(sorted_colors[0] - sorted_colors[1]))


def _area_colors(x: Tensor) -> Tensor:
    return ops.reshape(halve(halve(ops.cast(x, "float32"))), (-1, 3))


def _directions(count: int) -> np.ndarray:
    """(3, count) unit vectors, a spiral over half of the sphere."""
    height = (np.arange(count) + 0.5) / count
    angle = np.arange(count) * np.pi * (3 - 5**0.5)
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height]).astype("float32")


def moments(x: Tensor) -> Spread:
    """Mean (C,) and second moment (C, C) of the vectors of maps (B, h, w, C)."""
    x = ops.reshape(ops.cast(x, "float32"), (-1, x.shape[-1]))
    return ops.mean(x, axis=0), ops.matmul(ops.transpose(x), x) / ops.cast(ops.shape(x)[0], "float32")


def frechet_loss(found: Spread, known: Spread, target: Spread) -> Tensor:
    """The Fréchet distance of features from a domain's (Heusel et al. 2017, eq. 6), moved by a batch's.

    A batch's own covariance says little of where translations lie. So the distance is that of moments over many
    batches, and its gradient, at these, goes to the batch's.

    Args:
        found: `moments` of a batch.
        known: those over many batches, no gradient of which is taken.
        target: the domain's mean (C,), and the symmetric root of its covariance (C, C).
    """
    (mean, second), (goal, root) = [[ops.stop_gradient(part) for part in pair] for pair in (known, target)]
    covariance = second - _outer(mean)
    values, vectors = ops.eigh(ops.matmul(root, ops.matmul(covariance, root)))
    values = ops.sqrt(ops.maximum(values, 1e-9 * ops.max(values) + TINY))
    distance = ops.sum(ops.square(mean - goal)) + ops.trace(covariance) + ops.sum(ops.square(root))
    inverse = ops.matmul(vectors / values, ops.transpose(vectors))
    slope = ops.eye(root.shape[0]) - ops.matmul(root, ops.matmul(inverse, root))  # of the distance by the covariance
    by_mean = 2.0 * (mean - goal) - 2.0 * ops.matmul(slope, mean)
    moved = ops.sum(by_mean * found[0]) + ops.sum(slope * found[1])
    return distance - 2.0 * ops.sum(values) + moved - ops.stop_gradient(moved)


def _outer(vector: Tensor) -> Tensor:
    return vector[:, None] * vector[None]


def flat_grain(batch: Tensor, flat: Tensor) -> Tensor:
    """`areas.local_deviation` of a batch where it should be flat, in grey levels: the mean.

    Args:
        batch: (B, H, W, 3) in [-1, 1], sides multiples of 8.
        flat: (B, H / 8, W / 8), 1 where it counts, else 0.
    """
    light = luminance(ops.cast(batch, "float32")) * 127.5
    blocks = ops.space_to_depth(light, BLOCK)
    rough = blocks - ops.matmul(blocks, _planes())
    deviation = ops.sqrt(ops.mean(ops.square(rough), axis=-1) + TINY)
    return ops.sum(deviation * flat) / (ops.sum(flat) + TINY)


def _planes() -> np.ndarray:
    """(64, 64), what takes a block of 8x8 pixels to the plane through it."""
    plane = np.stack([np.ones((BLOCK, BLOCK)), *np.mgrid[0:BLOCK, 0:BLOCK]]).reshape(3, -1)
    return (np.linalg.pinv(plane) @ plane).astype("float32")
