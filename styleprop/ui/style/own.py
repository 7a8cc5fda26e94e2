"""Tiles of a visitor's own: styles that are kept under a name, in their browser alone."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from styleprop.config import AutoencoderConfig
from styleprop.config.files import STYLE_ENDING
from styleprop.errors import SettingsError, StylepropError
from styleprop.own_styles import MAX_TITLE, OwnStyle, clean_title
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.job import resolve_styles
from styleprop.server.queues import AT_ONCE, INFERENCE, UNREAD, WISHES
from styleprop.server.texts import say
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.full_size import TAKE
from styleprop.ui.widgets.styles import BUILT_IN, KEPT, Shelf, read_tiles, rules_of, tiles_in

HEAR = "() => window.styleprop.heard()"
TELL = "tiles => { window.styleprop.tell(tiles) }"
KEPT_BYTES = 200_000  # of all tiles; the page sends them at once, and the gate takes 256 KB
FULL = "There is no room for another tile of your own: remove one first."
FITS_YOURS = "It works with your own weights alone: download those in the tab Fine-tune."


@dataclass(frozen=True)
class OwnTiles:
    """The components."""

    shelf: Shelf
    rules: gr.HTML
    keeping: gr.Row
    name: gr.Textbox
    keep: gr.Button
    note: gr.HTML
    load: gr.UploadButton
    save: gr.Button
    file: gr.DownloadButton
    remove: gr.Button
    hear: gr.Button  # clicked by the page when another tab of this browser has kept or removed one

    def now(self, tiles: tuple[OwnStyle, ...]) -> dict[Any, Any]:
        """Values by component where there are these."""
        kept = [style.to_json() for style in tiles]
        return {self.shelf.tiles: tiles, self.shelf.kept: kept, self.rules: rules_of(tiles)}

    def fit(self, is_chosen: bool, can_keep: bool) -> dict[Any, Any]:
        """Values by component: what can be done where one is chosen, and whether a style can be kept."""
        buttons = dict.fromkeys((self.save, self.remove), gr.Button(visible=is_chosen))
        return {**buttons, self.keeping: gr.Row(visible=can_keep)}


def added(tiles: tuple[OwnStyle, ...], new: OwnStyle) -> tuple[OwnStyle, ...]:
    """The tiles with one more in front, in place of one with the same codes; each has a title of its own.

    Raises:
        SettingsError: there is no room.
    """
    others = [style for style in tiles if style.name != new.name]
    titles, title, number = {style.title for style in others}, new.title, 2
    while title in titles:
        title, number = f"{new.title} {number}", number + 1
    made = (replace(new, title=title), *others)
    if len(made) > KEPT or sum(len(style.to_json().encode()) for style in made) > KEPT_BYTES:
        raise SettingsError(FULL)
    return made


def file_name(style: OwnStyle) -> str:
    """What a download is called: the title's letters and digits, of any language."""
    return (re.sub(r"\W+", "-", style.title).strip("-") or "my") + STYLE_ENDING


def build_own_tiles(shelf: Shelf) -> OwnTiles:
    """Lay out, inside the open `gr.Blocks`, the rows below the panels of the styles."""
    with gr.Column(elem_classes="own"):
        with gr.Row(visible=False, elem_classes="keeping") as keeping:
            name = gr.Textbox(
                label=say("Name of the tile"),
                show_label=False,
                placeholder=say("Name of the tile"),
                max_length=MAX_TITLE,
                container=False,
                scale=3,
                min_width=120,
            )
            keep = gr.Button(say("Keep as a tile"), size="sm", scale=2, min_width=110)
        with gr.Row():
            load = gr.UploadButton(say("Load a style"), file_types=[".json"], size="sm", min_width=90)
            save = gr.Button(say("Download style"), size="sm", min_width=90, visible=False)
            remove = gr.Button(say("Remove tile"), size="sm", min_width=90, visible=False)
        note = gr.HTML(_line(""), padding=False)
        file = gr.DownloadButton(say("Download"), visible="hidden")
        rules = gr.HTML("", visible="hidden", padding=False)  # nothing of it is seen itself
        hear = gr.Button("", visible="hidden", elem_classes="hear")
    return OwnTiles(shelf, rules, keeping, name, keep, note, load, save, file, remove, hear)


