"""The line of what takes minutes, trainings and clips: one at a time, in the order in which they came."""

import threading


class Line:
    """A line of turns; safe to share by threads."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._changed = threading.Condition()

    def join(self) -> "Turn":
        """A turn behind all others."""
        with self._changed:
            self._turns.append(Turn(self))
            return self._turns[-1]


class Turn:
    """A place in a line, until it is left."""

    def __init__(self, line: Line):
        self._line = line

    @property
    def place(self) -> int:
        """How many are before it; 0 too where it has been left."""
        with self._line._changed:
            return self._place()

    def wait(self, seconds: float) -> bool:
        """Whether it has come after at most so many seconds; never where it has been left."""
        with self._line._changed:
            self._line._changed.wait_for(lambda: self._place() == 0, seconds)
            return self._line._turns[:1] == [self]

    def leave(self) -> None:
        """Let the next have its turn; once is enough."""
        with self._line._changed:
            if self in self._line._turns:
                self._line._turns.remove(self)
                self._line._changed.notify_all()

    def _place(self) -> int:
        turns = self._line._turns
        return turns.index(self) if self in turns else 0
