"""The inputs of the style transfer tab, and how their values become a call of the engine."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop.config.style import FORMAT, valid_settings
from styleprop.errors import SettingsError
from styleprop.own_styles import OwnStyle
from styleprop.server.job import Job, Source
from styleprop.server.outcome import slug
from styleprop.server.uploads import open_picture
from styleprop.ui.style.elsewhere import Elsewhere
from styleprop.ui.widgets.mask import MaskForm
from styleprop.ui.widgets.styles import BUILT_IN, PICTURES, Shelf, recalled_choice
from styleprop.ui.widgets.visit import here, path_of

BOTH = "both"
NEEDED = {
    BUILT_IN: "Choose one of the built-in styles first, or switch to your own pictures.",
    PICTURES: "Add a style picture first, or switch to the built-in styles.",
    BOTH: "Choose a built-in style or add a style picture first.",
}


@dataclass(frozen=True)
class StyleForm:
    """The components of the form. Events that read it get a dictionary of their values, just as they were sent.

    `wishes` counts up when the page itself wishes a painting, such as after a tab was opened, and `moment` whenever
    something is done in the browser.
    """

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
    elsewhere: Elsewhere
    shelf: Shelf
    wishes: gr.State
    moment: gr.Number

    @property
    def inputs(self) -> set:
        """All components, for an event's `inputs`."""
        styles = {self.source, self.built_in, self.built_in_weight, *self.pictures, *self.weights}
        region = self.mask.inputs | self.elsewhere.inputs
        return {self.content, *self.shelf.inputs, *styles, *self.settings.values(), *region}

    @property
    def settings(self) -> dict[str, Any]:
        """The components of the settings by the names that the engine gives them."""
        return {"strength": self.strength, "detail": self.detail, "color": self.color, "brush": self.brush}

    def has_style(self, values: dict) -> bool:
        """Whether there is a style of the kind that is switched on."""
        built_in = values[self.source] != PICTURES and values[self.built_in]
        pictures = values[self.source] != BUILT_IN and any(values[picture] for picture in self.pictures)
        return bool(built_in or pictures)

    def is_complete(self, values: dict) -> bool:
        """Whether there is a photo, and a style of the kind that is switched on."""
        return bool(values[self.content] and self.has_style(values))

    def own_style(self, values: dict) -> OwnStyle | None:
        """The style that is chosen among those that the visitor has kept."""
        return self.shelf.own(values, values[self.built_in])

    def style_name(self, values: dict) -> str:
        """What a file that is painted with the chosen style is called after."""
        built_in = self.shelf.file_name(values, values[self.built_in]) if values[self.source] != PICTURES else None
        return slug(built_in or next(filter(None, (values[picture] for picture in self.pictures)), "own"))

    def title(self, values: dict) -> str:
        """A title for the chosen style where the visitor gives none."""
        return self.style_name(values).replace("-", " ").capitalize()

    def snapshot(self, values: dict) -> dict[str, Any]:
        """What is set, in the form that a browser keeps: the style, its pictures' paths, the settings."""
        return {name: path_of(values[component]) for name, component in self._remembered.items()}

    def recalled(self, found: dict[str, Any], known: Container[str]) -> dict[Any, Any]:
        """Values by component of what a browser has kept, as far as they are valid and the pictures still here."""
        fields, valid = self._remembered, valid_settings({**found, "format": FORMAT}, 1, 1)
        values = {fields[name]: valid[name] for name in self.settings if name in valid}
        values |= {fields[name]: here(found.get(name)) for name in fields if name.startswith("picture")}
        if found.get("source") in (BUILT_IN, PICTURES, BOTH):
            values[self.source] = found["source"]
        return values | {self.built_in: recalled_choice(found, known)}

    @property
    def recallable(self) -> list[Any]:
        """All that `recalled` may set, and the photo."""
        return [self.content, *self._remembered.values()]

    @property
    def _remembered(self) -> dict[str, Any]:
        pictures = {f"picture_{number}": picture for number, picture in enumerate(self.pictures)}
        return {"source": self.source, "built_in": self.built_in, **pictures, **self.settings}

    def read(self, values: dict) -> Job:
        """Open the pictures and collect the settings.

        Raises:
            ImageError: a picture cannot be read.
            SettingsError: no style is chosen.
        """
        content, styles = open_picture(values[self.content]), self.styles(values)
        settings = {name: values[component] for name, component in self.settings.items()}
        region = self.mask.read(values)
        return Job(content, styles, settings, region | ({"outside": self.elsewhere.read(values)} if region else {}))

    def styles(self, values: dict) -> list[tuple[Source, float]]:
        """The chosen styles and their weights; otherwise as `read`."""
        styles = [*self._chosen_built_in(values), *self._own_pictures(values)]
        if not styles:
            raise SettingsError(NEEDED.get(values[self.source], NEEDED[BOTH]))
        return styles

    def _chosen_built_in(self, values: dict) -> list:
        name, source = values[self.built_in], values[self.source]
        if not name or source == PICTURES:
            return []
        weight = values[self.built_in_weight] if source == BOTH else 1.0
        sources = self.shelf.sources(values, name)
        return [(source, weight / len(sources)) for source in sources]

    def _own_pictures(self, values: dict) -> list:
        if values[self.source] == BUILT_IN:
            return []
        slots = zip(self.pictures, self.weights, strict=True)
        return [(open_picture(values[picture]), values[weight]) for picture, weight in slots if values[picture]]
