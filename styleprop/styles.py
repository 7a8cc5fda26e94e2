"""Built-in styles: style codes with names and credits, read from a checkpoint's `styles.json`."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from styleprop.errors import CheckpointError

STYLES_FILE = "styles.json"
SIDES = (192, 384, 768)  # of the squares as large as which a style picture is read, pixels


@dataclass(frozen=True)
class BuiltInStyle:
    """A style that needs no picture.

    Attributes:
        name: short, lower case, with hyphens.
        title: what a person sees.
        credit: who made the picture it was computed from, when, and under which terms.
        codes: float32 (3, K): the style code with the picture read at the areas of the squares of `SIDES`.
    """

    name: str
    title: str
    credit: str
    codes: np.ndarray = field(repr=False, compare=False)

    def code(self, side: float) -> np.ndarray:
        """The (1, K) code of the picture read at a side, interpolated between the stored ones."""
        position = min(max(math.log2(side / SIDES[0]), 0.0), 2.0)
        below = min(int(position), 1)
        weight = np.float32(position - below)
        return ((1 - weight) * self.codes[below] + weight * self.codes[below + 1])[None]


def load_styles(folder: Path, code_size: int) -> dict[str, BuiltInStyle]:
    """The built-in styles of a checkpoint by name; none where it has no `styles.json`.

    Raises:
        CheckpointError: the file is damaged, or made for another network.
    """
    path = folder / STYLES_FILE
    if not path.exists():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        styles = [_from_json(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            "Checkpoint {name} is damaged: {file} cannot be read.", name=repr(folder.name), file=STYLES_FILE
        ) from error
    if any(style.codes.shape != (len(SIDES), code_size) or not np.isfinite(style.codes).all() for style in styles):
        raise CheckpointError(
            "Checkpoint {name}: {file} was made for another network.", name=repr(folder.name), file=STYLES_FILE
        )
    return {style.name: style for style in styles}


def _from_json(entry: dict) -> BuiltInStyle:
    codes = np.array(entry["codes"], dtype=np.float32)
    return BuiltInStyle(entry["name"], entry["title"], entry["credit"], codes)


def dump_styles(styles: list[BuiltInStyle]) -> str:
    """The text of a `styles.json`, codes rounded to five significant digits."""
    entries = [
        {
            "name": style.name,
            "title": style.title,
            "credit": style.credit,
            "codes": [[float(f"{value:.5g}") for value in code] for code in style.codes],
        }
        for style in styles
    ]
    return "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]\n"
