"""Tables of what each colour becomes, as the `.cube` files of picture and film programs have them."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from PIL import Image, ImageFilter

SIZES = range(2, 34)


@dataclass(frozen=True)
class Palette:
    """A three-dimensional table of colours; between its nodes colours are interpolated.

    Attributes:
        table: float32 (N, N, N, 3) in [0, 1]: the red, green and blue that the colour of blue b / (N - 1), green
            g / (N - 1) and red r / (N - 1) becomes is at [b, g, r].
    """

    table: np.ndarray

    @classmethod
    def unchanged(cls, size: int) -> Self:
        """The table of `size` nodes a side in which each colour stays as it is."""
        blue, green, red = np.meshgrid(*[np.linspace(0, 1, size, dtype=np.float32)] * 3, indexing="ij")
        return cls(np.stack([red, green, blue], axis=-1))

    @classmethod
    def from_cube(cls, text: str) -> Self:
        """Read a `.cube` file's text. Raises ValueError where it is none, or has values outside [0, 1]."""
        found = re.search(r"^LUT_3D_SIZE (\d{1,2})$", text, re.MULTILINE)
        size = int(found[1]) if found else 0
        rows = [line.split() for line in text.splitlines() if re.match(r"[-+.\d]", line)]
        if size not in SIZES or len(rows) != size**3 or any(len(row) != 3 for row in rows):
            raise ValueError("no table of colours")
        table = np.array(rows, np.float32)
        if not np.all((table >= 0) & (table <= 1)):
            raise ValueError("colours outside [0, 1]")
        return cls(table.reshape(size, size, size, 3))

    def to_cube(self) -> str:
        """The text of a `.cube` file, red fastest."""
        rows = "".join("{:.4f} {:.4f} {:.4f}\n".format(*color) for color in self.table.reshape(-1, 3))
        return f"LUT_3D_SIZE {len(self.table)}\n{rows}"

    def towards(self, share: float) -> "Palette":
        """The table that goes a share of the way, 0 (all colours stay) to 1 (this one)."""
        if share == 1:
            return self
        start = Palette.unchanged(len(self.table)).table
        return Palette(start + np.float32(share) * (self.table - start))

    def paint(self, image: np.ndarray) -> np.ndarray:
        """A uint8 (H, W, 3) picture in these colours."""
        return np.asarray(Image.fromarray(image).filter(self._filter))

    @cached_property
    def _filter(self) -> ImageFilter.Color3DLUT:
        return ImageFilter.Color3DLUT(len(self.table), self.table.ravel())
