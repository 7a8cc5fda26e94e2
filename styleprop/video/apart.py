"""A stranger's clip, decoded in a process of its own with limits of memory and time.

`python -m styleprop.video.apart PATH LIMITS` answers on standard output: a line of JSON about the clip; then, for a
line of [start, end] on standard input, a line for each frame, with its pixels after it.
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

from styleprop.errors import VideoError
from styleprop.video.clip import About, Frame
from styleprop.video.limits import DAMAGED, Limits

MEMORY_BYTES = 3 * 2**30  # address space, of which a decoder uses a part
CPU_SECONDS = 3600
TOO_SLOW = "The clip takes too long to read; save it again as an ordinary MP4."
NICE = 5


class ApartClip:
    """A clip that another process reads.

    Args:
        path: see `open_clip`.
        limits: see `open_clip`.
        wait: seconds that the next frame may take.

    Raises:
        VideoError: as `open_clip`, or it takes too long.
    """

    def __init__(self, path: str | os.PathLike[str], limits: Limits, wait: float = 30.0):
        self._wait = wait
        command = [sys.executable, "-m", "styleprop.video.apart", os.fspath(path), json.dumps(asdict(limits))]
        self._process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout
        try:
            self.about = _about(self._message())
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """See `Clip`; once only."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([start, end]).encode() + b"\n")
        self._process.stdin.flush()
        while True:
            message = self._message()
            if not message:
                return
            height, width = message["size"]
            image = self._array((height, width, 3))
            alpha = self._array((height, width)) if message["alpha"] else None
            yield Frame(image, Fraction(message["time"]), Fraction(message["duration"]), alpha)

    def _message(self) -> dict[str, Any]:
        message = json.loads(self._line())
        if "error" in message:
            raise VideoError(message["error"])
        return message

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1)
        return line

    def _array(self, shape: tuple[int, ...]) -> np.ndarray:
        data = bytearray()
        count = int(np.prod(shape))
        while len(data) < count:
            data += self._read(count - len(data))
        return np.frombuffer(data, np.uint8).reshape(shape)

    def _read(self, count: int) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if not selector.select(self._wait):
                raise VideoError(TOO_SLOW)
        data = os.read(self._out.fileno(), count)
        if not data:
            raise VideoError(DAMAGED)
        return data


def _environment() -> dict[str, str]:
    """The environment of this process, with a way to this package."""
    package = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])}


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
        _say(out, {"error": str(error)})


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


def limit_process() -> None:
    """Take this process's memory and time, where the system has limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)


if __name__ == "__main__":
    limit_process()
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])), sys.stdin.buffer, sys.stdout.buffer)
