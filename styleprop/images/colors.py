"""Colour: swapping brightness and hue between two pictures, and pictures of numbers."""

from __future__ import annotations

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # BT.601, as JPEG uses it
ERROR_GAIN = 8.0
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# Black, violet, orange, white: brighter always means more, also without colour vision.
_ANCHORS = np.array([[0, 0, 0], [84, 24, 128], [240, 128, 48], [255, 255, 255]], np.float64)


def to_lab(colors: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of sRGB colours: (..., 3) in 0..255 to float64 (..., 3), L from 0 to 100."""
    values = np.asarray(colors, np.float64) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    ratio = linear @ TO_XYZ.T / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    lightness = 116 * root[..., 1] - 16
    return np.stack([lightness, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], axis=-1)


def from_lab(colors: np.ndarray) -> np.ndarray:
    """The sRGB colours of CIE L*a*b*: (..., 3) to float64 (..., 3) in 0..255; what sRGB lacks is clipped."""
    lightness, red, yellow = np.moveaxis(np.asarray(colors, np.float64), -1, 0)
    middle = (lightness + 16) / 116
    root = np.stack([middle + red / 500, middle, middle - yellow / 200], axis=-1)
    ratio = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    linear = np.clip(ratio * WHITE @ np.linalg.inv(TO_XYZ).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def keep_colors(stylized: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Return the brightness of `stylized` with the colours of `content`, all uint8 (H, W, 3) of one size.

    Moving a colour's luma and keeping its chroma (BT.601) is adding one number to its three channels.
    Raises ValueError where the sizes differ.
    """
    if stylized.shape != content.shape or stylized.ndim != 3:
        raise ValueError(f"expected two pictures of one size, got {stylized.shape} and {content.shape}")
    shift = np.rint(_luma(stylized) - _luma(content)).astype(np.int16)
    return np.clip(content + shift[:, :, None], 0, 255).astype(np.uint8)


def only_colors(stylized: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Return the brightness of `content` with the colours of `stylized`, all uint8 (H, W, 3) of one size.

    Raises ValueError where the sizes differ.
    """
    return keep_colors(content, stylized)


def error_map(image: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    """Picture the mean absolute error of each pixel: uint8 (H, W, 3) from two uint8 (H, W, 3) of one size.

    Black is no error; the error is multiplied by ERROR_GAIN, so that white is 32 levels of 255 or more.
    Raises ValueError where the sizes differ.
    """
    if image.shape != reconstruction.shape or image.ndim != 3:
        raise ValueError(f"expected two pictures of one size, got {image.shape} and {reconstruction.shape}")
    error = np.abs(image.astype(np.int16) - reconstruction).mean(axis=2, dtype=np.float32)
    return _color_map()[np.minimum(np.rint(error * ERROR_GAIN), 255).astype(np.uint8)]


def heat_tile(channel: np.ndarray) -> np.ndarray:
    """Picture numbers of any range, float (h, w), as uint8 (h, w, 3): black is the 1st percentile, white the 99th.

    A constant channel is black; NaN is read as the lowest value and infinity as the end of the range it lies at.
    """
    values = np.asarray(channel, dtype=np.float64)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, (1, 99)) if finite.size else (0.0, 0.0)
    values = np.clip(np.where(np.isnan(values), low, values), low, high)
    levels = (values - low) / max(high - low, 1e-12) * 255
    return _color_map()[np.rint(levels).astype(np.uint8)]


def _luma(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32) @ LUMA


def _color_map() -> np.ndarray:
    """Return uint8 (256, 3): the anchors joined by straight lines."""
    at = np.linspace(0, len(_ANCHORS) - 1, 256)
    columns = [np.interp(at, np.arange(len(_ANCHORS)), _ANCHORS[:, channel]) for channel in range(3)]
    return np.rint(np.stack(columns, axis=1)).astype(np.uint8)
