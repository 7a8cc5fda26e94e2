"""Cheap checks on a file's bytes, before any decoder sees them: each refuses a file made to cost time or memory."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator

from styleprop.errors import ImageError
from styleprop.images.boxes import check_items
from styleprop.images.directories import DAMAGED, check_directories, check_layout
from styleprop.images.picture import MAX_PIXELS

MAX_SCANS = 128
MAX_SCANNED_PIXELS = 2_000_000_000  # pixels times scans: about five seconds
MAX_SEGMENTS = 8_192
MAX_PADDING = 4_096
MAX_CHUNKS = 65_536
MAX_COLOR_PROFILES = 8
MAX_BLOCKS = 8_192
MAX_EXIF_BLOCKS = 64
COUNTED_BLOCKS = 200_000

# What follows 0xFF in a marker worth stopping at: not stuffing, a restart, a start of image or padding.
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd9-\xfe])")
_END_OF_IMAGE, _START_OF_SCAN, _APP1, _APP2 = 0xD9, 0xDA, 0xE1, 0xE2
_STARTS = {
    b"\x89PNG": "PNG",
    b"\xff\xd8": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51": "JPEG2000",
}
_TIFF_HEADER = re.compile(rb"II[*+]\x00|MM\x00[*+]")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def sniff(data: bytes) -> str | None:
    """Return the format that the first bytes claim: PNG, JPEG, GIF, TIFF, BMP, WEBP, JPEG2000, AVIF, HEIF, or None."""
    for start, name in _STARTS.items():
        if data.startswith(start):
            return name
    if _TIFF_HEADER.match(data):
        return "TIFF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return _sniff_boxes(data) if data[4:8] == b"ftyp" else None


def _sniff_boxes(data: bytes) -> str | None:
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    return "HEIF" if any(brand in _HEIC_BRANDS for brand in brands) else None


def check_bytes(data: bytes) -> None:
    """Raise ImageError where the file is built to be slow or huge to decode; otherwise do nothing."""
    checks = {
        "PNG": _check_png,
        "JPEG": _check_jpeg,
        "GIF": _check_gif,
        "TIFF": _check_tiff,
        "AVIF": _check_avif,
        "HEIF": check_items,
    }
    check = checks.get(sniff(data) or "")
    if check is not None:
        check(data)


def frame_sizes(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Give (height, width) of each segment of the JPEG at `start`; (0, 0) for those that start no frame."""
    return (_frame_size(marker, body) for marker, body in _segments(data, start))


def _check_tiff(data: bytes) -> None:
    check_directories(data)
    check_layout(data)


def _check_jpeg(data: bytes) -> None:
    scans, pixels, exif = 0, 0, bytearray()
    for marker, body in _segments(data):
        scans += marker == _START_OF_SCAN
        pixels = max(pixels, math.prod(_frame_size(marker, body)))
        if scans > MAX_SCANS or scans * min(pixels, MAX_PIXELS) > MAX_SCANNED_PIXELS:
            raise ImageError("The JPEG is split into too many scans; save it again as an ordinary JPEG.")
        exif += _directory_bytes(marker, body)
    check_directories(bytes(exif))


def _segments(data: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Give the marker and the content of each segment of the JPEG at `start`, up to the end of the image."""
    position = start + 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, position)
        if found is None or found[1][0] == _END_OF_IMAGE:
            return _check_padding(data, found.start() if found else len(data))
        body = found.end()
        position = body + int.from_bytes(data[body : body + 2], "big")
        yield found[1][0], data[body + 2 : position]
    raise ImageError(DAMAGED)


def _check_padding(data: bytes, end: int) -> None:
    """Refuse a long run of 0xFF before the end: Pillow's time grows with the square of its length."""
    if data.find(b"\xff" * MAX_PADDING, 0, end) >= 0:
        raise ImageError(DAMAGED)


def _frame_size(marker: int, body: bytes) -> tuple[int, int]:
    """Return (height, width) where the segment starts a frame; (0, 0) for any other, such as tables."""
    if not 0xC0 <= marker <= 0xCF or marker in (0xC4, 0xC8, 0xCC) or len(body) < 5:
        return 0, 0
    height, width = struct.unpack_from(">HH", body, 1)
    return height, width


def _directory_bytes(marker: int, segment: bytes) -> bytes:
    if marker == _APP2 and segment.startswith(b"MPF\0"):
        check_directories(segment[4:])
    return segment[6:] if marker == _APP1 and segment.startswith(b"Exif\0\0") else b""


def _check_png(data: bytes) -> None:
    position, profiles = 8, 0
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, position)
        profiles += kind == b"iCCP"
        if profiles > MAX_COLOR_PROFILES:
            break
        position += 12 + length
    raise ImageError(DAMAGED)


def _check_gif(data: bytes) -> None:
    """Refuse a flood of small blocks before the first frame: Pillow's time grows with the square of their number."""
    position, left = _skip_color_table(data, 6 + 4, 6 + 7), MAX_BLOCKS
    while left > 0:
        kind = data[position : position + 1]
        if kind in (b"", b",", b";"):
            return
        step = _skip_blocks(data, position + 2, left) if kind == b"!" else (position + 1, 0)
        position, left = step[0], left - step[1] - 1
    raise ImageError(DAMAGED)


def _check_avif(data: bytes) -> None:
    """Check whatever looks like EXIF: Pillow reads it while opening the file, before anything else can look at it."""
    if b"Exif\0\0" * MAX_EXIF_BLOCKS in data:
        raise ImageError(DAMAGED)
    for index, found in enumerate(_TIFF_HEADER.finditer(data)):
        if index >= MAX_EXIF_BLOCKS:
            raise ImageError(DAMAGED)
        check_directories(memoryview(data)[found.start() :])


def count_gif_frames(data: bytes, limit: int) -> int:
    """Return how many frames a GIF holds, counting no further than `limit` frames."""
    position, frames, left = _skip_color_table(data, 6 + 4, 6 + 7), 0, COUNTED_BLOCKS
    while left > 0 and frames < limit:
        kind = data[position : position + 1]
        if kind == b",":
            frames += 1
            position = _skip_color_table(data, position + 9, position + 10) + 1
        elif kind == b"!":
            position += 2
        else:
            break
        position, blocks = _skip_blocks(data, position, left)
        left -= blocks + 1
    return max(1, frames)


def _skip_color_table(data: bytes, flags_at: int, end: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return end + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)


def _skip_blocks(data: bytes, position: int, limit: int) -> tuple[int, int]:
    """Return the position after a chain of length-prefixed blocks, and how many there were (at most `limit`)."""
    for blocks in range(limit):
        length = data[position] if position < len(data) else 0
        position += 1 + length
        if not length:
            return position, blocks
    return position, limit
