"""Blocks that every network uses, over Keras layers."""

from collections.abc import MutableMapping, Sequence
from typing import Any

import keras
from keras import ops

from styleprop.ops import EPSILON, Tensor, bilinear_phases, channel_statistics, remove_lattice, soften

HALF_SMOOTH = 5e-4  # mean squared move at which half of the smoothing is done; a full move has 0.02 to 0.2
SLOPE = 0.1
GAIN = 1.4  # of a convolution before `activate`: keeps the variance


def activate(x: Tensor) -> Tensor:
    """Leaky ReLU with slope 0.1."""
    return ops.leaky_relu(x, SLOPE)


def blank(*shape: int) -> Tensor:
    """What a new network is called with, so that its weights are made.

    On JAX it is a shape alone: whatever is computed there has to be compiled before, operation by operation.
    """
    return keras.KerasTensor(shape) if keras.backend.backend() == "jax" else ops.zeros(shape)


class Composite:
    """Mixin, before Keras' class: a layer of layers, which has nothing of its own to build.

    Its parts are built when it first calls them. Keras would trace `call` to build them, and so trace the innermost
    parts once for every layer around them; loading a network would take three times as long.
    """

    def build(self, *_shapes: Any, **_named_shapes: Any) -> None:
        """Nothing to do."""
        self.built = True


