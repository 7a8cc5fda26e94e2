"""Wishes to end a training; a `threading.Event` is one, which a signal handler can set."""

import os
from pathlib import Path
from typing import Protocol


class Stop(Protocol):
    """What a training asks after every step."""

    def is_set(self) -> bool:
        """Whether the step under way is to be the last one."""


class FileStop:
    """A wish from another process: a file that appears, or the parent's end.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path):
        self.path = path
        self.parent = os.getppid()

    def is_set(self) -> bool:
        """Whether the file is there, or the parent is gone."""
        return self.path.exists() or os.getppid() != self.parent
