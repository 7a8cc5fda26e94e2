"""From any colour mode Pillow can hold to 8-bit sRGB and alpha."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from styleprop.errors import ImageError

MAX_PROFILE_BYTES = 4 * 1024 * 1024
BAND_ROWS = 256
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
SCALED_NOTE = "The picture's range of values was stretched to fit 8 bits."
BITS_PER_SAMPLE, PHOTOMETRIC = 258, 262


def to_rgb_and_alpha(picture: Image.Image) -> tuple[np.ndarray, np.ndarray | None, tuple[str, ...]]:
    """Return uint8 (H, W, 3) sRGB, uint8 (H, W) alpha or None where opaque, and notes.

    Colour under transparent pixels is kept as it is. Raises ImageError where no pixel value is finite.
    """
    picture = _with_sound_transparency(picture)
    profile = picture.info.get("icc_profile")
    if picture.mode in DEEP_MODES:
        grey, notes = _grey(picture)
        alpha = _deep_alpha(picture)
        return _array(_to_srgb(Image.fromarray(grey), profile)), alpha, notes
    base, alpha_image = _split(picture)
    alpha = None if alpha_image is None else _array(alpha_image)
    if alpha is not None and alpha.min() == 255:
        alpha = None
    return _array(_to_srgb(base, profile)), alpha, ()


def _bands(picture: Image.Image) -> Iterator[tuple[slice, np.ndarray]]:
    """Give the pixels out some rows at a time: all at once, Pillow would hold a large picture two more times."""
    width, height = picture.size
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        yield slice(top, bottom), np.asarray(picture.crop((0, top, width, bottom)))


def _filled(
    picture: Image.Image, convert: Callable[[np.ndarray], np.ndarray], channels: tuple[int, ...] = ()
) -> np.ndarray:
    array = np.empty((picture.height, picture.width, *channels), np.uint8)
    for rows, values in _bands(picture):
        array[rows] = convert(values)
    return array


def _array(picture: Image.Image) -> np.ndarray:
    return _filled(picture, lambda values: values, () if picture.mode == "L" else (3,))


def _with_sound_transparency(picture: Image.Image) -> Image.Image:
    """Drop or mend a transparency key of the wrong kind: a text chunk named "transparency" can put anything there."""
    if "transparency" not in picture.info:
        return picture
    key = _sound_key(picture.mode, picture.info["transparency"])
    if key == picture.info["transparency"]:
        return picture
    picture = picture.copy()
    del picture.info["transparency"]
    if key is not None:
        picture.info["transparency"] = key
    return picture


def _sound_key(mode: str, key: object) -> object:
    if mode == "RGB":
        return _sound_color(key)
    if mode == "P" and isinstance(key, bytes):
        return key
    limit = {"1": 255, "L": 255, "P": 255, "I;16": 65535}.get(mode, -1)
    return key if isinstance(key, int) and 0 <= key <= limit else None


def _sound_color(key: object) -> tuple[int, ...] | None:
    if not (isinstance(key, tuple) and len(key) == 3 and all(isinstance(value, int) for value in key)):
        return None
    return tuple(value >> 8 for value in key) if max(key) > 255 else key  # 16-bit files are read as 8-bit


def _split(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the colours in a mode that a colour profile fits (L, RGB, CMYK, LAB), and the alpha if there is any."""
    mode = picture.mode
    if mode in ("LA", "La"):
        picture = picture.convert("LA")
        return picture.getchannel("L"), picture.getchannel("A")
    if mode in ("RGBA", "RGBa", "PA", "P"):
        picture = picture if mode == "RGBA" else picture.convert("RGBA")
        return picture.convert("RGB"), picture.getchannel("A")
    alpha = picture.convert("RGBA").getchannel("A") if "transparency" in picture.info else None
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return picture, alpha
    return picture.convert("L" if mode == "1" else "RGB"), alpha


def _to_srgb(base: Image.Image, profile: object) -> Image.Image:
    converted = _through_profile(base, profile)
    if converted is not None:
        return converted
    if base.mode == "LAB":
        return _transform(base, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return base if base.mode == "RGB" else base.convert("RGB")


def _through_profile(base: Image.Image, profile: object) -> Image.Image | None:
    """Return `base` in sRGB, or None where the profile is absent, junk, of another kind or sRGB already."""
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if (source.profile.profile_description or "").startswith("sRGB"):
            return None
        return _transform(base, source)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _transform(base: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        base.mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return transform.apply(base)


def _deep_alpha(picture: Image.Image) -> np.ndarray | None:
    key = picture.info.get("transparency")
    if not isinstance(key, int):
        return None
    alpha = _filled(picture, lambda values: np.where(values == key, 0, 255))
    return None if alpha.min() == 255 else alpha


def _grey(picture: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a picture of more than 8 bits a pixel as uint8 (H, W): scaled, never clipped."""
    if picture.mode in ("I", "F"):
        return _scaled(picture)
    tags = getattr(picture, "tag_v2", {})
    full = (1 << _bits(tags)) - 1
    grey = _filled(picture, lambda values: (np.minimum(values, full).astype(np.uint32) * 255 + full // 2) // full)
    return (255 - grey if tags.get(PHOTOMETRIC) == 0 else grey), ()


def _bits(tags: Mapping[int, Any]) -> int:
    bits = tags.get(BITS_PER_SAMPLE, 16)
    bits = bits[0] if isinstance(bits, tuple) and bits else bits
    return bits if isinstance(bits, int) and 8 < bits <= 16 else 16


def _scaled(picture: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scale integers or floats to uint8 (H, W): the range is 0..1 (floats), 0..255, 0..65535, or else as found.

    NaN and minus infinity become 0, infinity 255.
    """
    low, high = _finite_range(picture)
    fulls = (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0)
    known = [full for full in fulls if low >= 0 and high <= full]
    base, span = (0.0, known[0]) if known else (low, max(high - low, 1e-30))
    gain = np.float32(255 / span)

    def convert(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            levels = values.astype(np.float32) * gain - np.float32(base) * gain
        return np.rint(np.clip(np.nan_to_num(levels, nan=0.0), 0, 255))

    return _filled(picture, convert), () if known else (SCALED_NOTE,)


def _finite_range(picture: Image.Image) -> tuple[float, float]:
    ranges = [(band.min(), band.max()) for _, values in _bands(picture) if (band := values[np.isfinite(values)]).size]
    if not ranges:
        raise ImageError("The picture holds no numbers that can be shown.")
    return float(min(low for low, _ in ranges)), float(max(high for _, high in ranges))
