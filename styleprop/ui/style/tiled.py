"""The tiles of the built-in styles, painted on the visitor's own photo."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import TILES
from styleprop.ui.style.events import Context
from styleprop.ui.widgets.tiles import tile_rule

SIDE, SHOWN = 192, 96  # of the square that is painted, and of the tile, pixels
AT_A_TIME = 6


def build_tiles() -> gr.HTML:
    """Where the rules go that put pictures on the tiles; nothing of it is seen itself."""
    return gr.HTML("", visible="hidden", padding=False)


def connect_tiles(context: Context, content: gr.Image, rules: gr.HTML) -> None:
    """Paint all styles small whenever there is another photo, a few at a time, in a queue of their own."""

    @plain_errors
    def paint(payload: Any) -> Iterator[str]:
        yield from paint_tiles(context, payload)

    content.change(paint, [content], [rules], trigger_mode="always_last", show_progress="hidden", **TILES)


def paint_tiles(context: Context, payload: Any) -> Iterator[str]:
    """HTML with more and more rules; none where there is no photo that can be read."""
    try:
        square = images.center_square(uploads.open_picture(payload).image, SIDE)
    except StylepropError:
        yield ""
        return
    model, found = context.tuned.models.wait(), []
    for name, style in model.styles.items():
        found.append(tile_rule(name, images.fit_within(model.stylize(square, style).array, SHOWN)))
        if len(found) % AT_A_TIME == 0:
            yield _sheet(found)
    yield _sheet(found)


def _sheet(rules: list[str]) -> str:
    return f"<style>{''.join(rules)}</style>"
