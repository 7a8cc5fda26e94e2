"""Animated GIF, PNG and WebP, read by Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, BinaryIO, Self

import numpy as np
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError, VideoError
from styleprop.images.guards import check_bytes, count_gif_frames, sniff
from styleprop.video.clip import About, Frame, exact
from styleprop.video.limits import DAMAGED, Limits

MAX_BYTES = 256 * 2**20  # they are read into memory
TOO_SHORT, INSTEAD = 10, 100  # ms: browsers show a GIF's frames of at most the first for the second
MAX_FRAMES = 100_000
MAX_MS = 3_600_000


class Animation:
    """An animated picture; one that does not move is none.

    Args:
        stream: a file opened in binary mode; it is closed with the clip.
        limits: see `open_clip`.

    Raises:
        VideoError: see `open_clip`.
    """

    def __init__(self, stream: BinaryIO, limits: Limits):
        self._stream, self._limits = stream, limits
        data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise VideoError(
                "An animated picture can have at most {number} MB; use a video.", number=MAX_BYTES // 2**20
            )
        with plain_errors():
            self.about = self._look(data)
        stream.seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stream.close()

    def _look(self, data: bytes) -> About:
        check_bytes(data)
        self._stream.seek(0)
        with Image.open(self._stream, formats=[sniff(data) or ""]) as picture:
            self._limits.check_size(*picture.size)
            count = count_gif_frames(data, MAX_FRAMES) if picture.format == "GIF" else getattr(picture, "n_frames", 1)
            if count < 2:
                raise VideoError("This is a picture that does not move, not a clip.")
            picture.load()
            duration, plays = duration_of(picture), _plays(picture)
        seconds = float(count * duration)
        return About(picture.width, picture.height, 1 / duration, seconds, count, plays, has_alpha=True)

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """See `Clip`."""
        first, last, time = exact(start), None if end is None else exact(end), Fraction(0)
        for image, alpha, duration in self._shown():
            stop = time + duration
            self._limits.check_seconds(float(time))
            if last is not None and time >= last:
                return
            if stop > first:
                begin = max(time, first)
                yield Frame(image, begin - first, (stop if last is None else min(stop, last)) - begin, alpha)
            time = stop

    def _shown(self) -> Iterator[tuple[np.ndarray, np.ndarray | None, Fraction]]:
        self._stream.seek(0)
        with plain_errors():
            picture = Image.open(self._stream, formats=["GIF", "PNG", "WEBP"])
        number = 0
        while True:
            with plain_errors():
                try:
                    picture.seek(number)
                except EOFError:
                    return
                shown = images.load(picture.copy())
                duration = duration_of(picture)
            yield shown.image, shown.alpha, duration
            number += 1


def duration_of(picture: Image.Image) -> Fraction:
    """Seconds that a frame stays, as browsers have it."""
    found = picture.info.get("duration", 0)
    ms = Fraction(found) if isinstance(found, int | float) and 0 <= found <= MAX_MS else Fraction(0)
    is_shown = ms > (TOO_SHORT if picture.format == "GIF" else 0)
    return (ms if is_shown else Fraction(INSTEAD)) / 1000


def _plays(picture: Image.Image) -> int:
    """How often it plays, 0 for ever; a GIF counts repetitions, and plays once where it says nothing."""
    loop = picture.info.get("loop")
    if not isinstance(loop, int) or loop < 0:
        return 1
    return loop + 1 if picture.format == "GIF" and loop else loop


@contextmanager
def plain_errors() -> Iterator[None]:
    """Silence Pillow and turn whatever it raises into one sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except VideoError:
            raise
        except ImageError as error:
            raise VideoError(error.sentence) from error
        except Exception as error:
            raise VideoError(DAMAGED) from error
