"""Photos reduced to the canvas and encoded, each once, however often a slider moves."""

import math

import cv2
import numpy as np

from styleprop import images
from styleprop.engine import tiling
from styleprop.engine.cache import RecentlyUsed
from styleprop.engine.canvas import WholeCanvas
from styleprop.engine.drawing import find_lines, plan_lines
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.scale import Scale

KEPT_ENCODED, KEPT_REDUCED = 4, 8


def _averaged(image: np.ndarray) -> np.ndarray:
    """A picture of the largest canvas' area, of means over pixels: a fifth of Lanczos' time, and not the last step."""
    share = math.sqrt(tiling.WHOLE_PIXELS / (image.shape[0] * image.shape[1]))
    width, height = (max(round(side * share), images.MIN_SIDE) for side in image.shape[1::-1])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


class Easels:
    """Keeps what was used last; safe to share by threads."""

    def __init__(self, network: CompiledAutoencoder):
        self._network = network
        self._encoded = RecentlyUsed(KEPT_ENCODED)
        self._reduced = RecentlyUsed(KEPT_REDUCED)
        self._lines = RecentlyUsed(KEPT_REDUCED)

    def reduced(self, picture: images.Picture, height: int, width: int) -> np.ndarray:
        """A picture at a canvas' size, uint8 (height, width, 3); the picture's own array where it has that size.

        A large one is reduced by way of the largest canvas that there is, which is kept for the next brush.
        """
        image = picture.image
        if (height, width) == image.shape[:2]:
            return image
        if image.shape[0] * image.shape[1] > tiling.WHOLE_PIXELS:
            image = self._reduced.get(picture.key, lambda: _averaged(picture.image))
        return images.resize(image, width, height)

    def lines(self, picture: images.Picture, brush: float) -> np.ndarray:
        """The field of a photo's outlines, see `drawing`."""
        height, width = picture.image.shape[:2]
        size = plan_lines(height, width, brush)
        return self._lines.get((picture.key, *size), lambda: find_lines(self.reduced(picture, *size), brush))

    def whole(self, picture: images.Picture, scale: Scale) -> WholeCanvas:
        """The encoded canvas; its key is the picture's, and whether a style is read at the canvas' own scale."""
        size = scale.height, scale.width
        key = picture.key, scale.reading == min(size)

        def make() -> WholeCanvas:
            return WholeCanvas(self._network, self.reduced(picture, *size), key)

        return self._encoded.get((*key, *size), make)
