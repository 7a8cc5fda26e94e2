"""What a clip may be, and the errors of those that are not."""

import math
from dataclasses import dataclass

from styleprop.errors import VideoError
from styleprop.images import MAX_ASPECT, MIN_SIDE

MAX_SIDE = 16_383
NOT_A_CLIP = "This is not a clip that can be opened: use MP4, MOV, WebM, MKV, AVI, GIF, APNG or animated WebP."
DAMAGED = "The clip is damaged or incomplete."
NO_FRAMES = "The clip has no frames that can be read."


@dataclass(frozen=True)
class Limits:
    """The largest clip that is read.

    Attributes:
        megabytes: of the file, of 2**20 bytes.
        seconds: it may play.
        pixels: of a frame.
        rate: frames a second, in the mean.
        is_apart: `restyle` is to decode it in a process of its own, with limits of memory and time.
    """

    megabytes: float = math.inf
    seconds: float = math.inf
    pixels: int = 8192 * 8192
    rate: float = 1000
    is_apart: bool = False

    def check_bytes(self, count: int) -> None:
        """Raise VideoError where a file has too many bytes, or none."""
        if not count:
            raise VideoError("The file is empty.")
        if count > self.megabytes * 2**20:
            raise VideoError("The clip is larger than {number} MB; use a smaller one.", number=f"{self.megabytes:g}")

    def check_size(self, width: int, height: int) -> None:
        """Raise VideoError where frames are too large, too small or too narrow."""
        if min(width, height) < MIN_SIDE:
            raise VideoError(
                "The clip is {width} x {height} pixels: each side needs at least {least}.",
                width=width,
                height=height,
                least=MIN_SIDE,
            )
        if width * height > self.pixels or max(width, height) > MAX_SIDE:
            most = f"{self.pixels / 10**6:.1f}"
            raise VideoError(
                "The clip is {width} x {height} pixels: at most {pixels} megapixels and {side} a side can be read.",
                width=width,
                height=height,
                pixels=most,
                side=MAX_SIDE,
            )
        if max(width, height) > MAX_ASPECT * min(width, height):
            raise VideoError(
                "The clip is {width} x {height} pixels: one side can be at most {aspect} times the other.",
                width=width,
                height=height,
                aspect=MAX_ASPECT,
            )

    def check_seconds(self, seconds: float) -> None:
        """Raise VideoError where a clip plays too long."""
        if seconds > self.seconds:
            raise VideoError(
                "The clip is longer than {seconds} seconds; use a shorter one.", seconds=f"{self.seconds:g}"
            )

    def check_rate(self, rate: float) -> None:
        """Raise VideoError where there are too many frames a second."""
        if rate > self.rate:
            raise VideoError(
                "The clip has {rate} frames a second: at most {most} can be read.",
                rate=f"{rate:,.0f}",
                most=f"{self.rate:g}",
            )


OWN = Limits()
VISITORS = Limits(megabytes=200, seconds=180, pixels=4096 * 2304, rate=120, is_apart=True)
