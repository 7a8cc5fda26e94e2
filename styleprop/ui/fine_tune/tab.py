"""The fine-tune tab: your own pictures in, your own weights out, in a minute or two."""

import gradio as gr

from styleprop import images
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.ui.fine_tune.events import connect
from styleprop.ui.fine_tune.parts import Banner, TuningForm, TuningResult, TuningView
from styleprop.ui.fine_tune.push import build_push
from styleprop.ui.fine_tune.view import CURVE_COLORS, EMPTY, X_TITLE, Y_TITLE
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import example_row
from styleprop.ui.widgets.result import result_slider, status_html

JOBS = [("A style", "style"), ("A kind of picture", "autoencoder"), ("A domain", "cyclegan")]
LOSSES = [("Pixels (MSE)", "mse"), ("Pixels and features", "perceptual")]
OPTIMIZERS = [("Adam", "adam"), ("Momentum", "momentum"), ("SGD", "sgd")]
CAPTIONS = ("Not learnt from", "Before", "Now")
SWITCHED_OFF = (
    "Fine-tuning is switched off on this server. On your own computer, start the app without --no-training, "
    "or use <code>python -m styleprop fine-tune</code>."
)


def build_tuning_tab(tuned: Tuned, mine: gr.BrowserState, banner: Banner, page: gr.Blocks, tab: gr.Tab) -> None:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        tuned: opens visitors' weights, and has the desk that trains them.
        mine: what a visitor's browser keeps of the run.
        banner: what tells in every tab that own weights are in use.
        page: the `gr.Blocks`, for what happens when it is loaded.
        tab: for what happens when it is opened.
    """
    if tuned.desk is None:
        gr.HTML(f'<p class="hint">{say(SWITCHED_OFF)}</p>', padding=False)
        return
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            form = _form()
        with gr.Column(scale=6, min_width=320):
            view = _view()
    with gr.Column(visible=False) as panel:
        result = _result(panel)
        if tuned.pushing:
            build_push(tuned, mine)
    connect(tuned, mine, form, view, result, banner, page, tab)


def _form() -> TuningForm:
    with gr.Group(elem_classes="settings"):
        job = gr.Radio(said(JOBS), value="style", label=say("What to learn"), elem_classes="segments")
    hint = gr.HTML(padding=False)
    pictures = _files("Your pictures", 150)
    note = photo.note_line()
    thumbnails = gr.Gallery(
        label=say("What it learns from"),
        show_label=False,
        format="png",
        columns=6,
        height="auto",
        object_fit="cover",
        allow_preview=False,
        interactive=False,
        visible=False,
        buttons=[],
        elem_classes="thumbnails",
    )
    with gr.Accordion(say("Photos to practise on (optional)"), open=False):
        photos = _files("Photos", 120)
        photo_note = photo.note_line("Without any, four example photos are used.")
    with gr.Group(elem_classes="settings"):
        seconds = gr.Slider(
            30, 300, 60, step=10, label=say("Time"), info=say("Seconds of training; it can go on afterwards")
        )
    with gr.Accordion(say("Advanced"), open=False):
        loss = gr.Radio(said(LOSSES), value="mse", label=say("Loss, for a kind of picture"), elem_classes="segments")
        optimizer = gr.Radio(OPTIMIZERS, value="adam", label=say("Optimizer"), elem_classes="segments")
        rate = gr.Number(
            None, label=say("Learning rate"), info=say("Empty: the optimizer's usual one"), minimum=0, maximum=1
        )
    return TuningForm(job, hint, pictures, note, thumbnails, photos, photo_note, seconds, loss, optimizer, rate)


def _files(label: str, height: int) -> gr.File:
    kinds = ["image", *sorted(images.ENDINGS)]
    return gr.File(label=say(label), file_count="multiple", file_types=kinds, type="filepath", height=height)


def _view() -> TuningView:
    with gr.Row():
        start = gr.Button(say("Start"), variant="primary", scale=2, min_width=90)
        stop = gr.Button(say("Stop"), variant="stop", visible=False, min_width=90)
        resume = gr.Button(say("Resume"), visible=False, min_width=90)
    status = gr.HTML(f'<p class="status" role="status">{say(EMPTY)}</p>', padding=False, elem_id="tuning-status")
    with gr.Row(visible=False, elem_classes="captions") as captions:
        for caption in CAPTIONS:
            gr.HTML(f"<p>{say(caption)}</p>", padding=False, min_width=0)
    preview = gr.Image(
        label=say("Held-out pictures as it learns"),
        show_label=False,
        type="filepath",
        interactive=False,
        buttons=["fullscreen"],
        visible=False,
        alt_text=say("Held-out pictures as it learns"),
        elem_id="tuning-preview",
    )
    plot = gr.LinePlot(
        x="step",
        y="loss",
        color="of",
        color_map=CURVE_COLORS,
        x_title=X_TITLE,
        y_title=Y_TITLE,
        color_title="",
        label=say("Loss"),
        height=270,
        visible="hidden",
        buttons=[],
        elem_id="tuning-curves",
    )
    return TuningView(start, stop, resume, status, preview, captions, plot, gr.Timer(1.0, active=False), gr.State(""))


def _result(panel: gr.Column) -> TuningResult:
    gr.HTML(f"<h3>{say('Your weights')}</h3>", padding=False)
    with gr.Row():
        use = gr.Button(say("Use in the other tabs"), variant="primary", min_width=150)
        download = gr.DownloadButton(say("Download (zip)"), interactive=False, min_width=120)
        delete = gr.Button(say("Delete"), variant="stop", min_width=90)
        sure = gr.Button(say("Delete for good"), variant="stop", min_width=90, visible=False)
        keep = gr.Button(say("Keep"), min_width=90, visible=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            image = photo.picture_input("A photo to compare them on", 200)
            examples = example_row()
            compare = gr.Button(say("Compare"))
        with gr.Column(scale=6, min_width=320):
            slider = result_slider("Base and tuned")
            status = status_html("Left: the base. Right: yours.")
    return TuningResult(panel, use, download, delete, sure, keep, image, examples, compare, slider, status)
