"""What one visitor waits for: at most one full-size picture, and a newer wish stops it."""

from typing import Any


class Flag:
    """Whether a job is to stop. Unlike `threading.Event` it may be copied, as Gradio copies states."""

    def __init__(self):
        self._stopped = False

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._stopped

    def set(self) -> None:
        """Let the job stop."""
        self._stopped = True


class Wish:
    """The visitor's newest wish, kept in their session.

    Attributes:
        flag: of the newest wish.
        turns: how often what is shown was taken away or exchanged, so that what is still painted comes too late.
        moment: when the newest painting was wished, as the browser counts.
        masked: whether what is shown was painted in a part of the photo.
        taken: the path of the photo that the tab took last: one that arrives for another is late.
    """

    def __init__(self):
        self.flag = Flag()
        self.turns = 0
        self.moment = 0.0
        self.masked = False
        self.taken: str | None = None

    def is_late(self, moment: Any) -> bool:
        """Whether a newer painting than that of a moment has been wished already: its mask took long to be sent."""
        moment = float(moment) if isinstance(moment, int | float) else 0.0
        is_late, self.moment = moment < self.moment, max(moment, self.moment)
        return is_late

    def begin(self) -> None:
        """Stop what was wished before, and wish anew."""
        self.stop()
        self.flag = Flag()

    def stop(self) -> None:
        """Stop what is wished, if anything is."""
        self.flag.set()

    def turn(self) -> None:
        """Let nothing that was wished before be shown."""
        self.stop()
        self.turns += 1
