"""The styles that a visitor can choose, wherever styles are chosen: those of their own, and the built-in ones."""

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import gradio as gr
import numpy as np

from styleprop.errors import SettingsError, StyleError
from styleprop.own_styles import OwnStyle, is_own_name, load_style
from styleprop.server.job import Source
from styleprop.server.queues import UNREAD
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.styles import BuiltInStyle
from styleprop.ui.widgets.photo import told
from styleprop.ui.widgets.tiles import tile_rule

BUILT_IN, PICTURES = "built-in", "pictures"  # where a style comes from
MINE, OWN_TITLE = "mine", "Mine"  # the style that the visitor has taught
KEPT = 12
NO_TILE = "This tile of yours is not here any more: load the page again, or load its file."
RUN_OF = "kept => kept?.run ? JSON.stringify(kept) : ''"
Choices = list[tuple[str, str]]
Values = dict[Any, Any]
Painter = Callable[[np.ndarray], np.ndarray]


def style_choices(styles: Mapping[str, BuiltInStyle], own: bool = False, tiles: Iterable[BuiltInStyle] = ()) -> Choices:
    """Titles and names of the styles on offer: the one that the visitor has taught, those kept, the built-in ones."""
    mine = said([(OWN_TITLE, MINE)]) if own else []
    kept = [(style.title, style.name) for style in tiles]
    return [*mine, *kept, *said([(style.title, name) for name, style in styles.items()])]


@dataclass(frozen=True)
class Shelf:
    """All of them; what a handler asks it for needs the values of its `inputs`.

    Attributes:
        tuned: opens the weights.
        mine: what the visitor's browser keeps of their fine-tune.
        styles: the built-in ones, as long as the models are not there.
        tiles: the styles that the visitor has kept, a tuple of `OwnStyle`, newest first.
        kept: the same as their browser has them, the texts of style files; so that a painting need not send them.
    """

    tuned: Tuned
    mine: gr.BrowserState
    styles: list[BuiltInStyle]
    tiles: gr.State = field(default_factory=lambda: gr.State(()))
    kept: gr.BrowserState = field(  # outlives a restart of the server; read strictly
        default_factory=lambda: gr.BrowserState([], storage_key="styleprop-styles", secret="styleprop")
    )

    @cached_property
    def taught(self) -> Any:
        """The event of another fine-tune, or of its use; not of a page that is opened without one."""
        return told(self.mine, RUN_OF)

    @property
    def inputs(self) -> set[Any]:
        """What the other methods read."""
        return {self.mine, self.tiles}

    @property
    def offered(self) -> dict[str, BuiltInStyle]:
        """The built-in styles by name: those of the loaded checkpoint once it is there."""
        return self.tuned.models.styles or {style.name: style for style in self.styles}

    def choices(self, values: Values) -> Choices:
        """Titles and names of all that can be chosen."""
        return style_choices(self.offered, self._has_mine(values), values[self.tiles])

    def known(self, values: Values) -> set[str]:
        """The names of those."""
        return {name for _, name in self.choices(values)}

    def own(self, values: Values, name: Any) -> OwnStyle | None:
        """The style of a name among those that the visitor has kept."""
        return next((style for style in values[self.tiles] if style.name == name), None)

    def title(self, values: Values, name: Any) -> str:
        """What people call a style, in the visitor's language."""
        own, style = self.own(values, name), self.offered.get(name)
        return own.title if own else say(style.title if style else OWN_TITLE)

    def file_name(self, values: Values, name: Any) -> Any:
        """What files that are painted with a style are named after."""
        own = self.own(values, name)
        return own.title if own else name

    def sources(self, values: Values, name: Any) -> list[Source]:
        """What is painted with, in equal parts, where a name is chosen.

        Raises:
            SettingsError: it is a tile that was removed, or the taught style is gone.
        """
        if name == MINE:
            return list(self.tuned.style_pictures(values[self.mine]))
        own = self.own(values, name)
        if own is None and is_own_name(name):
            raise SettingsError(NO_TILE)
        return [own or name]

    def model(self, values: Values) -> Any:
        """The `Styleprop` that paints the visitor's styles: of their own weights where they use these."""
        return self.tuned.model(values[self.mine], ("style",))

    def fitting(self, values: Values, model: Any) -> list[OwnStyle]:
        """Those that the visitor has kept and the weights of a `Styleprop` can paint."""
        return [style for style in values[self.tiles] if style.network == model.checkpoint.sha256]

    def painters(self, values: Values) -> Iterator[tuple[str, Painter]]:
        """For each style its name, and what paints a uint8 square with it; the visitor's own first."""
        mine = {MINE: self.sources(values, MINE)} if self._has_mine(values) else {}
        if mine or values[self.tiles]:
            model = self.model(values)
            yield from _painters(model, mine | {style.name: style for style in self.fitting(values, model)})
        model = self.tuned.models.wait()
        yield from _painters(model, model.styles)

    def offer(
        self, values: Values, chosen: Any, before: Choices | None = None, after: Choices | None = None, lost: Any = None
    ) -> gr.Radio:
        """A choice with all of them in it, and with others before and after them.

        What was chosen and is not here any more gives way to `lost`.
        """
        choices = [*said(before or []), *self.choices(values), *said(after or [])]
        is_lost = chosen is not None and chosen not in {name for _, name in choices}
        return gr.Radio(choices=choices, **({"value": lost} if is_lost else {}))

    def follow(self, radio: gr.Radio, events: Iterable[Any] = (), **more: Any) -> None:
        """Let a choice offer what there is, whenever that changes and with other events; `more` as for `offer`."""

        def offer(values: Values) -> gr.Radio:
            return self.offer(values, values[radio], **more)

        gr.on([self.taught, self.tiles.change, *events], offer, self.inputs | {radio}, [radio], **UNREAD)

    def _has_mine(self, values: Values) -> bool:
        status = self.tuned.wished(values[self.mine])
        return status is not None and status.job.job == "style"


def _painters(model: Any, styles: Mapping[str, Any]) -> Iterator[tuple[str, Painter]]:
    def painter(style: Any) -> Painter:
        return lambda square: model.stylize(square, style).array

    for name, style in styles.items():
        yield name, painter(style)


@dataclass(frozen=True)
class StyleChoice:
    """What another tab may set to choose a style, and `wishes`, counted up to have it painted."""

    source: gr.Radio
    built_in: gr.Radio
    wishes: gr.State
    shelf: Shelf


def read_tiles(kept: Any) -> tuple[OwnStyle, ...]:
    """The styles that a browser has kept; what somebody wrote in their place is left out."""
    found = []
    for text in kept[:KEPT] if isinstance(kept, list) else []:
        try:
            found.append(load_style(str(text).encode("utf-8", "replace")))
        except StyleError:
            continue
    return tuple(found)


def tiles_in(text: Any) -> tuple[OwnStyle, ...]:
    """The same as another tab told them: `{"tiles": a list's JSON}`, as JSON."""
    try:
        return read_tiles(json.loads(json.loads(text)["tiles"]))
    except (TypeError, ValueError, KeyError, RecursionError):
        return ()


def rules_of(tiles: Iterable[OwnStyle]) -> str:
    """The style sheet that puts the thumbnails on the tiles."""
    rules = [tile_rule(style.name, style.thumbnail_url) for style in tiles if style.thumbnail_url]
    return f"<style>{''.join(rules)}</style>"


def recalled_choice(found: Mapping[str, Any], known: Container[str]) -> str | None:
    """The name of a style that a browser has kept, where it can still be chosen."""
    name = found.get("built_in")
    return name if isinstance(name, str) and name in known else None
