"""Pure tensor functions over `keras.ops`. Batches are (B, H, W, C)."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from keras import ops

Tensor: TypeAlias = Any  # of the backend, TensorFlow's or JAX's, or a NumPy array where one is taken: Keras has no type
Moments: TypeAlias = tuple[Tensor, Tensor]  # mean and standard deviation
EPSILON = 1e-5
LUMA = (0.299, 0.587, 0.114)
TOO_LITTLE = 0.01  # of a full weight: where all is busy, nothing is known of a lattice


def channel_statistics(x: Tensor, epsilon: float = EPSILON) -> Moments:
    """Mean and standard deviation of each channel over height and width.

    Args:
        x: (B, H, W, C), any float dtype.
        epsilon: added to the variance.

    Returns:
        Two float32 tensors of shape (B, 1, 1, C).
    """
    x = ops.cast(x, "float32")
    mean = ops.mean(x, axis=(1, 2), keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=(1, 2), keepdims=True)
    return mean, ops.sqrt(variance + epsilon)


def normalize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """(x - mean) / std as one multiplication and one addition, in x's dtype."""
    scale = 1.0 / std
    return x * ops.cast(scale, x.dtype) + ops.cast(-mean * scale, x.dtype)


def adain(x: Tensor, mean: Tensor, std: Tensor, target_mean: Tensor, target_std: Tensor) -> Tensor:
    """Adaptive instance normalisation (Huang and Belongie 2017, eq. 8).

    Args:
        x: (B, H, W, C) features.
        mean, std: statistics of x, (B, 1, 1, C).
        target_mean, target_std: statistics to give it, (B, 1, 1, C).

    Returns:
        (B, H, W, C): target_std * (x - mean) / std + target_mean.
    """
    scale = target_std / std
    return x * ops.cast(scale, x.dtype) + ops.cast(target_mean - mean * scale, x.dtype)


def lerp(a: Tensor, b: Tensor, weight: float | Tensor) -> Tensor:
    """a + weight * (b - a)."""
    return a + weight * (b - a)


def style_code(features: Sequence[Tensor]) -> Tensor:
    """Channel means then standard deviations of each feature map, in order (Huang and Belongie 2017, section 5).

    Args:
        features: sequence of (B, H, W, C).

    Returns:
        (B, sum of 2 C) float32.
    """
    parts = [part for x in features for part in channel_statistics(x)]
    return ops.concatenate([part[:, 0, 0, :] for part in parts], axis=-1)


def split_code(code: Tensor, filters: Sequence[int]) -> list[Moments]:
    """The inverse of `style_code`: a list of (mean, std) pairs, each (B, 1, 1, C), for the channel counts `filters`."""
    pairs, start = [], 0
    for count in filters:
        mean, std = code[:, start : start + count], code[:, start + count : start + 2 * count]
        pairs.append((mean[:, None, None, :], std[:, None, None, :]))
        start += 2 * count
    return pairs


def gram_matrix(x: Tensor) -> Tensor:
    """Channel inner products divided by the number of positions (Gatys et al. 2016, eq. 3), float32 (B, C, C)."""
    x = ops.cast(x, "float32")
    shape = ops.shape(x)
    flat = ops.reshape(x, (shape[0], shape[1] * shape[2], shape[3]))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / ops.cast(shape[1] * shape[2], "float32")


def upsample_2x(x: Tensor) -> Tensor:
    """Bilinear enlargement by two, borders repeated, for any height and width, also unknown ones.

    Args:
        x: (B, H, W, C).

    Returns:
        (B, 2 H, 2 W, C).
    """
    return ops.depth_to_space(bilinear_phases(x), 2)


def bilinear_phases(x: Tensor) -> Tensor:
    """What `depth_to_space` makes a bilinear enlargement by two of: (B, H, W, C) to (B, H, W, 4 C).

    Each position holds the four pixels that it becomes; so a pixel shuffle can be added before the enlargement.
    """
    return ops.concatenate([pixel for row in _between(x, 1) for pixel in _between(row, 2)], axis=-1)


