"""Outlines: where a photo has them, and figures of a painting at its photo's size.

Batches are float32 (B, H, W, C) in [-1, 1]; the figures take uint8 (H, W, 3) pictures.
"""

import numpy as np
from keras import ops

from styleprop.images import to_batch
from styleprop.ops import Tensor, luminance

STRONG, FLAT = 0.12, 0.03  # gradients a pixel
COHERENT = 0.5  # of 1: below, gradients around point anywhere, and what is there is texture
AROUND = 9  # pixels, whose gradients an outline and a texture are told apart by
BAND = 2  # pixels to each side of a strong outline
REACH = 8
FINE = 7  # pixels, within which fine structure varies
LEVELS = 127.5
TINY = 1e-6


def gradients(luma: Tensor) -> Tensor:
    """Differences across two pixels, down and to the right, halved: (B, H, W, 1) to (B, H - 2, W - 2, 2)."""
    down = luma[:, 2:, 1:-1] - luma[:, :-2, 1:-1]
    right = luma[:, 1:-1, 2:] - luma[:, 1:-1, :-2]
    return 0.5 * ops.concatenate([down, right], axis=-1)


def length(vectors: Tensor) -> Tensor:
    """(B, H, W, C) to (B, H, W, 1); nowhere quite 0, so that it can be differentiated."""
    return ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + TINY)


def average(batch: Tensor, side: int) -> Tensor:
    """Means over squares of `side` pixels; fewer count at the borders."""
    return ops.average_pool(batch, side, 1, "same")


def spread(batch: Tensor, reach: int) -> Tensor:
    """The largest within `reach` pixels."""
    return ops.max_pool(batch, 2 * reach + 1, 1, "same")


def find_outlines(photo: Tensor) -> tuple[Tensor, Tensor]:
    """Where a photo has strong outlines, and their gradients.

    A gradient counts where it is strong, and those around it lie along one line (coherence of the structure tensor,
    Bigun and Granlund 1987): else leaves, grass and noise would be outlines.

    Args:
        photo: (B, H, W, 3).

    Returns:
        Float 0 or 1 (B, H - 2, W - 2, 1), and the gradients (B, H - 2, W - 2, 2) of the luminance averaged over 3x3.
    """
    vectors = gradients(average(luminance(photo), 3))
    down, right = vectors[..., :1], vectors[..., 1:]
    around = average(ops.concatenate([down * down, right * right, down * right], axis=-1), AROUND)
    squares, product = around[..., :1] + around[..., 1:2], around[..., 2:]
    along = length(ops.concatenate([around[..., :1] - around[..., 1:2], 2 * product], axis=-1))
    strong = ops.logical_and(length(vectors) > STRONG, along > COHERENT * squares)
    return ops.cast(strong, "float32"), vectors


def outline_energy(made: np.ndarray, photo: np.ndarray) -> float:
    """Squared gradients of a picture within `BAND` of the photo's strong outlines, over those of the photo there.

    NaN where the photo has no strong outline.
    """
    band = _along_outlines(photo)
    ours, theirs = (float(np.sum(np.square(_slope(_luma(image)))[band])) for image in (made, photo))
    return ours / theirs if band.any() else float("nan")


def overshoot(made: np.ndarray, enlarged: np.ndarray, photo: np.ndarray) -> float:
    """How far a picture is outside the range that the enlarged painting has within `REACH`, mean along outlines.

    In grey levels; NaN where the photo has no strong outline.
    """
    band, ours, theirs = _along_outlines(photo), _luma(made), _luma(enlarged)
    outside = ops.relu(ours - spread(theirs, REACH)) + ops.relu(-spread(-theirs, REACH) - ours)
    return LEVELS * float(np.mean(_inner(outside)[band])) if band.any() else float("nan")


def flat_pattern(made: np.ndarray, photo: np.ndarray) -> float:
    """Root mean square of the fine structure where the photo is flat within `REACH`, in grey levels; NaN if nowhere."""
    calm = np.array(spread(length(gradients(average(_luma(photo), 5))), REACH))[0, ..., 0] < FLAT
    return LEVELS * float(np.sqrt(np.mean(np.square(_fine(made)[calm])))) if calm.any() else float("nan")


def leak(made: np.ndarray, photo: np.ndarray) -> float:
    """Correlation of two pictures' fine structure where the photo is neither flat nor has outlines; NaN if nowhere."""
    busy = np.array(average(length(gradients(_luma(photo))), AROUND))[0, ..., 0] > 1.5 * FLAT
    textured = busy & ~_along_outlines(photo)
    ours, theirs = (_fine(image)[textured] for image in (made, photo))
    if len(ours) == 0 or min(ours.std(), theirs.std()) == 0:
        return float("nan")
    return float(np.corrcoef(ours, theirs)[0, 1])


def _luma(image: np.ndarray) -> Tensor:
    return luminance(to_batch(image))


def _inner(batch: Tensor) -> np.ndarray:
    return np.array(batch)[0, 1:-1, 1:-1, 0]


def _fine(image: np.ndarray) -> np.ndarray:
    luma = _luma(image)
    return _inner(luma - average(luma, FINE))


def _slope(luma: Tensor) -> np.ndarray:
    return np.hypot(*np.moveaxis(np.array(gradients(luma))[0], -1, 0))


def _along_outlines(photo: np.ndarray) -> np.ndarray:
    return np.array(spread(find_outlines(to_batch(photo))[0], BAND))[0, ..., 0] > 0
