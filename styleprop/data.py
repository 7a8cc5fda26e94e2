"""Folders of pictures to seeded, augmented training batches.

Batch `step` of a seed is always the same, whatever came before it, so a resumed training sees what it would have seen.
"""

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from styleprop import images
from styleprop.assets import ASSETS
from styleprop.errors import ImageError, TrainingError

HELD_OUT_SHARE = 16
BatchT = TypeVar("BatchT")


def list_images(folders: Sequence[str | Path]) -> list[Path]:
    """Picture files under the folders, sorted by name.

    Args:
        folders: each a folder, searched through, or a single file.

    Raises:
        TrainingError: a folder is missing, or there is no picture in any of them.
    """
    found = [path for folder in folders for path in _files(Path(folder))]
    if not found:
        raise TrainingError(f"No pictures were found in {', '.join(Path(folder).name for folder in folders)}.")
    return found


def is_held_out(path: Path) -> bool:
    """Whether a file is of the 1 in 16 that no autoencoder learns from, by its name alone."""
    return zlib.crc32(path.name.encode()) % HELD_OUT_SHARE == 0


def hold_out(pictures: Sequence[Path], count: int | None = None) -> tuple[list[Path], list[Path]]:
    """Pictures to learn from, and others to judge by.

    Args:
        pictures: files.
        count: how many: the ones that `is_held_out` first, then by the CRC-32 of the name, always the same. None for
            all that `is_held_out`, and no other.

    Returns:
        The ones to learn from by path, and the held-out ones; where that leaves none of either, both are all.
    """
    ordered = sorted(pictures, key=lambda path: (not is_held_out(path), zlib.crc32(path.name.encode()), path))
    count = sum(map(is_held_out, ordered)) if count is None else count
    learned = sorted(ordered[count:])
    return (learned, ordered[:count]) if learned and count else (sorted(ordered), sorted(ordered))


def example_photos() -> list[Path]:
    """The photos that ship with the app."""
    return sorted((ASSETS / "examples").glob("*.jpg"))


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise TrainingError(f"There is no folder named {folder.name}.")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in images.ENDINGS and path.is_file())


class CropSampler:
    """Random square crops of pictures: scale from the shorter side down to the crop itself, mirrored half of the time.

    Decoded pictures stay in memory. A picture that cannot be read is left out, with the next one in its place. One that
    is smaller than the crop is not enlarged, which would blur what is to be learnt, but goes on mirrored. With
    `largest` only squares of the whole shorter side are cut.
    """

    def __init__(self, pictures: Sequence[Path | np.ndarray], crop_size: int, seed: int, largest: bool = False):
        if not pictures:
            raise TrainingError("A training needs at least one picture.")
        self.pictures = list(pictures)
        self.crop_size = crop_size
        self.seed = seed
        self.largest = largest
        self._read = cache(self._decode)

    def batch(self, step: int, count: int) -> np.ndarray:
        """(count, crop_size, crop_size, 3) float32 in [-1, 1]; a function of seed, step and count alone."""
        random = np.random.default_rng((self.seed, step))
        chosen = random.integers(len(self.pictures), size=count)
        return np.concatenate([images.to_batch(self._crop(self._readable(index), random)) for index in chosen])

    def _readable(self, index: int) -> np.ndarray:
        for offset in range(len(self.pictures)):
            image = self._read((int(index) + offset) % len(self.pictures))
            if image is not None:
                return image
        raise TrainingError("None of the training pictures can be read.")

    def _decode(self, index: int) -> np.ndarray | None:
        picture = self.pictures[index]
        try:
            image = picture if isinstance(picture, np.ndarray) else images.load(picture).image
        except ImageError:
            return None
        missing = [max(0, self.crop_size - side) for side in image.shape[:2]]
        return np.pad(image, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="symmetric")

    def _crop(self, image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        height, width = image.shape[:2]
        shorter = min(height, width)
        side = shorter if self.largest else self._side(shorter, random)
        left, top = int(random.integers(width - side + 1)), int(random.integers(height - side + 1))
        crop = images.crop_square(image, left, top, side, self.crop_size)
        return crop[:, ::-1] if random.random() < 0.5 else crop

    def _side(self, shorter: int, random: np.random.Generator) -> int:
        return self.crop_size if random.random() < 0.5 else int(random.integers(self.crop_size, shorter + 1))


def noisy_gradients(
    count: int, size: int, seed: int, step: int = 0, noise: tuple[float, float] = (0.0, 3.0)
) -> np.ndarray:
    """Pictures of nothing but a linear gradient of colours, as a camera has it: with noise.

    Args:
        count, size: of square pictures, and their side in pixels.
        seed, step: the pictures are a function of these two and the others.
        noise: the standard deviation of each picture's noise lies between these two, in 1/255.

    Returns:
        (count, size, size, 3) float32 in [-1, 1].
    """
    random = np.random.default_rng((seed, step))
    middle, slopes = random.uniform(-0.6, 0.6, (count, 1, 1, 3)), random.uniform(-0.4, 0.4, (2, count, 1, 1, 3))
    rows, columns = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j][..., None]
    smooth = middle + slopes[0] * rows + slopes[1] * columns
    deviation = random.uniform(*noise, (count, 1, 1, 1)) / 127.5
    return np.clip(smooth + deviation * random.standard_normal(smooth.shape), -1, 1).astype("float32")


