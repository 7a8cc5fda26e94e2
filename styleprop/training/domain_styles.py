"""The style codes of a domain: the mean of its pictures, or those of single ones that differ."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from keras import ops

from styleprop import images
from styleprop.data import CropSampler
from styleprop.images.colors import to_lab
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.cyclegan import CycleGAN, Generator, picture_tones
from styleprop.ops import Tensor
from styleprop.training.held_out import SIDE, read_squares

SEEN = 640  # pictures of a domain among which several codes are chosen
ROUNDS = 60  # of Sinkhorn's iterations at each temperature
TINT = 3.0  # deviations of a mean colour from the usual one
TEMPERATURES = (1.0, 0.3, 0.1, 0.03)  # shares of the mean squared distance


def set_styles(cyclegan: CycleGAN, photos: list[Path], paintings: list[Path], crop_size: int, count: int = 128) -> None:
    """Give each generator the style codes of its target domain, see `set_domain_styles`."""
    set_domain_styles(cyclegan.generator_ab, paintings, photos, crop_size, count)
    set_domain_styles(cyclegan.generator_ba, photos, paintings, crop_size, count)


def set_domain_styles(
    generator: Generator, pictures: list[Path], sources: list[Path], crop_size: int, count: int = 128
) -> None:
    """Give a generator the style codes of pictures: their mean, or those of single pictures that differ.

    A mean of many paintings is none's style; a single one's is. Of the codes each gets as many source pictures as any
    other, so that translations are spread as the domain is: were each source to get the nearest, most paintings would
    stand for none.

    Args:
        generator: it is changed.
        pictures: of its target domain.
        sources: of the domain that it translates from.
        crop_size, count: the pixels and number of the crops of which a single code is the mean. For several codes
            `SEEN` pictures are read whole, at the size at which the domain paints; those with a tint lend none.
    """
    if generator.tones is None:
        generator.style.assign(mean_style(generator.autoencoder, pictures, crop_size, count))
        return
    squares = _read(pictures, SEEN, generator)
    tones = _tones(squares)
    usual = np.flatnonzero(not_tinted(tones))
    codes = _codes(generator, [squares[index] for index in usual])
    chosen = medoids(codes, generator.style.shape[0])
    tones = tones[usual[chosen]]
    generator.style.assign(codes[chosen])
    generator.tones.assign(tones)
    generator.handicaps.assign(even_out(read_tones(sources), tones))


def mean_style(autoencoder: Autoencoder, pictures: list[Path], crop_size: int, count: int) -> Tensor:
    """The mean style code of `count` crops, (1, K)."""
    sampler = CropSampler(pictures, crop_size, seed=0)
    codes = [autoencoder.encode(sampler.batch(step, 8))[1] for step in range(count // 8)]
    return ops.mean(ops.cast(ops.concatenate(codes), "float32"), axis=0, keepdims=True)


def style_codes(generator: Generator, pictures: Sequence[Path], count: int) -> np.ndarray:
    """The style codes (n, K) of up to `count` pictures, as the generator reads its own."""
    return _codes(generator, _read(pictures, count, generator))


def style_distances(codes: np.ndarray, domains: Sequence[np.ndarray]) -> list[float]:
    """Mean distance of style codes (n, K) from the nearest of each domain's (k, K), in deviations of all of these."""
    unit = np.concatenate(domains).std(axis=0) + 1e-6
    return [float(np.sqrt(_distances(codes / unit, known / unit)).min(axis=1).mean()) for known in domains]


def not_tinted(tones: np.ndarray) -> np.ndarray:
    """Which pictures have a mean colour that is usual among them, bool (n,), by their `picture_tones` (n, 6).

    A scan with a tint is far from them all: its a* and b* together are `TINT` deviations or more from the medians.
    """
    colors = to_lab((tones[:, :3] + 1) / 2 * 255)[:, 1:]
    away = np.abs(colors - np.median(colors, axis=0))
    deviations = 1.4826 * np.median(away, axis=0) + 1.0  # of a normal distribution; one unit of Lab is not seen
    usual: np.ndarray = np.linalg.norm(away / deviations, axis=1) < TINT
    return usual


def medoids(vectors: np.ndarray, count: int, rounds: int = 30) -> np.ndarray:
    """Indices (count,) of vectors (n, K) that stand for groups of like ones, each the nearest to its group's mean.

    The groups are k-means' (Lloyd 1982) of standardised vectors. The first centres lie evenly along the first principal
    direction. Where there are fewer vectors than groups, some stand for several.
    """
    scaled = (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + 1e-6)
    order = np.argsort(scaled @ np.linalg.svd(scaled, full_matrices=False)[2][0])
    centers = scaled[order[((np.arange(count) + 0.5) * len(order) / count).astype(int)]]
    for _ in range(rounds):
        nearest = _distances(scaled, centers).argmin(axis=1)
        members = [scaled[nearest == one] for one in range(count)]
        centers = np.stack([part.mean(axis=0) if len(part) else centers[i] for i, part in enumerate(members)])
    return _distances(scaled, centers).argmin(axis=0)


def even_out(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Handicaps (k,) with which each target (k, d) is the nearest of as many points (n, d) as any other.

    "Nearest" is by squared distance plus handicap. They are the dual of optimal transport from the points to the
    targets, found by Sinkhorn's iterations (Cuturi 2013) at falling temperatures; the least is zero.
    """
    distances = _distances(points, targets)
    handicaps = np.zeros(len(targets))
    for temperature in TEMPERATURES:
        unit = temperature * distances.mean() + 1e-12
        for _ in range(ROUNDS):
            costs = (distances + handicaps) / unit
            ways = np.exp(costs.min(axis=1, keepdims=True) - costs)
            shares = (ways / ways.sum(axis=1, keepdims=True)).mean(axis=0)
            handicaps += unit * np.log(len(targets) * shares + 1e-9)
    return (handicaps - handicaps.min()).astype(np.float32)


def read_tones(pictures: Sequence[Path]) -> np.ndarray:
    """The `picture_tones` (n, 6) of up to `SEEN` pictures that are to be shared out among codes."""
    return _tones(_read(pictures, SEEN))


def _distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.square(points[:, None] - others[None]).sum(axis=-1)


def _read(pictures: Sequence[Path], count: int, generator: Generator | None = None) -> list[np.ndarray]:
    """Centre squares of so many pictures, at the size at which the generator paints."""
    side = (generator and generator.config.canvas_side) or SIDE
    return read_squares(pictures[:: max(1, len(pictures) // count)], count, side, enlarge=True)


def _codes(generator: Generator, squares: list[np.ndarray]) -> np.ndarray:
    codes = [generator.autoencoder.encode(images.to_batch(square))[1] for square in squares]
    return ops.convert_to_numpy(ops.concatenate(codes)).astype(np.float32)


def _tones(squares: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([ops.convert_to_numpy(picture_tones(images.to_batch(square))) for square in squares])
