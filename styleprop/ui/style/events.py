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
from styleprop.server.queues import AT_ONCE, INFERENCE, LOOKS, UNREAD, WISHES
from styleprop.server.texts import say
from styleprop.styles import BuiltInStyle
from styleprop.ui.style.form import BOTH, PICTURES, StyleForm
from styleprop.ui.style.history import History, Made, connect_history, thumb_of
from styleprop.ui.style.own import OwnTiles, connect_own
from styleprop.ui.style.restore import missing_line, restored_settings
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import Example
from styleprop.ui.widgets.full_size import Download, Shown, connect_download
from styleprop.ui.widgets.mask import connect_mask
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, status_line
from styleprop.ui.widgets.styles import BUILT_IN, MINE, Shelf, read_tiles, rules_of
from styleprop.ui.widgets.visit import Visit, path_of, returning

EMPTY = "Choose a photo and a style: it is painted at once."
OWN_STYLE = "The style that you have taught the network."
NO_CHOICE = "No built-in style chosen."
IS_COMPLETE = f"""(photo, source, style, ...pictures) => {{
    const built_in = source !== "{PICTURES}" && style, own = source !== "{BUILT_IN}" && pictures.some(Boolean);
    return {{__type__: "update", interactive: Boolean(photo && (built_in || own))}};
}}"""  # as `StyleForm.is_complete`
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
    """What the tab works with: the styles, and what the visitor's browser keeps of the visit."""

    shelf: Shelf
    visit: Visit


def connect(context: Context, form: StyleForm, page: StyleOutputs, tab: gr.Tab, load: Any) -> None:
    """Attach all handlers of the tab; `load` is the event of a page that is opened."""
    paint = _painter(context, form, page)
    call: dict[str, Any] = {
        "fn": paint,
        "inputs": form.inputs | page.history.inputs | {page.download.shown, page.download.wish, form.moment},
        "outputs": [*page.painted, form.mask.on, context.visit.style],
        "show_progress_on": page.slider,
        "show_progress": "minimal",
        "trigger_mode": "always_last",
        **INFERENCE,
    }
    sliders = [form.strength, form.detail, form.brush, form.built_in_weight, *form.weights, form.mask.feather]
    chosen: list[Any] = [form.built_in, form.source, form.color, form.mask.side, form.elsewhere.choice, form.mask.on]
    gr.on([page.run.click, *[one.input for one in (*chosen, *sliders)]], **call)
    form.mask.drawn.change(**call | {"fn": form.mask.stroke_painter(paint, page.download.wish, page.status)})
    _connect_choice(form, page, call)
    _connect_slots(form, page, call)
    part = _photo_tab(context, form, page)
    part.connect(tab.select, lambda event: event(**call))
    _connect_load(context, form, page.own, part, load)
    connect_own(form, page.own)
    connect_mask(form.mask, form.content)
    connect_download(page.download, page.slider, page.status)
    result = page.slider, page.status, page.download
    connect_history(page.history, form, result, part)


def _painter(context: Context, form: StyleForm, page: StyleOutputs):
    """The handler that paints; where something is missing it says what, and what is shown stays."""
    wish = page.download.wish

    def painted(job: Job, values: dict):
        return job.paint(form.shelf.model(values))

    @plain_errors
    def paint(values: dict):
        if values[wish].is_late(values[form.moment]):
            return {page.status: gr.skip()}
        values[wish].stop()
        turn = values[wish].turns
        form_kept = {context.visit.style: form.snapshot(values)}
        if not values[form.content]:
            return form_kept | {page.status: status_line(EMPTY)}
        try:
            job = form.read(values)
            painting = painted(job, values)
        except StylepropError as error:
            if values[page.download.shown] is None and not form.is_complete(values):
                return form_kept | {page.status: status_line(error.sentence)}  # nobody did anything wrong yet
            stale = page.download.is_stale(values, values[form.content])
            return form_kept | (page.nothing if stale else {}) | {page.status: problem_line(error)}
        if values[wish].turns != turn:
            return {page.status: gr.skip()}
        values[wish].masked = bool(job.region)
        done = say("Restyled a part of") if job.region else say("Restyled")
        kept = {component: values[component] for component in form.inputs}
        name = f"{outcome.slug(values[form.content])}-{form.style_name(values)}"
        title, path = _title(form, values), path_of(values[form.content])
        shown = Shown(lambda: painted(form.read(kept), kept), done, name, title, path)
        pair, line = outcome.show_painting(painting, done, shown.by)
        thumb = thumb_of(painting.preview.array)
        made = Made(pair, line, shown, form_kept[context.visit.style], thumb, bool(job.region))
        return form_kept | {
            page.slider: page.history.pair(values, made),
            page.status: line,
            **form.mask.told(values, job.region),
            **page.download.offer(shown),
            **page.history.after(values, made),
        }

    return paint


