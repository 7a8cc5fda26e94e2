"""The first frame of a visitor's clip, decoded in the limited process, and once, however often a slider moves."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from styleprop import images
from styleprop.errors import VideoError
from styleprop.video import VISITORS
from styleprop.video.apart import ApartClip
from styleprop.video.clip import About
from styleprop.video.limits import NO_FRAMES

KEPT = 8
MAX_LINES = 1080  # of a frame's shorter side


@dataclass(frozen=True)
class Look:
    """What is seen of a clip before it is painted: what is known of it, and its first frame, uint8 (H, W, 3)."""

    about: About
    frame: np.ndarray

    def lines(self, most: int) -> int:
        """The height at which the frame's shorter side has at most so many pixels."""
        height, width = self.about.height, self.about.width
        return min(height, most if height <= width else round(most * height / width))

    def first(self, most: int) -> np.ndarray:
        """The first frame, reduced in this way."""
        height, width = self.frame.shape[:2]
        lines = self.lines(most)
        return self.frame if lines >= height else images.resize(self.frame, round(width * lines / height), lines)


def look_at(path: Path) -> Look:
    """Look at a visitor's clip. Raises VideoError."""
    found = path.stat()
    return _look(path, found.st_mtime_ns, found.st_size)


@lru_cache(KEPT)
def _look(path: Path, _changed: int, _size: int) -> Look:
    with ApartClip(path, VISITORS) as clip:
        frame = next(clip.frames(), None)
        if frame is None:
            raise VideoError(NO_FRAMES)
        about = clip.about
    whole = Look(about, frame.image)
    return Look(about, whole.first(MAX_LINES))
