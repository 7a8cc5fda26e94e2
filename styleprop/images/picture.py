"""What a loaded picture is, and the limits every picture must keep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

MAX_PIXELS = 100_000_000
MAX_SIDE = 20_000
MIN_SIDE = 16
MAX_ASPECT = 20
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_SETTINGS_BYTES = 64 * 1024
SETTINGS_KEY = "styleprop"


@dataclass(frozen=True)
class Picture:
    """A picture in the one form the rest of the package uses.

    Attributes:
        image: uint8 (H, W, 3) in [0, 255], sRGB, upright.
        alpha: uint8 (H, W) in [0, 255], or None where the file was fully opaque.
        notes: plain sentences a person should see, such as "Only the first of 12 frames is used."
        settings: what `save` stored in a PNG, a JSON object of at most 64 KB, or None.

    """

    image: np.ndarray
    alpha: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    settings: dict | None = None

    @cached_property
    def key(self) -> tuple:
        """A key for the image's size and content, computed once."""
        return self.image.shape, blake2b(np.ascontiguousarray(self.image).data, digest_size=16).digest()
