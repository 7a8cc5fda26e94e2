"""Tiles that show the visitor's own photo: what each choice would make of it, painted small behind everything else."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import numpy as np
from gradio.context import Context

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import INFERENCE, TILES, give_way, is_under_way
from styleprop.ui.widgets.photo import another
from styleprop.ui.widgets.tiles import tile_rule
from styleprop.ui.widgets.visit import path_of

SIDE, SHOWN = 192, 96  # of the square that is painted, and of the tile, pixels
AT_A_TIME = 6


@dataclass(frozen=True, eq=False)
class Painted:
    """The tiles that were painted: of which photo, and the style sheet's rule for each value."""

    photo: str | None = None
    rules: dict[str, str] = field(default_factory=dict)


NOTHING = Painted()
Painters = Callable[[dict[Any, Any]], Iterable[tuple[str, Callable[[np.ndarray], np.ndarray]]]]


def connect_tiles(
    content: gr.Image, painters: Painters, inputs: Iterable[Any] = (), events: Iterable[Any] = ()
) -> None:
    """Paint all tiles whenever there is another photo, a few at a time, in a queue of their own; requests go first.

    Args:
        content: the photo.
        painters: for each tile its value, and what makes a uint8 picture of a uint8 square; given the values of
            `inputs`.
        inputs: components.
        events: after which the tiles are painted anew as well.
    """
    rules = gr.HTML("", visible="hidden", padding=False)  # nothing of it is seen itself
    painted = gr.State(NOTHING)

    page = Context.root_block
    assert page is not None  # tabs are laid out inside one

    @plain_errors
    def paint(values: dict[Any, Any]) -> Iterator[tuple[str, Painted]]:
        for now in paint_tiles(
            values[content], values[painted], lambda: painters(values), lambda: is_under_way(page, INFERENCE)
        ):
            yield f"<style>{''.join(now.rules.values())}</style>", now

    call: dict[str, Any] = {"trigger_mode": "always_last", "show_progress": "hidden", **TILES}
    gr.on([another(content), *events], paint, {content, painted, *inputs}, [rules, painted], **call)


def paint_tiles(
    payload: Any, before: Painted, painters: Callable[[], Iterable], is_busy: Callable[[], bool]
) -> Iterator[Painted]:
    """More and more tiles, from those of the same photo before; none where there is no photo that can be read."""
    try:
        square = images.center_square(uploads.open_picture(payload).image, SIDE)
    except StylepropError:
        yield NOTHING
        return
    photo = path_of(payload)
    rules = dict(before.rules) if before.photo == photo else {}
    for number, (name, painter) in enumerate(painters(), 1):
        give_way(is_busy)
        rules[name] = tile_rule(name, images.fit_within(painter(square), SHOWN))
        if number % AT_A_TIME == 0:
            yield Painted(photo, dict(rules))
    yield Painted(photo, rules)
