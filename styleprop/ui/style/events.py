"""What happens in the style transfer tab when something is clicked, moved or dropped.

One rule: whenever there is what a painting needs, it is painted, and of several wishes the newest.
"""

import html
import random
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import outcome
from styleprop.server.guard import plain_errors
from styleprop.server.job import SLOTS, Job
from styleprop.server.queues import AT_ONCE, CHECKS, INFERENCE, UNREAD, WISHES
from styleprop.server.texts import say
from styleprop.server.tuned import Tuned
from styleprop.styles import BuiltInStyle
from styleprop.ui.style.form import BOTH, PICTURES, StyleForm
from styleprop.ui.style.history import History, Made, connect_history, thumb_of
from styleprop.ui.style.mask import connect_mask
from styleprop.ui.style.restore import restored_line, restored_settings
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import Example
from styleprop.ui.widgets.full_size import Download, Shown, connect_download
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, status_line
from styleprop.ui.widgets.styles import BUILT_IN, MINE, OWN_TITLE
from styleprop.ui.widgets.visit import Visit, path_of

EMPTY = "Choose a photo and a style: it is painted at once."
OWN_STYLE = "The style that you have taught the network."


@dataclass(frozen=True)
class StyleOutputs:
    """The components of the tab that are not inputs of a call."""

    note: gr.HTML
    examples: list[tuple[Example, gr.Button]]
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
    history: History
    run: gr.Button

    @property
    def painted(self) -> list[Any]:
        """All that a painting sets."""
        return [self.slider, self.status, *self.download.outputs, *self.history.outputs]

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component for a tab without a result."""
        return {self.slider: None, self.status: status_line(EMPTY), **self.download.nothing}


@dataclass(frozen=True)
class Context:
    """Whose weights and pictures the tab works with: the weights' keeper, the visitor's run, and what they left."""

    tuned: Tuned
    mine: gr.BrowserState
    visit: Visit
    styles: list[BuiltInStyle]

    @property
    def offered(self) -> dict[str, BuiltInStyle]:
        """The built-in styles by name: those of the loaded checkpoint once it is there."""
        return self.tuned.models.styles or {style.name: style for style in self.styles}


def connect(context: Context, form: StyleForm, page: StyleOutputs, tab: gr.Tab, load: Any) -> None:
    """Attach all handlers of the tab; `load` is the event of a page that is opened."""
    paint, kept = _painter(context, form, page), (context.mine, context.visit.kept)
    call: dict[str, Any] = {
        "fn": paint,
        "inputs": form.inputs | page.history.inputs | {page.download.shown, page.download.wish, *kept},
        "outputs": [
            page.slider,
            page.status,
            form.mask.on,
            *page.download.outputs,
            *page.history.outputs,
            context.visit.kept,
        ],
        "show_progress_on": page.slider,
        "show_progress": "minimal",
        "trigger_mode": "always_last",
        **INFERENCE,
    }
    sliders = [form.strength, form.detail, form.brush, form.built_in_weight, *form.weights, form.mask.feather]
    chosen: list[Any] = [form.built_in, form.source, form.color, form.mask.side, form.mask.outside, form.mask.on]
    gr.on([page.run.click, *[one.input for one in (*chosen, *sliders, form.mask.editor)]], **call)
    form.mask.again.click(**call)
    _connect_choice(context, form, page, call)
    _connect_slots(form, page, call)
    part = _photo_tab(context, form, page)
    part.connect(tab.select, lambda event: event(**call))
    _connect_load(context, form, part, load)
    connect_mask(form.mask, form.content)
    connect_download(page.download, page.slider, page.status, form.content)
    result = page.slider, page.status, page.download
    connect_history(page.history, form, result, part, lambda: context.offered)


def _painter(context: Context, form: StyleForm, page: StyleOutputs):
    """The handler that paints; where something is missing it says what, and what is shown stays."""
    tuned, mine, visit, wish = context.tuned, context.mine, context.visit, page.download.wish

    def job_of(values: dict):
        return form.read(values, lambda: tuned.style_pictures(values[mine]))

    def painted(job: Job, values: dict):
        return job.paint(tuned.model(values[mine], ("style",)))

    @plain_errors
    def paint(values: dict):
        values[wish].stop()
        turn = values[wish].turns
        if not values[form.content]:
            return {page.status: status_line(EMPTY)}
        try:
            job = job_of(values)
            painting = painted(job, values)
        except StylepropError as error:
            stale = page.download.is_stale(values, values[form.content])
            return (page.nothing if stale else {}) | {page.status: problem_line(error)}
        if values[wish].turns != turn:
            return {page.status: gr.skip()}
        done = say("Restyled a part of") if job.region else say("Restyled")
        kept = {component: values[component] for component in (*form.inputs, mine)}
        name = f"{outcome.slug(values[form.content])}-{form.style_name(values)}"
        title, path = _title(context, form, values), path_of(values[form.content])
        shown = Shown(lambda: painted(job_of(kept), kept), done, name, title, path)
        pair, line = outcome.show_painting(painting, done, shown.by)
        made = Made(pair, line, shown, form.snapshot(values), thumb_of(painting.preview.array))
        return {
            page.slider: page.history.pair(values, made),
            page.status: line,
            form.mask.on: gr.update(visible=form.mask.is_painted(values)),
            **page.download.offer(shown),
            **page.history.after(values, made),
            visit.kept: visit.with_form(values[visit.kept], made.form),
        }

    return paint


def _title(context: Context, form: StyleForm, values: dict) -> str:
    """What the status line calls the style, in the visitor's language."""
    if values[form.source] != BUILT_IN:
        return say("your pictures")
    style = context.offered.get(values[form.built_in])
    return say(style.title) if style else say(OWN_TITLE)


