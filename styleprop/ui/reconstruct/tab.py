"""The reconstruct tab: what the autoencoder keeps of a picture, and what it loses."""

from typing import Any

import gradio as gr
from PIL import Image

from styleprop import images
from styleprop.errors import StylepropError
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, INFERENCE
from styleprop.server.texts import say
from styleprop.server.tuned import Tuned
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import example_row
from styleprop.ui.widgets.figures import channel_tiles, figures, lost_sentence
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import download_button, problem_line, result_slider, status_html, status_line
from styleprop.ui.widgets.visit import Visit
from styleprop.ui.widgets.wish import Wish

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
                run = gr.Button(say("Reconstruct"), variant="primary", scale=2)
                download = download_button(scale=1)
    numbers = gr.HTML(elem_classes="figures", padding=False)
    with gr.Row(equal_height=False, visible=False) as maps:
        with gr.Column(scale=5, min_width=320):
            error_map = gr.Image(label=say("Error map"), format="png", interactive=False, buttons=["fullscreen"])
            gr.HTML(f'<p class="hint">{say(ERROR_LEGEND)}</p>', padding=False)
        with gr.Column(scale=6, min_width=320):
            channels = _channels()
            gr.HTML(f'<p class="hint">{say(CHANNEL_LEGEND)}</p>', padding=False)
    outputs, wish = [slider, status, download, numbers, error_map, channels, maps], gr.State(Wish())
    call: dict[str, Any] = {"inputs": {mine, image, wish}, "outputs": outputs, "show_progress_on": slider, **INFERENCE}
    nothing: dict[Any, Any] = {slider: None, status: status_line(EMPTY), numbers: "", maps: gr.update(visible=False)}
    nothing[download] = gr.update(value=None, interactive=False)

    reconstruct = _reconstructor(tuned, (mine, image, wish), outputs, nothing)

    def work_after(event: Any) -> None:
        event(reconstruct, trigger_mode="always_last", **call)

    work_after(run.click)
    image.clear(lambda wish: wish.turn(), [wish], **AT_ONCE)
    PhotoTab(visit, image, note, examples, nothing).connect(tab.select, work_after)


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


def _reconstructor(tuned: Tuned, inputs: tuple, outputs: list, nothing: dict):
    mine, image, wish = inputs
    slider, status, download, numbers, error_map, channels, maps = outputs

    @plain_errors
    def reconstruct(values: dict, progress=gr.Progress()):
        turn = values[wish].turns
        if not values[image]:
            return {status: status_line(EMPTY)}
        try:
            picture = uploads.open_picture(values[image])
            model = tuned.model(values[mine], ("style", "autoencoder"))
            result = model.reconstruct(picture, outcome.watcher(progress))
        except StylepropError as error:
            return nothing | {status: problem_line(error)}
        if values[wish].turns != turn:
            return {status: gr.skip()}
        small = images.fit_within(images.error_map(picture.image, result.array), outcome.PREVIEW_SIDE)
        text = figures(result, model.checkpoint.config) + lost_sentence(picture.image, result)
        name = f"{outcome.slug(values[image])}-reconstructed"
        shown = outcome.show(picture, result, say("Reconstructed"), say("the autoencoder"), name)
        return dict(zip((slider, status, download), shown, strict=True)) | {
            numbers: text,
            error_map: gr.Image(Image.fromarray(small), alt_text=say("Error map")),
            channels: channel_tiles(result),
            maps: gr.Row(visible=True),
        }

    return reconstruct
