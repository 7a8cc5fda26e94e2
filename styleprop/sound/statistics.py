"""What the ear keeps of a texture (McDermott and Simoncelli 2011): statistics of the envelopes of bands of hearing.

A sound goes through bands as wide as those of the cochlea; their envelopes are compressed as hearing does. Measured are
each envelope's mean, variation, skewness and kurtosis, how they go together, and how fast they change.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from styleprop.sound.spectrum import RATE

BANDS, LOWEST, HIGHEST = 30, 60.0, 13_000.0  # Hz
COMPRESSION = 0.3
ENVELOPE_RATE = 400  # values a second
MODULATIONS = (0.5, 1, 2, 4, 8, 16, 32, 64, 128, 200)  # Hz, edges
TINY = 1e-9
USUAL = {"mean": 0.25, "variation": 0.34, "skewness": 1.6, "kurtosis": 0.88, "correlation": 0.43, "modulation": 0.21}
CLASSES = tuple(USUAL)


def envelopes(samples: np.ndarray) -> np.ndarray:
    """Compressed envelopes of the bands.

    Args:
        samples: (N,) at `RATE`.

    Returns:
        (BANDS, about N / 80) float64, of a sound of root mean square 1.
    """
    samples = np.asarray(samples, "float64") - np.mean(samples)
    samples = samples / (np.sqrt(np.mean(samples**2)) + TINY)
    count = len(samples)
    transformed = np.fft.fft(samples)[: count // 2 + 1]
    step = RATE // ENVELOPE_RATE
    found = []
    for weights in _bands(np.arange(count // 2 + 1) * RATE / count):
        analytic = np.abs(np.fft.ifft(2 * weights * transformed, count)) ** COMPRESSION
        found.append(analytic[: count // step * step].reshape(-1, step).mean(axis=1))
    return np.stack(found)


def _bands(hz: np.ndarray) -> np.ndarray:
    """Half a cosine on the scale of equivalent rectangular bandwidths (Glasberg and Moore 1990)."""

    def scale(value: Any) -> Any:
        return 9.265 * np.log(1 + value / (24.7 * 9.265))

    edges = np.linspace(scale(LOWEST), scale(HIGHEST), BANDS + 2)
    away = (scale(hz)[None] - edges[1:-1, None]) / (edges[1] - edges[0])
    return np.where(np.abs(away) < 1, np.cos(np.pi / 2 * away), 0.0)


def texture_statistics(samples: np.ndarray) -> dict[str, np.ndarray]:
    """The statistics by class, each an array; the level of the sound has no part in them.

    Args:
        samples: (N,) at `RATE`, a second or more.
    """
    found = envelopes(samples)
    mean = found.mean(axis=1)
    deviation = found.std(axis=1) + TINY
    standard = (found - mean[:, None]) / deviation[:, None]
    rows, columns = np.triu_indices(BANDS, 1)
    return {
        "mean": mean,
        "variation": deviation / (mean + TINY),
        "skewness": np.mean(standard**3, axis=1),
        "kurtosis": np.log(np.mean(standard**4, axis=1) + TINY),
        "correlation": (standard @ standard.T / standard.shape[1])[rows, columns],
        "modulation": _modulation(standard),
    }


def _modulation(standard: np.ndarray) -> np.ndarray:
    """Square roots of the shares of an envelope's variance in octaves of its changes, (BANDS, octaves)."""
    power = np.abs(np.fft.rfft(standard, axis=1)) ** 2
    hz = np.fft.rfftfreq(standard.shape[1], 1 / ENVELOPE_RATE)
    shares = [power[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in pairwise(MODULATIONS)]
    return np.sqrt(np.stack(shares, axis=1) / (power.sum(axis=1, keepdims=True) + TINY))


def texture_distance(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, float]:
    """How far statistics are apart, by class, and "all", the mean; 1 is what two built-in textures are on average."""
    found = {name: float(np.sqrt(np.mean((one[name] - other[name]) ** 2))) / USUAL[name] for name in CLASSES}
    return {**found, "all": float(np.mean(list(found.values())))}
