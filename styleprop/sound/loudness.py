"""Loudness over time: measured, given to another sound, and kept below what can be written."""

import numpy as np

WINDOW_SECONDS = 0.05
STEP_SECONDS = 0.01
LOUDNESS_POWER = 0.6  # of a root mean square: Stevens' law
CEILING = 0.98
LIKENESS = 0.82  # correlation of loudness that a result is to have with its content
LEAST_SHARE = 0.2  # of the way from its own loudness to the other's
HALVINGS, ROUNDS = 5, 3
PAUSE = 30  # windows
FLOOR = 0.03  # of the usual level: what is below counts as next to this, so that no hiss is raised
SILENCE = 1e-3  # of the usual level
QUIET = 1e-5  # root mean square that counts as silence
TINY = 1e-12
LIMITER_STEP = 0.005  # seconds
FILTER_SECONDS = 0.064
LOWEST_HZ, PARTS = 50.0, 6  # of an octave
AT_ONCE = 2**18  # samples
FAINT = 0.01  # of the power of the strongest sixth of an octave: what has less stays as it is


def levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """Root mean square in windows of 50 ms, one for every 10 ms from 0 to the end: (steps,) float64.

    Args:
        samples: (N, channels), taken together.
    """
    step, half = max(1, round(rate * STEP_SECONDS)), max(1, round(rate * WINDOW_SECONDS / 2))
    power = np.mean(np.square(samples, dtype="float64"), axis=1)
    summed = np.concatenate([[0.0], np.cumsum(power)])
    middles = np.arange(0, len(power) + step, step)
    first, last = np.clip(middles - half, 0, len(power) - 1), np.clip(middles + half, 1, len(power))
    return np.sqrt(np.maximum(summed[last] - summed[first], 0) / np.maximum(last - first, 1))


def loudness_correlation(one: np.ndarray, other: np.ndarray, rate: int) -> float:
    """Pearson's correlation of two sounds' loudness over time; 1 where the other's does not change."""
    return _likeness(levels(one, rate), levels(other, rate))


def follow(samples: np.ndarray, leader: np.ndarray, rate: int, least: float = LIKENESS) -> np.ndarray:
    """Give a sound the loudness of another, as closely as it must, so that it keeps its own swell as far as it can.

    Only what makes it loud is led, see `carriers`: a faint background goes on behind it and does not pump.

    Args:
        samples: (N, channels) float32, to be changed.
        leader: (N, channels), as loud as the outcome is to be.
        rate: of both.
        least: correlation of the two loudnesses that the outcome is to have.

    Returns:
        (N, channels) float32, on the whole as loud as the leader; silent where that is silent for long.
    """
    wanted = levels(leader, rate)
    usual = np.sqrt(np.mean(wanted**2))
    if usual <= QUIET:
        return np.zeros_like(samples)
    wanted = wanted / usual
    made = _shaped(samples, _gate(wanted), rate)
    for _ in range(ROUNDS):
        made, is_enough = _led(made, wanted, rate, least)
        if is_enough:
            break
    return made * np.float32(np.sqrt(np.mean(np.square(leader)) / max(np.mean(np.square(made)), TINY)))


def _led(samples: np.ndarray, wanted: np.ndarray, rate: int, least: float) -> tuple[np.ndarray, bool]:
    """Samples as far on the way to the wanted loudness as they must go, and whether that was far enough."""
    own, carried = levels(samples, rate), carriers(samples, rate)
    ratio = (wanted + FLOOR) / (own / max(np.sqrt(np.mean(own**2)), TINY) + FLOOR)

    def gone(share: float) -> tuple[np.ndarray, bool]:
        made = samples + _shaped(carried, ratio**share - 1, rate)
        return made, _likeness(levels(made, rate), wanted) >= least

    low, high = LEAST_SHARE, 1.0
    found = gone(low)
    if found[1]:
        return found
    found = gone(high)
    for _ in range(HALVINGS if found[1] else 0):
        middle = (low + high) / 2
        tried = gone(middle)
        low, high, found = (low, middle, tried) if tried[1] else (middle, high, found)
    return found


