"""Clips written whole or not at all: under another name until they are finished."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from styleprop import images
from styleprop.errors import VideoError
from styleprop.images.saving import cannot_write
from styleprop.video.animated import WRITERS
from styleprop.video.clip import About, Frame
from styleprop.video.decoding import BT709, EXACT, FULL, LIMITED
from styleprop.video.sound import Sound

VIDEOS = {".mp4": "mp4", ".webm": "webm"}
ANIMATIONS = {".gif": "GIF", ".png": "PNG", ".apng": "PNG", ".webp": "WEBP"}
CODECS = {
    "mp4": ("libx264", {"crf": "19", "preset": "veryfast"}, {"movflags": "+faststart"}),
    "webm": ("libvpx-vp9", {"crf": "30", "b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"}, {}),
}
TICKS = {"mp4": 90_000, "webm": 1000}  # a second


class Track(Protocol):
    """What frames are written to."""

    def write(self, frame: Frame) -> None:
        """Write a frame."""
        ...

    def finish(self, is_whole: bool) -> None:
        """Write what is left, of the sound all where the clip `is_whole`."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Writer:
    """A file that gets its name when it is finished; to be used as a context manager, which removes what is not.

    Args:
        path: where to; .mp4, .webm, .gif, .png, .apng or .webp.
        about: the clip that is written, with the size of its frames; sides of videos are even.
        sound: (PyAV's input, the time in it that is to be 0, whether what comes before is left out), or None.

    Raises:
        VideoError: another ending, or it cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], about: About, sound: tuple[Any, Fraction, bool] | None = None):
        self.path = Path(path)
        check_ending(self.path)
        self._draft = self.path.parent / f".{secrets.token_hex(8)}.part"
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._track: Track = self._open(about, sound)

    def _open(self, about: About, sound: tuple[Any, Fraction, bool] | None) -> Track:
        ending = self.path.suffix.lower()
        if ending in VIDEOS:
            return VideoTrack(self._draft, VIDEOS[ending], about, sound)
        return WRITERS[ANIMATIONS[ending]](self._draft, about)

    def write(self, frame: Frame) -> None:
        """Write the next frame. Raises VideoError."""
        with self._told():
            self._track.write(frame)

    def finish(self, is_whole: bool = True) -> None:
        """Finish the file and give it its name; `is_whole` where the clip was not left early. Raises VideoError."""
        with self._told():
            self._track.finish(is_whole)
            self._track.close()
            os.replace(self._draft, self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        with suppress(Exception):
            self._track.close()
        self._draft.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        from av.error import FFmpegError

        try:
            yield
        except (OSError, ValueError, FFmpegError) as error:
            raise VideoError(cannot_write(self.path, error)) from error


def check_ending(path: str | os.PathLike[str]) -> None:
    """Raise VideoError where a clip cannot be written to a file of that ending."""
    if Path(path).suffix.lower() not in {**VIDEOS, **ANIMATIONS}:
        raise VideoError("A clip can be saved as .mp4, .webm, .gif, .apng, .png or .webp; choose one of these endings.")


class VideoTrack:
    """H.264 in MP4 or VP9 in WebM, BT.709 of limited range, with sound."""

    def __init__(self, path: Path, kind: str, about: About, sound: tuple[Any, Fraction, bool] | None):
        import av

        codec, options, muxing = CODECS[kind]
        output: Any = av.open(str(path), "w", format=kind, options=muxing)
        stream: Any = output.add_stream(codec, rate=about.rate.limit_denominator(1001), options=options)
        stream.width, stream.height = about.width, about.height
        self._output, self._stream, context = output, stream, stream.codec_context
        context.pix_fmt, context.time_base = "yuv420p", Fraction(1, TICKS[kind])
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        self._ticks, self._last, self._end = TICKS[kind], -1, Fraction(0)
        self._durations: dict[int, int] = {}
        self._sound = sound and Sound(sound[0], self._output, kind, *sound[1:])

    def write(self, frame: Frame) -> None:
        """See `Track`."""
        import av

        image = frame.image
        if frame.alpha is not None:
            image = images.blend(np.full_like(image, 255), image, frame.alpha)
        made = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        made = made.reformat(
            format="yuv420p", dst_colorspace=BT709, src_color_range=FULL, dst_color_range=LIMITED, interpolation=EXACT
        )
        self._last = max(round(frame.time * self._ticks), self._last + 1)
        self._end = frame.time + frame.duration
        made.pts, made.time_base = self._last, Fraction(1, self._ticks)
        self._durations[self._last] = max(round(self._end * self._ticks) - self._last, 1)
        self._mux(made)
        if self._sound:
            self._sound.follow(self._end)

    def finish(self, is_whole: bool) -> None:
        """See `Track`."""
        self._mux(None)
        if self._sound:
            self._sound.follow(None if is_whole else self._end)

    def close(self) -> None:
        """See `Track`."""
        self._output.close()

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._durations.pop(packet.pts, 1)
            self._output.mux(packet)
