"""What every look at a training has in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

from styleprop import images
from styleprop.images.sheets import contact_sheet
from styleprop.training.run_folder import PREVIEW_FILE
from styleprop.training.state import WeightAverage

ROWS, SIDE = 4, 256  # of pictures laid beside what is made of them, and pixels


class Check(ABC):
    """What `loop.train` calls with the averaged weights, every so often: scores and a contact sheet.

    Attributes:
        network: a second network of the training's config, to which the averaged weights are copied.
        folder: where `preview.png` goes; None keeps none.
    """

    network: Any
    folder: Path | None = None

    def __call__(self, average: WeightAverage) -> tuple[dict[str, float], np.ndarray]:
        """Scores by name, and the preview."""
        made = self.look(average)
        preview = self.sheet(made)
        if self.folder:
            images.save(preview, self.folder / PREVIEW_FILE)
        return self.score(made), preview

    @abstractmethod
    def look(self, average: WeightAverage) -> Any:
        """The pictures that the averaged weights make, for `sheet` and `score`."""

    @abstractmethod
    def sheet(self, made: Any) -> np.ndarray:
        """The preview of what `look` made, uint8 (H, W, 3)."""

    @abstractmethod
    def score(self, made: Any) -> dict[str, float]:
        """Scores by name of what `look` made."""


class PairedCheck(Check):
    """One whose pictures can be laid beside what is made of them."""

    @abstractmethod
    def pairs(self, made: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Held-out pictures, uint8, and what `look` made of each."""

    def beside(self, made: Any) -> np.ndarray:
        """Rows of a picture and what `look` made of it, uint8; the first few."""
        return contact_sheet(self.pairs(made)[:ROWS], SIDE)

    def sheet(self, made: Any) -> np.ndarray:
        """The same, where a check has no more to show."""
        return self.beside(made)