def carriers(samples: np.ndarray, rate: int) -> np.ndarray:
    """The part of a sound that makes it loud: its strong sixths of octaves, with soft edges and no delay.

    Args:
        samples: (N, channels) float32.

    Returns:
        (N, channels) float32; less samples, what is left is faint.
    """
    size = 2 ** round(np.log2(rate * FILTER_SECONDS))
    power = np.zeros(size // 2 + 1)
    for start in range(0, len(samples), AT_ONCE):
        part = samples[start : start + AT_ONCE]
        frames = np.pad(part, [(0, -len(part) % size), (0, 0)]).reshape(-1, size, samples.shape[1])
        power += np.sum(np.abs(np.fft.rfft(frames * np.hanning(size)[:, None], axis=1)) ** 2, axis=(0, 2))
    pitch = PARTS * np.log2(np.maximum(np.fft.rfftfreq(size, 1 / rate), LOWEST_HZ) / LOWEST_HZ)
    bands, inverse = np.unique(np.floor(pitch), return_inverse=True)
    strong = np.bincount(inverse, power)
    share = 1 / (1 + (FAINT * strong.max() / np.maximum(strong, TINY)) ** 2)
    share = np.lib.stride_tricks.sliding_window_view(np.pad(share, 1), 3).max(axis=1)  # with both neighbours, whole
    taps = np.roll(np.fft.irfft(np.interp(pitch, bands + 0.5, share)), size // 2) * np.hanning(size + 1)[:-1]
    return _filtered(samples, taps.astype("float32"))


def _filtered(samples: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Samples through a filter whose middle tap is its centre."""
    size = min(AT_ONCE, 1 << (len(samples) + 2 * len(taps)).bit_length())  # of a transform
    half, step, made = len(taps) // 2, size - 2 * len(taps), np.empty_like(samples)
    turned = np.fft.rfft(taps, size)[:, None]
    for start in range(0, len(samples), step):
        first, last = max(0, start - half), min(len(samples), start + step)
        part = np.pad(samples[first : last + half], [(half - start + first, 0), (0, 0)])
        whole = np.fft.irfft(np.fft.rfft(part, size, axis=0) * turned, size, axis=0)
        made[start:last] = whole[2 * half : 2 * half + last - start]
    return made


def _shaped(samples: np.ndarray, gain: np.ndarray, rate: int) -> np.ndarray:
    """Samples with a gain that is given for every 10 ms."""
    return samples * _between(gain, len(samples), max(1, round(rate * STEP_SECONDS)))


def _gate(wanted: np.ndarray) -> np.ndarray:
    """1 where there is something within 0.3 s, 0 where there is nothing, with soft ends."""
    near = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, PAUSE, mode="edge"), 2 * PAUSE + 1).max(axis=1)
    soft = np.hanning(PAUSE + 2)[1:-1]
    return np.convolve(np.pad(np.minimum(1, near / SILENCE), PAUSE // 2, mode="edge"), soft / soft.sum(), "valid")[
        : len(near)
    ]


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    first, second = one**LOUDNESS_POWER, other**LOUDNESS_POWER
    if min(first.std(), second.std()) < 1e-9:
        return float(second.std() < 1e-9)
    return float(np.corrcoef(first, second)[0, 1])


def limit(samples: np.ndarray, rate: int) -> np.ndarray:
    """Turn a sound down, smoothly and only around there, where it would go beyond 0.98 of full scale."""
    step = max(1, round(rate * LIMITER_STEP))
    peaks = np.abs(samples).max(axis=1, initial=0)
    if peaks.max(initial=0) <= CEILING:
        return samples
    blocks = np.pad(peaks, (0, -len(peaks) % step)).reshape(-1, step).max(axis=1)
    needed = np.pad(np.minimum(1, CEILING / np.maximum(blocks, TINY)), 1, mode="edge")
    nodes = np.minimum(needed[:-1], needed[1:])  # at the edges of blocks: along a block never above what it needs
    return samples * _between(nodes, len(samples), step)


def _between(nodes: np.ndarray, count: int, step: int) -> np.ndarray:
    return np.interp(np.arange(count), step * np.arange(len(nodes)), nodes).astype("float32")[:, None]
