"""Measure the glow round a dark disk before a flat sky, what becomes of the sky, and lines beside a step edge.

    python -m tools.measure_halo --checkpoint autoencoder

For every built-in style: by how many grey levels the brightest ring of six pixels round the disk is above the sky far
from it, the sky's deviation within 17 x 17 pixels, which share of that lies within 3 x 3 pixels (grain), and how far
the brightness goes beyond both sides of a step edge (the mean of two contrasts and two directions).
"""

import argparse
import statistics

import numpy as np

from styleprop.areas import overshoot, step_edges
from styleprop.cli.tables import markdown_table
from styleprop.engine import Styleprop
from styleprop.outlines import average

SIDE, RADIUS = 768, 120
RINGS = [(start, start + 6) for start in range(2, 60, 6)]
FAR = 150  # pixels from the disk


def scene(noise: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """A dark disk (45) on a bright sky (190) with noise, uint8, and each pixel's distance from the disk."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    distance = np.hypot(rows, columns) - RADIUS
    random = np.random.default_rng(0)
    picture = np.where(distance > 0, 190.0, 45.0)[..., None] + noise * random.standard_normal((SIDE, SIDE, 3))
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8), distance


def measure(painted: np.ndarray, distance: np.ndarray) -> tuple[float, float, float]:
    """The ring above the sky, the sky's deviation, in grey levels, and its share of grain."""
    grey = painted.mean(axis=2)
    far = grey[distance > FAR].mean()
    ring = max(grey[(distance > low) & (distance <= high)].mean() for low, high in RINGS) - far
    smooth = (np.array(average(grey[None, ..., None].astype("float32"), size))[0, ..., 0] for size in (17, 3))
    coarse, fine = (np.abs(grey - picture)[distance > FAR].mean() for picture in smooth)
    return float(ring), float(coarse), float(fine / (coarse + 1e-6))


def lines(model: Styleprop, style: str) -> float:
    """The mean overshoot beside a step edge, in grey levels."""
    return statistics.mean(overshoot(model.stylize(edge, style).array) for edge in step_edges(SIDE))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="autoencoder")
    model = Styleprop.from_pretrained(parser.parse_args().checkpoint)
    picture, distance = scene()
    rows = {name: (*measure(model.stylize(picture, name).array, distance), lines(model, name)) for name in model.styles}
    columns = list(zip(*rows.values(), strict=True))
    rows["median"] = tuple(statistics.median(column) for column in columns)
    rows["most"] = tuple(max(column) for column in columns)
    header = ("style", "ring, grey levels", "sky, grey levels", "grain", "lines at an edge, grey levels")
    cells = [(name, f"{a:.0f}", f"{b:.1f}", f"{c:.2f}", f"{d:.0f}") for name, (a, b, c, d) in rows.items()]
    print(markdown_table(header, cells))


if __name__ == "__main__":
    main()
