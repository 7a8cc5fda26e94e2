"""Learning rates, as a share of the highest, by how much of a training is done."""

import math
from collections.abc import Callable
from typing import Any

Schedule = Callable[[float], float]
LAST = 0.01


def cosine(done: float) -> float:
    """Half a cosine, from 1 to a hundredth (Loshchilov and Hutter 2017, eq. 5)."""
    return LAST + (1 - LAST) * 0.5 * (1 + math.cos(math.pi * done))


def constant_then_linear(done: float) -> float:
    """1 for half of the training, then linear to zero (Zhu et al. 2017, section 4)."""
    return min(1.0, 2 * (1 - done))


def learning_rate(config: Any, schedule: Schedule, step: int, time_done: float = 0.0) -> float:
    """The rate of a step, counted from 0, after a linear warm-up over at most a tenth of the steps.

    Args:
        config: `learning_rate`, `total_steps` and, where it has them, `warmup_steps`.
        schedule: one of this module's.
        step: how many are done.
        time_done: the share of the time that is over, where time is short; the further of the two counts.
    """
    warmup = min(getattr(config, "warmup_steps", 0), config.total_steps // 10)
    if step < warmup:
        return config.learning_rate * (LAST + (1 - LAST) * step / warmup)
    steps_done = (step - warmup) / max(1, config.total_steps - warmup)
    return config.learning_rate * schedule(min(1.0, max(steps_done, time_done)))
