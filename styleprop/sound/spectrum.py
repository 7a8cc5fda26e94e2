"""Sounds as pictures and back: short-time spectra, their log magnitudes, and phases for given magnitudes.

A *picture* is float32 (channels, frames, BINS): decibels mapped linearly so that -1 is -100 dB and 1 is a full tone.
"""

import math

import numpy as np

RATE = 32_000  # samples a second at which sounds are worked on
WINDOW, HOP = 1024, 256  # samples
BINS = WINDOW // 2  # the highest, at half the rate, is left out
FLOOR_DB = -100.0
MOMENTUM = 0.99
TINY = 1e-12
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype("float32")
_SCALE = np.float32(_HANN.sum() / 2)  # what a tone of amplitude 1 has
_FLOOR = 10 ** (FLOOR_DB / 20)


def spectra(samples: np.ndarray) -> np.ndarray:
    """Short-time spectra.

    Args:
        samples: (channels, N) float32.

    Returns:
        (channels, N // HOP + 1, BINS + 1) complex64; the frames' middles are HOP samples apart, the first at 0.
    """
    padded = np.pad(samples, [(0, 0), (WINDOW // 2, WINDOW // 2)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=1)[:, ::HOP]
    return np.fft.rfft(frames * _HANN, axis=2)


def samples_of(transformed: np.ndarray, count: int) -> np.ndarray:
    """The samples, (channels, count) float32, whose spectra are nearest to those given; see `spectra`."""
    frames = np.fft.irfft(transformed, WINDOW, axis=2).astype("float32", copy=False) * _HANN
    summed, weight = _overlap(frames), _overlap(np.broadcast_to(_HANN**2, (1, *frames.shape[1:])))
    half = WINDOW // 2
    found = summed[:, half:] / np.maximum(weight[:, half:], 1e-3)
    missing = max(0, count - found.shape[1])
    return np.pad(found, [(0, 0), (0, missing)])[:, :count]


def _overlap(frames: np.ndarray) -> np.ndarray:
    """Frames (channels, T, WINDOW), HOP apart, added up."""
    channels, count, _ = frames.shape
    parts = WINDOW // HOP
    summed = np.zeros((channels, count + parts - 1, HOP), "float32")
    for part in range(parts):
        summed[:, part : part + count] += frames[:, :, part * HOP : (part + 1) * HOP]
    return summed.reshape(channels, -1)


def picture_of(transformed: np.ndarray) -> np.ndarray:
    """The picture, (channels, frames, BINS) float32, of spectra."""
    magnitude = np.abs(transformed[..., :BINS]) / _SCALE
    return (np.log10(magnitude + np.float32(_FLOOR)) * np.float32(-40 / FLOOR_DB) + 1).astype("float32", copy=False)


def magnitudes_of(picture: np.ndarray) -> np.ndarray:
    """Magnitudes, (channels, frames, BINS + 1) float32, of a picture; the highest bin is empty."""
    decades = np.clip((picture - 1) * np.float32(-FLOOR_DB / 40), FLOOR_DB / 20, 2)
    magnitude = (np.power(np.float32(10), decades) - np.float32(_FLOOR)) * _SCALE
    return np.pad(magnitude, [(0, 0), (0, 0), (0, 1)])


def griffin_lim(magnitude: np.ndarray, phases: np.ndarray, count: int, steps: float) -> np.ndarray:
    """Samples for magnitudes, by the fast Griffin-Lim algorithm (Perraudin et al. 2013).

    Args:
        magnitude: (channels, frames, BINS + 1) float32.
        phases: spectra of the same shape whose phases to begin with.
        count: of samples.
        steps: of refinement; 0 takes the phases as they are, and 2.5 go half the way of the third step.

    Returns:
        (channels, count) float32.
    """
    before = guess = magnitude * _unit(phases)
    for step in range(math.ceil(steps)):
        found = spectra(samples_of(guess, count))
        refined, share = _unit(found + np.float32(MOMENTUM) * (found - before)), np.float32(min(1, steps - step))
        guess = magnitude * (refined if share == 1 else _unit((1 - share) * _unit(guess) + share * refined))
        before = found
    return samples_of(guess, count)


def _unit(values: np.ndarray) -> np.ndarray:
    return values / (np.abs(values) + np.float32(TINY))
