"""The colours of a domain: a table that takes those of its translations to those of its paintings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from styleprop import images
from styleprop.images.colors import from_lab, to_lab
from styleprop.images.palettes import Palette
from styleprop.models.cyclegan import Generator

SHARE = 0.8  # of the way: all of it goes too far on photos that are not among these
SIZE = 13  # nodes a side
SIDE = 64  # of the copies whose colours count, pixels: those of areas
COLORS, SAMPLES = 30_000, 8_000
TURNS, PACE = 30, 0.7
REACH = 12.0  # of a sample's say, in units of L*a*b*
TRUST = 20.0  # samples near a node that weigh as much as none
MOST_PHOTOS, MOST_PAINTINGS, PICTURE_SIDE = 400, 4000, 256


def measure_palette(generator: Generator, photos: Sequence[Path], paintings: Sequence[Path], seed: int = 0) -> Palette:
    """The table for a generator, from what it makes of 400 photos and from all paintings: few have too few colours."""
    random = np.random.default_rng(seed)
    photos, paintings = (
        [files[index] for index in random.permutation(len(files))[:most]]
        for files, most in ((photos, MOST_PHOTOS), (paintings, MOST_PAINTINGS))
    )
    side = generator.config.canvas_side or PICTURE_SIDE
    squares = (_square(path, side) for path in photos)
    painted = [images.from_batch(np.asarray(generator(images.to_batch(square)))) for square in squares]
    seen = [_square(path) for path in paintings]
    return fit_palette(painted, seen, seed).towards(SHARE)


def fit_palette(painted: Sequence[np.ndarray], paintings: Sequence[np.ndarray], seed: int = 0) -> Palette:
    """A smooth table after which the colours of one set of pictures are spread as those of another.

    Sliced optimal transport (Pitié et al. 2007, "Automated colour grading using colour distribution transfer") moves a
    sample of colours in L*a*b*. Each node then moves as an affine map of all samples does, plus what those near it do
    beyond that; where there are few, less.

    Args:
        painted, paintings: uint8 (H, W, 3), any sizes.
        seed: of the sample and the directions.
    """
    random = np.random.default_rng(seed)
    before, after = (_colors(part, random) for part in (painted, paintings))
    moves = _transport(before, after, random) - before
    start = Palette.unchanged(SIZE).table
    nodes = to_lab(255 * start).reshape(-1, 3)
    moved = from_lab(nodes + _smooth(before, moves, nodes, random)) / 255
    return Palette(moved.reshape(start.shape).astype(np.float32))


def _square(path: Path, side: int = PICTURE_SIDE) -> np.ndarray:
    return images.center_square(images.load(path).image, side)


def _colors(pictures: Sequence[np.ndarray], random: np.random.Generator) -> np.ndarray:
    all_of_them = np.concatenate([images.resize(picture, SIDE, SIDE).reshape(-1, 3) for picture in pictures])
    return to_lab(all_of_them[random.integers(len(all_of_them), size=COLORS)])


def _transport(colors: np.ndarray, target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Colours (n, 3) moved until they lie as those of the target (n, 3) do."""
    for _ in range(TURNS):
        step = np.zeros_like(colors)
        for direction in np.linalg.qr(random.normal(size=(3, 3)))[0]:
            places = colors @ direction
            ahead = np.empty_like(places)
            ahead[np.argsort(places)] = np.sort(target @ direction)
            step += (ahead - places)[:, None] * direction
        colors = colors + PACE * step
    return colors


def _smooth(colors: np.ndarray, moves: np.ndarray, nodes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The moves of nodes (k, 3) from those (n, 3) of the colours (n, 3)."""
    affine = np.linalg.lstsq(_with_one(colors), moves, rcond=None)[0]
    chosen = random.permutation(len(colors))[:SAMPLES]
    near, beyond = colors[chosen], (moves - _with_one(colors) @ affine)[chosen]
    moved = []
    for node, by_all in zip(nodes, _with_one(nodes) @ affine, strict=True):
        weights = np.exp(-np.square(near - node).sum(axis=1) / (2 * REACH**2))
        there = weights.sum() + TRUST
        moved.append(max(1 - TRUST / there, 0.5) * by_all + weights @ beyond / there)
    return np.array(moved)


def _with_one(colors: np.ndarray) -> np.ndarray:
    return np.column_stack([colors, np.ones(len(colors))])
