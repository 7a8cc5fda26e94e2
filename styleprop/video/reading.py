"""The one door for clips: a path comes in, upright RGB frames with times go out, one at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import Any, BinaryIO, Self

import numpy as np

from styleprop import images
from styleprop.errors import ImageError, VideoError
from styleprop.video.animation import Animation
from styleprop.video.clip import About, Clip, Frame, exact
from styleprop.video.decoding import decoded, timed, upright
from styleprop.video.limits import DAMAGED, NO_FRAMES, NOT_A_CLIP, OWN, Limits

# Containers and codecs that hold no addresses of other files and are in use; no playlists, no devices.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf"
CODECS = {
    "h264",
    "hevc",
    "vp8",
    "vp9",
    "libdav1d",
    "av1",
    "mpeg4",
    "mpeg2video",
    "mpeg1video",
    "mjpeg",
    "prores",
    "theora",
    "h263",
    "flv",
    "msmpeg4v2",
    "msmpeg4v3",
    "wmv1",
    "wmv2",
    "wmv3",
    "vc1",
    "dvvideo",
    "ffv1",
    "huffyuv",
    "ffvhuff",
    "utvideo",
    "qtrle",
    "rawvideo",
    "png",
    "cinepak",
}
WAIT = 20.0  # seconds that opening a file, or reading a part of it, may take
MAX_STREAMS = 64
HEAD = 64  # bytes that tell a picture from a clip
STILLS = {"JPEG", "TIFF", "BMP", "JPEG2000", "AVIF", "HEIF"}
ANIMATED = {"GIF", "PNG", "WEBP"}
ATTACHED = 1024  # the disposition of a cover


def open_clip(path: str | os.PathLike[str], limits: Limits = OWN) -> Clip:
    """Open a clip and check it against limits.

    Args:
        path: an ordinary file; its content decides, not its name.
        limits: `OWN`, or `VISITORS` for the clips of strangers.

    Raises:
        VideoError: it is no clip, damaged, or outside the limits; the text is one plain sentence.
    """
    stream = open_file(path, limits)
    try:
        kind = images.sniff(stream.read(HEAD))
        stream.seek(0)
        if kind in STILLS:
            raise VideoError("This is a picture, not a clip.")
        return Animation(stream, limits) if kind in ANIMATED else Video(stream, limits)
    except BaseException:
        stream.close()
        raise


def open_file(path: str | os.PathLike[str], limits: Limits) -> BinaryIO:
    """An ordinary file of an allowed size, open for reading. Raises VideoError."""
    try:
        stream = images.open_ordinary(path, "a clip")
    except ImageError as error:
        raise VideoError(error.sentence) from error
    try:
        limits.check_bytes(os.fstat(stream.fileno()).st_size)
    except VideoError:
        stream.close()
        raise
    return stream


def open_container(stream: BinaryIO) -> Any:
    """PyAV's input of a stream, which can open nothing else: no other file and no address. Raises VideoError."""
    import av

    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none", "max_streams": str(MAX_STREAMS)}
    with plain_errors(NOT_A_CLIP):
        return av.open(stream, "r", options={"max_pixels": str(OWN.pixels)}, container_options=options, timeout=WAIT)


@contextmanager
def plain_errors(sentence: str) -> Iterator[None]:
    """Turn whatever a decoder raises into one sentence."""
    try:
        yield
    except VideoError:
        raise
    except MemoryError as error:
        raise VideoError("The clip needs more memory than there is; use a smaller one.") from error
    except Exception as error:
        raise VideoError(sentence) from error


class Video:
    """A clip that PyAV reads.

    Args:
        stream: a file opened in binary mode; it is closed with the clip.
        limits: see `open_clip`.

    Raises:
        VideoError: see `open_clip`.
    """

    def __init__(self, stream: BinaryIO, limits: Limits):
        self._stream, self._limits = stream, limits
        self._step, self._ratio = Fraction(1, 25), Fraction(1)
        self.about = self._look()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stream.close()

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """See `Clip`."""
        first, last = exact(start), None if end is None else exact(end)
        with self._open() as (container, video):
            if start > 0:
                _seek(container, self.about.base + first)
            for time, duration, frame in timed(decoded(container, video), self._step):
                begin, stop = time - self.about.base, time - self.about.base + duration
                self._limits.check_seconds(float(begin))
                if last is not None and begin >= last:
                    return
                stop = stop if last is None else min(stop, last)
                if stop > first:
                    begin = max(begin, first)
                    yield Frame(self._image(frame), begin - first, stop - begin)

    def _look(self) -> About:
        """Decode the first frame: what it is does not depend on what the file claims."""
        with self._open() as (container, video), plain_errors(DAMAGED):
            rate = Fraction(video.average_rate or video.guessed_rate or 25)
            self._limits.check_rate(float(rate))
            self._step, self._ratio = 1 / rate, video.sample_aspect_ratio or Fraction(1)
            seconds = _seconds(container, video)
            self._limits.check_seconds(seconds)
            found = next(timed(decoded(container, video), self._step), None)
            if found is None:
                raise VideoError(NO_FRAMES)
            height, width = upright(found[2], self._ratio).shape[:2]
            self._limits.check_size(width, height)
            sound = bool(container.streams.audio)
            return About(width, height, rate, seconds, video.frames, has_sound=sound, base=found[0])

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, Any]]:
        self._stream.seek(0)
        with open_container(self._stream) as container:
            with plain_errors(DAMAGED):
                video = self._choose(container)
            yield container, video

    def _choose(self, container: Any) -> Any:
        """The video stream, ready to decode; pictures that are attached to music do not count."""
        streams = [stream for stream in container.streams.video if not int(stream.disposition) & ATTACHED]
        if not streams:
            raise VideoError("The file has no moving pictures.")
        context = streams[0].codec_context
        if context is None or context.name not in CODECS:
            raise VideoError("The clip is compressed in a way that is not read; save it as H.264, HEVC, VP9 or AV1.")
        if context.width and context.height:
            self._limits.check_size(context.width, context.height)
        context.options = {"max_pixels": str(self._limits.pixels)}
        context.thread_type = "AUTO"
        return streams[0]

    def _image(self, frame: Any) -> np.ndarray:
        """A frame of the clip's size: some clips change theirs."""
        image = upright(frame, self._ratio)
        if image.shape[:2] == (self.about.height, self.about.width):
            return image
        return images.resize(image, self.about.width, self.about.height)


def _seconds(container: Any, video: Any) -> float:
    """How long a clip says that it plays; 0 where it does not say."""
    if video.duration and video.time_base:
        return max(float(video.duration * video.time_base), 0.0)
    return max((container.duration or 0) / 10**6, 0.0)


def _seek(container: Any, time: Fraction) -> None:
    """Go to before a time; where that cannot be done, all is read from the start."""
    from av.error import FFmpegError

    with suppress(FFmpegError, OverflowError):
        container.seek(int(time * 10**6))