def connect_own(form: StyleForm, own: OwnTiles) -> None:
    """Attach keeping, loading, taking along and removing; a tile that is new is painted with."""
    shelf = form.shelf

    def shown(values: dict, tiles: tuple[OwnStyle, ...], chosen: str | None) -> dict[Any, Any]:
        choices = shelf.choices(values | {shelf.tiles: tiles})
        return {**own.now(tiles), form.built_in: gr.Radio(choices=choices, value=chosen)}

    def take(values: dict, new: OwnStyle, more: str = "") -> dict[Any, Any]:
        tiles = added(read_tiles(values[shelf.kept]), new)
        found = {own.note: _line(more), own.name: "", form.source: BUILT_IN, form.wishes: values[form.wishes] + 1}
        return shown(values, tiles, tiles[0].name) | found

    @_told(own)
    def keep(values: dict) -> dict[Any, Any]:
        styles, model = form.styles(values), shelf.model(values)
        title = clean_title(str(values[own.name] or "")) or form.title(values)
        new = model.make_style(resolve_styles(model, styles), title)
        is_base = new.network == shelf.tuned.models.wait().checkpoint.sha256
        return take(values, new, "" if is_base else say(FITS_YOURS))

    @_told(own)
    def load(values: dict) -> dict[Any, Any]:
        new, there = uploads.open_style(values[own.load]), shelf.model(values).checkpoint
        new.check_network(there.sha256, there.config_as(AutoencoderConfig).code_size)
        return take(values, new)

    @plain_errors
    def remove(values: dict) -> dict[Any, Any]:
        tiles = tuple(style for style in read_tiles(values[shelf.kept]) if style.name != values[form.built_in])
        return {**shown(values, tiles, None), own.note: _line("")}

    @plain_errors
    def save(values: dict) -> str | None:
        style = shelf.own(values, values[form.built_in])
        return uploads.write_result(style.to_json().encode(), file_name(style)) if style else None

    heard = gr.Textbox(visible="hidden")

    @plain_errors
    def hear(values: dict) -> dict[Any, Any]:
        tiles = tiles_in(values[heard])
        values = values | {shelf.tiles: tiles}
        return {**own.now(tiles), form.built_in: shelf.offer(values, values[form.built_in])}

    inputs = shelf.inputs | {shelf.kept, form.wishes}
    outputs = [shelf.tiles, shelf.kept, own.rules, own.note, form.built_in]
    whole = [*outputs, own.name, form.source, form.wishes]
    gr.on([own.keep.click, own.name.submit], keep, form.inputs | inputs | {own.name}, whole, **INFERENCE)
    own.load.upload(load, inputs | {own.load}, whole, **INFERENCE)
    own.remove.click(remove, inputs | {form.built_in}, outputs, **WISHES)
    own.hear.click(None, outputs=[heard], js=HEAR, **AT_ONCE)
    heard.change(hear, shelf.inputs | {heard, form.built_in}, outputs, **UNREAD)
    shelf.kept.change(None, [shelf.kept], js=TELL, **AT_ONCE)
    saved = own.save.click(save, {form.built_in, shelf.tiles}, [own.file], **UNREAD)
    saved.success(None, [own.file], js=TAKE, **AT_ONCE)


def _told(own: OwnTiles) -> Callable[[Callable], Callable]:
    """Say what a visitor can mend in the line below the tiles, where they look."""

    def wrap(handler: Callable[[dict], dict]) -> Callable[[dict], dict]:
        @plain_errors
        def told(values: dict) -> dict[Any, Any]:
            try:
                return handler(values)
            except StylepropError as error:
                return {own.note: _line(say(error.sentence), " problem", ' role="alert"')}

        return told

    return wrap


def _line(text: str, kind: str = "", more: str = "") -> str:
    return f'<p class="note{kind}"{more}>{html.escape(text)}</p>'
