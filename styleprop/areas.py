"""What a translation does where there is little to paint: flat areas, gradients, edges; and its colours.

Pictures are uint8 (H, W, 3); figures are grey levels of 255 unless said otherwise.
"""

from collections.abc import Callable, Sequence

import numpy as np

from styleprop.images import resize
from styleprop.images.colors import LUMA, to_lab

Translate = Callable[[np.ndarray], np.ndarray]
BLOCK = 8
FLATTEST = 0.1
DIRECTIONS = 64
COLORS = 4096  # of each picture


def palette_distance(pictures: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> float:
    """Sliced Wasserstein distance of the Lab colours of two sets of pictures (Rabin et al. 2011).

    Every picture counts alike: 64 x 64 colours of each, those of areas. The mean absolute distance along 64 directions.
    """
    side = round(COLORS**0.5)
    first, second = (
        np.concatenate([to_lab(resize(picture, side, side)).reshape(-1, 3) for picture in part])
        for part in (pictures, others)
    )
    random = np.random.default_rng(0)
    lines = random.normal(size=(DIRECTIONS, 3))
    shares = (np.arange(COLORS) + 0.5) / COLORS
    return float(np.mean([_along(first, second, line / np.linalg.norm(line), shares) for line in lines]))


def _along(first: np.ndarray, second: np.ndarray, line: np.ndarray, shares: np.ndarray) -> float:
    return float(np.mean(np.abs(_quantiles(first @ line, shares) - _quantiles(second @ line, shares))))


def _quantiles(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """`np.quantile`, which does not sort, and for thousands of shares takes a hundred times as long."""
    return np.interp(shares * (len(values) - 1), np.arange(len(values)), np.sort(values))


def local_deviation(picture: np.ndarray) -> np.ndarray:
    """Standard deviation of the brightness in each block of 8x8 pixels, less its slope: float64 (H / 8, W / 8)."""
    rows, columns = (side // BLOCK for side in picture.shape[:2])
    brightness = (picture[: rows * BLOCK, : columns * BLOCK] @ LUMA).reshape(rows, BLOCK, columns, BLOCK)
    blocks = brightness.transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    plane = np.stack([np.ones((BLOCK, BLOCK)), *np.mgrid[0:BLOCK, 0:BLOCK]]).reshape(3, -1)
    smooth = blocks @ np.linalg.pinv(plane) @ plane
    return np.sqrt(np.mean(np.square(blocks - smooth), axis=-1))


def flat_deviation(pictures: Sequence[np.ndarray], places: Sequence[np.ndarray] | None = None) -> float:
    """Mean local deviation in the flattest tenth of each picture, or where the pictures of `places` are flattest."""
    found = []
    for picture, place in zip(pictures, places or pictures, strict=True):
        own = local_deviation(place)
        found.append(local_deviation(picture)[own <= np.quantile(own, FLATTEST)].mean())
    return float(np.mean(found))


def step_edges(side: int) -> list[np.ndarray]:
    """Pictures (side, side, 3) of two grey halves, side by side and one above the other, of two contrasts."""
    edges = []
    for dark, light in ((60, 190), (110, 160)):
        picture = np.full((side, side, 3), dark, np.uint8)
        picture[:, side // 2 :] = light
        edges += [picture, np.ascontiguousarray(picture.swapaxes(0, 1))]
    return edges


def overshoot(translated: np.ndarray) -> float:
    """How far the brightness goes beyond either half's own beside the edge of a translated `step_edges` picture.

    Of the mean profile across the edge: a half's own is the median of its middle; beside is within an eighth of the
    side. The edge may run either way.
    """
    brightness = translated @ LUMA
    profiles = [brightness.mean(axis=axis) for axis in (0, 1)]
    profile = max(
        profiles, key=lambda line: float(np.abs(line[: len(line) // 2].mean() - line[len(line) // 2 :].mean()))
    )
    side = len(profile)
    ends = [
        np.median(profile[part]) for part in (np.s_[side // 8 : 3 * side // 8], np.s_[5 * side // 8 : 7 * side // 8])
    ]
    near = profile[3 * side // 8 : 5 * side // 8]
    return float(max(near.max() - max(ends), min(ends) - near.min(), 0.0))


def lattice(pictures: Sequence[np.ndarray], periods: Sequence[int] = (4, 8)) -> float:
    """How far the strongest line at one of the periods rises over its neighbours in the pictures' mean spectrum.

    A ratio of amplitudes, of rows and of columns; about 1 where there is none. Sides are multiples of 8.
    """
    ratios = []
    for axis in (0, 1):
        spectrum = np.sqrt(np.mean([_power(picture, axis) for picture in pictures], axis=0))
        for period in periods:
            place = 2 * (len(spectrum) - 1) // period
            around = np.r_[spectrum[place - 6 : place - 1], spectrum[place + 2 : place + 7]]
            ratios.append(spectrum[place] / (np.median(around) + 1e-9))
    return float(max(ratios))


def _power(picture: np.ndarray, axis: int) -> np.ndarray:
    brightness = picture @ LUMA
    window = np.hanning(brightness.shape[axis])[:, None]
    lines = np.moveaxis(brightness, axis, 0)
    return np.square(np.abs(np.fft.rfft((lines - lines.mean(axis=0)) * window, axis=0))).mean(axis=1)
