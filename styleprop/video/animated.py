"""Animated GIF, PNG and WebP, written frame by frame: Pillow encodes each one, and nothing else is kept in memory."""

import io
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import GifImagePlugin, Image

from styleprop.video.clip import About, Frame

QUALITY = 90
OPAQUE = 128


class Animated(ABC):
    """A file of frames with durations.

    Args:
        path: where to.
        about: the clip that is written.
    """

    ticks = 1000  # a second
    shortest = 1  # ticks

    def __init__(self, path: Path, about: About):
        self.about = about
        self.count = 0
        self._time = 0
        self._file = open(path, "xb")  # noqa: SIM115

    def write(self, frame: Frame) -> None:
        """Write a frame; durations are rounded so that none is lost in the sum."""
        end = round((frame.time + frame.duration) * self.ticks)
        duration = max(end - self._time, self.shortest)
        self._time += duration
        for part in self.encode(frame.image, frame.alpha, duration):
            self._file.write(part)
        self.count += 1

    @abstractmethod
    def encode(self, image: np.ndarray, alpha: np.ndarray | None, duration: int) -> Iterator[bytes]:
        """The bytes of a frame, uint8 (H, W, 3) and (H, W); those of the file's beginning before the first."""

    @abstractmethod
    def finish(self, is_whole: bool) -> None:
        """Write the end."""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def rewrite(self, at: int, data: bytes) -> None:
        """Put bytes where others are."""
        self._file.seek(at)
        self._file.write(data)


class GifFile(Animated):
    """256 colours a frame, chosen for each; a pixel is there or not."""

    ticks, shortest = 100, 2

    def encode(self, image: np.ndarray, alpha: np.ndarray | None, duration: int) -> Iterator[bytes]:
        """See `Animated`."""
        colors = Image.fromarray(image).quantize(256 if alpha is None else 255, dither=Image.Dither.NONE)
        more: dict[str, Any] = {}
        if alpha is not None:
            indices = np.where(alpha < OPAQUE, np.uint8(255), np.asarray(colors))
            palette = (colors.getpalette() or []) + [0] * 768
            colors = Image.fromarray(indices, "P")
            colors.putpalette(palette[:768])
            more = {"transparency": 255}
        if not self.count:
            plays = self.about.plays
            yield from GifImagePlugin.getheader(colors.copy(), info={} if plays == 1 else {"loop": max(plays - 1, 0)})[
                0
            ]
        milliseconds = 10 * duration
        yield from GifImagePlugin.getdata(colors, duration=milliseconds, disposal=2, include_color_table=True, **more)

    def finish(self, is_whole: bool) -> None:
        """See `Animated`."""
        self._file.write(b";")


class PngFile(Animated):
    """Lossless; https://www.w3.org/TR/png-3/#apng-frame-based-animation."""

    _control = 8 + 25  # where the number of frames stands
    _sequence = 0

    def encode(self, image: np.ndarray, alpha: np.ndarray | None, duration: int) -> Iterator[bytes]:
        """See `Animated`."""
        parts = list(_png_chunks(_still(image, alpha, self.about.has_alpha, "PNG")))
        if not self.count:
            yield b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", parts[0][1]) + self._counted(0)
        height, width = image.shape[:2]
        shown = struct.pack(">IIIIHHBB", width, height, 0, 0, min(duration, 65_535), self.ticks, 0, 0)
        yield self._numbered(b"fcTL", shown)
        for kind, data in parts:
            if kind == b"IDAT":
                yield self._numbered(b"fdAT", data) if self.count else _chunk(b"IDAT", data)

    def finish(self, is_whole: bool) -> None:
        """See `Animated`."""
        self._file.write(_chunk(b"IEND", b""))
        self.rewrite(self._control, self._counted(self.count))

    def _counted(self, count: int) -> bytes:
        return _chunk(b"acTL", struct.pack(">II", count, self.about.plays))

    def _numbered(self, kind: bytes, data: bytes) -> bytes:
        number, self._sequence = self._sequence, self._sequence + 1
        return _chunk(kind, struct.pack(">I", number) + data)


class WebpFile(Animated):
    """Quality 90; https://developers.google.com/speed/webp/docs/riff_container."""

    def encode(self, image: np.ndarray, alpha: np.ndarray | None, duration: int) -> Iterator[bytes]:
        """See `Animated`."""
        height, width = image.shape[:2]
        sides = _three(width - 1) + _three(height - 1)
        if not self.count:
            flags = bytes([0x12 if self.about.has_alpha else 0x02, 0, 0, 0])
            yield b"RIFF\0\0\0\0WEBP" + _riff(b"VP8X", flags + sides)
            yield _riff(b"ANIM", bytes(4) + struct.pack("<H", min(self.about.plays, 65_535)))
        still = _still(image, alpha, self.about.has_alpha, "WEBP")
        data = b"".join(_riff(kind, part) for kind, part in _riff_chunks(still) if kind in (b"ALPH", b"VP8 ", b"VP8L"))
        yield _riff(b"ANMF", bytes(6) + sides + _three(min(duration, 2**24 - 1)) + b"\x02" + data)

    def finish(self, is_whole: bool) -> None:
        """See `Animated`."""
        self.rewrite(4, struct.pack("<I", self._file.tell() - 8))


def _still(image: np.ndarray, alpha: np.ndarray | None, has_alpha: bool, kind: str) -> bytes:
    if has_alpha:
        alpha = np.full(image.shape[:2], 255, np.uint8) if alpha is None else alpha
        image = np.dstack([image, alpha])
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, quality=QUALITY, compress_level=4)
    return stream.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


WRITERS: dict[str, type[Animated]] = {"GIF": GifFile, "PNG": PngFile, "WEBP": WebpFile}
