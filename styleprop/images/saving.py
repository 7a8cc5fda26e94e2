"""Writing pictures: lossless PNG with its settings, and four other formats, all or nothing, never any metadata."""

from __future__ import annotations

import errno
import io
import json
import os
import secrets
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from styleprop.config.files import OUTPUT_FORMATS
from styleprop.errors import ImageError
from styleprop.images.picture import MAX_SETTINGS_BYTES, SETTINGS_KEY, Picture

LOSSY_QUALITY = 95
STRIP_OFFSETS, STRIP_BYTES = 273, 279
COMPRESSION = 4  # of a PNG, 0 to 9: 6 takes three times as long for 6 % fewer bytes
MAX_WEBP_SIDE = 16_383
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EACCES: "permission is missing",
    errno.EPERM: "permission is missing",
    errno.EROFS: "the disk is read-only",
    errno.EISDIR: "a folder has that name",
    errno.ENOTDIR: "its folder is not a folder",
    errno.EEXIST: "its folder is not a folder",
    errno.ENAMETOOLONG: "its name is too long",
}


def encode_png(image: np.ndarray, alpha: np.ndarray | None = None, settings: dict | None = None) -> bytes:
    """Encode uint8 (H, W, 3), and uint8 (H, W) alpha if given, as a lossless PNG.

    `settings`, a JSON object of at most 64 KB, goes into a text chunk named "styleprop"; nothing else is stored.
    Raises ValueError or TypeError where the settings are no such object.
    """
    info = PngInfo()
    if settings is not None:
        info.add_itxt(SETTINGS_KEY, _settings_text(settings))
    stream = io.BytesIO()
    _with_alpha(image, alpha).save(stream, "PNG", pnginfo=info, compress_level=COMPRESSION)
    return stream.getvalue()


def encode_as(ending: str, image: np.ndarray, alpha: np.ndarray | None = None, settings: dict | None = None) -> bytes:
    """Encode uint8 (H, W, 3), and uint8 (H, W) alpha if given, as the format of one of the OUTPUT_FORMATS' endings.

    As `save` writes it. Raises ImageError for another ending.
    """
    return _encode(_format_of(ending), image, alpha, settings)


def save(
    picture_or_array: Picture | np.ndarray,
    destination: str | os.PathLike | BinaryIO,
    *,
    alpha: np.ndarray | None = None,
    settings: dict | None = None,
) -> None:
    """Write a `Picture` or uint8 (H, W, 3) to a path with one of the OUTPUT_FORMATS or, as PNG, to a binary stream.

    A Picture brings its own alpha and settings where none are given. JPEG has no alpha, so the picture is laid on
    white; JPEG, WebP and AVIF have quality 95, TIFF is lossless, and only PNG has settings. A path is written whole or
    not at all, and its missing folders are made. Raises ImageError for another file type or where it cannot be written.
    """
    picture = picture_or_array if isinstance(picture_or_array, Picture) else Picture(picture_or_array)
    alpha = picture.alpha if alpha is None else alpha
    settings = picture.settings if settings is None else settings
    if isinstance(destination, (str, os.PathLike)):
        path = Path(destination)
        write_whole(path, encode_as(path.suffix, picture.image, alpha, settings))
    else:
        destination.write(encode_png(picture.image, alpha, settings))


def _format_of(ending: str) -> str:
    found = OUTPUT_FORMATS.get(ending.lower())
    if found is None:
        raise ImageError("A picture can be saved as .png, .jpg, .webp, .tif or .avif; choose one of these endings.")
    return found


def _encode(kind: str, image: np.ndarray, alpha: np.ndarray | None, settings: dict | None) -> bytes:
    if kind == "PNG":
        return encode_png(image, alpha, settings)
    if kind == "WEBP" and max(image.shape[:2]) > MAX_WEBP_SIDE:
        raise ImageError(f"A WebP picture has at most {MAX_WEBP_SIDE} pixels a side; save it as .png.")
    picture = _on_white(image, alpha) if kind == "JPEG" else _with_alpha(image, alpha)
    stream = io.BytesIO()
    if kind == "TIFF":
        picture.save(stream, kind, compression="tiff_lzw")
        return blank_gap(stream.getvalue())
    picture.save(stream, kind, quality=LOSSY_QUALITY)
    return stream.getvalue()


def blank_gap(data: bytes) -> bytes:
    """Zero what libtiff leaves unwritten before the directory of a TIFF: a byte of memory, where the pixels end odd."""
    with Image.open(io.BytesIO(data)) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        end = tags[STRIP_OFFSETS][-1] + tags[STRIP_BYTES][-1]
    start = struct.unpack_from("<I" if data.startswith(b"II") else ">I", data, 4)[0]
    return data[:end] + bytes(start - end) + data[start:] if end < start else data


def _settings_text(settings: dict) -> str:
    if not isinstance(settings, dict):
        raise TypeError("settings must be a dict")
    text = json.dumps(settings, ensure_ascii=False, allow_nan=False)
    if len(text.encode("utf-8")) > MAX_SETTINGS_BYTES:
        raise ValueError(f"settings take more than {MAX_SETTINGS_BYTES} bytes")
    return text


def _with_alpha(image: np.ndarray, alpha: np.ndarray | None) -> Image.Image:
    return Image.fromarray(image if alpha is None else np.dstack([image, alpha]))


def _on_white(image: np.ndarray, alpha: np.ndarray | None) -> Image.Image:
    picture = Image.fromarray(image)
    if alpha is None:
        return picture
    return Image.composite(picture, Image.new("RGB", picture.size, "white"), Image.fromarray(alpha))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; missing folders are made. Raises ImageError."""
    draft = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(draft, "xb") as stream:
                stream.write(data)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise ImageError(cannot_write(path, error)) from error


def cannot_write(path: Path, error: Exception) -> str:
    """Why a file cannot be written, in a sentence."""
    reason = _REASONS.get(getattr(error, "errno", None) or 0, "the system refused")
    return f"{_shown(path.name)} cannot be written: {reason}."


def _shown(name: str) -> str:
    plain = "".join(letter if letter.isprintable() else "?" for letter in name)
    return plain if len(plain) <= 60 else plain[:57] + "..."
