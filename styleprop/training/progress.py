"""What a training tells whoever watches."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Progress:
    """One report of a running training.

    Attributes:
        step: optimizer steps done, of `total_steps`.
        losses: name to mean value since the last report.
        scores: name to value of the evaluation, when this report made one.
        preview: uint8 (H, W, 3) contact sheet, when this report made one.
        seconds: time spent in this process.
    """

    step: int
    total_steps: int
    losses: dict[str, float]
    seconds: float
    scores: dict[str, float] = field(default_factory=dict)
    preview: np.ndarray | None = None
