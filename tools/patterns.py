"""Patterns painted by code, as pictures to take a style from: each a uint8 (512, 512, 3) image, always the same."""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 512


def _canvas(color):
    image = Image.new("RGB", (SIDE, SIDE), color)
    return image, ImageDraw.Draw(image)


def _palette(*colors):
    return [tuple(int(color[start : start + 2], 16) for start in (0, 2, 4)) for color in colors]


def stained_glass() -> np.ndarray:
    """Cells around random points in glass colours, with dark leading between them."""
    random = np.random.default_rng(1)
    colors = np.array(_palette("c1121f", "f4a261", "ffd166", "06799f", "073b4c", "2a9d8f", "6a4c93", "f1faee"))
    points = random.uniform(0, SIDE, (170, 2))
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    distance = np.hypot(rows[..., None] - points[:, 0], columns[..., None] - points[:, 1])
    order = np.argpartition(distance, 1, axis=2)[..., :2]
    near = np.sort(np.take_along_axis(distance, order, axis=2), axis=2)
    glass = colors[random.integers(len(colors), size=len(points))][distance.argmin(axis=2)]
    shade = 0.8 + 0.2 * np.cos(near[..., :1] / 9)
    return np.where((near[..., 1:] - near[..., :1]) < 5, 16, glass * shade).astype(np.uint8)


def confetti() -> np.ndarray:
    """Dots of pure colour, dense, of a few sizes, on off-white: pointillism without a subject."""
    random = np.random.default_rng(2)
    image, draw = _canvas("#f7f0dd")
    colors = _palette("e63946", "f77f00", "fcbf49", "2a9d8f", "1d3557", "457b9d", "8338ec", "80b918")
    for _ in range(9000):
        x, y = random.uniform(0, SIDE, 2)
        radius = random.choice([2.5, 3.5, 5.0])
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colors[random.integers(len(colors))])
    return np.array(image)


def ink_hatching() -> np.ndarray:
    """Pen strokes in four directions, dense in some places and sparse in others, black on paper."""
    random = np.random.default_rng(3)
    image, draw = _canvas("#f4efe2")
    for _ in range(5200):
        x, y = random.uniform(0, SIDE, 2)
        dark = 0.5 + 0.5 * np.sin(x / 60) * np.cos(y / 75)
        if random.random() > 0.15 + 0.85 * dark:
            continue
        angle = random.choice([0.6, 0.75, 2.3, 2.45]) + random.normal(0, 0.06)
        length = random.uniform(14, 46)
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        draw.line([x, y, *end], fill=(28, 26, 30), width=int(random.integers(1, 3)))
    return np.array(image)


def woven_strokes() -> np.ndarray:
    """Thick brush strokes that follow a swirling field, in sunset colours."""
    random = np.random.default_rng(4)
    image, draw = _canvas("#22223b")
    colors = _palette("ffb703", "fb8500", "d62828", "f77f00", "9d4edd", "3a0ca3", "fec89a", "ff5d8f")
    for _ in range(3600):
        x, y = random.uniform(0, SIDE, 2)
        color = colors[int((y / SIDE * 5 + random.uniform(0, 3)) % len(colors))]
        for _ in range(6):
            angle = np.sin(x / 70) + np.cos(y / 50) + 0.4
            step = (x + 7 * np.cos(angle), y + 7 * np.sin(angle))
            draw.line([x, y, *step], fill=color, width=6)
            x, y = step
    return np.array(image)


def marble() -> np.ndarray:
    """Bands of colour bent by sums of waves, like marbled paper."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE * 2 * np.pi
    bent = (
        columns + 0.9 * np.sin(2 * rows) + 0.5 * np.sin(5 * rows + 3 * columns) + 0.3 * np.cos(9 * columns - 4 * rows)
    )
    band = 0.5 + 0.5 * np.sin(6 * bent + 0.6 * np.sin(17 * rows))
    stops = np.array(_palette("0b132b", "1c2541", "3a506b", "5bc0be", "e0fbfc", "f2e9e4", "ee6c4d"), float)
    place = band * (len(stops) - 1)
    below = np.minimum(place.astype(int), len(stops) - 2)
    share = (place - below)[..., None]
    return ((1 - share) * stops[below] + share * stops[below + 1]).astype(np.uint8)


def paper_cut() -> np.ndarray:
    """Overlapping flat circles and bars in a few poster colours."""
    random = np.random.default_rng(6)
    image, draw = _canvas("#f1faee")
    colors = _palette("e63946", "1d3557", "457b9d", "ffb703", "023047", "2b9348", "f1faee")
    for number in range(240):
        x, y = random.uniform(-40, SIDE, 2)
        size, color = random.uniform(18, 74), colors[random.integers(len(colors))]
        if number % 3:
            draw.ellipse([x, y, x + size, y + size], fill=color)
        else:
            draw.polygon([(x, y), (x + 2 * size, y + 0.4 * size), (x + 1.9 * size, y + 0.8 * size)], fill=color)
    return np.array(image)
