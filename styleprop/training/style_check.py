"""How a decoder stands that learns styles by heart: its distances from them on photos it does not learn from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from styleprop import images
from styleprop.images.sheets import contact_sheet
from styleprop.losses import APPEARANCE_LAYERS
from styleprop.metrics import FEATURE_SIDE, content_distance, perceptual_features, style_distance
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.training.held_out import read_squares
from styleprop.training.own_style import load_styles, read_code
from styleprop.training.state import WeightAverage

SIDE, SHEET_SIDE = 512, 256
COUNT = 2


class StyleCheck:
    """What `loop.train` calls with the averaged weights, every so often: scores and a contact sheet.

    The distances are those of `evaluate`, by the product's own feature network: centre squares of 512 pixels, or of a
    smaller photo's side, stylized as the app does it, compared as copies of 256.

    Args:
        network: a second network with the weights to start from; the averaged ones, with the same encoder, are copied
            to it.
        content: held-out photos; the first two that can be read are used.
        styles: style pictures; the first two that can be read.
        features: what the distances are measured with.

    Raises:
        TrainingError: none of the photos, or of the style pictures, can be read.
    """

    def __init__(
        self,
        network: Autoencoder,
        content: Sequence[Path | np.ndarray],
        styles: Sequence[Path | np.ndarray],
        features: FeatureNetwork,
    ):
        self.network = network
        self.features: Any = features
        self.contents, self.styles = read_squares(content, COUNT, SIDE), load_styles(styles, COUNT)
        self._codes = [[read_code(network, style, len(photo)) for style in self.styles] for photo in self.contents]
        self._encodings = [network.encode(images.to_batch(photo)) for photo in self.contents]
        self._content_features = self._all_features(self.contents)
        self._style_features = [self._whole_features(style) for style in self.styles]

    def __call__(self, average: WeightAverage) -> tuple[dict[str, float], np.ndarray]:
        """Scores "style" and "content", lower is better, and the preview: a row of each photo and its stylizations."""
        average.copy_to(self.network)
        rows, scores = [], []
        for row, content in enumerate(self.contents):
            latent, own = self._encodings[row]
            stylized = [self._stylize(latent, own, code) for code in self._codes[row]]
            rows.append([content, *stylized])
            for found, wanted in zip(self._all_features(stylized), self._style_features, strict=True):
                content_score = content_distance(found, self._content_features[row])
                scores.append((style_distance(found, wanted), content_score))
        means = dict(zip(("style", "content"), map(float, np.mean(scores, axis=0)), strict=True))
        return means, contact_sheet([[None, *self.styles], *rows], SHEET_SIDE)

    def _stylize(self, latent, code, target: np.ndarray) -> np.ndarray:
        decoded = self.network.decoder(*self.network.propagate(latent, code, target))
        return images.from_batch(ops.convert_to_numpy(decoded))

    def _whole_features(self, style: np.ndarray) -> list:
        batch = images.to_batch(images.resize_to_area(style, FEATURE_SIDE**2))
        return self.features(batch, names=APPEARANCE_LAYERS)

    def _all_features(self, pictures) -> list:
        return [perceptual_features(self.features, picture) for picture in pictures]
