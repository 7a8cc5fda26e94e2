"""Distributions of pictures and latents that come in parts."""

import numpy as np

from styleprop.sound.spectrum import BINS

LOWEST, STEP, LEVELS, QUANTILES = -1.0, 0.01, 280, 96  # of histograms: from -100 dB on, half a decibel each
RISE = 1e-9 * np.arange(LEVELS + 1)  # so that no two shares are equal


class Histograms:
    """Distributions of the bins of pictures that come in parts."""

    def __init__(self) -> None:
        self._counts = np.zeros((BINS, LEVELS))

    def add(self, picture: np.ndarray) -> None:
        """Count in (channels, frames, BINS)."""
        levels = np.clip((picture.reshape(-1, BINS) - LOWEST) / STEP, 0, LEVELS - 1).astype("int64")
        index = levels + LEVELS * np.arange(BINS)
        self._counts += np.bincount(index.ravel(), minlength=BINS * LEVELS).reshape(BINS, LEVELS)

    @property
    def quantiles(self) -> np.ndarray:
        """So far, (QUANTILES, BINS) float32."""
        shares = np.cumsum(self._counts, axis=1) / self._counts.sum(axis=1, keepdims=True)
        edges = LOWEST + STEP * np.arange(LEVELS + 1)
        edges[1] = LOWEST  # what is within half a decibel of nothing is nothing: it would hiss
        wanted = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, QUANTILES))  # denser towards the rarest, which are kept
        rows = [np.interp(wanted, np.concatenate([[0], row]) + RISE, edges) for row in shares]
        return np.stack(rows, axis=1).astype("float32")


class Moments:
    """Mean and standard deviation over frames that come in parts; each (1, 1, …)."""

    def __init__(self) -> None:
        self._count, self._sum, self._squares = 0, np.zeros(()), np.zeros(())

    def add(self, values: np.ndarray) -> None:
        """Count in (channels, frames, …)."""
        values = values.reshape(-1, *values.shape[2:]).astype("float64")
        self._count += len(values)
        self._sum, self._squares = self._sum + values.sum(axis=0), self._squares + np.square(values).sum(axis=0)

    @property
    def mean(self) -> np.ndarray:
        """So far."""
        return (self._sum / self._count)[None, None].astype("float32")

    @property
    def deviation(self) -> np.ndarray:
        """So far."""
        variance = self._squares / self._count - np.square(self._sum / self._count)
        return np.sqrt(np.maximum(variance, 1e-8))[None, None].astype("float32")


def set_bins(picture: np.ndarray, before: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Give each bin of a picture the distribution that is wanted; quantiles are (QUANTILES, BINS)."""
    made = np.empty_like(picture)
    rising = before + (1e-6 * np.arange(QUANTILES, dtype="float32"))[:, None]
    for number in range(BINS):
        made[..., number] = np.interp(picture[..., number], rising[:, number], wanted[:, number])
    return made
