"""Frames as PyAV has them: in order, with times that grow, upright and in sRGB."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from PIL import Image

from styleprop.errors import VideoError
from styleprop.video.limits import DAMAGED

HD_LINES = 720  # from here on colours are BT.709's where a clip does not say
BT601, BT709 = 5, 1  # matrices, by FFmpeg's numbers
KNOWN = {1, 4, 5, 7, 9}
LIMITED, FULL = 1, 2
EXACT = 0x2 | 0x2000 | 0x40000  # bilinear, full chroma, accurate rounding: otherwise all becomes a little darker
MAX_GAP = 3600  # seconds between frames
MAX_STRETCH = 8  # of a pixel that is not square


def packets_of(container: Any, stream: Any) -> Iterator[Any]:
    """The packets of a stream, the empty one that ends it last; where the file breaks off they end."""
    from av.error import FFmpegError

    try:
        yield from container.demux(stream)
    except FFmpegError:
        yield None


def decoded(container: Any, stream: Any) -> Iterator[Any]:
    """The frames of a stream; what is damaged is left out."""
    from av.error import FFmpegError

    for packet in packets_of(container, stream):
        try:
            yield from stream.codec_context.decode(None) if packet is None else packet.decode()
        except FFmpegError:
            continue


def timed(frames: Iterator[Any], step: Fraction) -> Iterator[tuple[Fraction, Fraction, Any]]:
    """(time, duration, frame) of each frame, seconds; times grow whatever the file says.

    Args:
        frames: what `decoded` gives.
        step: seconds between two frames where they do not say.

    Raises:
        VideoError: hours lie between two frames.
    """
    last: tuple[Fraction, Any] | None = None
    for frame in frames:
        time = None if frame.pts is None else Fraction(frame.pts * frame.time_base)
        if last is None:
            last = time or Fraction(0), frame
            continue
        if time is None or time <= last[0]:
            time = last[0] + step
        if time - last[0] > MAX_GAP:
            raise VideoError(DAMAGED)
        yield last[0], time - last[0], last[1]
        last = time, frame
    if last is not None:
        own = Fraction((last[1].duration or 0) * (last[1].time_base or 0))
        yield last[0], own if 0 < own <= MAX_GAP else step, last[1]


def upright(frame: Any, ratio: Fraction | None = None) -> np.ndarray:
    """A frame as uint8 (H, W, 3), turned as it is to be shown, with square pixels; `ratio` is of its own ones."""
    return np.ascontiguousarray(np.rot90(squared(to_rgb(frame), ratio), round(frame.rotation / 90) % 4))


def to_rgb(frame: Any) -> np.ndarray:
    """A frame as uint8 (H, W, 3), by its own matrix and range; BT.601 or 709 by its lines where it does not say."""
    if frame.format.is_rgb:
        return frame.to_ndarray(format="rgb24", interpolation=EXACT)
    matrix = frame.colorspace if frame.colorspace in KNOWN else BT709 if frame.height >= HD_LINES else BT601
    full = frame.color_range == FULL or frame.format.name.startswith("yuvj")
    return frame.to_ndarray(
        format="rgb24",
        src_colorspace=matrix,
        src_color_range=FULL if full else LIMITED,
        dst_color_range=FULL,
        interpolation=EXACT,
    )


def squared(image: np.ndarray, ratio: Fraction | None) -> np.ndarray:
    """An image whose pixels are `ratio` times as wide as high, made wider or narrower so that they are square."""
    if not ratio or ratio == 1 or not Fraction(1, MAX_STRETCH) <= ratio <= MAX_STRETCH:
        return image
    height, width = image.shape[:2]
    size = max(1, round(width * ratio)), height
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
