"""What a file holds inside its container, compared with what the container says, before it is decoded.

libtiff does not fail on a broken CCITT page or on a JPEG smaller than its place: it leaves memory that it never wrote
in the picture. Fax pages are therefore refused, as are rare compressions that nobody tried, and a JPEG inside a TIFF
must fill its place.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from styleprop.errors import ImageError
from styleprop.images.directories import DAMAGED
from styleprop.images.guards import frame_sizes

NO_SUCH_TIFF = "TIFF files that are compressed like this (fax, old JPEG) cannot be opened; save it as PNG."
WHOLE = ("raw", "tiff_raw_16", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "lzma", "zstd")
WIDTH, HEIGHT, STRIP_OFFSETS, STRIP_ROWS, PLANES = 256, 257, 273, 278, 284
TILE_TAGS = TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS = 322, 323, 324
MAX_HEADERS = 32
MAX_STREAMS = 64
_STREAM = re.compile(rb"\xff\x4f\xff\x51")


def check_inside(picture: Image.Image, data: bytes) -> None:
    """Raise ImageError where decoding `picture`, opened from `data` but not loaded, would leave its frame unfilled.

    Also where a JPEG 2000 holds a larger picture than it says.
    """
    if isinstance(picture, TiffImageFile) and picture.tile:
        _check_tiff(picture, data)
    if picture.format == "JPEG2000":
        _check_streams(picture.size, data)


def _check_tiff(picture: TiffImageFile, data: bytes) -> None:
    compression = picture.info.get("compression")
    if compression == "jpeg":
        _check_parts(dict(picture.tag_v2), data)
    elif compression not in WHOLE:
        raise ImageError(NO_SUCH_TIFF)


def _check_parts(tags: dict, data: bytes) -> None:
    for start, rows, columns in _parts(tags):
        sizes = islice(frame_sizes(data, start), MAX_HEADERS)
        height, width = next((size for size in sizes if size != (0, 0)), (0, 0))
        if height < rows or width < columns:
            raise ImageError(DAMAGED)


def _parts(tags: dict) -> Iterator[tuple[int, int, int]]:
    """Give the offset, height and width of each strip or tile."""
    width, height = tags[WIDTH], tags[HEIGHT]
    tiled = any(tag in tags for tag in TILE_TAGS)
    if (tiled and STRIP_OFFSETS in tags) or tags.get(PLANES, 1) != 1:
        raise ImageError(DAMAGED)
    columns = tags[TILE_WIDTH] if tiled else width
    rows = tags[TILE_HEIGHT] if tiled else min(tags.get(STRIP_ROWS, height), height)
    offsets = tags[TILE_OFFSETS if tiled else STRIP_OFFSETS]
    count = -(-width // columns) * -(-height // rows)
    if len(offsets) < count:
        raise ImageError(DAMAGED)
    for index in range(count):
        yield offsets[index], rows if tiled else min(rows, height - index * rows), columns


def _check_streams(size: tuple[int, int], data: bytes) -> None:
    for index, found in enumerate(_STREAM.finditer(data)):
        right, bottom, left, top = struct.unpack_from(">4I", data.ljust(found.end() + 20, b"\0"), found.end() + 4)
        if index >= MAX_STREAMS or right - left > size[0] or bottom - top > size[1]:
            raise ImageError(DAMAGED)
