"""The result that every picture tab has: a before/after slider, a line about it, a download."""

import gradio as gr

from styleprop.config import StyleOptions
from styleprop.server.texts import say

HEIGHT = 430


def result_slider(label: str) -> gr.ImageSlider:
    """A before/after slider of two previews of one size."""
    return gr.ImageSlider(
        label=say(label),
        format="png",
        type="filepath",
        interactive=False,
        buttons=["fullscreen"],
        height=HEIGHT,
        max_height=HEIGHT,
        elem_classes="result",
    )


def option_slider(name: str, label: str, info: str) -> gr.Slider:
    """A slider of one of the `StyleOptions`."""
    span = StyleOptions.range(name)
    return gr.Slider(span.low, span.high, span.default, step=span.step, label=say(label), info=say(info), min_width=170)


def status_html(sentence: str) -> gr.HTML:
    """The line below a slider; `sentence` is what it says while there is no result."""
    return gr.HTML(f'<p class="status">{say(sentence)}</p>', padding=False, elem_classes="told-below")


def download_button(**options) -> gr.DownloadButton:
    """The download of the full-size result alone, dead until there is one."""
    return gr.DownloadButton(say("Download PNG"), interactive=False, **options)
