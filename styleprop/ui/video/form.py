"""The inputs of the Video tab, and how their values become the painting of a clip."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import gradio as gr
import numpy as np

from styleprop.errors import SettingsError
from styleprop.server import outcome
from styleprop.server.first_frames import MAX_LINES, Look, look_at
from styleprop.server.job import resolve_styles
from styleprop.server.tuned import Tuned
from styleprop.server.uploads import checked_clip, open_picture
from styleprop.ui.widgets.domains import locate_domain
from styleprop.ui.widgets.styles import BUILT_IN, MINE
from styleprop.video import VISITORS

PICTURES, SCHOOL = "pictures", "school"
SIZES = (360, 540, 720, MAX_LINES)  # lines of the shorter side
NEEDED = {
    BUILT_IN: "Choose one of the styles first.",
    PICTURES: "Add a style picture first, or choose one of the styles.",
    SCHOOL: "Choose a school first.",
}


@dataclass(frozen=True)
class Manner:
    """How frames are to be painted: a domain's folder or name, or (name or picture, weight) pairs, with the rest.

    Attributes:
        model: the `Styleprop`.
        domain: of a CycleGAN, or None.
        styles: where there is none.
        quality: see `VideoOptions`.
        strength: see `StyleOptions`.
    """

    model: Any
    domain: str | None
    styles: list
    quality: str
    strength: float

    def painter(self):
        """A `FramePainter`."""
        if self.domain is not None:
            return self.model.domain_frame_painter(self.domain, quality=self.quality)
        return self.model.frame_painter(self.styles, quality=self.quality, strength=self.strength)

    def moves(self, source: Path, target: Path, cancel: Event, height: int) -> Iterator[Any]:
        """Paint a stranger's clip; a generator of `VideoProgress`."""
        more: dict[str, Any] = {"limits": VISITORS, "cancel": cancel, "height": height, "quality": self.quality}
        if self.domain is not None:
            return self.model.translate_video(source, self.domain, target, **more)
        return self.model.stylize_video(source, self.styles, target, strength=self.strength, **more)


@dataclass(frozen=True)
class VideoForm:
    """The components of the form. Events that read it get a dictionary of their values, just as they were sent."""

    clip: gr.Video
    source: gr.Radio
    built_in: gr.Radio
    pictures: list[gr.Image]
    domain: gr.Radio
    quality: gr.Radio
    size: gr.Radio
    strength: gr.Slider

    @property
    def style_inputs(self) -> set:
        """The components of the style, for an event's `inputs`."""
        return {self.source, self.built_in, *self.pictures, self.domain, self.quality, self.strength}

    @property
    def inputs(self) -> set:
        """All components."""
        return {self.clip, self.size, *self.style_inputs}

    def has_style(self, values: dict) -> bool:
        """Whether there is a style of the kind that is switched on."""
        chosen = {BUILT_IN: values[self.built_in], SCHOOL: values[self.domain]}
        chosen[PICTURES] = any(values[picture] for picture in self.pictures)
        return bool(chosen.get(values[self.source]))

    def look(self, values: dict) -> tuple[Path, Look]:
        """The clip and what is seen of it. Raises VideoError."""
        path = checked_clip(values[self.clip])
        return path, look_at(path)

    def lines(self, values: dict) -> int:
        """Of the shorter side of what is painted, at most. Raises SettingsError."""
        if values[self.size] not in SIZES:
            raise SettingsError("The size must be one of those on offer.")
        return values[self.size]

    def first(self, values: dict, look: Look) -> np.ndarray:
        """The first frame as it will be painted, uint8 (H, W, 3)."""
        return look.first(self.lines(values))

    def manner(self, values: dict, tuned: Tuned, mine: Any) -> Manner:
        """How to paint.

        Args:
            values: of the `style_inputs`.
            tuned: opens the weights.
            mine: what the visitor's browser keeps of their fine-tune.

        Raises:
            ImageError: a style picture cannot be read.
            SettingsError: no style is chosen, or there is none of that name.
        """
        if not self.has_style(values):
            raise SettingsError(NEEDED.get(values[self.source], NEEDED[BUILT_IN]))
        rest = values[self.quality], values[self.strength]
        if values[self.source] == SCHOOL:
            return Manner(tuned.models.wait(), locate_domain(tuned, mine, values[self.domain]), [], *rest)
        model = tuned.model(mine, ("style",))
        return Manner(model, None, resolve_styles(model, self._styles(values, tuned, mine)), *rest)

    def _styles(self, values: dict, tuned: Tuned, mine: Any) -> list:
        if values[self.source] == PICTURES:
            return [(open_picture(values[picture]), 1.0) for picture in self.pictures if values[picture]]
        if values[self.built_in] == MINE:
            return [(picture, 1.0) for picture in tuned.style_pictures(mine)]
        return [(values[self.built_in], 1.0)]

    def file_name(self, values: dict) -> str:
        """What the painted clip is called."""
        by: Any = values[self.built_in]
        if values[self.source] == SCHOOL:
            by = values[self.domain]
        elif values[self.source] == PICTURES:
            by = next(filter(None, (values[picture] for picture in self.pictures)), None)
        return f"{outcome.slug(values[self.clip])}-{outcome.slug(by)}.mp4"
