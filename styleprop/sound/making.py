"""What made sounds are made of. Times in seconds, frequencies in Hz; all arrays are of `RATE` samples a second."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from styleprop.sound.spectrum import RATE

Random = np.random.Generator


def times(seconds: float) -> np.ndarray:
    """The times of the samples of a sound."""
    return np.arange(round(seconds * RATE)) / RATE


def noise(random: Random, seconds: float, shape: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Gaussian noise whose spectrum has the shape of a function of the frequency; of mean square 1."""
    count = round(seconds * RATE)
    white = np.fft.rfft(random.standard_normal(count))
    made = np.fft.irfft(white * shape(np.fft.rfftfreq(count, 1 / RATE)), count)
    return made / (np.sqrt(np.mean(made**2)) + 1e-12)


def band(low: float, high: float) -> Callable[[np.ndarray], np.ndarray]:
    """The shape of a band of frequencies with soft edges."""
    return lambda hz: 1 / (1 + (low / np.maximum(hz, 1)) ** 4) / (1 + (hz / high) ** 4)


def wander(random: Random, seconds: float, rate: float) -> np.ndarray:
    """A smooth random curve, about -1 to 1, that turns about `rate` times a second."""
    nodes = random.uniform(-1, 1, max(4, round(seconds * rate) + 3))
    at = np.linspace(0, len(nodes) - 1.001, round(seconds * RATE))
    index, part = at.astype(int), at % 1
    part = 0.5 - 0.5 * np.cos(np.pi * part)
    return nodes[index] * (1 - part) + nodes[np.minimum(index + 1, len(nodes) - 1)] * part


def tone(frequency: np.ndarray | float, seconds: float, phase: float = 0.0) -> np.ndarray:
    """A sine, of a frequency that may vary."""
    cycles = np.cumsum(np.broadcast_to(frequency, round(seconds * RATE))) / RATE
    return np.sin(2 * np.pi * cycles + phase)


def ring(frequency: float, decay: float, seconds: float, phase: float = 0.0) -> np.ndarray:
    """A sine that falls to 1/e within `decay`."""
    at = times(seconds)
    return np.sin(2 * np.pi * frequency * at + phase) * np.exp(-at / decay)


def add(sound: np.ndarray, part: np.ndarray, start: float) -> None:
    """Add a part at a time; what would stand beyond the end comes in at the beginning, so that the sound can loop."""
    first = round(start * RATE) % len(sound)
    part = part[: len(sound)]
    fits = min(len(part), len(sound) - first)
    sound[first : first + fits] += part[:fits]
    sound[: len(part) - fits] += part[fits:]


def moments(random: Random, seconds: float, rate: float) -> np.ndarray:
    """Times at which something happens, on average `rate` a second, independently of each other."""
    return random.uniform(0, seconds, random.poisson(seconds * rate))


def voiced(random: Random, frequency: np.ndarray, formants: Sequence[tuple[Any, float]]) -> np.ndarray:
    """A voice: harmonics of a frequency that varies, as strong as formants, (frequency, width) pairs, have them."""
    turning = np.exp(2j * np.pi * np.cumsum(frequency) / RATE).astype("complex64")
    made, harmonic = np.zeros(len(frequency)), np.ones_like(turning)
    at = np.append(np.arange(0, len(frequency) - 1, 256), len(frequency) - 1)
    middles = [(middle[at] if isinstance(middle, np.ndarray) else middle, width) for middle, width in formants]
    for number in range(1, min(60, int(0.42 * RATE / frequency.max())) + 1):
        harmonic = harmonic * turning
        peaks = sum(1 / (1 + ((number * frequency[at] - middle) / width) ** 2) for middle, width in middles)
        strength = np.interp(np.arange(len(frequency)), at, peaks) / number**0.6
        made += strength * (harmonic * np.complex64(np.exp(1j * random.uniform(0, 2 * np.pi)))).real
    return made


def finished(sound: np.ndarray, level: float = 0.1) -> np.ndarray:
    """Without its mean, at a root mean square, or as loud as it can be without a peak above 0.9; float32."""
    sound = sound - sound.mean()
    gain = min(level / (np.sqrt(np.mean(sound**2)) + 1e-12), 0.9 / (np.abs(sound).max() + 1e-12))
    return (gain * sound).astype("float32")