def _connect_choice(context: Context, form: StyleForm, page: StyleOutputs, call: dict) -> None:
    def switch(source: str):
        return {
            page.built_in_panel: gr.Column(visible=source != PICTURES),
            page.picture_panel: gr.Column(visible=source != BUILT_IN),
            form.built_in_weight: gr.Slider(visible=source == BOTH),
        }

    def credit(name: str | None):
        style = context.offered.get(name or "")
        text = f"<p><b>{html.escape(say(style.title))}</b> — {html.escape(style.credit)}</p>" if style else ""
        hint = say(OWN_STYLE if name == MINE else "No built-in style chosen.")
        return {page.chosen: text or f'<p class="hint">{hint}</p>', page.clear: gr.Button(interactive=bool(name))}

    def surprise():
        return {form.source: BUILT_IN, form.built_in: random.choice(list(context.offered))}

    def is_ready(values: dict):
        return {page.run: gr.Button(interactive=form.is_complete(values))}

    parts: list[Any] = [form.content, form.source, form.built_in, *form.pictures]
    gr.on([part.change for part in parts], is_ready, set(parts), [page.run], **UNREAD)
    panels = [page.built_in_panel, page.picture_panel, form.built_in_weight]
    form.source.change(switch, [form.source], panels, **AT_ONCE)
    form.built_in.change(credit, [form.built_in], [page.chosen, page.clear], **AT_ONCE)
    page.clear.click(lambda: None, outputs=[form.built_in], **AT_ONCE).then(**call)
    page.surprise.click(surprise, outputs=[form.source, form.built_in], **AT_ONCE).then(**call)


def _connect_slots(form: StyleForm, page: StyleOutputs, call: dict) -> None:
    count = gr.State(1)

    def add(number: int):
        number = min(number + 1, SLOTS)
        rows = {row: gr.Row(visible=index < number) for index, row in enumerate(page.rows)}
        return {count: number, page.add: gr.Button(interactive=number < SLOTS), **rows}

    @plain_errors
    def check(payload: Any):
        return photo.check(payload)[:2]

    page.add.click(add, [count], [count, page.add, *page.rows], **AT_ONCE)
    slots = [*zip(form.pictures, page.slot_notes, strict=True), (form.mask.picture, form.mask.picture_note)]
    for picture, note in slots:
        picture.upload(check, [picture], [picture, note], **CHECKS).then(**call)
        picture.clear(photo.empty_line, outputs=[note], **AT_ONCE).then(**call)


def _photo_tab(context: Context, form: StyleForm, page: StyleOutputs) -> PhotoTab:
    def restore(picture: images.Picture):
        return restored_settings(picture, form, context.offered), restored_line(picture)

    def beside(number: int, values: dict):
        """Where no style is chosen, each example brings one of its own: one click shows what the app does."""
        names = list(context.offered)
        if not names or form.has_style(values):
            return {}
        return {form.source: BUILT_IN, form.built_in: names[number * len(names) // len(page.examples)]}

    styles = (form.source, form.built_in, *form.pictures)
    restored = (*form.settings.values(), *styles)
    own = (context.visit, form.content, page.note, page.examples, page.nothing)
    return PhotoTab(*own, restore, restored, beside, styles, form.wishes)


def _connect_load(context: Context, form: StyleForm, part: PhotoTab, load: Any) -> None:
    """What the browser kept of the visit comes back with the page."""

    @plain_errors
    def come_back(values: dict):
        found = form.recalled(context.visit.form(values[context.visit.kept]), context.offered)
        return found | part.arrive(values)

    load(come_back, {context.visit.kept, form.content, part.arrivals}, part.outputs, **WISHES)
