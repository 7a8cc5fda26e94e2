"""The styles as the page offers them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import gradio as gr

from styleprop.server.texts import said
from styleprop.styles import BuiltInStyle

BUILT_IN = "built-in"  # where a style comes from
MINE, OWN_TITLE = "mine", "Mine"  # the style that the visitor has taught


@dataclass(frozen=True)
class StyleChoice:
    """What another tab may set to choose a style, and `wishes`, counted up to have it painted.

    `tiles` are the styles that the visitor has kept.
    """

    source: gr.Radio
    built_in: gr.Radio
    wishes: gr.State
    tiles: gr.State


def style_choices(
    styles: Mapping[str, BuiltInStyle], own: bool = False, tiles: Iterable[BuiltInStyle] = ()
) -> list[tuple[str, str]]:
    """Titles and names of the styles on offer: the one that the visitor has taught, those kept, the built-in ones."""
    mine = said([(OWN_TITLE, MINE)]) if own else []
    kept = [(style.title, style.name) for style in tiles]
    return [*mine, *kept, *said([(style.title, name) for name, style in styles.items()])]
