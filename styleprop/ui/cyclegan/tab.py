"""The CycleGAN tab: a photo as a painting of a whole domain, a painting as a photo, and the way back."""

import html
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import outcome, uploads
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, DOWNLOADS, INFERENCE, WISHES
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.ui.cyclegan.restore import missing_line, recalled_translation, restored_translation
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.domains import domain_choices, domain_title, locate_domain
from styleprop.ui.widgets.examples import SCENES, example_row
from styleprop.ui.widgets.full_size import Download, Shown, build_download, connect_download
from styleprop.ui.widgets.mask import MaskForm, build_mask_fold, connect_mask
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, result_slider, run_button, status_html, status_line
from styleprop.ui.widgets.settings import style_settings
from styleprop.ui.widgets.tiled import connect_tiles
from styleprop.ui.widgets.visit import Visit, path_of, returning

DIRECTIONS = [("Photo to painting", TO_PAINTING), ("Painting to photo", TO_PHOTO)]
HINTS = {
    TO_PAINTING: "A photo gets the manner of a painting that is near to it in colour. Landscapes work best.",
    TO_PHOTO: (
        "This way is the weak one: it gives a painting the light and colours of photographs, but it cannot invent "
        "what the painter left out."
    ),
}
DONE = {TO_PAINTING: "Translated to painting:", TO_PHOTO: "Translated to photo:"}
PART = {TO_PAINTING: "A part of it translated to painting:", TO_PHOTO: "A part of it translated to photo:"}
EMPTY = "Choose a picture: it is translated at once."
BACK = "Translated back, the picture differs by {error} of 255 levels on average (PSNR {psnr} dB)."
NO_DOMAINS = "No CycleGAN is installed here."


@dataclass(frozen=True)
class _Page:
    """The components of the tab, and what the visitor's browser keeps of its form."""

    mine: gr.BrowserState
    kept: gr.BrowserState
    image: gr.Image
    domain: gr.Radio
    direction: gr.Radio
    settings: dict[str, Any]
    mask: MaskForm
    moment: gr.Number
    note: gr.HTML
    run: gr.Button
    slider: gr.ImageSlider
    status: gr.HTML
    cycled: gr.Image
    cycle: gr.HTML
    download: Download

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component for a tab without a result."""
        empty = {self.slider: None, self.status: status_line(EMPTY), self.cycled: gr.update(visible=False)}
        return {**empty, self.cycle: "", **self.download.nothing}

    @property
    def form(self) -> dict[str, Any]:
        """What is set, by name."""
        return {"domain": self.domain, "direction": self.direction, **self.settings}

    @property
    def inputs(self) -> set:
        """All components that a translation reads."""
        own = {self.mine, self.image, *self.form.values(), self.moment}
        return own | self.mask.inputs | {self.download.wish, self.download.shown}


def build_cyclegan_tab(tuned: Tuned, mine: gr.BrowserState, visit: Visit, tab: gr.Tab, load: Any) -> gr.Radio | None:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        tuned: opens the weights; `mine` tells whose.
        mine: what a visitor's browser keeps of their fine-tune.
        visit: and of their photo.
        tab: for what happens when it is opened.
        load: the event of a page that is opened.

    Returns:
        The choice of a domain, where there is one.
    """
    if not tuned.models.domains.embedded:
        gr.HTML(f'<p class="hint">{say(NO_DOMAINS)}</p>', padding=False)
        return None
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=5, min_width=320):
            image = photo.picture_input("Your picture")
            note = photo.note_line(photo.HINT)
            examples = example_row(SCENES)
            mask = build_mask_fold()
            with gr.Group(elem_classes="settings"):
                choices = domain_choices(tuned.models.domains)
                domain = gr.Radio(choices, value=choices[0][1], label=say("Domain"), elem_classes="style-tiles")
                direction = gr.Radio(
                    said(DIRECTIONS), value=TO_PAINTING, label=say("Direction"), elem_classes="segments"
                )
                settings = style_settings()
            moment = gr.Number(0, visible="hidden", elem_classes="moment")
            hint = gr.HTML(_hint(TO_PAINTING), padding=False)
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            slider = result_slider("Picture and translation")
            mask.on.render()
            status = status_html(EMPTY)
            with gr.Row(elem_classes="actions"):
                run = run_button("Translate", image)
                download = build_download()
            with gr.Accordion(say("Round trip"), open=False):
                cycled = gr.Image(
                    label=say("Round trip"), format="png", interactive=False, buttons=["fullscreen"], visible=False
                )
                cycle = gr.HTML(padding=False)
    direction.change(_hint, [direction], [hint], **AT_ONCE)
    parts = slider, status, cycled, cycle, download
    page = _Page(mine, visit.translation, image, domain, direction, settings, mask, moment, note, run, *parts)
    ready = gr.Textbox("", visible="hidden")
    _connect(tuned, page, visit, examples, tab, ready)
    _connect_load(tuned, page, load, ready)
    connect_tiles(image, lambda values: _painters(tuned))
    return domain


def _painters(tuned: Tuned):
    model = tuned.models.wait()
    names = tuned.models.domains.embedded
    return [(name, lambda square, name=name: model.translate(square, name).array) for name in names]


def _hint(direction: str) -> str:
    return f'<p class="hint">{say(HINTS[direction])}</p>'


