"""Training of one style's code, and of nothing else, towards what a picture looks like to a frozen network.

A code that is read from a picture is the decoder's guess; these are the few hundred numbers with which it paints any
photo nearest to the picture, and nearest to the photo.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop import images
from styleprop.data import CropSampler
from styleprop.grain import read_style
from styleprop.losses import CONTENT_LAYERS, STYLE_LAYERS, content_loss, statistics_loss, style_statistics
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor
from styleprop.training.loop import Player, compile_trainer
from styleprop.training.own_style import read_code

CROP = 384  # pixels of the canvas
RATE, UNIT, LEAST = 0.15, 0.05, 0.01  # a step, in shares of each number and of the least one that has a share
CONTENT_WEIGHT = 0.5
KEPT = 0.8  # of the way that the code went: its last part follows the few photos of the last steps


class CodePlayer(Player):
    """Takes photos (B, S, S, 3) in [-1, 1] and moves a style code so that they are painted as the style is.

    Args:
        network: it stays as it is.
        features: a frozen network with `CONTENT_LAYERS` and some of `STYLE_LAYERS`.
        style: uint8 (H, W, 3), at the scale of the canvas.
        code: (1, K), where it starts.
    """

    def __init__(self, network: Autoencoder, features: FeatureNetwork, style: np.ndarray, code: np.ndarray):
        super().__init__()
        self.network, self.features = network, features
        self.style_layers = [name for name in STYLE_LAYERS if name in features.names]
        self.target = style_statistics(features(images.to_batch(style), names=self.style_layers))
        self.start, self.unit = ops.convert_to_tensor(code), ops.convert_to_tensor(UNIT * np.abs(code) + LEAST)
        self.move = self.add_weight(code.shape, "zeros", "float32", name="move", autocast=False)

    @property
    def learned(self) -> list[keras.Variable]:
        """The way that the code has gone."""
        return [self.move]

    @property
    def code(self) -> np.ndarray:
        """The code as it is to be kept, float32 (1, K)."""
        return ops.convert_to_numpy(self.start + KEPT * self.unit * self.move)

    def call(self, photos: Tensor, training: bool | None = None) -> Tensor:
        """The photos' paintings, within [-1, 1]."""
        latent, own = self.network.encode(photos)
        moved = self.network.propagate(latent, own, self.start + self.unit * self.move)
        return ops.clip(self.network.decoder(*moved), -1.0, 1.0)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The `style_loss`, and the `content_loss` by its weight."""
        names = list(dict.fromkeys((*self.style_layers, *CONTENT_LAYERS)))
        found = dict(zip(names, self.features(y_pred, names=names), strict=True))
        content = self.features(x, names=CONTENT_LAYERS)
        style = statistics_loss(style_statistics(found[name] for name in self.style_layers), self.target)
        return style + CONTENT_WEIGHT * content_loss([found[name] for name in CONTENT_LAYERS], content)


def train_style_code(
    network: Autoencoder,
    features: FeatureNetwork,
    style: np.ndarray,
    photos: Sequence[Path | np.ndarray],
    side: int,
    steps: int = 64,
) -> np.ndarray:
    """The style code with which photos are painted nearest to a picture.

    Args:
        network: of the code; it stays as it is.
        features: a frozen network that tells how near.
        style: uint8 (H, W, 3), read at the area of a square of this side.
        photos: to learn with.
        side: pixels of the photos' shorter sides.
        steps: of one crop each; 0 gives the code as it is read.

    Returns:
        float32 (1, K).
    """
    code = read_code(network, style, side)
    if not steps:
        return code
    player = CodePlayer(network, features, read_style(style, side), code)
    compile_trainer(player, keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps)))
    canvases = [_at_scale(photo, side) for photo in photos]
    sampler = CropSampler(canvases, min(CROP, side), seed=0)
    for step in range(steps):
        player.train_on_batch(sampler.batch(step, 1))
    return player.code


def _at_scale(photo: Path | np.ndarray, side: int) -> np.ndarray:
    image = photo if isinstance(photo, np.ndarray) else images.load(photo).image
    factor = side / min(image.shape[:2])
    return images.resize(image, *(max(side, round(factor * length)) for length in image.shape[1::-1]))
