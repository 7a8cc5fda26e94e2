"""Contact sheets: one photo in many styles, or in one style at many strengths, in a single picture."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from styleprop import images
from styleprop.engine.results import Stylization

if TYPE_CHECKING:
    from styleprop.engine.canvas import Watcher
    from styleprop.engine.model import Styleprop
    from styleprop.engine.settings import Source, Styles

CELL_SIDE = 400
PHOTO = "The photo"
STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class SheetCell:
    """One picture of a sheet: its label, its style as `Styleprop.stylize` takes it, and settings of its own."""

    label: str
    style: Any
    settings: dict[str, Any] = field(default_factory=dict)


def style_cells(model: Styleprop) -> list[SheetCell]:
    """A cell for each built-in style."""
    return [SheetCell(style.title, style) for style in model.styles.values()]


def strength_cells(style: Styles, strengths: Sequence[float] = STRENGTHS) -> list[SheetCell]:
    """A cell for each strength of one style."""
    return [SheetCell(f"Strength {strength:g}", style, {"strength": strength}) for strength in strengths]


def make_sheet(
    model: Styleprop, content: Source, cells: Sequence[SheetCell], watch: Watcher | None = None, **settings: Any
) -> Stylization:
    """Make a contact sheet of small copies, the photo first.

    Args:
        model: what stylizes.
        content: the photo, as `Styleprop.stylize` takes it; transparent parts are laid on white.
        cells: one or more.
        watch: called as watch(pictures_done, pictures_total).
        settings: of all cells, as `Styleprop.stylize` takes them; a cell's own go before them.

    Raises:
        ImageError: a picture cannot be read or is outside the limits.
        SettingsError: a setting is out of range.
    """
    picture = content if isinstance(content, images.Picture) else images.load(content)
    start = time.perf_counter()
    opaque = images.Picture(_on_white(picture))
    made = [(images.fit_within(opaque.image, CELL_SIDE), PHOTO)]
    height, width = made[0][0].shape[:2]
    for number, cell in enumerate(cells, start=1):
        painted = model.paint(opaque, cell.style, **{**settings, **cell.settings}).preview.array
        made.append((images.resize(painted, width, height), cell.label))
        if watch:
            watch(number, len(cells))
    sheet, checkpoint = images.labelled_sheet(made), model.checkpoint
    told = {"job": "sheet", "checkpoint": checkpoint.name, "sha256": checkpoint.sha256}
    return Stylization(sheet, None, time.perf_counter() - start, told, picture.notes)


def _on_white(picture: images.Picture) -> np.ndarray:
    if picture.alpha is None:
        return picture.image
    return images.blend(np.full_like(picture.image, 255), picture.image, picture.alpha)
