"""From any colour mode Pillow can hold to 8-bit sRGB and alpha."""

from __future__ import annotations

import io

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


def _array(picture: Image.Image) -> np.ndarray:
    """Copy out an L or RGB picture in bands: all at once, Pillow would hold it two more times."""
    width, height = picture.size
    array = np.empty((height, width) if picture.mode == "L" else (height, width, 3), np.uint8)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        array[top:bottom] = np.asarray(picture.crop((0, top, width, bottom)))
    return array


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
    clear = np.asarray(picture) == key
    return np.where(clear, 0, 255).astype(np.uint8) if clear.any() else None


def _grey(picture: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a picture of more than 8 bits a pixel as uint8 (H, W): scaled, never clipped."""
    values = np.asarray(picture)
    if picture.mode in ("I", "F"):
        return _scaled(values.astype(np.float32))
    tags = getattr(picture, "tag_v2", {})
    full = (1 << _bits(tags)) - 1
    grey = ((np.minimum(values, full).astype(np.uint32) * 255 + full // 2) // full).astype(np.uint8)
    return (255 - grey if tags.get(PHOTOMETRIC) == 0 else grey), ()


def _bits(tags) -> int:
    bits = tags.get(BITS_PER_SAMPLE, 16)
    bits = bits[0] if isinstance(bits, tuple) and bits else bits
    return bits if isinstance(bits, int) and 8 < bits <= 16 else 16


def _scaled(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scale float32 (H, W) to uint8; the range is taken as 0..1, 0..255, 0..65535 or, failing those, as found."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise ImageError("The picture holds no numbers that can be shown.")
    low, high = float(finite.min()), float(finite.max())
    known = [full for full in (1.0, 255.0, 65535.0) if low >= 0 and high <= full]
    base, span = (0.0, known[0]) if known else (low, max(high - low, 1e-30))
    with np.errstate(all="ignore"):
        scaled = np.nan_to_num(values * np.float32(255 / span) - np.float32(base * (255 / span)), nan=0.0)
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8), () if known else (SCALED_NOTE,)
