"""The one door for pictures: a path, bytes, a stream, a Pillow image or an array comes in, a `Picture` goes out."""

from __future__ import annotations

import io
import json
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
from PIL import Image

from styleprop.errors import ImageError, Sentence
from styleprop.images.directories import DAMAGED, count_directories
from styleprop.images.guards import check_bytes, count_gif_frames, sniff
from styleprop.images.insides import check_inside
from styleprop.images.modes import to_rgb_and_alpha
from styleprop.images.orientation import find_orientation
from styleprop.images.picture import (
    MAX_ASPECT,
    MAX_PIXELS,
    MAX_SETTINGS_BYTES,
    MAX_SIDE,
    MIN_SIDE,
    SETTINGS_KEY,
    Picture,
)
from styleprop.images.sources import FileSource, read_source

Source: TypeAlias = FileSource | Image.Image | np.ndarray
NOT_A_PICTURE = (
    "This is not a picture that can be opened: use PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, HEIC or JPEG 2000."
)
BAD_ARRAY = "An array must be uint8 of shape (H, W), (H, W, 3) or (H, W, 4)."
COUNTED_FRAMES = 999
_one_at_a_time = threading.Lock()


def load(source: Source | None) -> Picture:
    """Read a picture from a stranger.

    Args:
        source: a path, bytes, a binary stream, a `PIL.Image.Image`, or uint8 (H, W), (H, W, 3) or (H, W, 4).
            A file's name is ignored; its content decides.

    Returns:
        A `Picture`: upright uint8 sRGB (H, W, 3), alpha set aside, notes, and the settings `save` stored.

    Raises:
        ImageError: not a picture, damaged, or outside the limits; the text is one plain sentence.
        TypeError: `source` is none of the above.

    """
    if source is None:
        raise ImageError("No picture was given.")
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        with _plain_errors():
            return _decode(source, b"")
    data = read_source(source)
    with _plain_errors():
        check_bytes(data)
        with _open(data) as picture:
            return _decode(picture, data)


def _from_array(array: np.ndarray) -> Picture:
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ImageError(BAD_ARRAY)
    _check_size(array.shape[1], array.shape[0])
    if array.ndim == 2:
        return Picture(np.repeat(array[:, :, None], 3, axis=2))
    alpha = array[:, :, 3].copy() if array.shape[2] == 4 else None
    return Picture(array[:, :, :3].copy(), None if alpha is None or alpha.min() == 255 else alpha)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Silence Pillow's warnings and turn whatever a decoder raises into one sentence.

    Warning filters belong to the whole process, so only one picture is decoded at a time.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ImageError:
            raise
        except MemoryError as error:
            raise ImageError("The picture needs more memory than there is; use a smaller one.") from error
        except Image.DecompressionBombError as error:
            raise ImageError(_too_large(str(error))) from error
        except Exception as error:
            raise ImageError(DAMAGED) from error


def _too_large(message: str) -> str:
    """Say how many megapixels Pillow's own limit found, which is reached before ours where a header claims a lot."""
    found = re.search(r"\d+(?= pixels)", message)
    if found is None:
        return Sentence("The picture is too large: at most {most} megapixels can be opened.", most=MAX_PIXELS // 10**6)
    count = int(found[0]) // 10**6
    return Sentence(
        "The picture has {count} megapixels: at most {most} megapixels can be opened.",
        count=count,
        most=MAX_PIXELS // 10**6,
    )


def _open(data: bytes) -> Image.Image:
    """Let Pillow try the one format that the first bytes claim, and no other of its many."""
    claimed = sniff(data)
    if claimed is None:
        raise ImageError(NOT_A_PICTURE)
    if claimed == "HEIF":
        from pillow_heif import HeifImageFile  # here, since few pictures need it

        return HeifImageFile(io.BytesIO(data))
    return Image.open(io.BytesIO(data), formats=[claimed])


def _decode(picture: Image.Image, data: bytes) -> Picture:
    _check_size(*picture.size)
    check_inside(picture, data)
    picture.load()
    _check_size(*picture.size)  # again: a HEIF may turn out another
    image, alpha, notes = to_rgb_and_alpha(picture)
    orientation = find_orientation(picture)
    return Picture(
        image=_upright(image, orientation),
        alpha=None if alpha is None else _upright(alpha, orientation),
        notes=notes + _frame_notes(picture, data),
        settings=_settings(picture.info.get(SETTINGS_KEY)),
    )


def _check_size(width: int, height: int) -> None:
    size = Sentence("{width} x {height} pixels", width=width, height=height)
    if min(width, height) < MIN_SIDE:
        raise ImageError("The picture is {size}: each side needs at least {least}.", size=size, least=MIN_SIDE)
    if width * height > MAX_PIXELS:
        raise ImageError(
            "The picture is {size}: at most {most} megapixels can be opened.", size=size, most=MAX_PIXELS // 10**6
        )
    if max(width, height) > MAX_SIDE:
        raise ImageError("The picture is {size}: a side can have at most {most}.", size=size, most=MAX_SIDE)
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageError(
            "The picture is {size}: one side can be at most {most} times the other.", size=size, most=MAX_ASPECT
        )


def _upright(array: np.ndarray, orientation: int) -> np.ndarray:
    """Undo an EXIF orientation 1..8: 2 to 4 mirror and turn by 180 degrees, 5 to 8 also swap the sides."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def _frame_notes(picture: Image.Image, data: bytes) -> tuple[str, ...]:
    frames = _frame_count(picture, data)
    if frames <= 1:
        return ()
    if frames > COUNTED_FRAMES:
        return ("Only the first of many frames is used.",)
    return (Sentence("Only the first of {count} frames is used.", count=frames),)


def _frame_count(picture: Image.Image, data: bytes) -> int:
    """Count frames without Pillow where Pillow would read the whole file to do so."""
    counters = {"GIF": count_gif_frames, "TIFF": count_directories}
    if data and picture.format in counters:
        return counters[picture.format](data, COUNTED_FRAMES + 1)
    if picture.format in ("PNG", "WEBP", "AVIF", "HEIF"):
        return int(getattr(picture, "n_frames", 1))
    return 1


def _settings(text: object) -> dict | None:
    if not isinstance(text, str) or len(text.encode("utf-8", "replace")) > MAX_SETTINGS_BYTES:
        return None
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