def _connect(tuned: Tuned, page: _Page, visit: Visit, examples: list, tab: gr.Tab, ready: gr.Textbox) -> None:
    translate, fetch = _translator(tuned, page), _fetcher(tuned)
    restored = tuple(page.form.values())
    chosen: list[Any] = [*restored, page.mask.side, page.mask.feather, page.mask.on]
    call: dict[str, Any] = {
        "inputs": page.inputs,
        "outputs": [*page.nothing, page.mask.on, page.kept],
        "show_progress_on": page.slider,
        "trigger_mode": "always_last",
        **INFERENCE,
    }
    fetching: dict[str, Any] = {
        "inputs": [page.domain],
        "outputs": [page.note],
        "show_progress_on": page.slider,
        "trigger_mode": "always_last",
        **DOWNLOADS,
    }

    def work_after(event: Any) -> None:
        if tuned.models.domains.source:  # some may have to come from the Hub first
            event(fetch, **fetching).success(translate, **call)
        else:
            event(translate, **call)

    def restore(picture: images.Picture, values: dict):
        found = restored_translation(picture, [name for _, name in domain_choices(tuned.models.domains)])
        return {page.form[name]: value for name, value in found.items()}, missing_line(picture)

    work_after(partial(gr.on, [page.run.click, *[one.input for one in chosen]]))
    stroke = page.mask.stroke_painter(translate, page.download.wish, page.status)
    page.mask.drawn.change(stroke, **call)  # there is a painting of the domain, so it is here
    connect_mask(page.mask, page.image)
    own = visit, page.image, page.note, examples, page.nothing, page.download.wish
    part = PhotoTab(*own, restore, restored, ready=ready)
    part.connect(tab.select, work_after)
    connect_download(page.download, page.slider, page.status)


def _connect_load(tuned: Tuned, page: _Page, load: Any, ready: gr.Textbox) -> None:
    """What the browser kept of the form comes back with the page; the photo waits for it."""

    @plain_errors
    def come_back(values: dict):
        choices = domain_choices(tuned.models.domains, tuned.has_domain(values[page.mine]))
        found = recalled_translation(Visit.form(values[page.kept]), [name for _, name in choices])
        back = {page.form[name]: value for name, value in found.items()}
        back[page.domain] = gr.Radio(choices=choices, **({"value": found["domain"]} if found else {}))
        return back | {ready: "ready"}

    again = returning(load, [page.kept], ready)
    again(come_back, {page.kept, page.mine}, [*page.form.values(), ready], **WISHES)


def _fetcher(tuned: Tuned):
    @plain_errors
    def fetch(domain: str, progress=gr.Progress()):
        domains = tuned.models.domains
        if not isinstance(domain, str) or domain not in domains.remote:
            return gr.skip()

        def watch(done: int, total: int) -> None:
            progress(
                (done >> 10, total >> 10), desc=say("Downloading {domain}", domain=domains.remote[domain]), unit="KB"
            )

        domains.fetch(domain, watch)
        return gr.skip()

    return fetch


def _translator(tuned: Tuned, page: _Page):
    @plain_errors
    def translate(values: dict, progress=gr.Progress()):
        wish = values[page.download.wish]
        if wish.is_late(values[page.moment]):
            return {page.status: gr.skip()}
        wish.stop()
        turn = wish.turns
        mine, payload, domain = values[page.mine], values[page.image], values[page.domain]
        kept = {page.kept: {name: values[component] for name, component in page.form.items()}}
        settings = {name: values[component] for name, component in page.settings.items()}
        if not payload:
            return kept | {page.status: status_line(EMPTY)}
        to_photo = values[page.direction] == TO_PHOTO

        def paint(**options):
            photo, source = uploads.open_picture(payload), locate_domain(tuned, mine, domain)
            return tuned.models.wait().paint_domain(photo, source, to_photo=to_photo, **settings, **options)

        try:
            region = page.mask.read(values)
            painting = paint(**region, round_trip=not region, watch=outcome.watcher(progress))
        except StylepropError as error:
            stale = page.download.is_stale(values, payload)
            return kept | (page.nothing if stale else {}) | {page.status: problem_line(error)}
        if wish.turns != turn:
            return {page.status: gr.skip()}
        wish.masked = bool(region)
        title, result = say(domain_title(tuned.models.domains, domain)), painting.preview
        verb = say((PART if region else DONE)[values[page.direction]])
        pair, line = outcome.show_painting(painting, verb, title)
        name = f"{outcome.slug(payload)}-{'photo' if to_photo else outcome.slug(domain)}"
        return kept | {
            page.slider: pair,
            page.status: line,
            **_round_trip(page, result),
            **page.mask.told(values, region),
            **page.download.offer(Shown(partial(paint, **region), verb, name, title, path_of(payload))),
        }

    return translate


def _round_trip(page: _Page, result: Any) -> dict[Any, Any]:
    """Values by component of what was translated back; of a part nothing is."""
    if result.cycled is None:
        return {page.cycled: gr.update(visible=False), page.cycle: ""}
    sentence = say(BACK, error=f"{result.cycle_l1:.1f}", psnr=f"{result.cycle_psnr_db:.1f}")
    shown = gr.Image(outcome.preview(result.cycled), visible=True, alt_text=say("Round trip"))
    return {page.cycled: shown, page.cycle: f'<p class="hint">{html.escape(sentence)}</p>'}
