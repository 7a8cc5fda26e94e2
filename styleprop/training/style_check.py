"""How a decoder stands that learns styles by heart: its distances from them on photos it does not learn from."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from styleprop import images
from styleprop.losses import APPEARANCE_LAYERS
from styleprop.metrics import FEATURE_SIDE, content_distance, perceptual_features, style_distance
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor
from styleprop.training.check import PairedCheck
from styleprop.training.held_out import read_squares
from styleprop.training.own_style import load_styles, read_code
from styleprop.training.state import WeightAverage

SIDE = 512
COUNT = 2


class StyleCheck(PairedCheck):
    """How near photos come to the styles.

    Its scores are "style" and "content", lower is better; its preview has a row of each photo and its stylizations. The
    distances are those of `evaluate`, by the product's own feature network: centre squares of 512 pixels, or of a
    smaller photo's side, stylized as the app does it, compared as copies of 256.

    Args:
        network: a second network with the weights to start from; the averaged ones, with the same encoder, are copied
            to it.
        content: held-out photos; the first two that can be read are used.
        styles: style pictures; the first two that can be read.
        features: gives what the distances are measured with; asked for when first they are.

    Raises:
        TrainingError: none of the photos, or of the style pictures, can be read.
    """

    def __init__(
        self,
        network: Autoencoder,
        content: Sequence[Path | np.ndarray],
        styles: Sequence[Path | np.ndarray],
        features: Callable[[], FeatureNetwork],
    ):
        self.network = network
        self.features: Any = features
        self.contents, self.styles = read_squares(content, COUNT, SIDE), load_styles(styles, COUNT)
        self._codes = [[read_code(network, style, len(photo)) for style in self.styles] for photo in self.contents]
        self._encodings = [network.encode(images.to_batch(photo)) for photo in self.contents]

    def look(self, average: WeightAverage) -> list[list[np.ndarray]]:
        """The stylizations of each photo; see `Check`."""
        average.copy_to(self.network)
        return [
            [self._stylize(latent, own, code) for code in codes]
            for (latent, own), codes in zip(self._encodings, self._codes, strict=True)
        ]

    def score(self, made: list[list[np.ndarray]]) -> dict[str, float]:
        """Scores of what `look` made; see `Check`."""
        contents, styles = self._targets  # now: the first preview need not wait for them
        scores = []
        for stylized, content in zip(made, contents, strict=True):
            for found, style in zip(self._all_features(stylized), styles, strict=True):
                scores.append((style_distance(found, style), content_distance(found, content)))
        return dict(zip(("style", "content"), map(float, np.mean(scores, axis=0)), strict=True))

    def pairs(self, made: list[list[np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray]]:
        """The photos, once for each style, and their stylizations."""
        return [(photo, one) for photo, row in zip(self.contents, made, strict=True) for one in row]

    @cached_property
    def _targets(self) -> tuple[list, list]:
        return self._all_features(self.contents), [self._whole_features(style) for style in self.styles]

    def _stylize(self, latent: Tensor, code: Tensor, target: np.ndarray) -> np.ndarray:
        decoded = self.network.decoder(*self.network.propagate(latent, code, target))
        return images.from_batch(ops.convert_to_numpy(decoded))

    def _whole_features(self, style: np.ndarray) -> list:
        batch = images.to_batch(images.resize_to_area(style, FEATURE_SIDE**2))
        return self.features()(batch, names=APPEARANCE_LAYERS)

    def _all_features(self, pictures: Iterable[np.ndarray]) -> list[list]:
        return [perceptual_features(self.features(), picture) for picture in pictures]
