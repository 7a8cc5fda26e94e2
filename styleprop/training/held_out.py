"""How a training stands: scores and a preview of pictures it does not learn from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from styleprop import images
from styleprop.errors import ImageError, TrainingError
from styleprop.images.sheets import contact_sheet
from styleprop.losses import CONTENT_LAYERS, STYLE_LAYERS, FeatureLoss, content_loss, style_loss
from styleprop.metrics import psnr_db
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor
from styleprop.training.check import PairedCheck
from styleprop.training.state import WeightAverage

SIDE = 256
MULTIPLE = 16  # of the networks' strides and of what the feature network halves
COUNT = 4


class HeldOutCheck(PairedCheck):
    """How well held-out pictures are reconstructed and, by a stylizer, stylized.

    Its scores are "psnr_db" and, of a stylizer, "content" and "style". Its preview has rows, or columns where these are
    fewer: content, style, stylized and reconstruction, without the middle two for an autoencoder.

    Args:
        network: a second network of the training's config; the averaged weights are copied to it.
        content: held-out pictures; the first four that can be read are used, their centre squares of 256 pixels.
        style: held-out style pictures, for a stylizer.
        features: the training's feature network, for a stylizer.
        folder: where `preview.png` goes; None keeps none.

    Raises:
        TrainingError: none of the pictures can be read.
    """

    def __init__(
        self,
        network: Autoencoder,
        content: Sequence[Path | np.ndarray],
        style: Sequence[Path | np.ndarray] = (),
        features: FeatureNetwork | None = None,
        folder: Path | None = None,
    ):
        self.network = network
        self.contents = read_squares(content, COUNT)
        self.styles = read_squares(style, COUNT) if features else []
        self.features: Any = features
        self.folder = folder

    def look(self, average: WeightAverage) -> tuple:
        """Reconstructions and stylizations; see `Check`."""
        average.copy_to(self.network)
        styles = _cycle(self.styles, len(self.contents)) if self.features else []
        return [self._reconstruct(image) for image in self.contents], list(map(self._stylize, self.contents, styles))

    def sheet(self, made: tuple) -> np.ndarray:
        """Rows or columns of pictures, styles, stylizations and reconstructions; see `Check`."""
        reconstructions, stylized = made
        rows: list[Sequence[np.ndarray]] = [self.contents, reconstructions]
        if stylized:
            rows[1:1] = [_cycle(self.styles, len(stylized)), stylized]
        return contact_sheet(rows if len(rows) <= len(rows[0]) else list(zip(*rows, strict=True)), SIDE)

    def score(self, made: tuple) -> dict[str, float]:
        """Scores of what `look` made; see `Check`."""
        reconstructions, stylized = made
        known = [psnr_db(*pair) for pair in zip(self.contents, reconstructions, strict=True)]
        scores = {"psnr_db": float(np.mean(known))}
        return scores | self._losses(stylized) if stylized else scores

    def pairs(self, made: tuple) -> list[tuple[np.ndarray, np.ndarray]]:
        """The pictures and their reconstructions."""
        return list(zip(self.contents, made[0], strict=True))

    def _reconstruct(self, image: np.ndarray) -> np.ndarray:
        return _to_image(self.network(images.to_batch(image)))

    def _stylize(self, content: np.ndarray, style: np.ndarray) -> np.ndarray:
        latent, code = self.network.encode(images.to_batch(content))
        _, target = self.network.encode(images.to_batch(style))
        return _to_image(self.network.decoder(*self.network.propagate(latent, code, target)))

    def _losses(self, stylized: Sequence[np.ndarray]) -> dict[str, float]:
        content, style = [], []
        for image, photo, painting in zip(stylized, self.contents, _cycle(self.styles, len(stylized)), strict=True):
            content.append(self._loss(content_loss, CONTENT_LAYERS, image, photo))
            style.append(self._loss(style_loss, STYLE_LAYERS, image, painting))
        return {"content": float(np.mean(content)), "style": float(np.mean(style))}

    def _loss(self, loss: FeatureLoss, layers: Sequence[str], image: np.ndarray, other: np.ndarray) -> float:
        layers = [name for name in layers if name in self.features.names]
        maps = [self.features(images.to_batch(picture), names=layers) for picture in (image, other)]
        return float(loss(*maps))


def read_squares(
    pictures: Sequence[Path | np.ndarray], count: int, side: int = SIDE, *, enlarge: bool = False
) -> list[np.ndarray]:
    """Centre squares of the first `count` pictures that can be read, of `side` pixels.

    A smaller picture is enlarged, or cut to a multiple of 16 pixels. Raises TrainingError where none can be read.
    """
    found: list[np.ndarray] = []
    for picture in pictures:
        try:
            image = images.load(picture).image
        except ImageError:
            continue
        found.append(images.center_square(image, side) if enlarge else _square(image, side))
        if len(found) == count:
            break
    if not found:
        raise TrainingError("None of the held-out pictures can be read.")
    return found


def _square(image: np.ndarray, side: int) -> np.ndarray:
    height, width = image.shape[:2]
    if min(height, width) >= side or min(height, width) < MULTIPLE:
        return images.center_square(image, side)
    side = min(height, width) // MULTIPLE * MULTIPLE
    return images.crop_square(image, (width - side) // 2, (height - side) // 2, side, side)


def _cycle(values: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    return [values[index % len(values)] for index in range(count)]


def _to_image(batch: Tensor) -> np.ndarray:
    return images.from_batch(ops.convert_to_numpy(batch))
