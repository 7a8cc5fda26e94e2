"""What every look at a training has in common."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from styleprop.training.state import WeightAverage


class Check(ABC):
    """What `loop.train` calls with the averaged weights, every so often: scores and a contact sheet.

    Attributes:
        network: a second network of the training's config, to which the averaged weights are copied.
    """

    network: Any

    def __call__(self, average: WeightAverage) -> tuple[dict[str, float], np.ndarray]:
        """Scores by name, and the preview."""
        made, preview = self.look(average)
        return self.score(made), preview

    @abstractmethod
    def look(self, average: WeightAverage) -> tuple[Any, np.ndarray]:
        """The pictures that the averaged weights make, for `score`, and the preview of them, uint8 (H, W, 3)."""

    @abstractmethod
    def score(self, made: Any) -> dict[str, float]:
        """Scores by name of what `look` made."""


class PairedCheck(Check):
    """One whose pictures can be laid beside what is made of them."""

    @abstractmethod
    def pairs(self, made: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Held-out pictures, uint8, and what `look` made of each."""
