"""What a clip is, wherever it comes from: upright frames with times."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, Self

import numpy as np


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        image: uint8 (H, W, 3), sRGB, upright, of square pixels.
        time: seconds from the first one that was asked for.
        duration: seconds it stays, above 0.
        alpha: uint8 (H, W), or None where it is opaque.
    """

    image: np.ndarray
    time: Fraction
    duration: Fraction
    alpha: np.ndarray | None = None


@dataclass(frozen=True)
class About:
    """What is known of a clip before its frames are read.

    Attributes:
        width: of its frames, upright and of square pixels.
        height: likewise.
        rate: frames a second, in the mean; a guess where they vary.
        seconds: it plays once, as its file says; 0 where it does not. A guess where durations vary.
        count: of its frames, as its file says; 0 where it does not.
        plays: how often it is to be played; 0 is for ever.
        has_alpha: whether frames may have an alpha.
        has_sound: whether there is any.
        base: the first frame's time as the file has it, seconds.
    """

    width: int
    height: int
    rate: Fraction
    seconds: float
    count: int = 0
    plays: int = 0
    has_alpha: bool = False
    has_sound: bool = False
    base: Fraction = Fraction(0)


class Clip(Protocol):
    """A clip that is open; to be used as a context manager, by one thread."""

    @property
    def about(self) -> About:
        """What is known of it."""
        ...

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Frames shown from `start` to before `end`, seconds. Raises VideoError where it is damaged or too long."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...


def exact(seconds: float) -> Fraction:
    """Seconds to the microsecond, so that 0.4 is where the fifth of ten frames a second begins."""
    return Fraction(seconds).limit_denominator(10**6)
