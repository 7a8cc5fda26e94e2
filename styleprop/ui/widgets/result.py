"""The result that every picture tab has: a before/after slider, a line about it, a download."""

import html
from typing import Any

import gradio as gr

from styleprop.config import StyleOptions
from styleprop.errors import GoneError, StylepropError
from styleprop.server.queues import AT_ONCE
from styleprop.server.texts import say

HEIGHT = 430
IS_THERE = "value => ({__type__: 'update', interactive: Boolean(value)})"


def result_slider(label: str, **options: Any) -> gr.ImageSlider:
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
        **options,
    )


def option_slider(name: str, label: str, info: str) -> gr.Slider:
    """A slider of one of the `StyleOptions`."""
    span = StyleOptions.range(name)
    return gr.Slider(span.low, span.high, span.default, step=span.step, label=say(label), info=say(info), min_width=170)


def status_html(sentence: str) -> gr.HTML:
    """The line below a slider; `sentence` is what it says while there is no result."""
    return gr.HTML(status_line(sentence), padding=False, elem_classes="told-below")


def status_line(sentence: str) -> str:
    """HTML of the line, with a sentence of ours."""
    return f'<p class="status">{say(sentence)}</p>'


def problem_line(error: StylepropError) -> str:
    """HTML of the line where something is missing or wrong; what is shown above it stays.

    Of a picture that is gone it lets the browser send what it still shows.
    """
    mark = " data-gone" if isinstance(error, GoneError) else ""
    return f'<p class="status problem" role="alert"{mark}>{html.escape(say(error.sentence))}</p>'


def run_button(label: str, part: Any) -> gr.Button:
    """The button that does a tab's work, dead while a component holds nothing to work on."""
    button = gr.Button(say(label), variant="primary", scale=2, interactive=False)
    part.change(None, [part], [button], js=IS_THERE, **AT_ONCE)
    return button


def download_button(**options) -> gr.DownloadButton:
    """The download of the full-size result alone, dead until there is one."""
    return gr.DownloadButton(say("Download PNG"), interactive=False, **options)
