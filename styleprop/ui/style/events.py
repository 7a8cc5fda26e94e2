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
from styleprop.own_styles import OwnStyle
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
from styleprop.ui.style.own import OwnTiles, connect_own, read_tiles, rules_of
from styleprop.ui.style.restore import restored_line, restored_settings
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import Example
from styleprop.ui.widgets.full_size import Download, Shown, connect_download
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, status_line
from styleprop.ui.widgets.styles import BUILT_IN, MINE, OWN_TITLE, style_choices
from styleprop.ui.widgets.visit import Visit, path_of

EMPTY = "Choose a photo and a style: it is painted at once."
OWN_STYLE = "The style that you have taught the network."
NO_CHOICE = "No built-in style chosen."
KEPT_STYLE = "a style of your own, kept by this browser alone."


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
    own: OwnTiles
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

    def choices(self, values: dict, tiles: tuple[OwnStyle, ...]) -> list[tuple[str, str]]:
        """Titles and names of all that can be chosen with these tiles, given the value of `mine`."""
        status = self.tuned.wished(values[self.mine])
        return style_choices(self.offered, status is not None and status.job.job == "style", tiles)

    def known(self, values: dict, tiles: tuple[OwnStyle, ...]) -> set[str]:
        """The names of those."""
        return {name for _, name in self.choices(values, tiles)}


def connect(context: Context, form: StyleForm, page: StyleOutputs, tab: gr.Tab, load: Any) -> None:
    """Attach all handlers of the tab; `load` is the event of a page that is opened."""
    paint, kept = _painter(context, form, page), (context.mine, context.visit.kept)
    call: dict[str, Any] = {
        "fn": paint,
        "inputs": form.inputs | page.history.inputs | {page.download.shown, page.download.wish, *kept},
        "outputs": [*page.painted, form.mask.on, context.visit.kept],
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
    _connect_load(context, form, page.own, part, load)
    connect_own(context.tuned, context.mine, form, page.own, context.choices)
    connect_mask(form.mask, form.content)
    connect_download(page.download, page.slider, page.status, form.content)
    result = page.slider, page.status, page.download
    asked = {form.tiles, context.mine}
    connect_history(page.history, form, result, part, lambda values: context.known(values, values[form.tiles]), asked)


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
            form.mask.on: gr.update(visible=bool(job.region)) if values[form.mask.on] else gr.skip(),
            **page.download.offer(shown),
            **page.history.after(values, made),
            visit.kept: visit.with_form(values[visit.kept], made.form),
        }

    return paint


def _title(context: Context, form: StyleForm, values: dict) -> str:
    """What the status line calls the style, in the visitor's language."""
    if values[form.source] != BUILT_IN:
        return say("your pictures")
    own, style = form.own_style(values), context.offered.get(values[form.built_in])
    return own.title if own else say(style.title if style else OWN_TITLE)


def _credit(name: str | None, style: BuiltInStyle | None) -> str:
    """HTML: the title of a style, and whose it is."""
    if style is None:
        return f'<p class="hint">{say(OWN_STYLE if name == MINE else NO_CHOICE)}</p>'
    own = isinstance(style, OwnStyle)
    title, credit = (style.title, say(KEPT_STYLE)) if own else (say(style.title), style.credit)
    return f"<p><b>{html.escape(title)}</b> — {html.escape(credit)}</p>"


def _connect_choice(context: Context, form: StyleForm, page: StyleOutputs, call: dict) -> None:
    def fit(values: dict):
        source, name, own = values[form.source], values[form.built_in], form.own_style(values)
        return {
            page.built_in_panel: gr.Column(visible=source != PICTURES),
            page.picture_panel: gr.Column(visible=source != BUILT_IN),
            form.built_in_weight: gr.Slider(visible=source == BOTH),
            page.chosen: _credit(name, own or context.offered.get(name or "")),
            page.clear: gr.Button(interactive=bool(name)),
            **page.own.fit(own is not None and source != PICTURES, source != BUILT_IN or name == MINE),
        }

    def surprise():
        return {form.source: BUILT_IN, form.built_in: random.choice(list(context.offered))}

    def is_ready(values: dict):
        return {page.run: gr.Button(interactive=form.is_complete(values))}

    parts: list[Any] = [form.content, form.source, form.built_in, *form.pictures]
    gr.on([part.change for part in parts], is_ready, set(parts), [page.run], **UNREAD)
    own = [page.own.save, page.own.remove, page.own.keeping]
    fitted = [page.built_in_panel, page.picture_panel, form.built_in_weight, page.chosen, page.clear, *own]
    chosen = {form.source, form.built_in, form.tiles}
    gr.on([form.source.change, form.built_in.change], fit, chosen, fitted, **UNREAD)
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
    def restore(picture: images.Picture, values: dict):
        known = context.known(values, values[form.tiles])
        return restored_settings(picture, form, known), restored_line(picture, known)

    def beside(number: int, values: dict):
        """Where no style is chosen, each example brings one of its own: one click shows what the app does."""
        names = list(context.offered)
        if not names or form.has_style(values):
            return {}
        return {form.source: BUILT_IN, form.built_in: names[number * len(names) // len(page.examples)]}

    styles = (form.source, form.built_in, *form.pictures)
    restored = (*form.settings.values(), *styles)
    own = (context.visit, form.content, page.note, page.examples, page.nothing)
    return PhotoTab(*own, restore, restored, beside, (*styles, form.tiles, context.mine), form.wishes)


def _connect_load(context: Context, form: StyleForm, tiles: OwnTiles, part: PhotoTab, load: Any) -> None:
    """What the browser kept of the visit comes back with the page."""

    @plain_errors
    def come_back(values: dict):
        own = read_tiles(values[tiles.kept])
        found = form.recalled(context.visit.form(values[context.visit.kept]), context.known(values, own))
        found |= {form.tiles: own, tiles.rules: rules_of(own)} if own else {}
        chosen = gr.Radio(choices=context.choices(values, own), value=found.get(form.built_in))
        return found | {form.built_in: chosen} | part.arrive(values)

    asked = {context.visit.kept, context.mine, tiles.kept, form.content, part.arrivals}
    load(come_back, asked, [*part.outputs, form.tiles, tiles.rules], **WISHES)
