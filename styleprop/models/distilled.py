"""A small feature network with the layers of VGG16's first four blocks, to be taught what VGG16 knows.

Distillation after Hinton et al. 2015, by hints as Romero et al. 2015: see `training/features.py`.
"""

import keras
import numpy as np
from keras import layers, ops

from styleprop.config import FeaturesConfig
from styleprop.models.features import FeatureNetwork

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
        self.convolutions = [
            layers.Conv2D(
                config.filters[int(name[4]) - 1],
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=name,
            )
            for name in LAYERS
        ]

    def call(self, batch, training=None):
        """(B, H, W, 3) in [-1, 1] to the maps of all LAYERS, in order."""
        x, maps = batch, []
        for name, convolution in zip(LAYERS, self.convolutions, strict=True):
            if name.endswith("_1") and name != LAYERS[0]:
                x = ops.max_pool(x, 2, 2)
            x = convolution(x)
            maps.append(x)
        return maps

    def freeze(self, dtype: str = "float32") -> FeatureNetwork:
        """A `FeatureNetwork` with the same weights, computing in `dtype`."""
        arrays = {
            layer.name: tuple(ops.convert_to_numpy(value) for value in (layer.kernel, layer.bias))
            for layer in self.convolutions
        }
        return FeatureNetwork({**arrays, "input": _unit_input()}, dtype=dtype)


def _unit_input():
    """Kernel and bias that take `FeatureNetwork`'s [0, 1] back to the student's [-1, 1]."""
    return 2.0 * np.eye(3, dtype="float32"), -np.ones(3, dtype="float32")


def build_student(config: FeaturesConfig) -> FeatureStudent:
    """A student with its weights made."""
    student = FeatureStudent(config)
    student(ops.zeros((1, 16, 16, 3)))
    return student
