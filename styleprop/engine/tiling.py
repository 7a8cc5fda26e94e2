"""Large pictures in parts: where the tiles lie, and a mosaic that stands for the whole.

All tiles are normalised with the same statistics (Chen et al. 2022, thumbnail instance normalisation). There they come
from a thumbnail; here from a mosaic of patches at full size, since a thumbnail's features are rougher than the
picture's.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

WHOLE_PIXELS = 1536 * 1024
CORE = 896
SLACK = 1 / 7  # of a core, that the last one may have more, rather than leave a sliver to a tile of its own
MARGIN = 96
PATCH = 256
PATCHES = 16
AT_ONCE = 2


@dataclass(frozen=True)
class Tile:
    """A part of a picture: `read` goes in, `core` is kept of what comes out; (top, left, bottom, right)."""

    read: tuple[int, int, int, int]
    core: tuple[int, int, int, int]

    @property
    def core_slices(self) -> tuple[slice, slice]:
        """Rows and columns of the core in the picture."""
        top, left, bottom, right = self.core
        return slice(top, bottom), slice(left, right)

    @property
    def read_slices(self) -> tuple[slice, slice]:
        """Rows and columns in the picture of what goes in."""
        top, left, bottom, right = self.read
        return slice(top, bottom), slice(left, right)

    @property
    def core_within_read(self) -> tuple[slice, slice]:
        """Rows and columns of the core in what was read."""
        (top, left, bottom, right), (y, x, _, _) = self.core, self.read
        return slice(top - y, bottom - y), slice(left - x, right - x)


def plan_tiles(height: int, width: int, core: int | None = None, margin: int = MARGIN) -> list[Tile]:
    """Tiles that cover the picture, cores of about `core` pixels a side, read with a margin so that joins agree."""
    core = core or CORE
    return [
        Tile(
            (max(top - margin, 0), max(left - margin, 0), min(bottom + margin, height), min(right + margin, width)),
            (top, left, bottom, right),
        )
        for top, bottom in _spans(height, core)
        for left, right in _spans(width, core)
    ]


def _spans(length: int, core: int) -> list[tuple[int, int]]:
    edges = [*range(0, max(1, length - int(SLACK * core)), core), length]
    return list(pairwise(edges))


def fill(
    array: np.ndarray,
    tiles: Sequence[Tile],
    make: Callable[[Tile], np.ndarray],
    watch: Callable[[int, int], None] | None = None,
) -> None:
    """Fill an array with tiles, `AT_ONCE` at once: what one thread does alone, another's network does beside it.

    Args:
        array: uint8 (H, W, 3), written into.
        tiles: its parts.
        make: the pixels of a tile's core, uint8 (h, w, 3); what it raises ends the work, and is raised.
        watch: called as watch(tiles_done, tiles_total).
    """

    def fill_one(tile: Tile) -> None:
        array[tile.core_slices] = make(tile)

    with ThreadPoolExecutor(AT_ONCE, "tiles") as pool:
        for number, _ in enumerate(pool.map(fill_one, tiles), start=1):
            if watch:
                watch(number, len(tiles))


def mosaic(image: np.ndarray) -> np.ndarray:
    """Evenly spread patches of an image, put together to about 1024 x 1024 pixels: uint8 (H, W, 3) to (h, w, 3)."""
    height, width = image.shape[:2]
    rows = _rows(height / width)
    columns = PATCHES // rows
    patch_height, patch_width = min(PATCH, height // 8 * 8), min(PATCH, width // 8 * 8)
    tops, lefts = _starts(height - patch_height, rows), _starts(width - patch_width, columns)
    strips = [
        np.concatenate([image[top : top + patch_height, left : left + patch_width] for left in lefts], axis=1)
        for top in tops
    ]
    return np.concatenate(strips, axis=0)


def _rows(aspect: float) -> int:
    return min((1, 2, 4, 8, 16), key=lambda rows: abs(np.log(rows * rows / PATCHES / aspect)))


def _starts(room: int, count: int) -> list[int]:
    return [round(room * (index + 0.5) / count) for index in range(count)]
