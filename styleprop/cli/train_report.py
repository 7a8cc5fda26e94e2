"""How a training's progress is shown: a line that is drawn over on a terminal, a line each elsewhere, or JSON."""

import sys

from styleprop.cli.terminal import json_line, one_line


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

    def tell(self, progress) -> None:
        """Show one report."""
        self.scores = progress.scores or self.scores
        seconds_left = self._seconds_left(progress)
        if self.as_json:
            values = {"step": progress.step, "total_steps": progress.total_steps, "seconds": round(progress.seconds, 1)}
            values |= {"seconds_left": round(seconds_left), "losses": progress.losses}
            print(json_line({**values, **({"scores": progress.scores} if progress.scores else {})}), flush=True)
            return
        parts = [f"step {progress.step} of {progress.total_steps}"]
        parts += [_numbers(progress.losses)]
        parts += [f"held out: {_numbers(progress.scores)}"] if progress.scores else []
        line = one_line("; ".join([*parts, f"{duration(seconds_left)} left"]))
        keep = not self.drawn or progress.scores
        print(f"\r\033[K{line}" if self.drawn else line, end="\n" if keep else "", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the drawn line."""
        if self.drawn and not self.as_json:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _seconds_left(self, progress) -> float:
        pace = progress.seconds / max(1, progress.step - self.first)
        return max(0.0, min(pace * (progress.total_steps - progress.step), self.seconds - progress.seconds))


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
