"""A picture painted at the canvas' scale: what there is to look at, at once, and the photo's own size when wished."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from styleprop import images
from styleprop.engine import enlarging, tiling
from styleprop.engine.canvas import Watcher
from styleprop.engine.drawing import Lines
from styleprop.engine.enlarging import Enlarger, enlarge_part
from styleprop.engine.results import Reconstruction
from styleprop.engine.scale import plan_canvas
from styleprop.errors import CancelledError

CANCELLED = "This picture was stopped."
R = TypeVar("R")


class Cancel(Protocol):
    """What tells a running job that it is not wanted any more, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True)
class Layer:
    """What is painted in one style.

    Attributes:
        painted: uint8 (h, w, 3), of the canvas' size.
        code: (1, K), the style code of what it was painted as.
        mask: fitted(height, width) is where it lies, uint8 (height, width); None is everywhere.
        lines: what is drawn over it, at the size of the outcome.
    """

    painted: np.ndarray
    code: Any
    mask: Callable[[int, int], np.ndarray] | None = None
    lines: Lines | None = None

    def drawn(self, array: np.ndarray, height: int, width: int, box: tuple[int, int, int, int]) -> np.ndarray:
        """A part of the painting with the lines over it; see `Lines.draw`."""
        return self.lines.draw(array, height, width, box) if self.lines else array


@dataclass(frozen=True)
class Painting(Generic[R]):
    """A painting of a photo.

    Attributes:
        photo: what was painted.
        canvas: uint8 (h, w, 3), the photo as it was painted: reduced, or as it is.
        layers: from below to above; none where the photo stays as it is.
        enlarger: takes it to the photo's size.
        finish: makes a result of (array, alpha, seconds).
        seconds: what it took to paint.
        kept: 0 to 1, how much of the photo's fine structure is put back.
        color: see `StyleOptions`.
    """

    photo: images.Picture
    canvas: np.ndarray
    layers: Sequence[Layer]
    enlarger: Enlarger
    finish: Callable[[np.ndarray, np.ndarray | None, float], R]
    seconds: float
    kept: float = 0.0
    color: str = "style"

    @cached_property
    def before(self) -> np.ndarray:
        """The photo at the preview's size, uint8 (h, w, 3): the canvas, or a screen's where that has more."""
        height, width, _ = plan_canvas(*self.photo.image.shape[:2])
        if height <= self.canvas.shape[0]:
            return self.canvas
        return images.resize(self.photo.image, width, height)

    @cached_property
    def preview(self) -> R:
        """The painting at the size of a screen, where a small photo has its own: nearly the full size, reduced."""
        start = time.perf_counter()
        height, width = self.before.shape[:2]
        alpha = self.photo.alpha
        small = None if alpha is None else images.resize(alpha, width, height)
        if self.before is not self.canvas:
            return replace(self, photo=images.Picture(self.before, small)).full()
        layers = self.layers
        if self.canvas.shape != self.photo.image.shape:
            layers = [replace(layer, painted=self._polished(layer.painted)) for layer in layers]
        array = replace(self, layers=layers).on_canvas()
        return self.finish(array, small, self.seconds + time.perf_counter() - start)

    def _polished(self, painted: np.ndarray) -> np.ndarray:
        return _mixed(self.enlarger.polish(painted, painted, self.canvas, 1.0), painted, self.kept)

    def full(self, watch: Watcher | None = None, cancel: Cancel | None = None) -> R:
        """The painting at the photo's size.

        Args:
            watch: called as watch(tiles_done, tiles_total).
            cancel: asked before each tile.

        Raises:
            CancelledError: `cancel` is set.
        """
        start = time.perf_counter()
        if not self.layers or self.canvas.shape == self.photo.image.shape:
            array = self.on_canvas() if self.layers else self.photo.image.copy()
        else:
            array = self._enlarged(watch, cancel)
        return self.finish(array, self.photo.alpha, self.seconds + time.perf_counter() - start)

    def without_lines(self) -> "Painting[R]":
        """The same with nothing drawn over it."""
        return replace(self, layers=[replace(layer, lines=None) for layer in self.layers])

    def on_canvas(self) -> np.ndarray:
        """The painting at the canvas' size, uint8 (h, w, 3)."""
        height, width = self.canvas.shape[:2]
        array = self.canvas.copy()
        for layer in self.layers:
            painted = layer.drawn(layer.painted, height, width, (0, 0, height, width))
            painted = recolor(painted, self.canvas, self.color)
            array = images.blend(array, painted, layer.mask(height, width)) if layer.mask else painted
        return array

    def _enlarged(self, watch: Watcher | None, cancel: Cancel | None) -> np.ndarray:
        height, width = self.photo.image.shape[:2]
        masks = [layer.mask and layer.mask(height, width) for layer in self.layers]
        array = np.empty_like(self.photo.image)
        begun = [self._last_but_one(layer, cancel) for layer in self.layers]

        def make(tile: tiling.Tile) -> np.ndarray:
            check_cancel(cancel)
            core = tile.core_slices
            part = self.photo.image[core]
            for layer, mask, small in zip(self.layers, masks, begun, strict=True):
                if mask is None:
                    part = self._part(layer, small, tile)
                elif mask[core].any():
                    part = images.blend(part, self._part(layer, small, tile), mask[core])
            return part

        tiling.fill(array, tiling.plan_tiles(height, width, enlarging.CORE, self.enlarger.margin), make, watch)
        return array

    def _last_but_one(self, layer: Layer, cancel: Cancel | None) -> np.ndarray:
        """A layer enlarged and refined up to the last step, which is made tile by tile."""
        painted = layer.painted
        if self.kept < 1:
            for height, width in self.enlarger.plan_steps(painted.shape[:2], self.photo.image.shape[:2])[:-1]:
                photo = images.resize(self.photo.image, width, height)
                painted = self._enlarged_whole(painted, photo, layer.code, cancel)
        return painted

    def _enlarged_whole(self, small: np.ndarray, photo: np.ndarray, code: Any, cancel: Cancel | None) -> np.ndarray:
        array = np.empty_like(photo)
        height, width = photo.shape[:2]

        def make(tile: tiling.Tile) -> np.ndarray:
            check_cancel(cancel)
            smooth = enlarge_part(small, height, width, tile.read)
            refined = self.enlarger.refine(smooth, photo[tile.read_slices], code, height / self.canvas.shape[0])
            return refined[tile.core_within_read]

        tiling.fill(array, tiling.plan_tiles(height, width, enlarging.CORE, self.enlarger.margin), make)
        return array

    def _part(self, layer: Layer, small: np.ndarray, tile: tiling.Tile) -> np.ndarray:
        """One tile: (1 - w) refined + w (smooth + the photo's fine structure), lines over it, in its colours."""
        height, width = self.photo.image.shape[:2]
        enlarge = partial(enlarge_part, height=height, width=width)
        photo = self.photo.image[tile.read_slices]
        made = enlarge(small, box=tile.read)
        if self.kept < 1:
            made = self.enlarger.refine(made, photo, layer.code, height / self.canvas.shape[0])
        if self.kept > 0:
            fine = photo.astype(np.int16) - enlarge(self.canvas, box=tile.read)
            made = _mixed(made, enlarge(layer.painted, box=tile.read) + fine, self.kept)
        made = layer.drawn(made[tile.core_within_read], height, width, tile.core)
        return recolor(made, photo[tile.core_within_read], self.color)


