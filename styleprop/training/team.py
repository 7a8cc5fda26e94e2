"""The processes that take part in one training; usually it is one."""

from typing import Any


class Team:
    """A training alone. Of several processes each has its share of every batch, and the first alone writes.

    Attributes:
        is_writer: whether this process keeps state, log and preview.
    """

    is_writer = True

    def share(self, batch: Any) -> Any:
        """The rows of a batch that are for this process. Raises SettingsError where they cannot be shared evenly."""
        return batch

    def agree(self, seconds: float, stop: bool) -> tuple[float, bool]:
        """What the writer says of the clock and of stopping, the same for all; all wait for each other."""
        return seconds, stop


ALONE = Team()
