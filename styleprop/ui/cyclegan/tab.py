"""The CycleGAN tab: a photo as a painting of a whole domain, a painting as a photo, and the way back."""

import html
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import outcome, uploads
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, DOWNLOADS, INFERENCE
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.domains import domain_choices, domain_title, locate_domain
from styleprop.ui.widgets.examples import SCENES, example_row
from styleprop.ui.widgets.full_size import Download, Shown, build_download, connect_download
from styleprop.ui.widgets.photo import RESTORED
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, result_slider, status_html, status_line
from styleprop.ui.widgets.tiled import connect_tiles
from styleprop.ui.widgets.visit import Visit, path_of

DIRECTIONS = [("Photo to painting", TO_PAINTING), ("Painting to photo", TO_PHOTO)]
HINTS = {
    TO_PAINTING: "Trained on landscapes: those work best, portraits and interiors less well.",
    TO_PHOTO: (
        "This way is the weak one: it gives a painting the light and colours of photographs, but it cannot invent "
        "what the painter left out."
    ),
}
DONE = {TO_PAINTING: "Translated to painting:", TO_PHOTO: "Translated to photo:"}
EMPTY = "Choose a picture: it is translated at once."
BACK = "Translated back, the picture differs by {error} of 255 levels on average (PSNR {psnr} dB)."
NO_DOMAINS = "No CycleGAN is installed here."


@dataclass(frozen=True)
class _Page:
    """The components of the tab."""

    mine: gr.BrowserState
    image: gr.Image
    domain: gr.Radio
    direction: gr.Radio
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


def build_cyclegan_tab(tuned: Tuned, mine: gr.BrowserState, visit: Visit, tab: gr.Tab) -> gr.Radio | None:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        tuned: opens the weights; `mine` tells whose.
        mine: what a visitor's browser keeps of their fine-tune.
        visit: and of their photo.
        tab: for what happens when it is opened.

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
            with gr.Group(elem_classes="settings"):
                choices = domain_choices(tuned.models.domains)
                domain = gr.Radio(choices, value=choices[0][1], label=say("Domain"), elem_classes="style-tiles")
                direction = gr.Radio(
                    said(DIRECTIONS), value=TO_PAINTING, label=say("Direction"), elem_classes="segments"
                )
            hint = gr.HTML(_hint(TO_PAINTING), padding=False)
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            slider = result_slider("Picture and translation")
            status = status_html(EMPTY)
            with gr.Row(elem_classes="actions"):
                run = gr.Button(say("Translate"), variant="primary", scale=2)
                download = build_download()
            with gr.Accordion(say("Round trip"), open=False):
                cycled = gr.Image(
                    label=say("Round trip"), format="png", interactive=False, buttons=["fullscreen"], visible=False
                )
                cycle = gr.HTML(padding=False)
    direction.change(_hint, [direction], [hint], **AT_ONCE)
    page = _Page(mine, image, domain, direction, note, run, slider, status, cycled, cycle, download)
    _connect(tuned, page, visit, examples, tab)
    connect_tiles(image, lambda: _painters(tuned))
    return domain


def _painters(tuned: Tuned):
    model = tuned.models.wait()
    names = tuned.models.domains.embedded
    return [(name, lambda square, name=name: model.translate(square, name).array) for name in names]


def _hint(direction: str) -> str:
    return f'<p class="hint">{say(HINTS[direction])}</p>'


def _connect(tuned: Tuned, page: _Page, visit: Visit, examples: list, tab: gr.Tab) -> None:
    translate, fetch = _translator(tuned, page), _fetcher(tuned)
    restored = (page.domain, page.direction)
    call: dict[str, Any] = {
        "inputs": {page.mine, page.image, page.domain, page.direction, page.download.wish, page.download.shown},
        "outputs": [*page.nothing],
        "show_progress_on": page.slider,
        **INFERENCE,
    }
    fetching = {"inputs": [page.domain], "outputs": [page.note], "show_progress_on": page.slider, **DOWNLOADS}

    def work_after(event: Any) -> None:
        if tuned.models.domains.source:  # some may have to come from the Hub first
            event(fetch, **fetching).success(translate, **call)
        else:
            event(translate, **call)

    def restore(picture: images.Picture, values: dict):
        found = restored_translation(picture, [name for _, name in domain_choices(tuned.models.domains)])
        return (dict(zip(restored, found, strict=True)) if found else {}), say(RESTORED)

    for event in (page.run.click, page.domain.input, page.direction.input):
        work_after(event)
    part = PhotoTab(visit, page.image, page.note, examples, page.nothing, restore, restored)
    part.connect(tab.select, work_after)
    connect_download(page.download, page.slider, page.status, page.image)


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
        wish.stop()
        turn = wish.turns
        mine, payload, domain = values[page.mine], values[page.image], values[page.domain]
        if not payload:
            return {page.status: status_line(EMPTY)}
        to_photo = values[page.direction] == TO_PHOTO

        def paint(**options):
            source = locate_domain(tuned, mine, domain)
            return tuned.models.wait().paint_domain(uploads.open_picture(payload), source, to_photo=to_photo, **options)

        try:
            painting = paint(round_trip=True, watch=outcome.watcher(progress))
        except StylepropError as error:
            stale = page.download.is_stale(values, payload)
            return (page.nothing if stale else {}) | {page.status: problem_line(error)}
        if wish.turns != turn:
            return {page.status: gr.skip()}
        title, result = say(domain_title(tuned.models.domains, domain)), painting.preview
        verb = say(DONE[values[page.direction]])
        pair, line = outcome.show_painting(painting, verb, title)
        name = f"{outcome.slug(payload)}-{'photo' if to_photo else outcome.slug(domain)}"
        return {
            page.slider: pair,
            page.status: line,
            page.cycled: gr.Image(outcome.preview(result.cycled), visible=True, alt_text=say("Round trip")),
            page.cycle: _cycle_line(result),
            **page.download.offer(Shown(paint, verb, name, title, path_of(payload))),
        }

    return translate


def _cycle_line(result) -> str:
    error, psnr = f"{result.cycle_l1:.1f}", f"{result.cycle_psnr_db:.1f}"
    sentence = say(BACK, error=error, psnr=psnr)
    return f'<p class="hint">{html.escape(sentence)}</p>'


def restored_translation(picture: images.Picture, domains: list) -> tuple[str, str] | None:
    """The domain and the direction that made a picture; None where no translation did."""
    found = picture.settings or {}
    if found.get("job") != "translate" or found.get("domain") not in domains:
        return None
    return found["domain"], TO_PHOTO if found.get("to_photo") is True else TO_PAINTING
