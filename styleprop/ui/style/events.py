"""What happens in the style transfer tab when something is clicked, moved or dropped."""

import html
import random
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.job import SLOTS
from styleprop.server.queues import AT_ONCE, CHECKS, INFERENCE
from styleprop.server.texts import say
from styleprop.styles import BuiltInStyle
from styleprop.ui.style.form import BOTH, BUILT_IN, PICTURES, StyleForm
from styleprop.ui.style.mask import connect_mask
from styleprop.ui.style.restore import restored_line, restored_settings
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import PHOTOS, Example
from styleprop.ui.widgets.full_size import Download, Shown, connect_download


@dataclass(frozen=True)
class StyleOutputs:
    """The components of the tab that are not inputs of a call."""

    note: gr.HTML
    examples: list[gr.Button]
    built_in_panel: gr.Column
    picture_panel: gr.Column
    chosen: gr.HTML
    clear: gr.Button
    surprise: gr.Button
    rows: list[gr.Row]
    add: gr.Button
    slot_notes: list[gr.HTML]
    slider: gr.ImageSlider
    status: gr.HTML
    download: Download
    run: gr.Button


def connect(tuned, mine: gr.BrowserState, form: StyleForm, page: StyleOutputs, styles: list[BuiltInStyle]) -> None:
    """Attach all handlers of the tab."""
    shown, wish = page.download.shown, page.download.wish
    outputs = [page.slider, page.status, page.download.button, shown]
    inputs = form.inputs | {shown, wish, mine}
    call = {"inputs": inputs, "outputs": outputs, "show_progress_on": page.slider, **INFERENCE}
    stylize, again, at_once = _stylizers(tuned, form, page.download, mine)
    _connect_choice(form, page, {style.name: style for style in styles})
    _connect_slots(form, page)
    page.run.click(stylize, **call)
    restyle = {**call, "trigger_mode": "always_last", "show_progress": "minimal"}
    sliders = [form.strength, form.detail, form.brush, form.built_in_weight, *form.weights, form.mask.feather]
    choices = [form.color.input, form.mask.side.input, form.mask.outside.input]
    gr.on([*choices, *[slider.release for slider in sliders]], again, **restyle)
    form.built_in.input(at_once, **restyle)
    _connect_examples(form, page, [style.name for style in styles], stylize, call)
    page.surprise.click(lambda: random.choice(styles).name, outputs=[form.built_in], **AT_ONCE).then(at_once, **restyle)
    _connect_upload(form, page)
    connect_mask(form.mask, form.content)
    connect_download(page.download, page.slider, page.status)


def _stylizers(tuned, form: StyleForm, download: Download, mine: gr.BrowserState):
    """Handlers of the button, of a slider (runs where a result is shown), of a style (runs where there is a photo)."""

    def run(values: dict):
        values[download.wish].stop()
        job = form.read(values)
        painting = job.paint(tuned.model(values[mine], ("style",)))
        done = say("Restyled a part of") if job.region else say("Restyled")
        kept = {component: values[component] for component in (*form.inputs, mine)}

        def paint():
            return form.read(kept).paint(tuned.model(kept[mine], ("style",)))

        return *outcome.show_painting(painting, done), gr.Button(interactive=True), Shown(paint, done)

    @plain_errors
    def stylize(values: dict):
        return run(values)

    @plain_errors
    def again(values: dict):
        return run(values) if values[download.shown] and form.is_complete(values) else gr.skip()

    @plain_errors
    def at_once(values: dict):
        return run(values) if form.is_complete(values) else gr.skip()

    return stylize, again, at_once


def _connect_choice(form: StyleForm, page: StyleOutputs, styles: dict[str, BuiltInStyle]) -> None:
    def switch(source: str):
        return (
            gr.Column(visible=source != PICTURES),
            gr.Column(visible=source != BUILT_IN),
            gr.Slider(visible=source == BOTH),
        )

    def credit(name: str | None):
        style = styles.get(name or "")
        text = f"<p><b>{html.escape(say(style.title))}</b> — {html.escape(style.credit)}</p>" if style else ""
        none = f'<p class="hint">{say("No built-in style chosen.")}</p>'
        return text or none, gr.Button(interactive=style is not None)

    panels = [page.built_in_panel, page.picture_panel, form.built_in_weight]
    form.source.change(switch, [form.source], panels, **AT_ONCE)
    form.built_in.change(credit, [form.built_in], [page.chosen, page.clear], **AT_ONCE)
    page.clear.click(lambda: None, outputs=[form.built_in], **AT_ONCE)


def _connect_slots(form: StyleForm, page: StyleOutputs) -> None:
    count = gr.State(1)

    def add(number: int):
        number = min(number + 1, SLOTS)
        rows = [gr.Row(visible=index < number) for index in range(SLOTS)]
        return number, gr.Button(interactive=number < SLOTS), *rows

    @plain_errors
    def check(payload: Any):
        return photo.check(payload)[:2]

    page.add.click(add, [count], [count, page.add, *page.rows], **AT_ONCE)
    for picture, note in zip(form.pictures, page.slot_notes, strict=True):
        picture.upload(check, [picture], [picture, note], **CHECKS)
        picture.clear(photo.empty_line, outputs=[note], **AT_ONCE)


def _connect_examples(form: StyleForm, page: StyleOutputs, names: list[str], stylize, call: dict) -> None:
    """Each example brings a style of its own, so that one click shows what the app does."""
    for number, (example, button) in enumerate(zip(PHOTOS, page.examples, strict=True)):
        name = names[number * len(names) // len(PHOTOS)] if names else None
        outputs = [form.content, page.note, form.source, form.built_in]
        filled = button.click(_filler(example, name), outputs=outputs, **AT_ONCE)
        if name:
            filled.then(stylize, **call)


def _filler(example: Example, name: str | None):
    @plain_errors
    def fill():
        path = uploads.copy_in(example.path)
        note = photo.size_line(uploads.open_picture(path))
        return (path, note, BUILT_IN, name) if name else (path, note, gr.skip(), gr.skip())

    return fill


def _connect_upload(form: StyleForm, page: StyleOutputs) -> None:
    restored = [*form.settings.values(), form.source, form.built_in]

    @plain_errors
    def check(payload: Any):
        value, note, picture = photo.check(payload)
        settings = restored_settings(picture, form) if picture else {}
        if picture and settings:
            note = photo.size_line(picture, restored_line(picture))
        return value, note, *[settings.get(component, gr.skip()) for component in restored]

    form.content.upload(check, [form.content], [form.content, page.note, *restored], **CHECKS)
    form.content.clear(lambda: photo.empty_line(photo.HINT), outputs=[page.note], **AT_ONCE)
