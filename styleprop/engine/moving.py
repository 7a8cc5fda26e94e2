"""Frames of a clip, painted one after the other with statistics that follow slowly, so that nothing breathes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from styleprop import images
from styleprop.config import VideoOptions
from styleprop.engine.canvas import encode, share_of_fringes
from styleprop.engine.drawing import Drawing, find_lines
from styleprop.engine.enlarging import Enlarger
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.painting import Layer, Painting
from styleprop.engine.scale import CANVAS_SIDE, Scale, plan_canvas
from styleprop.fringes import Fringes

NONE = Drawing()
FAST_SIDE = 360  # of the canvas' shorter side where it is to be fast, pixels


@dataclass(frozen=True)
class Brush:
    """What all frames of a clip are painted with.

    Attributes:
        network: encodes and decodes.
        plan: the canvas of a frame's height and width.
        target: gives the (1, K) style code as it is read at a side of some pixels, for the first frame's canvas.
        enlarger: takes a painting to the frame's size.
        strength: 0 to 1, of the style.
        kept: 0 to 1, how much of the frame's fine structure is put back.
        color: see `StyleOptions`.
        drawing: what is done beside painting.
        growth: height and width at which a canvas is painted, where that is larger; None is as it is.
    """

    network: CompiledAutoencoder
    plan: Callable[[int, int], Scale]
    target: Callable[[float, np.ndarray], Any]
    enlarger: Enlarger
    strength: float
    kept: float = 0.0
    color: str = "style"
    drawing: Drawing = NONE
    growth: Callable[[int, int], tuple[int, int]] | None = None


def plan_frames(quality: str, brush: float = 1.0, side: int = CANVAS_SIDE) -> Callable[[int, int], Scale]:
    """The canvas of frames: as that of pictures, or a smaller one where it is to be fast. Raises SettingsError."""
    quality = VideoOptions(quality).quality
    side = min(side, FAST_SIDE) if quality == "fast" else side
    return lambda height, width: plan_canvas(height, width, brush, side)


class FramePainter:
    """Paints the frames of one clip; not to be shared by threads."""

    def __init__(self, brush: Brush):
        self.brush = brush
        self._target: tuple[float, Any] = (0.0, None)
        self._code: Any = None
        self._statistics: list = []

    def __call__(self, frame: np.ndarray, kept: float) -> np.ndarray:
        """Paint the next frame.

        Args:
            frame: uint8 (H, W, 3).
            kept: 0 to 1, how much of the content's statistics are those of the frames before; 0 after a cut.

        Returns:
            uint8 (H, W, 3).
        """
        brush, scale = self.brush, self.brush.plan(*frame.shape[:2])
        canvas = images.resize(frame, scale.width, scale.height)
        if self._target[0] != scale.reading:
            self._target = scale.reading, brush.target(scale.reading, canvas)
        lines = brush.drawing.draw(lambda: find_lines(frame, brush.drawing.brush))
        layer = Layer(self._paint(canvas, kept), self._target[1], lines=lines)
        picture = images.Picture(frame)
        return Painting(picture, canvas, [layer], brush.enlarger, _array, 0.0, brush.kept, brush.color).full()

    def _paint(self, canvas: np.ndarray, kept: float) -> np.ndarray:
        brush = self.brush
        network, strength = brush.network, brush.strength
        height, width = canvas.shape[:2]
        rows, columns = brush.growth(height, width) if brush.growth else (height, width)
        grown = images.resize(canvas, columns, rows)
        batch, latent, own = encode(network, grown, calmed=True)
        if self._code is None or kept <= 0:
            self._code = own
            painted, self._statistics = network.decode(latent, own, self._target[1], strength)
        else:
            self._code = own + kept * (self._code - own)
            arguments = latent, self._code, self._target[1], strength
            painted, self._statistics = network.decode_following(*arguments, self._statistics, kept)
        painted = painted.numpy()
        if brush.kept > 0:
            lost = batch - network.decode(latent, own, own, 0.0)[0].numpy()
            painted = painted + np.float32(brush.kept) * lost
        array = images.from_batch(painted[:, :rows, :columns])
        amount = share_of_fringes(self._code, self._target[1], strength)
        array = images.resize(Fringes(grown).remove(array, amount) if amount > 0 else array, width, height)
        return brush.drawing.finish(array)


def _array(array: np.ndarray, _alpha: np.ndarray | None, _seconds: float) -> np.ndarray:
    return array
