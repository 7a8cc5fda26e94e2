"""What an enlarger learns from: photos painted at their own size and at a reduced one, and real paintings."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from keras import ops
from PIL import Image

from styleprop import images
from styleprop.config import EnlargerTrainingConfig
from styleprop.data import CropSampler
from styleprop.models.autoencoder import Autoencoder

FACTORS = (2, 3, 4)
STEP = (1.5, 2.7)  # times the size; more is done in several steps
UNKNOWN = 0.15  # of the style codes are zeros: a domain's is not always known


@dataclass(frozen=True)
class Painted:
    """A photo and what the autoencoder makes of it in a style: uint8 (S, S, 3), and (1, K) codes.

    Attributes:
        photo: the photo.
        style: the painting whose style is taken.
        painting: the photo, painted at its own size.
        canvas: the photo, reduced by `factor` and painted then.
        factor: how many times smaller the canvas is.
        codes: of the style as read for the painting, and as read for the canvas, (2, K).
    """

    photo: np.ndarray
    style: np.ndarray
    painting: np.ndarray
    canvas: np.ndarray
    factor: int
    codes: np.ndarray


class PaintedPictures:
    """Photos, each painted in a style at two sizes, when first they are wanted.

    Args:
        network: the autoencoder that paints.
        content, style: picture files or uint8 arrays.
        config: how many, how large, and the seed.
        folder: where they are kept; None keeps them in memory alone.
    """

    def __init__(
        self,
        network: Autoencoder,
        content: Sequence[Path | np.ndarray],
        style: Sequence[Path | np.ndarray],
        config: EnlargerTrainingConfig,
        folder: Path | None = None,
    ):
        self.network = network
        self.photos = CropSampler(content, config.picture_size, 2 * config.seed)
        self.styles = CropSampler(style, config.picture_size, 2 * config.seed + 1, largest=True)
        self.config = config
        self.folder = folder
        self.read = cache(self._read)

    def _read(self, index: int) -> Painted:
        """Number `index` of `config.pictures`."""
        path = self.folder / f"{index:04d}.npz" if self.folder else None
        if path and path.exists():
            with np.load(path, allow_pickle=False) as stored:
                return Painted(**{name: stored[name] for name in stored.files} | {"factor": int(stored["factor"])})
        made = self._paint(index)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".partial").open("wb") as stream:
                np.savez(stream, allow_pickle=False, **vars(made))
            os.replace(path.with_suffix(".partial"), path)
        return made

    def _paint(self, index: int) -> Painted:
        factor = int(np.random.default_rng((self.config.seed, index)).choice(FACTORS))
        photo, style = (images.from_batch(sampler.batch(index, 1)) for sampler in (self.photos, self.styles))
        side = len(photo) // factor
        painting, code = stylize(self.network, photo, style)
        canvas, other = stylize(self.network, *(images.resize(picture, side, side) for picture in (photo, style)))
        return Painted(photo, style, painting, canvas, factor, np.concatenate([code, other]))


def stylize(network: Autoencoder, photo: np.ndarray, style: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A painting of a uint8 photo, of its size and without fringes, and the style's code (1, K)."""
    from styleprop.fringes import Fringes  # OpenCV, which no other training needs

    batch, other = (images.pad_to_multiple(images.to_batch(image), network.config.multiple) for image in (photo, style))
    latent, code = network.encode(batch)
    _, target = network.encode(other)
    painted = ops.convert_to_numpy(network.decoder(*network.propagate(latent, code, target)))
    array = images.from_batch(painted[:, : photo.shape[0], : photo.shape[1]])
    return Fringes(photo).remove(array), ops.convert_to_numpy(target)


