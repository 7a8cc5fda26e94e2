"""A stylization as somebody asked for it, in the page or by a call."""

from dataclasses import dataclass, field
from typing import Any

from styleprop import images
from styleprop.errors import SettingsError
from styleprop.own_styles import OwnStyle

SLOTS = 4  # style pictures at a time
Source = str | images.Picture | OwnStyle


@dataclass(frozen=True)
class Job:
    """One stylization as asked for: opened pictures, (built-in name, picture or own style, weight) pairs, settings.

    `region` is the mask, its feather, and perhaps the styles outside.
    """

    content: images.Picture
    styles: list[tuple[Source, float]]
    settings: dict[str, Any]
    region: dict[str, Any] = field(default_factory=dict)

    def resolved(self, model) -> list:
        """The (style, weight) pairs as a `Styleprop` takes them. Raises SettingsError."""
        return resolve_styles(model, self.styles)

    def paint(self, model):
        """The `Painting` that a `Styleprop` makes of it. Raises StylepropError."""
        region = dict(self.region)
        if region.get("outside") is not None:
            region["outside"] = [_resolve(model, style) for style in region["outside"]]
        return model.paint(self.content, self.resolved(model), **self.settings, **region)


def resolve_styles(model, styles: list[tuple[Source, float]]) -> list:
    """(Built-in name, picture or own style, weight) pairs as a `Styleprop` takes them. Raises SettingsError."""
    return [(_resolve(model, style), weight) for style, weight in styles]


def _resolve(model, style: Source):
    """A name becomes the built-in style; it must never be taken for a path."""
    if not isinstance(style, str):
        return style
    if style not in model.styles:
        known = ", ".join(model.styles) or "none in this checkpoint"
        raise SettingsError(f"There is no built-in style {style!r}; there are: {known}.")
    return model.styles[style]
