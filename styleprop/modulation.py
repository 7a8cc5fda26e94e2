"""Layers whose weights a style scales, in the place of a normalisation of features (Karras et al. 2020)."""

from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.layers import GAIN, Composite, activate, continue_picture
from styleprop.ops import Tensor


def affine(count: int) -> keras.layers.Dense:
    """What a style scales, shifts and gains by, all zero at first."""
    return keras.layers.Dense(count, kernel_initializer="zeros", dtype="float32", name="affine")


class ModulatedConv2D(Composite, keras.layers.Layer):
    """A convolution whose weights a style scales, with the expected scale divided out again.

    Weight demodulation (Karras et al. 2020, section 2.2, eq. 1 to 3): input channels are scaled by s, and output
    channels divided by the norm of their scaled weights, so that an input of unit variance gives an output of unit
    variance without a look at the picture's own statistics. Two things differ: a channel's gain and shift follow
    the style as well, and nothing is added at random.

    Args:
        inputs, filters: channels.
        kernel_size, strides: as Keras'.
        gain: of every output channel at first.
    """

    def __init__(
        self, inputs: int, filters: int, kernel_size: int = 3, strides: int = 1, gain: float = GAIN, **kwargs: Any
    ):
        super().__init__(autocast=False, **kwargs)
        self.counts = (inputs, filters)
        self.strides = strides
        shape = (kernel_size, kernel_size, inputs, filters)
        self.kernel = self._weight(shape, "he_normal", "kernel")
        self.gain = self._weight((filters,), keras.initializers.Constant(gain), "gain")
        self.affine = keras.layers.Dense(
            inputs + 2 * filters, kernel_initializer="zeros", dtype="float32", name="affine"
        )

    def _weight(
        self, shape: tuple[int, ...], initializer: str | keras.initializers.Initializer, name: str
    ) -> keras.Variable:
        return self.add_weight(shape, initializer=initializer, dtype="float32", autocast=False, name=name)

    def call(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, H, W, inputs) and (B, D) float32 to (B, H / strides, W / strides, filters), without activation."""
        inputs, filters = self.counts
        change = self.affine(style)
        scale, gain, shift = 1.0 + change[:, :inputs], self.gain + change[:, inputs:-filters], change[:, -filters:]
        power = ops.sum(ops.square(self.kernel), axis=(0, 1))
        gain = gain * ops.rsqrt(ops.matmul(ops.square(scale), power) + 1e-8)
        return _scaled_convolution(ops.cast(x, self.compute_dtype), self.kernel, scale, gain, shift, self.strides)


def _scaled_convolution(
    x: Tensor, kernel: Tensor, scale: Tensor, gain: Tensor, shift: Tensor, strides: int = 1
) -> Tensor:
    """conv(scale x) gain + shift; for a single picture the weights are scaled in the place of its features."""
    whole = x.shape[0] == 1
    if whole:
        kernel = kernel * (scale[0][:, None] * gain[0])
    scale, gain, shift = (ops.cast(value[:, None, None, :], x.dtype) for value in (scale, gain, shift))
    x = continue_picture(x if whole else x * scale, kernel.shape[:2], (strides, strides))
    y = ops.conv(x, ops.cast(kernel, x.dtype), strides=strides, padding="valid")
    return y + shift if whole else y * gain + shift


class ModulatedBlock(Composite, keras.layers.Layer):
    """x + conv(activate(conv(activate(x)))), both modulated; the second starts small."""

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.conv1 = ModulatedConv2D(filters, filters, name="conv1")
        self.conv2 = ModulatedConv2D(filters, filters, gain=0.2, name="conv2")

    def call(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, H, W, C) to the same shape."""
        return x + self.conv2(activate(self.conv1(activate(x), style)), style)


class ModulatedPicture(Composite, keras.layers.Layer):
    """Bilinear enlargement by two, then a 3x3 convolution to RGB whose weights a style scales.

    Both together are one convolution to the four pixels that each position becomes, at half the size. All four have the
    same sum of weights, so nothing repeats every two pixels where the features are flat.
    """

    def __init__(self, inputs: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.inputs = inputs
        self.kernel = self.add_weight(
            (3, 3, inputs, 3),
            initializer=keras.initializers.RandomNormal(stddev=0.005),
            dtype="float32",
            autocast=False,
            name="kernel",
        )
        self.affine = affine(inputs + 3)
        self.phases = enlargement_phases()

    def call(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, H, W, inputs) and (B, D) to float32 (B, 2 H, 2 W, 3)."""
        change = self.affine(style)
        kernel = ops.einsum("aiu,bjv,uvco->ijcabo", self.phases, self.phases, self.kernel)
        kernel = ops.reshape(kernel, (3, 3, self.inputs, 12))
        scale, shift = 1.0 + change[:, : self.inputs], ops.tile(change[:, self.inputs :], (1, 4))
        phases = _scaled_convolution(ops.cast(x, "float32"), kernel, scale, ops.ones_like(shift), shift)
        return ops.depth_to_space(phases, 2)


def enlargement_phases() -> np.ndarray:
    """How much each of three positions counts in what a 3-tap filter sees after a bilinear enlargement by two.

    Returns:
        float32 (2, 3, 3): pixel of the position, neighbour before, same and after, tap of the filter.
    """
    weights = np.zeros((2, 3, 3), "float32")
    for pixel in range(2):
        for tap in (-1, 0, 1):
            place, phase = divmod(pixel + tap, 2)
            weights[pixel, place + 1, tap + 1] += 0.75
            weights[pixel, place + (2 if phase else 0), tap + 1] += 0.25
    return weights