def _title(form: StyleForm, values: dict) -> str:
    """What the status line calls the style, in the visitor's language."""
    own = values[form.source] != BUILT_IN and any(values[picture] for picture in form.pictures)
    if values[form.source] == PICTURES or not values[form.built_in]:
        return say("your pictures")
    title = form.shelf.title(values, values[form.built_in])
    return say("{style} and your pictures", style=title) if own else title


def _credit(name: str | None, style: BuiltInStyle | None) -> str:
    """HTML: the title of a style, and whose it is."""
    if style is None:
        return f'<p class="hint">{say(OWN_STYLE if name == MINE else NO_CHOICE)}</p>'
    own = isinstance(style, OwnStyle)
    title, credit = (style.title, say(KEPT_STYLE)) if own else (say(style.title), style.credit)
    return f"<p><b>{html.escape(title)}</b> — {html.escape(credit)}</p>"


def _connect_choice(form: StyleForm, page: StyleOutputs, call: dict) -> None:
    def fit(values: dict):
        source, name, own = values[form.source], values[form.built_in], form.own_style(values)
        return {
            page.built_in_panel: gr.Column(visible=source != PICTURES),
            page.picture_panel: gr.Column(visible=source != BUILT_IN),
            form.built_in_weight: gr.Slider(visible=source == BOTH),
            page.chosen: _credit(name, own or form.shelf.offered.get(name or "")),
            page.clear: gr.Button(interactive=bool(name)),
            **page.own.fit(own is not None and source != PICTURES, source != BUILT_IN or name == MINE),
        }

    def surprise():
        return {form.source: BUILT_IN, form.built_in: random.choice(list(form.shelf.offered))}

    chosen = [form.source, form.built_in]
    needed: list[Any] = [form.content, *chosen, *form.pictures]
    gr.on([part.change for part in needed], None, needed, [page.run], js=IS_COMPLETE, **AT_ONCE)
    own = [page.own.save, page.own.remove, page.own.keeping]
    fitted = [page.built_in_panel, page.picture_panel, form.built_in_weight, page.chosen, page.clear, *own]
    gr.on([one.change for one in chosen], fit, {*chosen, form.shelf.tiles}, fitted, **UNREAD)
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
    slots = [*zip(form.pictures, page.slot_notes, strict=True), (form.elsewhere.picture, form.elsewhere.note)]
    for picture, note in slots:
        picture.upload(check, [picture], [picture, note], **LOOKS).then(**call)
        picture.clear(photo.empty_line, outputs=[note], **AT_ONCE).then(**call)


def _photo_tab(context: Context, form: StyleForm, page: StyleOutputs) -> PhotoTab:
    def restore(picture: images.Picture, values: dict):
        known = form.shelf.known(values)
        return restored_settings(picture, form, known), missing_line(picture, known)

    def beside(number: int, values: dict):
        """Where no style is chosen, each example brings one of its own: one click shows what the app does."""
        names = list(form.shelf.offered)
        if not names or form.has_style(values):
            return {}
        return {form.source: BUILT_IN, form.built_in: names[number * len(names) // len(page.examples)]}

    styles = (form.source, form.built_in, *form.pictures)
    restored = (*form.settings.values(), *styles)
    own = (context.visit, form.content, page.note, page.examples, page.nothing, page.download.wish)
    ready = gr.Textbox("", visible="hidden")
    return PhotoTab(*own, restore, restored, beside, (*styles, *form.shelf.inputs), form.wishes, ready)


def _connect_load(context: Context, form: StyleForm, tiles: OwnTiles, part: PhotoTab, load: Any) -> None:
    """What the browser kept of the visit comes back with the page."""
    shelf = form.shelf

    @plain_errors
    def come_back(values: dict):
        own = read_tiles(values[shelf.kept])
        values = values | {shelf.tiles: own}
        kept = context.visit.form(values[context.visit.style])
        found = form.recalled(kept, shelf.known(values)) if kept else {}  # what is chosen meanwhile stays
        found |= {shelf.tiles: own, tiles.rules: rules_of(own)} if own else {}
        name = found.get(form.built_in)
        chosen = gr.Radio(choices=shelf.choices(values), **({"value": name} if name else {}))
        return found | {form.built_in: chosen} | part.bring(values)

    kept = {context.visit.kept, context.visit.style, shelf.mine, shelf.kept}
    again = returning(load, kept, part.ready)
    again(
        come_back, kept | {form.content, part.arrivals, part.wish}, [*part.outputs, shelf.tiles, tiles.rules], **WISHES
    )