class EnlargerSampler:
    """Batches for an enlarger; a function of seed and step alone.

    Rows 0 to n - 1 are crops of paintings at the photo's own size, n to 2 n - 1 of real paintings, both reduced and
    enlarged again, and 2 n to 3 n - 1 crops of canvases, enlarged by two, whose original nobody has; the last have no
    target.
    """

    def __init__(self, painted: PaintedPictures):
        self.painted = painted
        self.config = painted.config

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """enlarged, photo, target, reference (3 n, S, S, 3) in [-1, 1] and code (3 n, K)."""
        random = np.random.default_rng((self.config.seed, step))
        rows = [
            make(random) for make in (self._restored, self._real, self._canvas) for _ in range(self.config.batch_size)
        ]
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    def _picture(self, random: np.random.Generator) -> Painted:
        return self.painted.read(int(random.integers(self.config.pictures)))

    def _restored(self, random: np.random.Generator) -> dict[str, np.ndarray]:
        picture = self._picture(random)
        return self._degraded(picture.painting, picture.photo, picture, random)

    def _real(self, random: np.random.Generator) -> dict[str, np.ndarray]:
        picture = self._picture(random)
        return self._degraded(picture.style, picture.style, picture, random)

    def _degraded(
        self, painting: np.ndarray, guide: np.ndarray, picture: Painted, random: np.random.Generator
    ) -> dict[str, np.ndarray]:
        top, left = map(int, random.integers(len(painting) - self.config.crop_size + 1, size=2))
        target, photo = (self._cut(array, top, left) for array in (painting, guide))
        enlarged = degrade(target, random.uniform(*STEP), self.config.warp, random)
        return self._row(enlarged, photo, target, target, picture.codes[:1], random)

    def _canvas(self, random: np.random.Generator) -> dict[str, np.ndarray]:
        picture, side = self._picture(random), self.config.crop_size
        canvas, factor, part = picture.canvas, picture.factor, side // 2
        row, column = map(int, random.integers(len(canvas) - part + 1, size=2))
        enlarged = enlarge(canvas, side, (column, row, column + part, row + part))
        photo = images.crop_square(picture.photo, factor * column, factor * row, factor * part, side)
        around = [int(np.clip(place - part // 2, 0, len(canvas) - side)) for place in (row, column)]
        return self._row(enlarged, photo, enlarged, self._cut(canvas, *around), picture.codes[1:], random)

    def _cut(self, array: np.ndarray, top: int, left: int) -> np.ndarray:
        return array[top : top + self.config.crop_size, left : left + self.config.crop_size]

    def _row(
        self,
        enlarged: np.ndarray,
        photo: np.ndarray,
        target: np.ndarray,
        reference: np.ndarray,
        code: np.ndarray,
        random: np.random.Generator,
    ) -> dict[str, np.ndarray]:
        known = random.random() > UNKNOWN
        arrays = {"enlarged": enlarged, "photo": noisy(photo, random), "target": target, "reference": reference}
        return {name: images.to_batch(array) for name, array in arrays.items()} | {"code": code * np.float32(known)}


def enlarge(image: np.ndarray, side: int, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
    """A uint8 picture, or what is in a box (left, top, right, bottom) of it, as a square of `side` pixels, bicubic."""
    return np.array(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC, box=box))


def degrade(image: np.ndarray, factor: float, warp: float, random: np.random.Generator) -> np.ndarray:
    """A square uint8 picture with its outlines moved a little, reduced by a factor and enlarged again.

    Args:
        image: (S, S, 3).
        factor: of the reduction.
        warp: standard deviation of the moves, in pixels of the reduced picture.
        random: the moves' source.
    """
    side = len(image)
    moved = _move(image, factor, warp * random.random(), random)
    small = round(side / factor)
    return enlarge(images.resize(moved, small, small), side)


def _move(image: np.ndarray, factor: float, deviation: float, random: np.random.Generator) -> np.ndarray:
    side = len(image)
    coarse = max(2, round(side / factor / random.uniform(3, 12)))
    moves = [
        np.array(Image.fromarray(noise.astype("float32")).resize((side, side), Image.Resampling.BICUBIC))
        for noise in random.normal(0, deviation * factor, (2, coarse, coarse))
    ]
    places = np.mgrid[0:side, 0:side] + np.rint(moves).astype(int)
    rows, columns = np.clip(places, 0, side - 1)
    return image[rows, columns]


def noisy(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A photo as a camera has it: with noise of up to four grey levels, and half of the time a little softer."""
    if random.random() < 0.5:
        side = len(photo)
        smaller = int(side * random.uniform(0.55, 1.0))
        photo = enlarge(images.resize(photo, smaller, smaller), side)
    noise = random.normal(0, random.uniform(0, 4), (*photo.shape[:2], 1))
    return np.clip(photo + noise, 0, 255).astype(np.uint8)
