"""How a training's progress is shown: a line that is drawn over on a terminal, a line each elsewhere, or JSON."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styleprop.cli.terminal import json_line, one_line
from styleprop.training.run_folder import BEST_FILE, read_json

if TYPE_CHECKING:
    from styleprop.training.progress import Progress  # brings NumPy, which no --help needs


class Reporter:
    """Shows each `Progress`.

    Args:
        first: the step the training goes on from.
        seconds: its time limit, for the estimate of what is left.
        as_json: print a JSON object for each report on standard output.

    Attributes:
        scores: the last evaluation's.
    """

    def __init__(self, first: int, seconds: float, as_json: bool):
        self.first = first
        self.seconds = seconds
        self.as_json = as_json
        self.drawn = sys.stderr.isatty()
        self.scores: dict[str, float] = {}

    def tell(self, progress: Progress) -> None:
        """Show one report."""
        self.scores = progress.scores or self.scores
        seconds_left = self._seconds_left(progress)
        if self.as_json:
            values: dict[str, Any] = {
                "step": progress.step,
                "total_steps": progress.total_steps,
                "seconds": round(progress.seconds, 1),
            }
            values |= {"seconds_left": round(seconds_left), "losses": progress.losses}
            print(json_line({**values, **({"scores": progress.scores} if progress.scores else {})}), flush=True)
            return
        line = one_line(self._line(progress, duration(seconds_left)))
        if self.drawn:
            print(f"\r\033[K{line}", end="\n" if self._is_kept(progress) else "", file=sys.stderr, flush=True)
        elif self._is_told(progress):
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the drawn line."""
        if self.drawn and not self.as_json:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _line(self, progress: Progress, left: str) -> str:
        parts = [f"step {progress.step} of {progress.total_steps}", _numbers(progress.losses)]
        parts += [f"held out: {_numbers(progress.scores)}"] if progress.scores else []
        return "; ".join([*parts, f"{left} left"])

    def _is_kept(self, progress: Progress) -> bool:
        """Whether the next line is drawn below it, not over it."""
        return bool(progress.scores)

    def _is_told(self, progress: Progress) -> bool:
        """Whether it is worth a line of a log."""
        return True

    def _seconds_left(self, progress: Progress) -> float:
        if progress.step <= self.first and math.isfinite(self.seconds):  # nothing to go by yet
            return max(0.0, self.seconds - progress.seconds)
        pace = progress.seconds / max(1, progress.step - self.first)
        return max(0.0, min(pace * (progress.total_steps - progress.step), self.seconds - progress.seconds))


class GainReporter(Reporter):
    """Shows a fine-tune in one sentence: how long it still takes, and what the best weights so far have gained.

    Args:
        job: "autoencoder", "style" or "cyclegan".
        folder: the run's.
        first, seconds, as_json: as of `Reporter`.
    """

    def __init__(self, job: str, folder: Path, first: int, seconds: float, as_json: bool):
        super().__init__(first, seconds, as_json)
        self.job = job
        self.folder = folder

    def gain(self) -> str:
        """What was gained so far; "" where nothing was."""
        known = read_json(self.folder / BEST_FILE)
        if known is None or known["best"] == known["base"]:
            return ""
        base, best = known["base"], known["best"]
        if self.job == "autoencoder":
            return f"held-out pictures are rebuilt {best['psnr_db'] - base['psnr_db']:.1f} dB better than at the start"
        name, target = ("style", "style") if self.job == "style" else ("frechet_ratio", "paintings")
        return f"held-out photos come {1 - best[name] / base[name]:.1%} nearer to the {target} than at the start"

    def _line(self, progress: Progress, left: str) -> str:
        if not progress.step and not progress.scores:
            return "Measuring what there is to gain."
        return f"About {left} left; {self.gain() or 'nothing is better than at the start yet'}."

    def _is_kept(self, progress: Progress) -> bool:
        return False

    def _is_told(self, progress: Progress) -> bool:
        return bool(progress.scores) or not progress.losses


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