def flat_scenes(count: int, size: int, seed: int, step: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of plain shapes before a smooth sky with a camera's noise, as towers, heads and statues stand.

    Every other is two halves that meet in a straight line, at any angle or along the picture's own sides.

    Args:
        count, size: of square pictures, and their side in pixels.
        seed, step: the pictures are a function of these two and the others.

    Returns:
        (count, size, size, 3) float32 in [-1, 1], and (count, size, size, 1) float32: the distance in pixels from the
        nearest shape, below zero inside.
    """
    random = np.random.default_rng((seed, 7, step))
    skies = noisy_gradients(count, size, seed, step, (0.2, 4.0))
    pairs = [
        (_halves if (step + number) % 2 else _scene)(0.6 * sky + random.uniform(-0.3, 0.4), random)
        for number, sky in enumerate(skies)
    ]
    scenes, distances = (np.stack(part).astype("float32") for part in zip(*pairs, strict=True))
    return np.clip(scenes, -1, 1), distances[..., None]


def _scene(sky: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    size = len(sky)
    distance = np.minimum.reduce([_shape(size, random) for _ in range(random.integers(1, 4))])
    darker = random.random() < 0.8
    color = sky.mean() + (-1 if darker else 1) * random.uniform(0.3, 1.2) + random.uniform(-0.15, 0.15, 3)
    texture = random.uniform(0, 0.1) * random.standard_normal((size, size, 1))
    inside = np.clip(0.5 - distance, 0, 1)[..., None]
    return sky + inside * (color + texture - sky), distance


def _halves(sky: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    size = len(sky)
    sky = sky.mean(axis=(0, 1)) + random.uniform(0, 0.03) * random.standard_normal(sky.shape)
    rows, columns = np.mgrid[:size, :size] - random.uniform(0.4, 0.6) * size
    angle = random.choice([random.uniform(0, 2 * np.pi), np.pi / 2 * random.integers(4)])
    distance = np.cos(angle) * columns + np.sin(angle) * rows
    other = sky + random.choice([-1, 1]) * random.uniform(0.2, 1.2) + random.uniform(-0.15, 0.15, 3)
    return np.where(distance[..., None] > 0, sky, other), distance


def _shape(size: int, random: np.random.Generator) -> np.ndarray:
    """The distance from a disk, a turned box, or the ground below a line."""
    rows, columns = np.mgrid[:size, :size].astype("float32")
    row, column = random.uniform(0.1, 0.9, 2) * size
    kind = random.integers(3)
    if kind == 0:
        return np.hypot(rows - row, columns - column) - random.uniform(0.04, 0.22) * size
    angle = random.normal(0, 0.15)
    along = np.cos(angle) * (columns - column) + np.sin(angle) * (rows - row)
    down = np.cos(angle) * (rows - row) - np.sin(angle) * (columns - column)
    if kind == 1:
        return random.uniform(0.6, 0.95) * size - row - down
    across, tall = np.abs(along) - random.uniform(0.02, 0.15) * size, np.abs(down) - random.uniform(0.1, 0.5) * size
    return np.hypot(np.maximum(across, 0), np.maximum(tall, 0)) + np.minimum(np.maximum(across, tall), 0)


def prefetch(
    make_batch: Callable[[int], BatchT], first_step: int, last_step: int, workers: int = 0
) -> Iterator[BatchT]:
    """Yield make_batch(step) for first_step <= step < last_step, in order, made ahead in threads.

    Args:
        make_batch: step to a batch; called from several threads at once.
        first_step, last_step: the range of steps.
        workers: threads, and batches made ahead; 0 for one per two processors, at most 8.
    """
    workers = workers or max(1, min(8, (os.cpu_count() or 1) // 2))
    with ThreadPoolExecutor(workers) as pool:
        steps = iter(range(first_step, last_step))
        coming = deque(pool.submit(make_batch, step) for step in islice(steps, workers))
        while coming:
            batch = coming.popleft().result()
            coming.extend(pool.submit(make_batch, step) for step in islice(steps, 1))
            yield batch
