"""A stranger's clip, decoded in a process of its own with limits of memory and time.

`python -m styleprop.video.apart PATH LIMITS` answers on standard output: a line of JSON about the clip; then, for a
line of [start, end] on standard input, a line for each frame, with its pixels after it. With a third argument, the
file to write, it copies the clip's sound there and answers with one line: when the first packet sounds.
"""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np

from styleprop.confined import limit_process, package_environment
from styleprop.errors import Sentence, VideoError
from styleprop.video.clip import About, Frame
from styleprop.video.limits import DAMAGED, Limits
from styleprop.video.sound import SoundFile, copy_sound

MEMORY_BYTES = 3 * 2**30  # address space, of which a decoder uses a part
CPU_SECONDS = 3600
SOUND_WAIT = 120.0  # seconds that reading all the sound may take
SOUND_BYTES = 512 * 2**20  # that a process may write
TOO_SLOW = "The clip takes too long to read; save it again as an ordinary MP4."


class Apart:
    """A process that answers about a clip; to be used as a context manager, which ends it.

    Args:
        arguments: of the module.
        wait: seconds that the next answer may take.
    """

    def __init__(self, arguments: list[str], wait: float):
        self._wait = wait
        command = [sys.executable, "-m", "styleprop.video.apart", *arguments]
        self._process = subprocess.Popen(
            command, env=package_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def message(self) -> dict[str, Any]:
        """The next line. Raises VideoError where it is an error, comes too late or never."""
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1)
        message = json.loads(line)
        if "error" in message:
            raise VideoError(Sentence.from_parts(message["error"]))
        return message

    def _read(self, count: int) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if not selector.select(self._wait):
                raise VideoError(TOO_SLOW)
        data = os.read(self._out.fileno(), count)
        if not data:
            raise VideoError(DAMAGED)
        return data


class ApartClip(Apart):
    """A clip that another process reads.

    Args:
        path: see `open_clip`.
        limits: see `open_clip`.
        wait: seconds that the next frame may take.

    Raises:
        VideoError: as `open_clip`, or it takes too long.
    """

    def __init__(self, path: str | os.PathLike[str], limits: Limits, wait: float = 30.0):
        super().__init__([os.fspath(path), json.dumps(asdict(limits))], wait)
        try:
            self.about = _about(self.message())
        except BaseException:
            self.close()
            raise

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """See `Clip`; once only."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([start, end]).encode() + b"\n")
        self._process.stdin.flush()
        while True:
            message = self.message()
            if not message:
                return
            height, width = message["size"]
            image = self._array((height, width, 3))
            alpha = self._array((height, width)) if message["alpha"] else None
            yield Frame(image, Fraction(message["time"]), Fraction(message["duration"]), alpha)

    def _array(self, shape: tuple[int, ...]) -> np.ndarray:
        data = bytearray()
        count = int(np.prod(shape))
        while len(data) < count:
            data += self._read(count - len(data))
        return np.frombuffer(data, np.uint8).reshape(shape)


def read_sound_apart(
    path: str | os.PathLike[str], limits: Limits, target: Path, kind: str, base: Fraction, is_cut: bool
) -> SoundFile:
    """Copy the sound of a stranger's clip to a file, in another process: what reads it here is a file of our own.

    Args:
        path: see `open_clip`.
        limits: see `open_clip`.
        target: the file to write.
        kind, base, is_cut: see `Sound`.

    Raises:
        VideoError: it cannot be read, or takes too long.
    """
    asked = json.dumps([os.fspath(target), kind, str(base), is_cut])
    with Apart([os.fspath(path), json.dumps(asdict(limits)), asked], SOUND_WAIT) as process:
        return SoundFile(target, Fraction(process.message()["first"]))


def _about(values: dict[str, Any]) -> About:
    return About(**{**values, "rate": Fraction(values["rate"]), "base": Fraction(values["base"])})


def main(path: str, limits: Limits, requests: BinaryIO, out: BinaryIO) -> None:
    """Answer as the module says; an error is a line too."""
    from styleprop.video.reading import open_clip

    try:
        with open_clip(path, limits) as clip:
            _say(out, {**asdict(clip.about), "rate": str(clip.about.rate), "base": str(clip.about.base)})
            start, end = json.loads(requests.readline())
            for frame in clip.frames(start, end):
                _say_frame(out, frame)
            _say(out, {})
    except VideoError as error:
        _say(out, {"error": error.sentence.parts()})


def main_sound(path: str, limits: Limits, asked: list[Any], out: BinaryIO) -> None:
    """Copy the sound as the module says; an error is a line too."""
    from styleprop.video.reading import open_container, open_file, plain_errors

    target, kind, base, is_cut = asked
    try:
        with open_file(path, limits) as stream, open_container(stream) as container, plain_errors(DAMAGED):
            first = copy_sound(container, target, kind, Fraction(base), is_cut)
        _say(out, {"first": str(first)})
    except VideoError as error:
        _say(out, {"error": error.sentence.parts()})


def _say(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def _say_frame(out: BinaryIO, frame: Frame) -> None:
    size, times = frame.image.shape[:2], {"time": str(frame.time), "duration": str(frame.duration)}
    _say(out, {"size": size, "alpha": frame.alpha is not None, **times})
    out.write(np.ascontiguousarray(frame.image).data)
    if frame.alpha is not None:
        out.write(np.ascontiguousarray(frame.alpha).data)
    out.flush()


if __name__ == "__main__":
    limit_process(MEMORY_BYTES, CPU_SECONDS, SOUND_BYTES)
    found = Limits(**json.loads(sys.argv[2]))
    if len(sys.argv) > 3:
        main_sound(sys.argv[1], found, json.loads(sys.argv[3]), sys.stdout.buffer)
    else:
        main(sys.argv[1], found, sys.stdin.buffer, sys.stdout.buffer)
