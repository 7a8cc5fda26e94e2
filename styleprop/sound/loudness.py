"""Loudness over time: measured, given to another sound, and kept below what can be written."""

import numpy as np

WINDOW_SECONDS = 0.05
STEP_SECONDS = 0.01
LOUDNESS_POWER = 0.6  # of a root mean square: Stevens' law
CEILING = 0.98
LIKENESS = 0.82  # correlation of loudness that a result is to have with its content
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # of the way from its own loudness to the other's
ROUNDS = 3
PAUSE = 30  # windows
FLOOR = 0.03  # of the usual level: what is below counts as next to this, so that no hiss is raised
SILENCE = 1e-3  # of the usual level
QUIET = 1e-5  # root mean square that counts as silence
TINY = 1e-12
LIMITER_STEP = 0.005  # seconds


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
    """Pearson's correlation of two sounds' loudness over time; 1 where neither changes."""
    return _likeness(levels(one, rate), levels(other, rate))


def follow(samples: np.ndarray, leader: np.ndarray, rate: int, least: float = LIKENESS) -> np.ndarray:
    """Give a sound the loudness of another, as closely as it must, so that it keeps its own swell as far as it can.

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
        for share in SHARES:
            own = levels(made, rate)
            ratio = (wanted + FLOOR) / (own / max(np.sqrt(np.mean(own**2)), TINY) + FLOOR)
            tried = _shaped(made, ratio**share, rate)
            if _likeness(levels(tried, rate), wanted) >= least:
                break
        made = tried
        if share < 1:
            break
    return made * np.float32(np.sqrt(np.mean(np.square(leader)) / max(np.mean(np.square(made)), TINY)))


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
        return 1.0
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
