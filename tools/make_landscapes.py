"""Make the landscapes among the example photos: fractal terrain in perspective, with haze, water and clouds.

    python -m tools.make_landscapes [FOLDER]

The terrain is Voss' fractional Brownian surface ("Random fractal forgeries", 1985), drawn column by column from near to
far as in height-field rendering; all of it follows from the seeds below.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "styleprop/assets/landscapes"
WIDTH, HEIGHT, FINER = 768, 512, 2  # of the pictures, and how much finer they are drawn
GRID, FAR, THUMB = 1024, 1500.0, (170, 114)
QUALITY = 88


@dataclass(frozen=True)
class Scene:
    """One landscape; colours are sRGB from 0 to 1, lengths are cells of the terrain.

    Attributes:
        seed: of the terrain and the clouds.
        tall: of the mountains.
        eye: above the water.
        tilt: of the horizon, as a part of the picture's height from the top.
        roughness: exponent of the spectrum; higher is smoother.
        water: height of the water in deviations of the terrain; None for none.
        snow: height above which it is white, likewise.
        sun: direction (x, y, z) to it.
        light, shade: colours of the sun and of the sky on the ground.
        sky: at the zenith and at the horizon.
        ground: of meadow, wood and rock.
        clouds: how much of the sky they take.
        haze: distance at which a third is left of a colour.
        start: where the eye stands, in cells from the terrain's corner.
    """

    seed: int
    tall: float
    eye: float
    tilt: float
    roughness: float
    water: float | None
    snow: float
    sun: tuple[float, float, float]
    light: tuple[float, float, float]
    shade: tuple[float, float, float]
    sky: tuple[tuple[float, float, float], tuple[float, float, float]]
    ground: tuple[tuple[float, float, float], ...]
    clouds: float
    haze: float
    start: float = 700.0


MEADOW = ((0.42, 0.50, 0.20), (0.16, 0.24, 0.12), (0.45, 0.41, 0.37))
HEATH = ((0.48, 0.50, 0.22), (0.20, 0.27, 0.12), (0.52, 0.42, 0.34))
SCENES = {
    "fjord": Scene(
        *(8, 110.0, 90.0, 0.36, 4.0, -0.2, 1.2, (-0.6, 0.55, -0.4), (1.15, 1.08, 0.95), (0.36, 0.42, 0.52)),
        *(((0.22, 0.42, 0.72), (0.76, 0.84, 0.90)), MEADOW, 0.45, 900.0),
    ),
    "hills": Scene(
        *(2, 52.0, 80.0, 0.36, 4.0, None, 9.0, (0.8, 0.28, 0.3), (1.35, 1.0, 0.62), (0.34, 0.34, 0.48)),
        *(((0.32, 0.42, 0.66), (0.97, 0.80, 0.58)), HEATH, 0.5, 1500.0),
    ),
    "bay": Scene(
        *(9, 70.0, 80.0, 0.38, 3.9, 0.0, 9.0, (0.5, 0.7, -0.5), (1.15, 1.1, 1.0), (0.40, 0.46, 0.54)),
        *(((0.26, 0.50, 0.78), (0.80, 0.88, 0.92)), MEADOW, 0.6, 1100.0),
    ),
}


def fractal(side: int, exponent: float, random: np.random.Generator) -> np.ndarray:
    """A periodic surface (side, side), mean 0 and deviation 1, with power falling as frequency ** -exponent."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij"))
    frequency[0, 0] = np.inf
    waves = np.fft.rfft2(random.standard_normal((side, side))) * frequency ** (-exponent / 2)
    surface = np.fft.irfft2(waves, (side, side))
    return (surface - surface.mean()) / surface.std()


