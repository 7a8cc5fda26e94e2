"""The inputs of the Video tab, and how their values become the painting of a clip."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import gradio as gr
import numpy as np

from styleprop.config.style import FORMAT, valid_settings
from styleprop.config.video import QUALITIES
from styleprop.errors import SettingsError
from styleprop.server import outcome
from styleprop.server.first_frames import MAX_LINES, Look, look_at
from styleprop.server.job import Source, resolve_styles
from styleprop.server.uploads import checked_clip, open_picture
from styleprop.ui.widgets.domains import locate_domain
from styleprop.ui.widgets.styles import BUILT_IN, PICTURES, Shelf, recalled_choice
from styleprop.ui.widgets.visit import here, path_of
from styleprop.video import VISITORS

SCHOOL = "school"
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
        rest = {"quality": self.quality, "strength": self.strength}
        if self.domain is not None:
            return self.model.domain_frame_painter(self.domain, **rest)
        return self.model.frame_painter(self.styles, **rest)

    def moves(self, source: Path, target: Path, cancel: Event, height: int) -> Iterator[Any]:
        """Paint a stranger's clip; a generator of `VideoProgress`."""
        more: dict[str, Any] = {"limits": VISITORS, "cancel": cancel, "height": height}
        more |= {"quality": self.quality, "strength": self.strength}
        if self.domain is not None:
            return self.model.translate_video(source, self.domain, target, **more)
        return self.model.stylize_video(source, self.styles, target, **more)


@dataclass(frozen=True)
class VideoForm:
    """The components of the form. Events that read it get a dictionary of their values, just as they were sent."""

    shelf: Shelf
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
        own = {self.source, self.built_in, *self.pictures, self.domain, self.quality, self.strength}
        return own | self.shelf.inputs

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

    def manner(self, values: dict) -> Manner:
        """How to paint, given the values of the `style_inputs`.

        Raises:
            ImageError: a style picture cannot be read.
            SettingsError: no style is chosen, or there is none of that name.
        """
        if not self.has_style(values):
            raise SettingsError(NEEDED.get(values[self.source], NEEDED[BUILT_IN]))
        rest = values[self.quality], values[self.strength]
        if values[self.source] == SCHOOL:
            tuned = self.shelf.tuned
            place = locate_domain(tuned, values[self.shelf.mine], values[self.domain])
            return Manner(tuned.models.wait(), place, [], *rest)
        model = self.shelf.model(values)
        return Manner(model, None, resolve_styles(model, [(one, 1.0) for one in self._styles(values)]), *rest)

    def _styles(self, values: dict) -> list[Source]:
        if values[self.source] == PICTURES:
            return [open_picture(values[picture]) for picture in self.pictures if values[picture]]
        return self.shelf.sources(values, values[self.built_in])

    def snapshot(self, values: dict) -> dict[str, Any]:
        """What is set, in the form that a browser keeps: the paths of the clip and the pictures, and the rest."""
        return {name: path_of(values[component]) for name, component in self._remembered.items()}

    def recalled(self, found: dict[str, Any], styles: Container[str], domains: Sequence[str]) -> dict[Any, Any]:
        """Values by component of what a browser has kept, as far as they are valid and the files still here."""
        fields, valid = self._remembered, valid_settings({**found, "format": FORMAT}, 1, 1)
        known = {"source": (BUILT_IN, PICTURES, SCHOOL), "quality": tuple(QUALITIES), "size": SIZES, "domain": domains}
        values = {fields[name]: found[name] for name, allowed in known.items() if found.get(name) in allowed}
        values |= {fields[name]: here(found.get(name)) for name in fields if name.startswith(("clip", "picture"))}
        values |= {self.strength: valid["strength"]} if "strength" in valid else {}
        return values | {self.built_in: recalled_choice(found, styles)}

    @property
    def recallable(self) -> list[Any]:
        """All that `recalled` may set."""
        return [*self._remembered.values()]

    @property
    def _remembered(self) -> dict[str, Any]:
        pictures = {f"picture_{number}": picture for number, picture in enumerate(self.pictures)}
        names = ("clip", "source", "built_in", "domain", "quality", "size", "strength")
        return {**{name: getattr(self, name) for name in names}, **pictures}

    def file_name(self, values: dict) -> str:
        """What the painted clip is called."""
        by: Any = self.shelf.file_name(values, values[self.built_in])
        if values[self.source] == SCHOOL:
            by = values[self.domain]
        elif values[self.source] == PICTURES:
            by = next(filter(None, (values[picture] for picture in self.pictures)), None)
        return f"{outcome.slug(values[self.clip])}-{outcome.slug(by)}.mp4"
