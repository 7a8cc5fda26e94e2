"""Tag directories of TIFF and EXIF, read before Pillow does: the orientation, and whether they are honest.

Pillow copies what every tag points at. A few kilobytes of tags that all point at the same large block would become
gigabytes, so a directory that claims more than its file can hold is refused first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from styleprop.errors import ImageError

DAMAGED = "The picture is damaged or incomplete; open it in another program and save it again."
ORIENTATION = 0x0112
TILE_WIDTH, TILE_LENGTH = 322, 323
LAST_LAYOUT_TAG = 532
SUBDIRECTORIES = (0x8769, 0x8825, 0xA005)  # EXIF, GPS, interoperability
TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
MAX_ENTRIES = 65_535
MAX_VALUES = 262_144  # of two bytes or more in one tag: strips, tiles, tables
MAX_DIRECTORIES = 16
MAX_TILE_SIDE = 8_192
EXTRA_BYTES = 1024 * 1024

Blob = bytes | memoryview
Entry = tuple[int, int, int, int]  # tag, bytes of one value, count, value or offset


def exif_orientation(blob: bytes) -> int | None:
    """Return the orientation 1..8 in an EXIF block, with or without its "Exif" prefix; 1 for junk, None for none."""
    for tag, size, count, value in _first_directory(blob.removeprefix(b"Exif\0\0")):
        if tag == ORIENTATION:
            return value if size == 2 and count == 1 and 1 <= value <= 8 else 1
    return None


def check_directories(blob: Blob) -> None:
    """Raise ImageError where the TIFF structure that `blob` starts with claims far more data than `blob` holds."""
    layout = _layout(blob)
    if layout is None:
        return
    waiting, claimed = [_first_offset(blob, layout)], 0
    seen: set[int] = set()
    while waiting and len(seen) < MAX_DIRECTORIES:
        offset = waiting.pop()
        if offset in seen:
            continue
        seen.add(offset)
        for entry in _entries(blob, offset, layout):
            claimed += _claimed_bytes(entry, len(blob))
            if entry[0] in SUBDIRECTORIES:
                waiting.append(entry[3])
        if claimed > 4 * len(blob) + EXTRA_BYTES:
            raise ImageError(DAMAGED)


def check_layout(blob: Blob) -> None:
    """Raise ImageError where a tag that says how the pixels lie is there twice: Pillow and libtiff read another one."""
    tags = [tag for tag, *_ in _first_directory(blob) if tag <= LAST_LAYOUT_TAG]
    if len(tags) != len(set(tags)):
        raise ImageError(DAMAGED)


def count_directories(blob: Blob, limit: int) -> int:
    """Return how many pictures a TIFF holds, counting no further than `limit`."""
    layout = _layout(blob)
    if layout is None:
        return 1
    seen: set[int] = set()
    offset = _first_offset(blob, layout)
    while offset and offset not in seen and len(seen) < limit:
        seen.add(offset)
        offset = _next_offset(blob, offset, layout)
    return max(1, len(seen))


class _Layout:
    """How numbers are stored: byte order, and the wider fields of BigTIFF."""

    def __init__(self, order: str, big: bool):
        self.count = struct.Struct(order + ("Q" if big else "H"))
        self.entry = struct.Struct(order + ("HHQ8s" if big else "HHL4s"))
        self.offset = struct.Struct(order + ("Q" if big else "L"))
        self.short = struct.Struct(order + "H")
        self.first_offset_at = 8 if big else 4


def _layout(blob: Blob) -> _Layout | None:
    order = {b"II": "<", b"MM": ">"}.get(bytes(blob[:2]))
    if order is None or len(blob) < 16:
        return None
    return _Layout(order, big=43 in (blob[2], blob[3]))


def _first_offset(blob: Blob, layout: _Layout) -> int:
    return layout.offset.unpack_from(blob, layout.first_offset_at)[0]


def _first_directory(blob: Blob) -> Iterator[Entry]:
    layout = _layout(blob)
    if layout is not None:
        yield from _entries(blob, _first_offset(blob, layout), layout)


def _entry_count(blob: Blob, offset: int, layout: _Layout) -> int:
    if offset + layout.count.size > len(blob):
        return 0
    count = layout.count.unpack_from(blob, offset)[0]
    if count > MAX_ENTRIES:
        raise ImageError(DAMAGED)
    return min(count, (len(blob) - offset - layout.count.size) // layout.entry.size)


def _entries(blob: Blob, offset: int, layout: _Layout) -> Iterator[Entry]:
    for index in range(_entry_count(blob, offset, layout)):
        at = offset + layout.count.size + index * layout.entry.size
        tag, kind, count, raw = layout.entry.unpack_from(blob, at)
        size = TYPE_BYTES.get(kind, 0)
        reader = layout.short if kind == 3 and count == 1 else layout.offset
        yield tag, size, count, reader.unpack_from(raw)[0]


def _next_offset(blob: Blob, offset: int, layout: _Layout) -> int:
    at = offset + layout.count.size + _entry_count(blob, offset, layout) * layout.entry.size
    return layout.offset.unpack_from(blob, at)[0] if at + layout.offset.size <= len(blob) else 0


def _claimed_bytes(entry: Entry, available: int) -> int:
    tag, size, count, value = entry
    if size > 1 and count > MAX_VALUES:
        raise ImageError(DAMAGED)
    if tag in (TILE_WIDTH, TILE_LENGTH) and value > MAX_TILE_SIDE:
        raise ImageError(DAMAGED)
    return min(size * count, available)
