"""The CycleGAN tab: a photo as a painting of a whole domain, a painting as a photo, and the way back."""

import html
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import SettingsError
from styleprop.server import outcome, uploads
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, CHECKS, DOWNLOADS, INFERENCE
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.domains import OWN, domain_choices, domain_title
from styleprop.ui.widgets.examples import PHOTOS, Example, example_row
from styleprop.ui.widgets.full_size import Download, Shown, build_download, connect_download
from styleprop.ui.widgets.photo import RESTORED
from styleprop.ui.widgets.result import result_slider, status_html
from styleprop.ui.widgets.wish import Wish

DIRECTIONS = [("Photo to painting", TO_PAINTING), ("Painting to photo", TO_PHOTO)]
HINTS = {
    TO_PAINTING: "Trained on landscapes: those work best, portraits and interiors less well.",
    TO_PHOTO: (
        "This way is the weak one: it gives a painting the light and colours of photographs, but it cannot invent "
        "what the painter left out."
    ),
}
DONE = {TO_PAINTING: "Translated to painting ({domain}):", TO_PHOTO: "Translated to photo ({domain}):"}
BACK = "Translated back, the picture differs by {error} of 255 levels on average (PSNR {psnr} dB)."
NO_DOMAINS = "No CycleGAN is installed here."


def build_cyclegan_tab(tuned: Tuned, mine: gr.BrowserState) -> gr.Radio | None:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        tuned: opens the weights; `mine` tells whose.
        mine: what a visitor's browser keeps of their fine-tune.

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
            examples = example_row()
            with gr.Group(elem_classes="settings"):
                choices = domain_choices(tuned.models.domains)
                domain = gr.Radio(choices, value=choices[0][1], label=say("Domain"), elem_classes="segments")
                direction = gr.Radio(
                    said(DIRECTIONS), value=TO_PAINTING, label=say("Direction"), elem_classes="segments"
                )
            hint = gr.HTML(_hint(TO_PAINTING), padding=False)
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            slider = result_slider("Picture and translation")
            status = status_html("Choose a picture and a domain, then press Translate.")
            with gr.Row(elem_classes="actions"):
                run = gr.Button(say("Translate"), variant="primary", scale=2)
                download = build_download()
            with gr.Accordion(say("Round trip"), open=False):
                cycled = gr.Image(
                    label=say("Round trip"), format="png", interactive=False, buttons=["fullscreen"], visible=False
                )
                cycle = gr.HTML(padding=False)
    direction.change(_hint, [direction], [hint], **AT_ONCE)
    _connect(tuned, (mine, image, domain, direction), note, examples, run, [slider, status, cycled, cycle], download)
    return domain


def _hint(direction: str) -> str:
    return f'<p class="hint">{say(HINTS[direction])}</p>'


def _connect(
    tuned, inputs: tuple, note: gr.HTML, examples: list[gr.Button], run: gr.Button, outputs: list, download: Download
) -> None:
    _, image, domain, direction = inputs
    translate, again = _translators(tuned)
    call: dict[str, Any] = {"inputs": [*inputs, download.wish], "show_progress_on": outputs[0], **INFERENCE}
    call["outputs"] = [*outputs, download.button, download.shown]

    @plain_errors
    def check(payload: Any):
        value, note, picture = photo.check(payload)
        offered = [name for _, name in domain_choices(tuned.models.domains)]
        found = restored_translation(picture, offered) if picture else None
        if picture and found:
            return value, photo.size_line(picture, RESTORED), *found
        return value, note, gr.skip(), gr.skip()

    fetch, fetching = _fetcher(tuned), {"inputs": [domain], "outputs": [note], "show_progress_on": outputs[0]}

    def connect(trigger, handler) -> None:
        if tuned.models.domains.source:  # some may have to come from the Hub first
            trigger(fetch, **fetching, **DOWNLOADS).success(handler, **call)
        else:
            trigger(handler, **call)

    connect(run.click, translate)
    connect(domain.input, again)
    connect(direction.input, again)
    image.upload(check, [image], [image, note, domain, direction], **CHECKS)
    image.clear(lambda: photo.empty_line(photo.HINT), outputs=[note], **AT_ONCE)
    for example, button in zip(PHOTOS, examples, strict=True):
        filled = button.click(_filler(example), outputs=[image, note, direction, outputs[3]], **AT_ONCE)
        connect(filled.then, translate)
    connect_download(download, outputs[0], outputs[1])


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


def _translators(tuned: Tuned):
    def run(mine: Any, payload: Any, domain: str, direction: str, wish: Wish, progress: gr.Progress):
        wish.stop()
        source, to_photo = _source(tuned, mine, domain), direction == TO_PHOTO

        def paint(**options):
            return tuned.models.wait().paint_domain(uploads.open_picture(payload), source, to_photo=to_photo, **options)

        painting = paint(round_trip=True, watch=outcome.watcher(progress))
        result = painting.preview
        shown = gr.Image(outcome.preview(result.cycled), visible=True, alt_text=say("Round trip"))
        verb = say(DONE[direction], domain=say(domain_title(tuned.models.domains, domain)))
        pair, line = outcome.show_painting(painting, verb)
        return pair, line, shown, _cycle_line(result), gr.Button(interactive=True), Shown(paint, verb)

    @plain_errors
    def translate(mine: Any, payload: Any, domain: str, direction: str, wish: Wish, progress=gr.Progress()):
        return run(mine, payload, domain, direction, wish, progress)

    @plain_errors
    def again(mine: Any, payload: Any, domain: str, direction: str, wish: Wish, progress=gr.Progress()):
        return run(mine, payload, domain, direction, wish, progress) if payload else gr.skip()

    return translate, again


def _source(tuned: Tuned, mine: Any, domain: str) -> str:
    """What the engine opens: a name must not be taken for a path, so only those on offer pass."""
    if domain == OWN:
        own = tuned.domain(mine)
        if own is None:
            raise SettingsError("Your own domain is not here any more: choose one of the others.")
        return own
    return tuned.models.domains.locate(domain)


def _cycle_line(result) -> str:
    error, psnr = f"{result.cycle_l1:.1f}", f"{result.cycle_psnr_db:.1f}"
    sentence = say(BACK, error=error, psnr=psnr)
    return f'<p class="hint">{html.escape(sentence)}</p>'


def _filler(example: Example):
    @plain_errors
    def fill():
        path = uploads.copy_in(example.path)
        return path, photo.size_line(uploads.open_picture(path)), TO_PAINTING, ""

    return fill


def restored_translation(picture: images.Picture, domains: list) -> tuple[str, str] | None:
    """The domain and the direction that made a picture; None where no translation did."""
    found = picture.settings or {}
    if found.get("job") != "translate" or found.get("domain") not in domains:
        return None
    return found["domain"], TO_PHOTO if found.get("to_photo") is True else TO_PAINTING
