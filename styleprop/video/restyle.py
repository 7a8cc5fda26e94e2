"""A clip in, a clip out, frame by frame: in memory there are never more than a few."""

import math
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from styleprop.config import VideoOptions
from styleprop.errors import VideoError
from styleprop.images import MIN_SIDE
from styleprop.video.apart import ApartClip, read_sound_apart
from styleprop.video.clip import About, Clip, Frame, exact
from styleprop.video.limits import OWN, Limits
from styleprop.video.reading import open_clip, open_container, open_file
from styleprop.video.sound import first_time
from styleprop.video.steady import Steadier, colors_of, is_cut
from styleprop.video.writing import VIDEOS, Writer, check_ending

MEMORY = 0.5  # seconds after which a third of the content's statistics is left
LEFT_OUT = "The sound of this clip cannot be read: it is left out."
NO_PART = "The clip has no frames in the part that was asked for."
Paint = Callable[[np.ndarray, float], np.ndarray]


class Cancel(Protocol):
    """What tells a running job that it is not wanted any more, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True)
class VideoProgress:
    """How far a clip is.

    Attributes:
        frame: frames that are painted.
        total: frames there will be, as far as the file says; 0 where it does not.
        seconds: since the start.
        frames_per_second: painted, in the mean; 0 after the first.
        seconds_left: a guess, or None.
        photo: uint8 (H, W, 3), the last frame as it was.
        painted: uint8 (H, W, 3), the last frame as it is written.
        is_done: the file is finished.
        is_whole: nothing of what was asked for is missing.
        notes: sentences about what is missing nonetheless.
    """

    frame: int
    total: int
    seconds: float
    frames_per_second: float
    seconds_left: float | None
    photo: np.ndarray
    painted: np.ndarray
    is_done: bool = False
    is_whole: bool = False
    notes: tuple[str, ...] = ()


def restyle(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    paint: Paint,
    options: VideoOptions,
    limits: Limits = OWN,
    cancel: Cancel | None = None,
) -> Iterator[VideoProgress]:
    """Paint every frame of a clip.

    The file gets its name when it is finished. Where `cancel` is set, the generator is closed, or Ctrl-C comes, it is
    finished with the frames that there are; an error leaves no file.

    Args:
        source: a clip, see `open_clip`.
        destination: .mp4, .webm, .gif, .apng, .png or .webp.
        paint: paint(frame, kept), see `engine.moving.FramePainter`.
        options: which part, how well.
        limits: see `open_clip`.
        cancel: asked before each frame.

    Raises:
        VideoError: the clip is none, damaged or outside the limits, or the file cannot be written.
    """
    check_ending(destination)
    if os.path.exists(destination) and os.path.exists(source) and os.path.samefile(source, destination):
        raise VideoError("The output is the input; choose another name.")
    with ExitStack() as stack:
        clip = stack.enter_context(ApartClip(source, limits) if limits.is_apart else open_clip(source, limits))
        about = _written(clip.about, options.height, Path(destination).suffix.lower() in VIDEOS)
        sound, notes = _open_sound(stack, source, clip, destination, options, limits)
        writer = stack.enter_context(Writer(destination, about, sound))
        work = Work(clip, about, writer, paint, options)
        try:
            yield from work.paint(cancel)
        except (GeneratorExit, KeyboardInterrupt):
            work.finish(False)
            raise
        if not work.last:
            raise VideoError(NO_PART)
        work.finish(not work.is_cancelled)
        yield replace(work.last, is_done=True, is_whole=not work.is_cancelled, seconds_left=0.0, notes=notes)


class Work:
    """The painting of one clip."""

    def __init__(self, clip: Clip, about: About, writer: Writer, paint: Paint, options: VideoOptions):
        self._clip, self._about, self._writer, self._options = clip, about, writer, options
        self._paint, self._steadier = paint, Steadier(options.quality)
        self._total = expected_frames(clip.about, options)
        self._colors: np.ndarray | None = None
        self._times = [time.perf_counter()]
        self._count = 0
        self.is_cancelled = False
        self.last: VideoProgress | None = None

    def paint(self, cancel: Cancel | None) -> Iterator[VideoProgress]:
        """Paint and write frame by frame."""
        for frame in self._clip.frames(self._options.start, self._options.end):
            if cancel is not None and cancel.is_set():
                self.is_cancelled = True
                return
            frame = resized(frame, self._about)
            painted = self._painted(frame)
            self._writer.write(replace(frame, image=painted))
            self.last = self._progress(frame.image, painted)
            yield self.last

    def finish(self, is_whole: bool) -> None:
        """Finish the file, where there is a frame in it."""
        if self.last:
            self._writer.finish(is_whole and self._options.end is None)

    def _painted(self, frame: Frame) -> np.ndarray:
        colors = colors_of(frame.image)
        is_new = self._colors is None or is_cut(colors, self._colors)
        self._colors = colors
        kept = 0.0 if is_new else math.exp(-float(frame.duration) / MEMORY)
        return self._steadier.blend(self._paint(self._steadier.calm(frame.image, is_new), kept))

    def _progress(self, photo: np.ndarray, painted: np.ndarray) -> VideoProgress:
        self._count += 1
        now = time.perf_counter()
        self._times = [*self._times[:2], now]
        between = now - self._times[1]
        rate = (self._count - 1) / between if self._count > 1 and between > 0 else 0.0
        left = max(self._total - self._count, 0) / rate if rate and self._total else None
        return VideoProgress(self._count, self._total, now - self._times[0], rate, left, photo, painted)


def expected_frames(about: About, options: VideoOptions) -> int:
    """How many frames will be painted, by what a clip says of itself; 0 where it says nothing."""
    if about.count and options.end is None and not options.start:
        return about.count
    if not about.seconds:
        return 0
    end = about.seconds if options.end is None else min(options.end, about.seconds)
    return max(round((end - options.start) * about.rate), 1)


def _written(about: About, height: int | None, is_video: bool) -> About:
    """A clip of at most so many lines; of an even number of lines and columns where it becomes a video."""
    if height is not None and height < about.height:
        about = replace(about, height=height, width=max(round(about.width * height / about.height), MIN_SIDE))
    return replace(about, height=about.height // 2 * 2, width=about.width // 2 * 2) if is_video else about


def resized(frame: Frame, about: About) -> Frame:
    """A frame of the size that is written: reduced where it is larger, and then at most a line and a column are cut."""
    image, alpha = (None if array is None else _fitted(array, about) for array in (frame.image, frame.alpha))
    return frame if image is None else replace(frame, image=image, alpha=alpha)


def _fitted(array: np.ndarray, about: About) -> np.ndarray:
    import cv2

    height, width = array.shape[:2]
    scale = about.height / height if height > about.height + 1 else 1.0
    if scale < 1:
        size = max(round(width * scale), about.width), about.height
        array = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(array[: about.height, : about.width])


def _open_sound(
    stack: ExitStack, source: Any, clip: Clip, destination: Any, options: VideoOptions, limits: Limits
) -> tuple[tuple[Any, Fraction, bool] | None, tuple[str, ...]]:
    """What `Writer` wants of the sound, and what is to be said of it."""
    ending = Path(destination).suffix.lower()
    if not clip.about.has_sound or ending not in VIDEOS:
        return None, ()
    base, is_cut = clip.about.base + exact(options.start), options.start > 0
    if not limits.is_apart:
        container = stack.enter_context(open_container(stack.enter_context(open_file(source, limits))))
        return (container, base, is_cut), ()
    draft = Path(destination).parent / f".{secrets.token_hex(8)}{ending}"
    stack.callback(draft.unlink, missing_ok=True)
    try:
        file = read_sound_apart(source, limits, draft, VIDEOS[ending], base, is_cut)
        with open_file(draft, OWN) as stream, open_container(stream) as container:
            base = first_time(container) - file.first
        container = stack.enter_context(open_container(stack.enter_context(open_file(draft, OWN))))
        return (container, base, False), ()
    except VideoError:
        return None, (LEFT_OUT,)
