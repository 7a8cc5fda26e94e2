"""The fold of the style transfer tab that makes a contact sheet: one photo in many styles, or at many strengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import WISHES
from styleprop.server.texts import said, say
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.result import download_button, status_html
from styleprop.ui.widgets.styles import BUILT_IN

STYLES, STRENGTHS = "styles", "strengths"
KINDS = [("Every style", STYLES), ("My style, weak to strong", STRENGTHS)]
HINT = "One small picture for each, with the settings above. The photo comes first; a click on another paints it."


@dataclass(frozen=True)
class SheetForm:
    """The components of the fold; `grid` remembers what the sheet shows, a `Grid` or None."""

    kind: gr.Radio
    run: gr.Button
    sheet: gr.Image
    status: gr.HTML
    download: gr.DownloadButton
    grid: gr.State


@dataclass(frozen=True)
class Grid:
    """Where the pictures of a sheet are.

    Attributes:
        size: width and height of the sheet as the page shows it, pixels.
        columns, rows: of the pictures, the photo's among them.
        values: what each picture but the photo's was painted with: a style's name, or a strength.
    """

    size: tuple[int, int]
    columns: int
    rows: int
    values: Sequence[str | float]

    def at(self, x: float, y: float) -> str | float | None:
        """What the picture at a place was painted with; None for the photo and for empty paper."""
        width, height = self.size
        number = int(y / height * self.rows) * self.columns + int(x / width * self.columns)
        return self.values[number - 1] if 0 < number <= len(self.values) else None


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
    return SheetForm(kind, run, sheet, status, download, gr.State(None))


def connect_sheet(form: StyleForm, fold: SheetForm, call: dict[str, Any]) -> None:
    """Attach the button; `call` is what all calls of the engine have in common."""
    shelf = form.shelf

    @plain_errors
    def make(values: dict, progress=gr.Progress()):
        from styleprop.engine import sheets

        def watch(done: int, total: int) -> None:
            progress((done, total), desc=say("Painting"), unit=say("paintings"))

        model = shelf.model(values)
        if values[fold.kind] == STRENGTHS:
            job = form.read(values)
            content, cells = job.content, sheets.strength_cells(job.resolved(model))
            values_of: Sequence[str | float] = sheets.STRENGTHS
        else:
            content, own = uploads.open_picture(values[form.content]), shelf.fitting(values, model)
            cells = [*(sheets.SheetCell(style.title, style) for style in own), *sheets.style_cells(model)]
            values_of = [*(style.name for style in own), *model.styles]
        settings = {name: values[component] for name, component in form.settings.items()}
        made = sheets.make_sheet(model, content, cells, watch, **settings)
        name = f"{outcome.slug(values[form.content])}-sheet"
        button = gr.DownloadButton(value=outcome.write_picture(made, name), interactive=True)
        preview = outcome.preview(made.array)
        columns = images.sheet_columns(len(cells) + 1, *images.fit_within(content.image, sheets.CELL_SIDE).shape[:2])
        grid = Grid(preview.size, columns, -(-(len(cells) + 1) // columns), values_of)
        shown = gr.Image(preview, visible=True, alt_text=say("Contact sheet"))
        return shown, outcome.status_line(made, say("Made"), say("the autoencoder")), button, grid

    @plain_errors
    def choose(values: dict, event: gr.SelectData):
        value = values[fold.grid].at(*event.index) if values[fold.grid] else None
        if value is None:
            return {form.wishes: gr.skip()}
        wished = {form.wishes: values[form.wishes] + 1}
        if isinstance(value, str):
            return wished | {form.source: BUILT_IN, form.built_in: value}
        return wished | {form.strength: value}

    chosen = [form.source, form.built_in, form.strength, form.wishes]
    fold.sheet.select(choose, {fold.grid, form.wishes}, chosen, **WISHES)
    fold.run.click(
        make,
        form.inputs | {fold.kind},
        [fold.sheet, fold.status, fold.download, fold.grid],
        show_progress_on=fold.status,
        **call,
    )
