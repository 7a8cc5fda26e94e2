"""The reconstruct tab: what the autoencoder keeps of a picture, and what it loses."""

from typing import Any

import gradio as gr
from PIL import Image

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import INFERENCE
from styleprop.server.texts import say
from styleprop.server.tuned import Tuned
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import example_row
from styleprop.ui.widgets.figures import channel_tiles, figures, lost_sentence
from styleprop.ui.widgets.full_size import Shown, build_download, connect_download
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line, result_slider, run_button, status_html, status_line
from styleprop.ui.widgets.visit import Visit, path_of

KINDS = ("style", "autoencoder")  # of a visitor's own weights that reconstruct
EMPTY = "Choose a picture to see what the autoencoder keeps of it."
ERROR_LEGEND = "Black is no error, white an error of 32 levels of 255 or more."
CHANNEL_LEGEND = (
    "The 16 latent channels that vary most in this picture; black is their lowest value, white their highest."
)


def build_reconstruct_tab(tuned: Tuned, mine: gr.BrowserState, visit: Visit, tab: gr.Tab) -> None:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        tuned: opens the weights; `mine` tells whose.
        mine: what a visitor's browser keeps of their fine-tune.
        visit: and of their photo.
        tab: for what happens when it is opened.
    """
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=5, min_width=320):
            image = photo.picture_input("Your picture")
            note = photo.note_line(photo.HINT)
            examples = example_row()
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            slider = result_slider("Picture and reconstruction")
            status = status_html(EMPTY)
            with gr.Row(elem_classes="actions"):
                run = run_button("Reconstruct", image)
                download = build_download()
    numbers = gr.HTML(elem_classes="figures", padding=False)
    with gr.Row(equal_height=False, visible=False) as maps:
        with gr.Column(scale=5, min_width=320):
            error_map = gr.Image(label=say("Error map"), format="png", interactive=False, buttons=["fullscreen"])
            gr.HTML(f'<p class="hint">{say(ERROR_LEGEND)}</p>', padding=False)
        with gr.Column(scale=6, min_width=320):
            channels = _channels()
            gr.HTML(f'<p class="hint">{say(CHANNEL_LEGEND)}</p>', padding=False)
    nothing: dict[Any, Any] = {slider: None, status: status_line(EMPTY), numbers: "", maps: gr.update(visible=False)}
    nothing |= download.nothing
    parts = slider, status, download, numbers, error_map, channels, maps
    call: dict[str, Any] = {
        "fn": _reconstructor(tuned, (mine, image), parts, nothing),
        "inputs": {mine, image, download.wish},
        "outputs": [*nothing, error_map, channels],
        "show_progress_on": slider,
        "trigger_mode": "always_last",
        **INFERENCE,
    }

    def work_after(event: Any) -> None:
        event(**call)

    work_after(run.click)
    connect_download(download, slider, status)
    PhotoTab(visit, image, note, examples, nothing, download.wish).connect(tab.select, work_after)


def _channels() -> gr.Gallery:
    return gr.Gallery(
        label=say("Latent channels"),
        format="png",
        columns=4,
        object_fit="contain",
        allow_preview=True,
        interactive=False,
        buttons=["fullscreen"],
        elem_classes="channels",
    )


def _reconstructor(tuned: Tuned, inputs: tuple, parts: tuple, nothing: dict):
    mine, image = inputs
    slider, status, download, numbers, error_map, channels, maps = parts

    @plain_errors
    def reconstruct(values: dict):
        wish, payload, owner = values[download.wish], values[image], values[mine]
        wish.stop()
        turn = wish.turns
        if not payload:
            return {status: status_line(EMPTY)}

        def begin() -> Any:
            return tuned.model(owner, KINDS).first_reconstruction(uploads.open_picture(payload))

        try:
            painting, config = begin(), tuned.model(owner, KINDS).checkpoint.config
            result = painting.preview
        except StylepropError as error:
            return nothing | {status: problem_line(error)}
        if wish.turns != turn:
            return {status: gr.skip()}
        verb, by = say("Reconstructed"), say("the autoencoder")
        pair, line = outcome.show_painting(painting, verb, by)
        small = images.fit_within(images.error_map(painting.before, result.array), outcome.PREVIEW_SIDE)
        name = f"{outcome.slug(payload)}-reconstructed"
        return {
            slider: pair,
            status: line,
            numbers: figures(result, config) + lost_sentence(painting.before, result),
            error_map: gr.Image(Image.fromarray(small), alt_text=say("Error map")),
            channels: channel_tiles(result),
            maps: gr.Row(visible=True),
            **download.offer(Shown(begin, verb, name, by, path_of(payload))),
        }

    return reconstruct
