"""Frozen feature networks for perceptual losses and metrics: VGG16, VGG19, and VGG19 with a quarter of the filters.

The weights come from an `.npz` file with keys `block1_conv1/kernel` and `/bias` (Keras' names, float16 or float32,
kernels (kh, kw, in, out)) or `conv11.weight` and `.bias` ((out, in, kh, kw)), or from `keras.applications`.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.errors import CheckpointError
from styleprop.ops import Tensor

IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)


class FeatureNetwork(keras.layers.Layer):
    """A VGG (Simonyan and Zisserman 2015) cut into named ReLU outputs.

    Calling it on a batch in [-1, 1] with names=("relu1_1", "relu4_1") returns those maps in order.

    Args:
        arrays: by name, one or more kernels that follow each other, 3x3 or 1x1, then the bias.
        padding: mode of the 3x3 kernels' padding.
    """

    def __init__(self, arrays: dict[str, Sequence[np.ndarray]], padding: str = "constant", **kwargs: Any):
        super().__init__(trainable=False, autocast=False, **kwargs)
        self.padding = padding
        self.input_kernel, self.input_bias = arrays.pop("input", bgr_input())
        self.names = tuple(arrays)
        self.convolutions = {name: _freeze(pair, self.dtype_policy.compute_dtype) for name, pair in arrays.items()}
        self.built = True  # nothing is left to make: a trainer that holds it would warn otherwise

    def call(self, batch: Tensor, names: Sequence[str] = ()) -> list[Tensor]:
        """(B, H, W, 3) in [-1, 1] to a list of (B, h, w, C) maps, one for each of `names`."""
        x = ops.cast(batch, "float32") * 0.5 + 0.5
        x = ops.matmul(x, self.input_kernel) + self.input_bias
        x = ops.cast(x, self.compute_dtype)
        found = {}
        for name, (*kernels, bias) in self.convolutions.items():
            if name.endswith("_1") and name != "relu1_1":
                x = ops.max_pool(x, 2, 2)
            for kernel in kernels:
                x = self._convolve(x, kernel)
            found[name] = x = ops.relu(x + bias)
            if all(wanted in found for wanted in names):
                return [found[wanted] for wanted in names]
        raise CheckpointError(f"The feature network has no layer {sorted(set(names) - set(found))[0]}.")

    def _convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        edge = kernel.shape[0] // 2
        if edge:
            x = ops.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode=self.padding)
        return ops.conv(x, kernel, padding="valid")


def _freeze(pair: Iterable[np.ndarray], dtype: str) -> tuple[Tensor, ...]:
    return tuple(ops.convert_to_tensor(array, dtype=dtype) for array in pair)


def bgr_input() -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias that take RGB in [0, 1] to what VGG16 was trained on: BGR in 0..255 less its mean."""
    kernel = np.flip(np.eye(3, dtype="float32"), axis=1) * 255.0
    return kernel, -np.array(IMAGENET_MEAN_BGR, dtype="float32")


def load_feature_network(source: str | Path, dtype: str = "float32") -> FeatureNetwork:
    """Read a feature network from an `.npz` file, or VGG16 through `keras.applications` when `source` is "vgg16".

    Args:
        source: a file's path, or "vgg16".
        dtype: compute dtype of the convolutions, "float32" or "bfloat16".

    Raises:
        CheckpointError: the file is missing or has no convolutions of a known naming.
    """
    if str(source) == "vgg16":
        return FeatureNetwork(_from_keras_applications(), dtype=dtype)
    try:
        with np.load(source, allow_pickle=False) as stored:
            values = {key: stored[key].astype("float32") for key in stored.files}
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{Path(source).name} is not a feature network's .npz file.") from error
    if "conv11.weight" in values:
        return FeatureNetwork(_from_slim(values), padding="reflect", dtype=dtype)
    return FeatureNetwork(_from_keras_names(values), dtype=dtype)


def _from_slim(values: Mapping[str, np.ndarray]) -> dict[str, Sequence[np.ndarray]]:
    arrays: dict[str, Sequence[np.ndarray]] = {}
    for key in values:
        name, _, part = key.partition(".")
        if part == "weight" and name[4:].isdigit() and name != "conv0":
            kernel = values[key].transpose(2, 3, 1, 0)
            arrays[f"relu{name[4]}_{name[5]}"] = (kernel, values[f"{name}.bias"])
    arrays = dict(sorted(arrays.items()))
    arrays["input"] = (values["conv0.weight"][:, :, 0, 0].T, values["conv0.bias"])
    return arrays


def _from_keras_names(values: Mapping[str, np.ndarray]) -> dict[str, Sequence[np.ndarray]]:
    arrays: dict[str, Sequence[np.ndarray]] = {}
    for key in sorted(values):
        block, _, rest = key.partition("_")
        if block.startswith("block") and rest.endswith("kernel"):
            number = rest.removeprefix("conv")[0]
            arrays[f"relu{block[5]}_{number}"] = (values[key], values[key.removesuffix("kernel") + "bias"])
    if not arrays:
        raise CheckpointError("The file has no convolution of a VGG network in it.")
    return arrays


def _from_keras_applications() -> dict[str, Sequence[np.ndarray]]:
    network = keras.applications.VGG16(weights="imagenet", include_top=False)
    pairs = {layer.name: layer.get_weights() for layer in network.layers if layer.name.endswith(("1", "2", "3"))}
    return {f"relu{name[5]}_{name[-1]}": pair for name, pair in pairs.items() if "conv" in name}
