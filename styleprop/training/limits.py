"""How long a training may take."""


class TimeLimit(float):
    """A number of seconds that a signal handler or another thread can bring forward to now."""

    stopped = False

    def stop(self) -> None:
        """Let the time be up after the step that is under way."""
        self.stopped = True

    def __lt__(self, elapsed: float) -> bool:
        """Whether the time is up; `elapsed > limit` asks this first."""
        return self.stopped or float(self) < elapsed


class Sooner(float):
    """A time limit, some seconds before another one, which may be brought forward."""

    limit: float
    seconds: float

    def __new__(cls, limit: float, seconds: float):
        """The limit that is `seconds` before `limit`."""
        made = super().__new__(cls, float(limit) - seconds)
        made.limit, made.seconds = limit, seconds
        return made

    def __lt__(self, elapsed: float) -> bool:
        """Whether the time is up; `elapsed > limit` asks this first."""
        return self.limit < elapsed + self.seconds
