"""The inputs of the style transfer tab, and how their values become a call of the engine."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop.errors import SettingsError
from styleprop.server.job import Job
from styleprop.server.uploads import open_picture
from styleprop.ui.style.mask import MaskForm

BUILT_IN, PICTURES, BOTH = "built-in", "pictures", "both"
NEEDED = {
    BUILT_IN: "Choose one of the built-in styles first, or switch to your own pictures.",
    PICTURES: "Add a style picture first, or switch to the built-in styles.",
    BOTH: "Choose a built-in style or add a style picture first.",
}


@dataclass(frozen=True)
class StyleForm:
    """The components of the form. Events that read it get a dictionary of their values, just as they were sent."""

    content: gr.Image
    source: gr.Radio
    built_in: gr.Radio
    built_in_weight: gr.Slider
    pictures: list[gr.Image]
    weights: list[gr.Slider]
    strength: gr.Slider
    detail: gr.Slider
    color: gr.Radio
    brush: gr.Slider
    mask: MaskForm

    @property
    def inputs(self) -> set:
        """All components, for an event's `inputs`."""
        styles = {self.source, self.built_in, self.built_in_weight, *self.pictures, *self.weights}
        return {self.content, *styles, *self.settings.values(), *self.mask.inputs}

    @property
    def settings(self) -> dict[str, Any]:
        """The components of the settings by the names that the engine gives them."""
        return {"strength": self.strength, "detail": self.detail, "color": self.color, "brush": self.brush}

    def is_complete(self, values: dict) -> bool:
        """Whether there is a photo, and a style of the kind that is switched on."""
        built_in = values[self.source] != PICTURES and values[self.built_in]
        pictures = values[self.source] != BUILT_IN and any(values[picture] for picture in self.pictures)
        return bool(values[self.content] and (built_in or pictures))

    def read(self, values: dict) -> Job:
        """Open the pictures and collect the settings.

        Raises:
            ImageError: a picture cannot be read.
            SettingsError: no style is chosen.
        """
        content = open_picture(values[self.content])
        styles = [*self._chosen_built_in(values), *self._own_pictures(values)]
        if not styles:
            raise SettingsError(NEEDED.get(values[self.source], NEEDED[BOTH]))
        settings = {name: values[component] for name, component in self.settings.items()}
        return Job(content, styles, settings, self.mask.read(values))

    def _chosen_built_in(self, values: dict) -> list:
        name, source = values[self.built_in], values[self.source]
        if not name or source == PICTURES:
            return []
        return [(name, values[self.built_in_weight] if source == BOTH else 1.0)]

    def _own_pictures(self, values: dict) -> list:
        if values[self.source] == BUILT_IN:
            return []
        slots = zip(self.pictures, self.weights, strict=True)
        return [(open_picture(values[picture]), values[weight]) for picture, weight in slots if values[picture]]
