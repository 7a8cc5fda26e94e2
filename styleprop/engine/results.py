"""What the engine gives back."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from styleprop import images


@dataclass(frozen=True)
class Result:
    """A picture made by the engine.

    Attributes:
        array: uint8 (H, W, 3), the size of the input.
        alpha: uint8 (H, W), the input's transparency, or None.
        seconds: time it took, loading of the input left out.
        settings: what made it, for the PNG's text chunk.
        notes: plain sentences a person should see.
    """

    array: np.ndarray
    alpha: np.ndarray | None
    seconds: float
    settings: dict = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def image(self) -> Image.Image:
        """The picture for Pillow, RGB or RGBA."""
        if self.alpha is None:
            return Image.fromarray(self.array)
        return Image.fromarray(np.dstack([self.array, self.alpha]))

    def save(self, destination: str | Path) -> None:
        """Save by extension (.png, .jpg, .webp, .tif, .avif); a PNG carries the settings. Raises ImageError."""
        images.save(self.array, destination, alpha=self.alpha, settings=self.settings)


@dataclass(frozen=True)
class Stylization(Result):
    """Content in the style of other pictures."""


@dataclass(frozen=True)
class Translation(Result):
    """A photo as a painting of a domain, or the other way round.

    Attributes:
        cycled: uint8 (H, W, 3), the result translated back, or None where that was not asked for.
        cycle_l1: mean absolute difference of the input and `cycled` in levels of 255, or None.
        cycle_psnr_db: peak signal-to-noise ratio of the two, or None.
    """

    cycled: np.ndarray | None = None
    cycle_l1: float | None = None
    cycle_psnr_db: float | None = None


@dataclass(frozen=True)
class Reconstruction(Result):
    """A picture encoded and decoded.

    Attributes:
        psnr_db: peak signal-to-noise ratio against the input.
        ssim: structural similarity to the input, at most 1.
        latent: float32 (h, w, C), the latent of the picture, or of a copy of at most 1.5 megapixels.
    """

    psnr_db: float = 0.0
    ssim: float = 0.0
    latent: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 1), "float32"))

    def strongest_channels(self, count: int = 16) -> list[tuple[int, np.ndarray]]:
        """The latent channels that vary most: (channel number, float32 (h, w) map) pairs, strongest first."""
        order = np.argsort(-self.latent.std(axis=(0, 1)), kind="stable")[:count]
        return [(int(index), self.latent[:, :, index]) for index in order]
