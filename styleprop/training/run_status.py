"""How a fine-tune stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from styleprop.training.job import FineTuning

FINISHED = ("done", "stopped", "failed")


@dataclass(frozen=True)
class RunStatus:
    """How a fine-tune stands.

    Attributes:
        state: "queued", "running", "done", "stopped" or "failed".
        place: how many run or wait before it.
        sentence: what went wrong, or "".
        job: what it is to do.
        reports: dictionaries of step, seconds, losses and scores.
        preview: the file of the newest contact sheet: of each held-out picture itself, what the weights that it starts
            from make of it, and what those of now do; or None.
        checkpoint: the folder of the best weights so far, or None.
        best: scores "base" and "best", and the "start"'s name; empty before there are any.
        spent: seconds of training before it was last started or resumed.
    """

    state: str
    place: int
    sentence: str
    job: FineTuning
    reports: list[dict[str, Any]]
    preview: Path | None
    checkpoint: Path | None
    best: dict[str, Any] = field(default_factory=dict)
    spent: float = 0.0

    @property
    def is_better(self) -> bool:
        """Whether there are weights that are better than those that it started from."""
        return self.checkpoint is not None and self.best.get("best") != self.best.get("base")
