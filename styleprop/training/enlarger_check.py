"""How an enlarger stands: held-out photos painted in held-out styles, at full size."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops
from PIL import Image

from styleprop import images
from styleprop.images.sheets import contact_sheet
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.enlarger import STRIDE, Enlarger, plan_steps
from styleprop.outlines import flat_pattern, leak, outline_energy, overshoot
from styleprop.training.check import Check
from styleprop.training.held_out import read_squares
from styleprop.training.painted import enlarge, stylize
from styleprop.training.state import WeightAverage

COUNT, FACTOR = 4, 3
SHOWN = 384  # pixels of the middle of each picture, in the preview


class EnlargerCheck(Check):
    """How paintings look at three times their size.

    Its scores are those of `outlines`: "energy", "overshoot", "flat" and "leak", medians. Its preview has a row of each
    photo's middle: the photo, the painting enlarged, and that refined.

    Args:
        network: a second network of the training's config; the averaged weights are copied to it.
        painter: the autoencoder whose paintings are enlarged.
        content, style: held-out photos and paintings; the first four of each that can be read are used, their centre
            squares.
        side: of the squares of photos, pixels; a multiple of 24.
        folder: where `preview.png` goes; None keeps none.

    Raises:
        TrainingError: none of the photos, or of the paintings, can be read.
    """

    def __init__(
        self,
        network: Enlarger,
        painter: Autoencoder,
        content: Sequence[Path | np.ndarray],
        style: Sequence[Path | np.ndarray],
        side: int,
        folder: Path | None = None,
    ):
        self.network = network
        self.painter = painter
        self.photos = [images.center_square(photo, side) for photo in read_squares(content, COUNT, side)]
        self.styles = read_squares(style, COUNT, side // FACTOR)
        self.folder = folder

    def look(self, average: WeightAverage) -> list[np.ndarray]:
        """The refined paintings; see `Check`."""
        average.copy_to(self.network)
        return [enlarge_painting(self.network, canvas, photo, code) for photo, canvas, code in self._painted]

    def sheet(self, made: list[np.ndarray]) -> np.ndarray:
        """A row of middles each; see `Check`."""
        rows = [
            [_middle(image) for image in (photo, enlarge(canvas, len(photo)), refined)]
            for (photo, canvas, _), refined in zip(self._painted, made, strict=True)
        ]
        return contact_sheet(rows, min(SHOWN, len(made[0])))

    def score(self, made: list[np.ndarray]) -> dict[str, float]:
        """Scores of what `look` made; see `Check`. One that has nothing to be measured at is left out."""
        figures: dict[str, list[float]] = {"energy": [], "overshoot": [], "flat": [], "leak": []}
        for (photo, canvas, _), refined in zip(self._painted, made, strict=True):
            figures["energy"].append(outline_energy(refined, photo))
            figures["overshoot"].append(overshoot(refined, enlarge(canvas, len(photo)), photo))
            figures["flat"].append(flat_pattern(refined, photo))
            figures["leak"].append(leak(refined, photo))
        known = {name: [value for value in values if np.isfinite(value)] for name, values in figures.items()}
        return {name: float(np.median(values)) for name, values in known.items() if values}

    @cached_property
    def _painted(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        found = []
        for index, photo in enumerate(self.photos):
            side = len(photo) // FACTOR
            canvas, code = stylize(
                self.painter, images.resize(photo, side, side), self.styles[index % len(self.styles)]
            )
            found.append((photo, canvas, code))
        return found


def enlarge_painting(network: Any, canvas: np.ndarray, photo: np.ndarray, code: np.ndarray) -> np.ndarray:
    """A uint8 painting of any size brought to its photo's, step by step; see `plan_steps`. The code is (1, K)."""
    painting = canvas
    for height, width in plan_steps(canvas.shape[:2], photo.shape[:2]):
        enlarged = np.array(Image.fromarray(painting).resize((width, height), Image.Resampling.BICUBIC))
        painting = refine(network, enlarged, images.resize(photo, width, height), code)
    return painting


def refine(network: Any, enlarged: np.ndarray, photo: np.ndarray, code: np.ndarray) -> np.ndarray:
    """What an enlarger makes of a painting and its photo, uint8 (H, W, 3) of one size, and a code (1, K)."""
    batches = [images.pad_to_multiple(images.to_batch(image), STRIDE) for image in (enlarged, photo)]
    made = ops.convert_to_numpy(network(*batches, code))
    return images.from_batch(made[:, : photo.shape[0], : photo.shape[1]])


def _middle(image: np.ndarray) -> np.ndarray:
    edge = max(0, len(image) - SHOWN) // 2
    return image[edge : edge + SHOWN, edge : edge + SHOWN]