def _between(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """The two values a quarter of a step before and after each position."""
    before, after = _neighbours(x, axis)
    near = 0.75 * x
    return near + 0.25 * before, near + 0.25 * after


def _neighbours(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """What stands one position before and after each along an axis; the ends are their own neighbours."""
    before = ops.concatenate([_edge(x, axis, 0), _without(x, axis, -1)], axis=axis)
    after = ops.concatenate([_without(x, axis, 0), _edge(x, axis, -1)], axis=axis)
    return before, after


def _edge(x: Tensor, axis: int, end: int) -> Tensor:
    index = slice(0, 1) if end == 0 else slice(-1, None)
    return x[:, index] if axis == 1 else x[:, :, index]


def _without(x: Tensor, axis: int, end: int) -> Tensor:
    index = slice(1, None) if end == 0 else slice(None, -1)
    return x[:, index] if axis == 1 else x[:, :, index]


def luminance(batch: Tensor) -> Tensor:
    """Of red, green and blue: (B, H, W, 3) to (B, H, W, 1)."""
    return ops.sum(batch * ops.convert_to_tensor(LUMA, "float32"), axis=-1, keepdims=True)


def halve(x: Tensor) -> Tensor:
    """2x2 averages: (B, H, W, C) to (B, H/2, W/2, C)."""
    return ops.average_pool(x, 2, 2, "valid")


def remove_lattice(batch: Tensor, amount: float | Tensor = 1.0, reach: int = 2, quiet: float = 0.15) -> Tensor:
    """Take away what repeats every 8 pixels: the mark that a network's stride leaves in flat areas.

    A comb filter. From each block of 8x8 pixels its smooth part is taken, the bilinear enlargement of the blocks'
    means; what is left, averaged over the blocks within `reach`, is the pattern. So a gradient stays as it is, and of a
    texture that does not repeat about 1 / (2 reach + 1)^2 is lost. Blocks with much more in them than the quietest
    around, or beside such a one, hardly count in the average: else an outline would leave its echo 8 and 16 pixels to
    either side. Where all is busy alike, all count.

    Args:
        batch: (B, H, W, 3) float32, sides multiples of 8.
        amount: 0 to 1, a number or (B, 1, 1, 1).
        reach: blocks on each side.
        quiet: root mean square of what is left in a block, at which it counts half with nothing around.

    Returns:
        (B, H, W, 3).
    """
    blocks = ops.space_to_depth(batch, 8)
    means = ops.mean(ops.reshape(blocks, (*ops.shape(blocks)[:3], 64, 3)), axis=3)
    for axis in (1, 2):
        means = _extrapolate(means, axis)
    fine = blocks - ops.conv(means, ops.convert_to_tensor(_enlargement(8)), padding="valid")
    power = ops.max_pool(ops.mean(ops.square(fine), axis=-1, keepdims=True), 3, 1, "same")
    around = 2 * reach + 1
    usual = quiet**2 - 2 * ops.max_pool(-power, around, 1, "same")
    weights = 1.0 / (1.0 + ops.square(power / usual))
    known = ops.average_pool(weights, around, 1, "same") + TOO_LITTLE
    pattern = ops.average_pool(weights * fine, around, 1, "same") / known
    return batch - ops.depth_to_space(amount * pattern, 8)


def _extrapolate(x: Tensor, axis: int) -> Tensor:
    """One position more at both ends of an axis, on the line through the last two."""
    first, second = _edge(x, axis, 0), _edge(_without(x, axis, 0), axis, 0)
    last, other = _edge(x, axis, -1), _edge(_without(x, axis, -1), axis, -1)
    return ops.concatenate([2 * first - second, x, 2 * last - other], axis=axis)


def _enlargement(factor: int, channels: int = 3) -> np.ndarray:
    """Bilinear enlargement before `depth_to_space`, as a 3x3 kernel (3, 3, C, factor^2 C)."""
    offset = (np.arange(factor) + 0.5) / factor - 0.5
    line = np.stack([np.maximum(-offset, 0), 1 - np.abs(offset), np.maximum(offset, 0)])
    kernel = np.einsum("ip,jq,cd->ijcpqd", line, line, np.eye(channels))
    return kernel.reshape(3, 3, channels, -1).astype("float32")


def soften(x: Tensor, amount: float | Tensor = 1.0) -> Tensor:
    """Binomial blur over 3x3 pixels: nothing is left of what alternates from pixel to pixel.

    Args:
        x: (B, H, W, C) float32.
        amount: 0 to 1, a number or (B, 1, 1, 1).

    Returns:
        (B, H, W, C).
    """
    for axis in (1, 2):
        before, after = _neighbours(x, axis)
        x = (1 - 0.5 * amount) * x + (0.25 * amount) * (before + after)
    return x
