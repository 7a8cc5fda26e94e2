"""How a CycleGAN stands: its translations of pictures that were set aside."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from styleprop import images
from styleprop.images.sheets import contact_sheet
from styleprop.metrics import domain_features, frechet_distance, psnr_db
from styleprop.models.cyclegan import CycleGAN, Generator
from styleprop.models.features import FeatureNetwork
from styleprop.training.check import PairedCheck
from styleprop.training.held_out import read_squares
from styleprop.training.state import WeightAverage

SHOWN = 8
SHEET_SIDE = 192


class TranslationCheck(PairedCheck):
    """How near translated photos come to paintings, and how near they come back.

    Its scores are "cycle_psnr_db" of photos, and, given features, "frechet_ratio": the Fréchet distance of translated
    photos to paintings over that of untouched photos. Its preview's rows: photos, paintings of them, photos again;
    paintings, photos of them.

    Args:
        cyclegan: a second network of the training's config; the averaged weights are copied to it.
        photos, paintings: pictures that were set aside; their centre squares of 256 pixels are used.
        features: VGG16 up to relu3_3 for the Fréchet distance; None leaves it out and looks at eight photos alone.
        folder: where `preview.png` goes; None keeps none.

    Raises:
        TrainingError: none of the photos or none of the paintings can be read.
    """

    def __init__(
        self,
        cyclegan: CycleGAN,
        photos: Sequence[Path | np.ndarray],
        paintings: Sequence[Path | np.ndarray],
        features: FeatureNetwork | None = None,
        folder: Path | None = None,
    ):
        count = len(photos) + len(paintings) if features else SHOWN
        self.network = cyclegan
        self.photos, self.paintings = read_squares(photos, count), read_squares(paintings, count)
        self.features: Any = features
        self.folder = folder
        self._targets: tuple[np.ndarray, float] | None = None

    def look(self, average: WeightAverage) -> tuple:
        """Photos as paintings and back again; see `Check`."""
        average.copy_to(self.network)
        painted = _translate(self.network.generator_ab, self.photos)
        return painted, _translate(self.network.generator_ba, painted)

    def sheet(self, made: tuple) -> np.ndarray:
        """Rows of photos, their paintings, those as photos again, paintings, and these as photos; see `Check`."""
        painted, cycled = made
        to_photo = _translate(self.network.generator_ba, self.paintings[:SHOWN])
        rows = [row[:SHOWN] for row in (self.photos, painted, cycled, self.paintings, to_photo)]
        return contact_sheet(rows, SHEET_SIDE)

    def score(self, made: tuple) -> dict[str, float]:
        """Scores of what `look` made; see `Check`."""
        painted, cycled = made
        known = [psnr_db(*pair) for pair in zip(self.photos, cycled, strict=True)]
        scores = {"cycle_psnr_db": float(np.mean(known))}
        return {**scores, "frechet_ratio": self._frechet_ratio(painted)} if self.features else scores

    def pairs(self, made: tuple) -> list[tuple[np.ndarray, np.ndarray]]:
        """The photos and their paintings."""
        return list(zip(self.photos, made[0], strict=True))

    def _frechet_ratio(self, painted: Sequence[np.ndarray]) -> float:
        if self._targets is None:
            target = domain_features(self.features, self.paintings)
            self._targets = target, frechet_distance(domain_features(self.features, self.photos), target)
        target, untouched = self._targets
        return frechet_distance(domain_features(self.features, painted), target) / max(untouched, 1e-12)


def _translate(generator: Generator, pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Translate squares; what is smaller than the generator's canvas is painted at the size of that, as by the app."""
    made = []
    for picture in pictures:
        side = len(picture)
        canvas = max(side, generator.config.canvas_side)
        painted = generator.predict_on_batch(images.to_batch(images.resize(picture, canvas, canvas)))
        made.append(images.resize(images.from_batch(painted), side, side))
    return made