def sample(surface: np.ndarray, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Bilinear values of a periodic surface (N, N, ...) at points."""
    side = surface.shape[0]
    column, row = np.floor(x).astype(int), np.floor(z).astype(int)
    right, down = x - column, z - row
    if surface.ndim == 3:
        right, down = right[..., None], down[..., None]
    column, row, far, low = column % side, row % side, (column + 1) % side, (row + 1) % side
    upper = surface[row, column] * (1 - right) + surface[row, far] * right
    lower = surface[low, column] * (1 - right) + surface[low, far] * right
    return upper * (1 - down) + lower * down


def terrain(scene: Scene, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Heights (N, N) above the water and colours (N, N, 3) of the ground, lit."""
    base = fractal(GRID, scene.roughness, random)
    level = -9.0 if scene.water is None else scene.water
    heights = (base - (level if scene.water is not None else base.min())) * scene.tall
    woods = fractal(GRID, 2.6, random) + 0.3 * fractal(GRID, 1.2, random)
    trees = np.clip((woods - 0.1 - 0.5 * np.maximum(base, 0)) * 2.5, 0, 1) * (heights > 2)
    rough = heights + trees * (2.5 + 1.2 * fractal(GRID, 1.0, random))
    slope_z, slope_x = np.gradient(rough)
    normal = np.stack([-slope_x, np.full_like(rough, 1.6), -slope_z], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    sun = np.asarray(scene.sun) / np.linalg.norm(scene.sun)
    lit = np.clip(normal @ sun, 0, 1)[..., None]
    steep = np.clip((np.hypot(*np.gradient(heights)) - 1.15) * 2.5, 0, 1)[..., None]
    meadow, wood, rock = map(np.asarray, scene.ground)
    color = meadow * (1 + 0.16 * fractal(GRID, 1.8, random)[..., None])
    color = color + (rock * (1 + 0.2 * fractal(GRID, 1.6, random)[..., None]) - color) * steep
    color = color + (wood - color) * trees[..., None] * (1 - 0.8 * steep)
    shore = np.exp(-((heights / 3.0) ** 2))[..., None] * (scene.water is not None)
    color = color + (np.array([0.70, 0.64, 0.50]) - color) * 0.8 * shore
    white = np.clip((base + 0.25 * woods - scene.snow) * 4, 0, 1)[..., None] * (1 - 0.6 * steep)
    color = color + (np.array([0.93, 0.95, 0.98]) - color) * white
    return rough, np.clip(color * (lit * scene.light + np.asarray(scene.shade)), 0, 1)


def draw_sky(scene: Scene, rows: int, columns: int, horizon: int, random: np.random.Generator) -> np.ndarray:
    """The sky (rows, columns, 3): a gradient, and clouds on a plane above."""
    height = np.clip((horizon - np.arange(rows)) / horizon, 0.004, 1)[:, None]
    zenith, low = map(np.asarray, scene.sky)
    sky = low + (zenith - low) * (height**0.55)[..., None]
    across = np.linspace(-1, 1, columns)[None]
    depth = 1 / (height + 0.12)
    cover = sample(fractal(GRID, 3.2, random), across * depth * 110 + 700, depth * 300 + np.zeros_like(across))
    shape = 1 / (1 + np.exp(-(cover + 2 * scene.clouds - 1.2) * 3.2))
    thick = sample(fractal(GRID, 3.0, random), across * depth * 110 + 90, depth * 300 + np.zeros_like(across))
    bright = np.clip(np.asarray(scene.light) * 0.86 - 0.07 * np.maximum(thick, -1)[..., None], 0, 1)
    return sky + (bright - sky) * (shape * np.clip(height * 6, 0, 1))[..., None] * 0.9


def march(scene: Scene, heights: np.ndarray, colors: np.ndarray, columns: int) -> Iterator[tuple]:
    """From near to far: the distance, and for each column the height and the colour of the ground there."""
    across, distance = np.linspace(-0.62, 0.62, columns), 22.0
    while distance < FAR:
        x, z = scene.start + across * distance, np.full(columns, scene.start + distance)
        yield distance, sample(heights, x, z), sample(colors, x, z)
        distance += max(0.25, distance * 0.0022)


def fill(picture: np.ndarray, empty: np.ndarray, first: np.ndarray, last: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Paint what is empty from row `first` to before row `last` of each column; returns where."""
    top, bottom = int(first.min()), int(max(last.max(), first.min() + 1))
    row = np.arange(top, bottom)[:, None]
    seen = (row >= first) & (row < last) & empty[top:bottom]
    picture[top:bottom][seen] = np.broadcast_to(color, (*seen.shape, 3))[seen]
    empty[top:bottom][seen] = False
    where = np.zeros_like(empty)
    where[top:bottom] = seen
    return where


def draw(scene: Scene) -> np.ndarray:
    """The landscape, uint8 (HEIGHT, WIDTH, 3)."""
    random = np.random.default_rng(scene.seed)
    rows, columns = HEIGHT * FINER, WIDTH * FINER
    horizon = int(scene.tilt * rows)
    heights, colors = terrain(scene, random)
    picture = draw_sky(scene, rows, columns, horizon, random)
    mirror = picture[np.abs(2 * horizon - np.arange(rows)).clip(0, rows - 1)].copy()
    haze = picture[horizon - 3 : horizon].mean(axis=(0, 1))
    empty, unmirrored, water = (np.full((rows, columns), value) for value in (True, True, False))
    eye = scene.eye + max(float(sample(heights, *np.full((2, 1), scene.start))[0]), 0.0)
    bottom = np.full(columns, rows)
    for distance, height, color in march(scene, heights, colors, columns):
        clear, scale = np.exp(-distance / scene.haze), rows * 0.9 / distance
        color = color * clear + haze * (1 - clear)
        above = np.maximum(height, 0)
        top = np.clip(horizon + (eye - above) * scale, 0, rows).astype(int)
        seen = fill(picture, empty, top, np.maximum(bottom, top), color)
        bottom = np.minimum(bottom, top)
        if scene.water is not None:
            water |= seen & (height <= 0)
            shore = np.clip(horizon + eye * scale, 0, rows).astype(int) * np.ones(columns, int)
            fill(mirror, unmirrored, shore, np.clip(shore + above * scale, 0, rows).astype(int), color)
    picture = flood(scene, picture, mirror, water, horizon, random)
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype("uint8"))
    return np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def flood(scene: Scene, picture, mirror, water, horizon: int, random: np.random.Generator) -> np.ndarray:
    """The picture (rows, columns, 3) with the mirrored one in its water, rippled, more of it towards the horizon."""
    rows, columns = water.shape
    row, column = np.mgrid[:rows, :columns]
    near = np.clip((row - horizon) / (rows - horizon), 0.002, 1)
    ripples = sample(fractal(GRID, 1.6, random), column / columns * 30 / near, 60 / near)
    back = np.clip(row + ripples * 20 * near, 0, rows - 1).astype(int)
    mirrored = mirror[back, np.clip(column + (ripples * 6 * near).astype(int), 0, columns - 1)]
    own = np.asarray(scene.sky[0]) * 0.42 + np.array([0.02, 0.08, 0.07])
    share = (0.80 - 0.55 * near + 0.10 * ripples)[..., None]
    wet = own + (mirrored - own) * np.clip(share, 0.1, 0.95)
    return np.where(water[..., None], wet, picture)


def main(folder: Path) -> None:
    """Write the photos and their thumbnails."""
    for name, scene in SCENES.items():
        picture = Image.fromarray(draw(scene))
        picture.save(folder / f"{name}.jpg", quality=QUALITY, optimize=True)
        picture.resize(THUMB, Image.Resampling.LANCZOS).save(folder / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
