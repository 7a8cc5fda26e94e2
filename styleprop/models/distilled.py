"""VGG16's first four blocks with a fifth of the weights, so that perceptual losses can be had without VGG16.

Every convolution but the first is cut in two, to few channels and back (Zhang et al. 2016, "Accelerating very deep
convolutional networks", section 3): see `training/features.py` for how they are found.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from styleprop.config import FeaturesConfig
from styleprop.layers import blank
from styleprop.models.features import FeatureNetwork, bgr_input
from styleprop.ops import Tensor

CONVOLUTIONS = (2, 2, 3, 3)
LAYERS = tuple(f"relu{block}_{index}" for block, count in enumerate(CONVOLUTIONS, 1) for index in range(1, count + 1))


class FeatureStudent(keras.Model):
    """The trainable form; `freeze` gives the one that losses use.

    Attributes:
        config: its dimensions.
    """

    def __init__(self, config: FeaturesConfig):
        super().__init__(name="features")
        self.config = config
        self.convolutions = [_convolutions(config, name) for name in LAYERS]

    def call(self, batch: Tensor, training: bool | None = None) -> list[Tensor]:
        """(B, H, W, 3) in [-1, 1] to the maps of all LAYERS, in order."""
        kernel, bias = bgr_input()
        x, maps = ops.matmul(batch * 0.5 + 0.5, kernel) + bias, []
        for name, parts in zip(LAYERS, self.convolutions, strict=True):
            if name.endswith("_1") and name != LAYERS[0]:
                x = ops.max_pool(x, 2, 2)
            for part in parts:
                x = part(x)
            maps.append(x)
        return maps

    def freeze(self, dtype: str = "float32") -> FeatureNetwork:
        """A `FeatureNetwork` with the same weights, computing in `dtype`."""
        arrays: dict[str, Sequence[np.ndarray]] = {}
        for name, parts in zip(LAYERS, self.convolutions, strict=True):
            arrays[name] = [ops.convert_to_numpy(value) for part in parts for value in part.weights]
        return FeatureNetwork(arrays, dtype=dtype)


def _convolutions(config: FeaturesConfig, name: str) -> list:
    block = int(name[4]) - 1
    filters, rank = config.filters[block], config.ranks[block]
    if name == LAYERS[0]:
        return [layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)]
    return [
        layers.Conv2D(rank, 3, padding="same", use_bias=False, name=f"{name}_narrow"),
        layers.Conv2D(filters, 1, activation="relu", name=name),
    ]


def build_student(config: FeaturesConfig) -> FeatureStudent:
    """A student with its weights made."""
    student = FeatureStudent(config)
    student(blank(1, 16, 16, 3))
    return student
