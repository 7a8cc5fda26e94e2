"""How near a CycleGAN's paintings come to a domain's, on pictures that its training set aside.

The network that judges is none that the training used.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from styleprop import images
from styleprop.areas import flat_deviation, lattice, overshoot, palette_distance, step_edges
from styleprop.data import noisy_gradients
from styleprop.metrics import FEATURE_SIDE, domain_features, frechet_distance, psnr_db
from styleprop.models.features import FeatureNetwork

Pictures = Sequence[np.ndarray]
Translate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, float]]
Paint = Callable[[np.ndarray], np.ndarray]
GRADIENTS = 6


@dataclass(frozen=True)
class DomainScore:
    """How a domain does on photos of one size; pictures are looked at in copies of 256 pixels.

    Attributes:
        side: of the photos, pixels.
        frechet_ratio: Fréchet distance of VGG16's relu3_3 between translated photos and paintings, over that between
            the untouched photos and the same paintings; 1 is no better than doing nothing.
        real_ratio: the same for other real paintings of the domain, what a perfect translator would have.
        palette_ratio: `areas.palette_distance` of translated photos to the paintings, over the untouched photos'.
        flat_grain: local deviation where the photos are flattest, over that of the paintings where they are.
        gradient_grain: the same of translated gradients with a noise of 1 to 3 grey levels.
        overshoot: beside a step edge, grey levels, the worst of four edges, without the lines that a domain draws.
        lattice: the strongest line at period 4 or 8 in the spectrum of translated gradients; 1 is none.
        cycle_psnr_db: of the photos and their round trips, mean, for information.
        seconds: median time for one picture, one way.
    """

    side: int
    frechet_ratio: float
    real_ratio: float
    palette_ratio: float
    flat_grain: float
    gradient_grain: float
    overshoot: float
    lattice: float
    cycle_psnr_db: float
    seconds: float


class DomainJudge:
    """Scores translations of set-aside photos against set-aside paintings; what does not change is computed once.

    Args:
        network: VGG16 up to relu3_3.
        photos, paintings: uint8 (H, W, 3), squares.
        others: other paintings of the same domain.
    """

    def __init__(self, network: FeatureNetwork, photos: Pictures, paintings: Pictures, others: Pictures):
        self.network = network
        self.photos = [_looked_at(photo) for photo in photos]
        self.paintings = [_looked_at(painting) for painting in paintings]
        self._target = domain_features(network, self.paintings)
        self._untouched = frechet_distance(domain_features(network, self.photos), self._target)
        self._real = frechet_distance(domain_features(network, others), self._target)
        self._palette = palette_distance(self.photos, self.paintings)
        self._flat = flat_deviation(self.paintings)

    def score(self, translate: Translate, paint: Paint, photos: Pictures) -> tuple[DomainScore, list[np.ndarray]]:
        """Score a translator.

        Args:
            translate: photo, uint8 (H, W, 3), to (painting, photo again at the canvas' size, seconds for the first).
            paint: photo to painting without lines.
            photos: those of the judge at the size that is to be judged.

        Returns:
            The scores, and the translated photos.
        """
        side = photos[0].shape[0]
        made = [translate(photo) for photo in photos]
        painted = [result[0] for result in made]
        seen = [_looked_at(picture) for picture in painted]
        gradients = [translate(picture)[0] for picture in _gradients(side)]
        score = DomainScore(
            side,
            frechet_distance(domain_features(self.network, seen), self._target) / self._untouched,
            self._real / self._untouched,
            palette_distance(seen, self.paintings) / self._palette,
            flat_deviation(seen, self.photos) / self._flat,
            statistics.fmean(flat_deviation([_looked_at(x)]) for x in gradients) / self._flat,
            max(overshoot(paint(edge)) for edge in step_edges(side)),
            lattice(gradients),
            statistics.fmean(_cycle_psnr(photo, result[1]) for photo, result in zip(photos, made, strict=True)),
            statistics.median(result[2] for result in made),
        )
        return score, painted


def _looked_at(image: np.ndarray) -> np.ndarray:
    return image if image.shape[:2] == (FEATURE_SIDE,) * 2 else images.resize(image, FEATURE_SIDE, FEATURE_SIDE)


def _cycle_psnr(photo: np.ndarray, cycled: np.ndarray) -> float:
    """At the size of the round trip, which is that of the canvas."""
    height, width = cycled.shape[:2]
    return psnr_db(images.resize(photo, width, height), cycled)


def _gradients(side: int) -> list[np.ndarray]:
    return [images.from_batch(x[None]) for x in noisy_gradients(GRADIENTS, side, seed=1, noise=(1.0, 3.0))]