def continue_picture(x: Tensor, kernel_size: Sequence[int], strides: Sequence[int]) -> Tensor:
    """Pad (B, H, W, C) by its border pixels, so that a convolution without padding gives 1 / strides of it."""
    missing = [size - stride for size, stride in zip(kernel_size, strides, strict=True)]
    pads = [(count // 2, count - count // 2) for count in missing]
    return ops.pad(x, [(0, 0), *pads, (0, 0)], mode="symmetric")


class Conv2D(keras.layers.Conv2D):
    """Keras' own, but a picture goes on by its border pixels; for sides that are multiples of the strides.

    Padded with zeros, a network learns to see the border and paints a frame along it.
    """

    def call(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to (B, H/strides, W/strides, filters)."""
        return super().call(continue_picture(x, self.kernel_size, self.strides))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of what `call` returns, as a tuple."""
        count, height, width, _ = input_shape
        rows, columns = (side and side // stride for side, stride in zip((height, width), self.strides, strict=True))
        return (count, rows, columns, self.filters)


class StandardizedConv2D(Conv2D):
    """A convolution whose filters have mean 0 and a length that it learns (Brock et al. 2021, equation 1).

    So features keep their scale without any picture's statistics. Not for a layer that reads pixels: it would not see
    how bright they are.

    Args:
        gain: of a new layer: an input of independent values of variance 1 gives an output of variance gain^2. With 0
            the layer starts at zero.
    """

    def __init__(self, *args: Any, gain: float = 1.0, **kwargs: Any):
        super().__init__(*args, kernel_initializer="he_normal", **kwargs)
        self.first_gain = gain

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Kernel, bias, and a gain for each filter."""
        super().build(input_shape)
        initializer = keras.initializers.Constant(self.first_gain)
        self.gain = self.add_weight((self.filters,), initializer=initializer, name="gain", dtype="float32")

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Keras' own with the standardised kernel, which is made in float32."""
        kernel = ops.cast(kernel, "float32")
        kernel = kernel - ops.mean(kernel, axis=(0, 1, 2))
        scale = ops.cast(self.gain, "float32") / ops.sqrt(ops.sum(ops.square(kernel), axis=(0, 1, 2)) + EPSILON)
        return super().convolution_op(inputs, ops.cast(kernel * scale, inputs.dtype))

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Keras' own, which knows the kernel and the bias alone, and the gain."""
        super().save_own_variables(store)
        store["2"] = self.gain

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """The inverse of `save_own_variables`."""
        super().load_own_variables(store)
        self.gain.assign(store["2"])


def convolution(
    filters: int,
    name: str,
    kernel_size: int = 3,
    strides: int | tuple[int, int] = 1,
    initializer: str = "he_uniform",
    dtype: str | None = None,
) -> Conv2D:
    """A convolution to 1 / strides of the size, padded by border pixels, without activation."""
    return Conv2D(filters, kernel_size, strides=strides, kernel_initializer=initializer, name=name, dtype=dtype)


class ResidualBlock(Composite, keras.layers.Layer):
    """x + conv(activate(conv(x))), 3x3 (He et al. 2016); the second starts at zero, so the block is the identity."""

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.conv1 = convolution(filters, "conv1")
        self.conv2 = convolution(filters, "conv2", initializer="zeros")

    def call(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to the same shape."""
        return x + self.conv2(activate(self.conv1(x)))


class Upsampling(Composite, keras.layers.Layer):
    """Enlargement by two: a bilinear path, and a pixel shuffle for what varies within a position.

    The pixel shuffle (Shi et al. 2016) sees the features less their 3x3 average and has no bias: where the features are
    flat it adds nothing, so it cannot leave a grid there. It starts at zero.
    """

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.smooth = convolution(filters, "smooth", kernel_size=1)
        self.sharp = keras.layers.Conv2D(4 * filters, 1, use_bias=False, kernel_initializer="zeros", name="sharp")

    def call(self, x: Tensor) -> Tensor:
        """(B, H, W, C) to (B, 2 H, 2 W, filters)."""
        varying = x - ops.average_pool(x, 3, 1, "same")
        return ops.depth_to_space(bilinear_phases(self.smooth(x)) + self.sharp(varying), 2)


class Detail(Composite, keras.layers.Layer):
    """Put the fine detail that the latent holds in the place of the decoder's own.

    For a decoded picture y, latent detail d and linear A (8x8 pixels to C numbers) and S (back): y + S(g (d - A y)).
    The gain g is 1 where the style code has not moved, so that a reconstruction has all of its detail, and falls as
    1 / (1 + u^2), u linear in the move, so that a painting need not have the photo's.
    """

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.analysis = patch_convolution(filters, "analysis")
        self.synthesis = keras.layers.Dense(192, use_bias=False, dtype="float32", name="synthesis")
        self.reach = keras.layers.Dense(filters, use_bias=False, dtype="float32", name="reach")

    def call(self, picture: Tensor, detail: Tensor, moved: Tensor) -> Tensor:
        """(B, H, W, 3), (B, H/8, W/8, C) and the code's move (B, K) to (B, H, W, 3)."""
        gain = 1.0 / (1.0 + ops.square(self.reach(moved)))
        change = gain[:, None, None, :] * (ops.cast(detail, "float32") - self.analysis(picture))
        return picture + ops.depth_to_space(self.synthesis(change), 8)


def patch_convolution(filters: int, name: str) -> keras.layers.Conv2D:
    """A linear function of each 8x8 pixels, in float32."""
    return keras.layers.Conv2D(filters, 8, strides=8, use_bias=False, dtype="float32", name=name)


def smooth_moved(batch: Tensor, moved: Tensor, smoothing: str) -> Tensor:
    """Smooth a painting; a reconstruction, whose code has not moved, keeps its pixels.

    Args:
        batch: (B, H, W, 3) float32, sides multiples of 8.
        moved: (B, K), what propagation has added to the style codes.
        smoothing: as in `AutoencoderConfig`.
    """
    if smoothing == "none":
        return batch
    distance = ops.mean(ops.square(moved), axis=-1)[:, None, None, None]
    amount = distance / (distance + HALF_SMOOTH)
    batch = remove_lattice(batch, amount)
    return soften(batch, amount) if smoothing == "soft" else batch


class StyleModulation(Composite, keras.layers.Layer):
    """Instance normalisation, scaled and shifted by functions of the style code (Huang and Belongie 2017).

    A linear function of the code, plus, where `hidden` is not 0, a one-hidden-layer one that starts at zero.
    """

    def __init__(self, filters: int, hidden: int = 0, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)  # statistics and code stay float32
        dense = keras.layers.Dense
        self.scale = dense(filters, kernel_initializer="zeros", dtype="float32", name="scale")
        self.shift = dense(filters, kernel_initializer="zeros", dtype="float32", name="shift")
        self.hidden = dense(hidden, kernel_initializer="he_uniform", dtype="float32", name="hidden") if hidden else None
        self.deepen = dense(2 * filters, kernel_initializer="zeros", dtype="float32", name="deepen") if hidden else None

    def call(self, x: Tensor, code: Tensor, statistics: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Normalise and modulate.

        Args:
            x: (B, H, W, C) features.
            code: (B, K) float32 style codes.
            statistics: (mean, std) of x, each (B, 1, 1, C); measured on x itself when None.

        Returns:
            (B, H, W, C).
        """
        mean, std = channel_statistics(x) if statistics is None else statistics
        scale, shift = self._affine(code)
        factor = (1.0 + scale) / std
        return x * ops.cast(factor, x.dtype) + ops.cast(shift - mean * factor, x.dtype)

    def _affine(self, code: Tensor) -> tuple[Tensor, Tensor]:
        scale, shift = self.scale(code), self.shift(code)
        if self.hidden is not None and self.deepen is not None:
            more_scale, more_shift = ops.split(self.deepen(activate(self.hidden(code))), 2, axis=-1)
            scale, shift = scale + more_scale, shift + more_shift
        return scale[:, None, None, :], shift[:, None, None, :]
