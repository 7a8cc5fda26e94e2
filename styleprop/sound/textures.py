"""The built-in textures, each made by code: a generator of random numbers and a length, to samples that can loop."""

from collections.abc import Callable
from functools import cache

import numpy as np

from styleprop.errors import SoundError
from styleprop.sound.making import Random, add, band, finished, moments, noise, ring, times, tone, voiced, wander
from styleprop.sound.spectrum import RATE

SECONDS = 8.0
BELL = (  # (ratio, strength, share of the decay)
    (0.5, 1.0, 1.0),
    (1.0, 0.8, 0.7),
    (1.19, 0.7, 0.6),
    (1.5, 0.5, 0.4),
    (2.0, 0.6, 0.35),
    (2.51, 0.35, 0.25),
    (3.01, 0.3, 0.2),
    (4.1, 0.2, 0.15),
    (5.4, 0.12, 0.1),
)
VOWELS = (  # (formant, width)
    ((730, 90), (1090, 110), (2440, 170)),
    ((270, 60), (2290, 150), (3010, 200)),
    ((400, 70), (800, 90), (2600, 170)),
)


def rain(random: Random, seconds: float) -> np.ndarray:
    """A steady hiss, and drops that ring for some milliseconds."""
    sound = noise(random, seconds, lambda hz: band(400, 11_000)(hz) / np.sqrt(1 + hz / 2500)) * 0.5
    sound *= 1 + 0.15 * wander(random, seconds, 1.5)
    for start in moments(random, seconds, 90):
        drop = ring(random.uniform(900, 7500), random.uniform(0.002, 0.008), 0.05, random.uniform(0, 6))
        add(sound, drop * random.lognormal(0, 0.8), start)
    return finished(sound)


def fire(random: Random, seconds: float) -> np.ndarray:
    """A low roar that flickers, and crackles: clicks of all strengths."""
    sound = noise(random, seconds, lambda hz: band(40, 500)(hz) / (1 + hz / 200))
    sound *= 0.5 * (1 + 0.6 * wander(random, seconds, 6))
    sound += 0.06 * noise(random, seconds, band(1500, 9000))
    for start in moments(random, seconds, 14):
        length = random.uniform(0.002, 0.012)
        crack = noise(random, 0.06, band(random.uniform(600, 2500), random.uniform(4000, 12_000)))
        add(sound, crack * np.exp(-times(0.06) / length) * random.lognormal(0.4, 0.9), start)
    return finished(sound)


def bells(random: Random, seconds: float) -> np.ndarray:
    """Small bells, struck at random times on a scale of five tones."""
    sound = np.zeros(round(seconds * RATE))
    for start in moments(random, seconds, 3.5):
        pitch = 440 * 2 ** (random.choice([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
        strength, decay = random.uniform(0.3, 1), random.uniform(0.8, 1.8)
        for ratio, part, share in BELL:
            detune = 1 + random.uniform(-0.002, 0.002)
            add(sound, strength * part * ring(pitch * ratio * detune, decay * share, 3.0, random.uniform(0, 6)), start)
    return finished(sound)


def choir(random: Random, seconds: float) -> np.ndarray:
    """Voices of oscillators that hold a chord, each with its own vibrato and vowel."""
    sound = np.zeros(round(seconds * RATE))
    for note in (0, 0, 7, 12, 12, 16, 19, 24):
        vibrato = 0.006 * np.sin(2 * np.pi * random.uniform(4.5, 6) * times(seconds) + random.uniform(0, 6))
        drift = 0.004 * wander(random, seconds, 1)
        pitch = 110 * 2 ** (note / 12) * (1 + vibrato + drift)
        vowel = VOWELS[random.integers(3)]
        sound += voiced(random, pitch, list(vowel)) * (1 + 0.3 * wander(random, seconds, 1.2))
    return finished(sound + 0.02 * noise(random, seconds, band(2000, 8000)))


def waves(random: Random, seconds: float) -> np.ndarray:
    """Surf: noise that swells, breaks bright and falls back dark."""
    swell = np.clip(0.5 + 0.5 * wander(random, seconds, 0.8), 0, 1) ** 2
    dark = noise(random, seconds, lambda hz: band(60, 900)(hz) / np.sqrt(1 + hz / 200))
    bright = noise(random, seconds, band(900, 9000))
    return finished((0.3 + swell) * dark + swell**2 * bright * 0.7)


def crickets(random: Random, seconds: float) -> np.ndarray:
    """Crickets: trains of short chirps of high tones over a quiet night."""
    sound = 0.05 * noise(random, seconds, band(200, 3000))
    for pitch in random.uniform(3500, 6500, 5):
        beat, strength, phase = random.uniform(18, 32), random.uniform(0.2, 1), random.uniform(0, 1)
        trill = np.clip(np.sin(2 * np.pi * (beat * times(seconds) + phase)), 0, 1) ** 2
        rests = np.clip(4 * np.sin(2 * np.pi * (random.uniform(1.2, 2.4) * times(seconds) + phase)), 0, 1)
        sound += strength * trill * rests * tone(pitch, seconds)
    return finished(sound)


def glass(random: Random, seconds: float) -> np.ndarray:
    """Splinters of glass: a shower of very short, very high rings."""
    sound = 0.02 * noise(random, seconds, band(3000, 12_000))
    for start in moments(random, seconds, 28):
        strength, pitch = random.lognormal(-0.5, 0.8), random.uniform(2200, 6000)
        for ratio in (1, 1.7, 2.32):
            add(sound, strength / ratio * ring(pitch * ratio, random.uniform(0.01, 0.06), 0.3), start)
    return finished(sound)


def engine(random: Random, seconds: float) -> np.ndarray:
    """A motor: a low hum with many harmonics, uneven as firing is, and a rattle."""
    pitch = 52 * (1 + 0.02 * wander(random, seconds, 3))
    cycles = np.cumsum(pitch) / RATE
    hum = sum(np.sin(2 * np.pi * number * cycles + number**2) / number**0.7 for number in range(1, 40))
    fired = np.clip(np.sin(2 * np.pi * cycles), 0, 1) ** 4
    return finished(hum * (1 + 0.3 * wander(random, seconds, 8)) + 3 * fired * noise(random, seconds, band(300, 4000)))


MAKERS: dict[str, Callable[[Random, float], np.ndarray]] = {
    "rain": rain,
    "bells": bells,
    "choir": choir,
    "fire": fire,
    "waves": waves,
    "crickets": crickets,
    "glass": glass,
    "engine": engine,
}


@cache
def built_in(name: str) -> np.ndarray:
    """A built-in texture, the same at every call.

    Returns:
        (N,) float32 at `RATE`, 8 s, read-only.

    Raises:
        SoundError: there is none of this name.
    """
    if name not in MAKERS:
        raise SoundError(
            "There is no texture {name}: choose one of {names}, or a sound file.",
            name=repr(name),
            names=", ".join(MAKERS),
        )
    made = MAKERS[name](np.random.default_rng(sum(map(ord, name))), SECONDS)
    made.flags.writeable = False
    return made
