"""Boxes of HEIF files, read before the decoder does: whether what they claim stays in proportion to the file.

The decoder's own limits (1,000 items, sizes that must agree) hold while pixels are decoded. While a file is opened,
each picture in it gets a copy of all metadata, which could make gigabytes of a small file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from styleprop.errors import ImageError
from styleprop.images.directories import DAMAGED, EXTRA_BYTES
from styleprop.images.picture import MAX_FILE_BYTES

MAX_BOXES = 4_096
MAX_ITEMS = 1_000
MAX_EXTENTS = 32
CODED = (b"hvc1", b"grid", b"iden", b"iovl", b"tmap", b"mski", b"unci", b"av01", b"jpeg", b"j2k1")

Box = tuple[bytes, memoryview]


def check_items(data: bytes) -> None:
    """Raise ImageError where the items of a HEIF file, or the copies of its metadata, would outgrow the file."""
    try:
        meta = _only(_boxes(memoryview(data)), b"meta")[4:]
        inner = list(_boxes(meta))
        lengths = dict(_lengths(_only(inner, b"iloc"), len(data)))
        kinds = dict(_kinds(_only(inner, b"iinf")))
    except (struct.error, IndexError) as error:
        raise ImageError(DAMAGED) from error
    coded = sum(kind in CODED for kind in kinds.values())
    copied = len(meta) + sum(length for item, length in lengths.items() if kinds.get(item) not in CODED)
    if sum(lengths.values()) > 4 * len(data) + EXTRA_BYTES or coded * copied > MAX_FILE_BYTES:
        raise ImageError(DAMAGED)


def _boxes(data: memoryview) -> Iterator[Box]:
    at = 0
    for _ in range(MAX_BOXES):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            size, start = struct.unpack_from(">Q", data, start)[0], start + 8
        end = at + size if size else len(data)
        if end < start:
            break
        yield kind, data[start:end]
        at = end
    raise ImageError(DAMAGED)


def _only(boxes: Iterator[Box] | list[Box], kind: bytes) -> memoryview:
    found = [body for name, body in boxes if name == kind]
    if len(found) != 1:
        raise ImageError(DAMAGED)
    return found[0]


class _Fields:
    """Big-endian numbers one after the other."""

    def __init__(self, data: memoryview):
        self.data = data
        self.at = 0

    def take(self, size: int) -> int:
        self.at += size
        if self.at > len(self.data):
            raise ImageError(DAMAGED)
        return int.from_bytes(self.data[self.at - size : self.at], "big")


def _lengths(box: memoryview, whole: int) -> Iterator[tuple[int, int]]:
    """Give each item's number and its bytes, the sum of its extents."""
    fields = _Fields(box)
    version, _, sizes, more = fields.take(1), fields.take(3), fields.take(1), fields.take(1)
    offset, length, base, index = sizes >> 4, sizes & 15, more >> 4, more & 15
    wide = 4 if version > 1 else 2
    for _ in range(_at_most(fields.take(wide), MAX_ITEMS)):
        item = fields.take(wide)
        fields.take((2 if version else 0) + 2 + base)
        total = 0
        for _ in range(_at_most(fields.take(2), MAX_EXTENTS)):
            fields.take((index if version else 0) + offset)
            total += fields.take(length) or whole  # no length: the rest of the file
        yield item, total


def _kinds(box: memoryview) -> Iterator[tuple[int, bytes]]:
    """Give each item's number and the four letters of its kind."""
    for name, body in _boxes(box[8 if box[0] else 6 :]):
        if name == b"infe" and body[0] >= 2:
            wide = 4 if body[0] > 2 else 2
            yield int.from_bytes(body[4 : 4 + wide], "big"), bytes(body[6 + wide : 10 + wide])


def _at_most(count: int, limit: int) -> int:
    if count > limit:
        raise ImageError(DAMAGED)
    return count
