"""The style transfer tab: a photo, one or more styles, and how strongly."""

from typing import Any

import gradio as gr

from styleprop.server.job import SLOTS
from styleprop.server.queues import INFERENCE
from styleprop.server.texts import said, say
from styleprop.styles import BuiltInStyle
from styleprop.ui.style.elsewhere import build_elsewhere
from styleprop.ui.style.events import EMPTY, Context, StyleOutputs, connect
from styleprop.ui.style.form import BOTH, PICTURES, StyleForm
from styleprop.ui.style.history import build_history
from styleprop.ui.style.many import build_many_fold, connect_many
from styleprop.ui.style.own import build_own_tiles
from styleprop.ui.style.sheet import build_sheet_fold, connect_sheet
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import example_row
from styleprop.ui.widgets.full_size import build_download
from styleprop.ui.widgets.mask import MaskForm, build_mask_fold
from styleprop.ui.widgets.result import result_slider, status_html
from styleprop.ui.widgets.settings import style_settings
from styleprop.ui.widgets.styles import BUILT_IN, Shelf, style_choices
from styleprop.ui.widgets.tiled import connect_tiles

SOURCES = [("Built-in", BUILT_IN), ("My pictures", PICTURES), ("Both", BOTH)]
STYLE_PICTURES = ("Style picture 1", "Style picture 2", "Style picture 3", "Style picture 4")
WEIGHTS = ("Weight 1", "Weight 2", "Weight 3", "Weight 4")
NO_STYLES = "This checkpoint brings no built-in styles: use your own pictures."


def build_style_tab(context: Context, tab: gr.Tab, load: Any) -> StyleForm:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        context: whose weights, and the built-in styles to offer.
        tab: for what happens when it is opened.
        load: the event of a page that is opened.
    """
    shelf = context.shelf
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=5, min_width=320):
            content = photo.picture_input("Your photo")
            note = photo.note_line(photo.HINT)
            examples = example_row()
            mask = build_mask_fold()
            elsewhere = build_elsewhere(mask, shelf)
            chooser = _style_chooser(shelf)
            settings = _settings()
            moment = gr.Number(0, visible="hidden", elem_classes="moment")
            settings |= {"mask": mask, "elsewhere": elsewhere, "shelf": shelf, "wishes": gr.State(0), "moment": moment}
            sheet, many = build_sheet_fold(), build_many_fold()
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            outputs = _result(mask)
    form = StyleForm(content, *chooser["fields"], **settings)
    connect(context, form, StyleOutputs(note=note, examples=examples, **chooser["parts"], **outputs), tab, load)
    connect_sheet(form, sheet, INFERENCE)
    connect_many(form, many)
    connect_tiles(content, shelf.painters, shelf.inputs, (shelf.taught, shelf.tiles.change))
    return form


def _style_chooser(shelf: Shelf) -> dict:
    start = BUILT_IN if shelf.styles else PICTURES
    with gr.Group(elem_classes="chooser"):
        source = gr.Radio(said(SOURCES), value=start, label=say("Style"), elem_classes="segments")
        with gr.Column(visible=start == BUILT_IN, elem_id="built-in-panel") as built_in_panel:
            built_in, built_in_weight, chosen, clear, surprise = _built_in(shelf.styles)
        with gr.Column(visible=start == PICTURES, elem_id="picture-panel") as picture_panel:
            pictures, weights, rows, notes, add = _own_pictures()
        own = build_own_tiles(shelf)
    parts = {"built_in_panel": built_in_panel, "picture_panel": picture_panel, "chosen": chosen, "clear": clear}
    parts |= {"surprise": surprise, "rows": rows, "add": add, "slot_notes": notes, "own": own}
    return {"fields": (source, built_in, built_in_weight, pictures, weights), "parts": parts}


def _built_in(styles: list[BuiltInStyle]):
    if not styles:
        gr.HTML(f'<p class="hint">{say(NO_STYLES)}</p>', padding=False)
    choices = style_choices({style.name: style for style in styles})
    tiles = gr.Radio(
        choices, label=say("Built-in styles"), show_label=False, elem_classes="style-tiles", container=False
    )
    weight = gr.Slider(0, 1, 1, step=0.05, label=say("Weight of the built-in style"), visible=False)
    chosen = gr.HTML(elem_classes="chosen", padding=False)
    with gr.Row():
        clear = gr.Button(say("Clear choice"), size="sm", min_width=100, interactive=False)
        surprise = gr.Button(say("Surprise me"), size="sm", min_width=100, interactive=bool(styles))
    return tiles, weight, chosen, clear, surprise


def _own_pictures():
    pictures, weights, rows, notes = [], [], [], []
    for number in range(1, SLOTS + 1):
        with gr.Row(visible=number == 1, elem_classes="slot") as row:
            with gr.Column(min_width=140, scale=2):
                pictures.append(photo.picture_input(STYLE_PICTURES[number - 1], 150, "Drop or click"))
                notes.append(photo.note_line())
            with gr.Column(min_width=140, scale=2):
                weights.append(gr.Slider(0, 1, 1, step=0.05, label=say(WEIGHTS[number - 1])))
        rows.append(row)
    add = gr.Button(say("Add another style picture"), size="sm")
    return pictures, weights, rows, notes, add


def _settings() -> dict:
    with gr.Group(elem_classes="settings"):
        return style_settings()


def _result(mask: MaskForm) -> dict:
    slider = result_slider("Photo and restyled picture")
    mask.on.render()
    status = status_html(EMPTY)
    with gr.Row(elem_classes="actions"):
        run = gr.Button(say("Restyle"), variant="primary", scale=2, interactive=False)
        download = build_download()
    return {"slider": slider, "status": status, "download": download, "run": run, "history": build_history()}
