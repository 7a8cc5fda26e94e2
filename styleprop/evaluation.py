"""How good a method is: stylizations of every content by every style, scored; reconstructions, scored; seconds."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from styleprop import images
from styleprop.data import list_images
from styleprop.errors import ImageError
from styleprop.metrics import (
    content_distance,
    perceptual_features,
    psnr_db,
    ssim,
    style_distance,
)
from styleprop.models.features import FeatureNetwork

LOOKED_AT = 512  # pixels a side, by `score_side`: about what a screen shows of a picture
Stylize = Callable[[np.ndarray, np.ndarray], np.ndarray]
Watcher = Callable[[int, int, np.ndarray], None]


@dataclass(frozen=True)
class MethodScore:
    """Means over all pairs of content and style.

    Attributes:
        name: the method's.
        content_distance: 0 (the photo itself) to 2; see `metrics.content_distance`.
        style_distance: 0 (the style itself) upwards; see `metrics.style_distance`.
        ssim: structural similarity to the content, at most 1.
        seconds: median time for one picture, or None where there is nothing to time.
    """

    name: str
    content_distance: float
    style_distance: float
    ssim: float
    seconds: float | None = None


@dataclass(frozen=True)
class ReconstructionScore:
    """Means over the contents of the reconstructions' PSNR (dB) and SSIM."""

    psnr_db: float
    ssim: float


def load_squares(folder: str | Path, count: int, side: int) -> list[np.ndarray]:
    """The first `count` pictures of a folder by name, each its centre square of `side` pixels, uint8 (side, side, 3).

    Raises:
        TrainingError: the folder is missing or has no pictures.
        ImageError: one of them cannot be read; the sentence names it.
    """
    return [images.center_square(_load(path), side) for path in first_by_name(folder, count)]


def first_by_name(folder: str | Path, count: int) -> list[Path]:
    """The first `count` pictures of a folder by name. Raises TrainingError where it is missing or has none."""
    return sorted(list_images([folder]), key=lambda path: path.name)[:count]


def _load(path: Path) -> np.ndarray:
    try:
        return images.load(path).image
    except ImageError as error:
        raise ImageError(f"{path.name}: {error}") from error


class PairScorer:
    """Scores methods on every pair of contents and styles; the pictures' own features are computed once.

    Args:
        network: VGG16 up to relu4_3.
        contents, styles: uint8 (H, W, 3).
    """

    def __init__(self, network: FeatureNetwork, contents: Sequence[np.ndarray], styles: Sequence[np.ndarray]):
        self.network = network
        self.contents, self.styles = contents, styles
        self._content_features = [perceptual_features(network, content) for content in contents]
        self._style_features = [perceptual_features(network, style) for style in styles]

    def score_unchanged(self, name: str = "the photo unchanged") -> MethodScore:
        """What doing nothing scores."""
        distances = [
            style_distance(content, style) for content in self._content_features for style in self._style_features
        ]
        return MethodScore(name, 0.0, statistics.fmean(distances), 1.0)

    def score(self, name: str, stylize: Stylize, watch: Watcher | None = None) -> MethodScore:
        """Time and score a method.

        Args:
            name: for the table.
            stylize: content and style, uint8 (H, W, 3), to a picture of the content's size. A result of another size is
                resampled to it.
            watch: called as watch(content_number, style_number, stylized) after each pair, contents in the outer loop.
        """
        seconds = self._median_seconds(stylize)
        rows = []
        for row, content in enumerate(self.contents):
            for column, style in enumerate(self.styles):
                stylized = _same_size(stylize(content, style), content)
                rows.append(self._score_pair(stylized, row, column))
                if watch:
                    watch(row, column, stylized)
        means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
        return MethodScore(name, means[0], means[1], means[2], seconds)

    def _score_pair(self, stylized: np.ndarray, row: int, column: int) -> tuple[float, float, float]:
        features = perceptual_features(self.network, stylized)
        return (
            content_distance(features, self._content_features[row]),
            style_distance(features, self._style_features[column]),
            ssim(stylized, self.contents[row]),
        )

    def _median_seconds(self, stylize: Stylize) -> float:
        """Over pairs whose content and style are both new; mirrored, so that scoring does not profit from them."""
        stylize(self.contents[0][::-1, ::-1], self.styles[0][::-1, ::-1])
        times = []
        for content, style in zip(self.contents, self.styles, strict=False):
            start = time.perf_counter()
            stylize(np.ascontiguousarray(content[:, ::-1]), np.ascontiguousarray(style[:, ::-1]))
            times.append(time.perf_counter() - start)
        return statistics.median(times)


@dataclass(frozen=True)
class SideScore:
    """Means over all pairs, of pictures painted at one size and all looked at at another.

    Attributes:
        side: of the square photos, pixels.
        name: the method's.
        content_distance, style_distance: as in `MethodScore`, but of copies of `LOOKED_AT` pixels a side.
        seconds: median time for one picture.
    """

    side: int
    name: str
    content_distance: float
    style_distance: float
    seconds: float


def score_side(
    network: FeatureNetwork,
    side: int,
    paths: Sequence[Path],
    styles: Sequence[np.ndarray],
    methods: dict[str, Stylize],
    tick: Callable[[], object] = lambda: None,
) -> list[SideScore]:
    """Score methods on photos resampled to a side; one photo is held at a time, whatever its size.

    Args:
        network: VGG16 up to relu4_3.
        side: of the photos' centre squares, pixels.
        paths: of the photos.
        styles: uint8 (H, W, 3).
        methods: by name.
        tick: called after each pair.

    Raises:
        ImageError: a photo cannot be read; the sentence names it.
    """
    targets = [perceptual_features(network, style, LOOKED_AT) for style in styles]
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in methods}
    for path in paths:
        content = images.center_square(_load(path), side)
        own = perceptual_features(network, content, LOOKED_AT)
        for style, target in zip(styles, targets, strict=True):
            for name, stylize in methods.items():
                start = time.perf_counter()
                made = stylize(content, style)
                seconds = time.perf_counter() - start
                features = perceptual_features(network, made, LOOKED_AT)
                rows[name].append((content_distance(features, own), style_distance(features, target), seconds))
            tick()
    return [_side_score(side, name, list(zip(*found, strict=True))) for name, found in rows.items()]


def _side_score(side: int, name: str, columns: list[tuple[float, ...]]) -> SideScore:
    content, style, seconds = columns
    return SideScore(side, name, statistics.fmean(content), statistics.fmean(style), statistics.median(seconds))


def _same_size(stylized: np.ndarray, content: np.ndarray) -> np.ndarray:
    height, width = content.shape[:2]
    return stylized if stylized.shape == content.shape else images.resize(stylized, width, height)


def score_reconstruction(
    reconstruct: Callable[[np.ndarray], np.ndarray], contents: Sequence[np.ndarray]
) -> ReconstructionScore:
    """Score reconstructions, uint8 (H, W, 3) to the same; an exact one makes the PSNR infinite."""
    pairs = [(content, reconstruct(content)) for content in contents]
    return ReconstructionScore(
        statistics.fmean(psnr_db(*pair) for pair in pairs), statistics.fmean(ssim(*pair) for pair in pairs)
    )
