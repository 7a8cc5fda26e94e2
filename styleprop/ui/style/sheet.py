"""The fold of the style transfer tab that makes a contact sheet: one photo in many styles, or at many strengths."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.texts import said, say
from styleprop.server.tuned import Tuned
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.result import download_button, status_html

STYLES, STRENGTHS = "styles", "strengths"
KINDS = [("Every built-in style", STYLES), ("My style, weak to strong", STRENGTHS)]
HINT = "One small picture for each, with the settings above. The photo comes first."


@dataclass(frozen=True)
class SheetForm:
    """The components of the fold."""

    kind: gr.Radio
    run: gr.Button
    sheet: gr.Image
    status: gr.HTML
    download: gr.DownloadButton


def build_sheet_fold() -> SheetForm:
    """Lay out the fold inside the open `gr.Blocks`, closed."""
    with gr.Accordion(say("Contact sheet"), open=False):
        kind = gr.Radio(said(KINDS), value=STYLES, label=say("Pictures"), elem_classes="segments")
        sheet = gr.Image(
            label=say("Contact sheet"), format="png", interactive=False, buttons=["fullscreen"], visible=False
        )
        status = status_html(HINT)
        with gr.Row():
            run = gr.Button(say("Make a contact sheet"), scale=2)
            download = download_button(scale=1)
    return SheetForm(kind, run, sheet, status, download)


def connect_sheet(tuned: Tuned, mine: gr.BrowserState, form: StyleForm, fold: SheetForm, call: dict[str, Any]) -> None:
    """Attach the button; `call` is what all calls of the engine have in common."""

    @plain_errors
    def make(values: dict, progress=gr.Progress()):
        from styleprop.engine.sheets import make_sheet, strength_cells, style_cells

        def watch(done: int, total: int) -> None:
            progress((done, total), desc=say("Painting"), unit=say("pictures"))

        model = tuned.model(values[mine], ("style",))
        if values[fold.kind] == STRENGTHS:
            job = form.read(values, lambda: tuned.style_pictures(values[mine]))
            content, cells = job.content, strength_cells(job.resolved(model))
        else:
            content, cells = uploads.open_picture(values[form.content]), style_cells(model)
        settings = {name: values[component] for name, component in form.settings.items()}
        made = make_sheet(model, content, cells, watch, **settings)
        name = f"{outcome.slug(values[form.content])}-sheet"
        button = gr.DownloadButton(value=outcome.write_picture(made, name), interactive=True)
        shown = gr.Image(outcome.preview(made.array), visible=True, alt_text=say("Contact sheet"))
        return shown, outcome.status_line(made, say("Made"), say("the autoencoder")), button

    fold.run.click(
        make,
        form.inputs | {mine, fold.kind},
        [fold.sheet, fold.status, fold.download],
        show_progress_on=fold.status,
        **call,
    )
