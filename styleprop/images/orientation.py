"""Which way up a picture is: its EXIF, ImageMagick's copy of that in a text, or else its XMP."""

from __future__ import annotations

import re

from PIL import Image

from styleprop.errors import ImageError
from styleprop.images.directories import exif_orientation

_XMP = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


def find_orientation(picture: Image.Image) -> int:
    """Return the orientation 1..8 that a loaded picture still has to be turned from; 1 where there is none, or junk.

    The order is that of `PIL.ImageOps.exif_transpose`, which reads all of EXIF to find it.
    """
    if picture.format in ("TIFF", "HEIF"):  # turned while they were loaded
        return 1
    info = picture.info
    return _from_exif(info.get("exif") or _raw_profile(info)) or _from_xmp(info) or 1


def _from_exif(blob: object) -> int | None:
    try:
        return exif_orientation(blob) if isinstance(blob, bytes) else None
    except ImageError:
        return None


def _raw_profile(info: dict) -> bytes | None:
    """Decode what ImageMagick writes: an empty line, a name, a length, then lines of hexadecimal digits."""
    text = info.get("Raw profile type exif")
    try:
        return bytes.fromhex("".join(text.split("\n")[3:])) if isinstance(text, str) else None
    except ValueError:
        return None


def _from_xmp(info: dict) -> int | None:
    text = info.get("XML:com.adobe.xmp") or info.get("xmp")
    blob = text.encode("utf-8", "replace") if isinstance(text, str) else text
    found = _XMP.search(blob) if isinstance(blob, bytes) else None
    return int(found[1]) if found else None
