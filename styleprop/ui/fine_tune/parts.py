"""The components of the fine-tune tab, and of what reaches the other tabs from there."""

from dataclasses import dataclass

import gradio as gr

from styleprop.ui.widgets.examples import Example
from styleprop.ui.widgets.styles import StyleChoice

UNDER_WAY_CHIP = "A training is running"


@dataclass(frozen=True)
class Banner:
    """What tells in every tab that a visitor's own weights are in use, and where they are used.

    `domain` is the choice that a CycleGAN adds to, `style` the one that a style does; `tabs` opens theirs, `chip` this.
    """

    row: gr.Row
    text: gr.HTML
    back: gr.Button
    domain: gr.Radio | None
    style: StyleChoice
    tabs: gr.Tabs
    chip: gr.Button


@dataclass(frozen=True)
class TuningForm:
    """What a training is asked for with."""

    job: gr.Radio
    hint: gr.HTML
    pictures: gr.File
    note: gr.HTML
    thumbnails: gr.Gallery
    photos: gr.File
    photo_note: gr.HTML
    seconds: gr.Slider
    loss: gr.Radio
    optimizer: gr.Radio
    rate: gr.Number


@dataclass(frozen=True)
class TuningView:
    """What is seen of a training."""

    start: gr.Button
    stop: gr.Button
    resume: gr.Button
    status: gr.HTML
    preview: gr.Image
    captions: gr.Row
    plot: gr.LinePlot
    timer: gr.Timer
    seen: gr.State


@dataclass(frozen=True)
class TuningResult:
    """What can be done with the weights."""

    panel: gr.Column
    use: gr.Button
    download: gr.DownloadButton
    delete: gr.Button
    sure: gr.Button
    keep: gr.Button
    image: gr.Image
    examples: list[tuple[Example, gr.Button]]
    compare: gr.Button
    slider: gr.ImageSlider
    status: gr.HTML
