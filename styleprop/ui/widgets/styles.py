"""The styles as the page offers them."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr

from styleprop.server.texts import said
from styleprop.styles import BuiltInStyle

BUILT_IN = "built-in"  # where a style comes from
MINE, OWN_TITLE = "mine", "Mine"  # the style that the visitor has taught


@dataclass(frozen=True)
class StyleChoice:
    """What another tab may set to choose a style, and `wishes`, counted up to have it painted."""

    source: gr.Radio
    built_in: gr.Radio
    wishes: gr.State


def style_choices(styles: Mapping[str, BuiltInStyle], own: bool = False) -> list[tuple[str, str]]:
    """Titles and names of the styles on offer: the visitor's own, where there is one, and the built-in ones."""
    return said([*([(OWN_TITLE, MINE)] if own else []), *((style.title, name) for name, style in styles.items())])
