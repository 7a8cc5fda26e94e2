"""The reconstruct tab: what the autoencoder keeps of a picture, and what it loses."""

from typing import Any

import gradio as gr
from PIL import Image

from styleprop import images
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, CHECKS, INFERENCE
from styleprop.server.texts import say
from styleprop.server.tuned import Tuned
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import PHOTOS, Example, example_row
from styleprop.ui.widgets.figures import channel_tiles, figures, lost_sentence
from styleprop.ui.widgets.result import download_button, result_slider, status_html

EMPTY = "Choose a picture to see what the autoencoder keeps of it."
ERROR_LEGEND = "Black is no error, white an error of 32 levels of 255 or more."
CHANNEL_LEGEND = (
    "The 16 latent channels that vary most in this picture; black is their lowest value, white their highest."
)


def build_reconstruct_tab(tuned: Tuned, mine: gr.BrowserState) -> None:
    """Lay out the tab inside the open `gr.Blocks` and connect it; `mine` tells whose weights to use."""
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
    outputs = [slider, status, download, numbers, error_map, channels, maps]
    _connect(tuned, [mine, image], note, examples, run, outputs)


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


def _connect(tuned, inputs: list, note: gr.HTML, examples: list[gr.Button], run: gr.Button, outputs: list) -> None:
    reconstruct, image = _reconstructor(tuned), inputs[1]
    call: dict[str, Any] = {"inputs": inputs, "outputs": outputs, "show_progress_on": outputs[0], **INFERENCE}

    @plain_errors
    def check(payload: Any):
        return photo.check(payload)[:2]

    run.click(reconstruct, **call)
    image.upload(check, [image], [image, note], **CHECKS)
    image.clear(lambda: photo.empty_line(photo.HINT), outputs=[note], **AT_ONCE)
    for example, button in zip(PHOTOS, examples, strict=True):
        button.click(_filler(example), outputs=[image, note], **AT_ONCE).then(reconstruct, **call)


def _reconstructor(tuned: Tuned):
    @plain_errors
    def reconstruct(mine: Any, payload: Any, progress=gr.Progress()):
        picture = uploads.open_picture(payload)
        model = tuned.model(mine, ("style", "autoencoder"))
        result = model.reconstruct(picture, outcome.watcher(progress))
        small = images.fit_within(images.error_map(picture.image, result.array), outcome.PREVIEW_SIDE)
        text = figures(result, model.networks.config) + lost_sentence(picture.image, result)
        return (
            *outcome.show(picture, result, say("Reconstructed")),
            text,
            gr.Image(Image.fromarray(small), alt_text=say("Error map")),
            channel_tiles(result),
            gr.Row(visible=True),
        )

    return reconstruct


def _filler(example: Example):
    @plain_errors
    def fill():
        path = uploads.copy_in(example.path)
        return path, photo.size_line(uploads.open_picture(path))

    return fill