@dataclass(frozen=True)
class Reconstructing:
    """A reconstruction of a photo, of a copy that is fast at first; otherwise as `Painting`.

    Attributes:
        photo: what is reconstructed.
        small: a copy of at most 1.5 megapixels, or the photo itself where it has no more.
        make: make(picture, watch, cancel) reconstructs.
    """

    photo: images.Picture
    small: images.Picture
    make: Callable[..., Reconstruction]

    @property
    def before(self) -> np.ndarray:
        """The copy, uint8 (h, w, 3)."""
        return self.small.image

    @cached_property
    def preview(self) -> Reconstruction:
        """The reconstruction of the copy."""
        return self.make(self.small)

    def full(self, watch: Watcher | None = None, cancel: Cancel | None = None) -> Reconstruction:
        """That of the photo. Raises CancelledError where `cancel` is set."""
        return self.preview if self.small is self.photo else self.make(self.photo, watch, cancel)


def check_cancel(cancel: Cancel | None) -> None:
    """Raise CancelledError where a job is not wanted any more."""
    if cancel is not None and cancel.is_set():
        raise CancelledError(CANCELLED)


def _mixed(refined: np.ndarray, detailed: np.ndarray, weight: float) -> np.ndarray:
    mixed = refined + np.float32(weight) * (detailed - refined)
    return np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)


def recolor(array: np.ndarray, content: np.ndarray, color: str) -> np.ndarray:
    """A painting in the colours that are wished: see `StyleOptions.color`."""
    if color == "content":
        return images.keep_colors(array, content)
    return images.only_colors(array, content) if color == "only" else array
