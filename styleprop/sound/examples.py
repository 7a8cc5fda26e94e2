"""Sounds to restyle, made by code: a generator of random numbers and a length, to samples."""

from collections.abc import Callable
from functools import cache

import numpy as np

from styleprop.sound.making import Random, add, band, finished, noise, ring, times, voiced, wander
from styleprop.sound.spectrum import RATE

SECONDS = 6.0
VOWELS = np.array([(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)])


def speech(random: Random, seconds: float) -> np.ndarray:
    """Syllables without words: a voice that glides between vowels, and hisses between them."""
    sound = np.zeros(round(seconds * RATE))
    base, start = random.uniform(90, 220), random.uniform(0, 0.2)
    while start < seconds - 0.4:
        length = random.uniform(0.12, 0.3)
        at = times(length) / length
        ends = VOWELS[random.integers(5, size=2)]
        formants = [(ends[0, i] + (ends[1, i] - ends[0, i]) * at, width) for i, width in enumerate((80, 110, 170))]
        pitch = base * 2 ** (random.uniform(-0.3, 0.3) + random.uniform(-0.2, 0.2) * at)
        add(sound, voiced(random, pitch, formants) * np.sin(np.pi * at) ** 0.7, start)
        if random.random() < 0.6:
            hiss = noise(random, 0.09, band(random.uniform(2000, 5000), 10_000))
            add(sound, 0.4 * hiss * np.hanning(len(hiss)), start - 0.07)
        start += length + random.choice([0.03, 0.06, 0.3], p=[0.4, 0.4, 0.2])
    return finished(sound)


def strings(random: Random, seconds: float) -> np.ndarray:
    """Plucked strings that play a tune: harmonics that fall the faster, the higher they are."""
    sound = np.zeros(round(seconds * RATE))
    start, step, beat = 0.05, 4, random.uniform(0.22, 0.4)
    scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19]
    while start < seconds - 0.1:
        step = int(np.clip(step + random.integers(-3, 4), 0, 11))
        pitch = random.choice([131, 165, 196]) * 2 ** (scale[step] / 12)
        for number in range(1, min(24, int(14_000 / pitch))):
            stiff = pitch * number * np.sqrt(1 + 2e-4 * number**2)
            strength = abs(np.sin(np.pi * number * 0.23)) / number
            add(sound, strength * ring(stiff, 0.9 / (1 + 0.3 * number), min(1.2, seconds)), start)
        start += beat * random.choice([1, 1, 2, 0.5])
    return finished(sound)


def drums(random: Random, seconds: float) -> np.ndarray:
    """A beat: a kick, a snare, and cymbals."""
    sound = np.zeros(round(seconds * RATE))
    step = random.uniform(0.11, 0.16)
    at = times(0.3)
    for number in range(int((seconds - 0.3) / step)):
        start, beat = number * step, number % 8
        if beat in (0, 5) or random.random() < 0.06:
            kick = np.sin(2 * np.pi * (50 * at - 3.2 * np.exp(-at / 0.03))) * np.exp(-at / 0.09)
            add(sound, 1.4 * kick, start)
        if beat == 4 or random.random() < 0.05:
            snare = noise(random, 0.3, band(900, 8000)) * np.exp(-at / 0.06) + 0.6 * ring(190, 0.05, 0.3)
            add(sound, 0.5 * snare, start)
        hat = noise(random, 0.3, band(6000, 14_000)) * np.exp(
            -at / random.choice([0.015, 0.03, 0.1], p=[0.6, 0.3, 0.1])
        )
        add(sound, 0.2 * hat, start)
    return finished(sound)


def birds(random: Random, seconds: float) -> np.ndarray:
    """Chirps: short tones that glide."""
    sound = np.zeros(round(seconds * RATE))
    start = 0.1
    while start < seconds - 0.3:
        low, high, length = random.uniform(1500, 3500), random.uniform(2500, 7000), random.uniform(0.04, 0.2)
        for call in range(random.integers(1, 5)):
            at = times(length) / length
            pitch = low + (high - low) * (at if random.random() < 0.5 else 1 - at) ** random.uniform(0.5, 2)
            chirp = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.sin(np.pi * at)
            add(sound, chirp, start + call * length * 1.3)
        start += 5 * length + random.uniform(0.1, 0.7)
    return finished(sound + 0.01 * noise(random, seconds, band(200, 5000)))


def organ(random: Random, seconds: float) -> np.ndarray:
    """Chords of held tones."""
    sound = np.zeros(round(seconds * RATE))
    start = 0.0
    while start < seconds:
        length = random.uniform(0.5, 1.4)
        at = times(length)
        edge = np.clip(np.minimum(at, length - at) / 0.03, 0, 1)
        for note in random.choice([0, 3, 4, 7, 9, 12, 16], 3, replace=False):
            pitch = random.choice([131, 196]) * 2 ** (note / 12)
            for number in (1, 2, 3, 4, 6, 8):
                add(sound, edge * np.sin(2 * np.pi * pitch * number * at) / number, start)
        start += length
    return finished(sound * (1 + 0.1 * wander(random, seconds, 5)))


MAKERS: dict[str, Callable[[Random, float], np.ndarray]] = {
    "speech": speech,
    "strings": strings,
    "drums": drums,
    "birds": birds,
}


@cache
def example(name: str) -> np.ndarray:
    """One of `MAKERS`, the same at every call: (N,) float32 at `RATE`, 6 s, read-only."""
    made = MAKERS[name](np.random.default_rng(sum(map(ord, name)) + 1), SECONDS)
    made.flags.writeable = False
    return made
