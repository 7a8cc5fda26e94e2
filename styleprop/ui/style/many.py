"""The fold of the style transfer tab that restyles several photos at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.config.words import counted
from styleprop.errors import CancelledError, SettingsError, StylepropError
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, FULL_SIZE
from styleprop.server.texts import say
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.result import status_html
from styleprop.ui.widgets.wish import Wish

MAX_PHOTOS = 20
ZIP = "styleprop-photos.zip"
HINT = "Each gets the style and the settings above, in its own size. One that fails is named, and the rest go on."
NO_PHOTOS = "Add some photos first."
TOO_MANY = "At most {number} photos at a time."
COUNT = "Restyled {done} of {photos}."


@dataclass(frozen=True)
class ManyForm:
    """The components of the fold."""

    photos: gr.File
    run: gr.Button
    stop: gr.Button
    status: gr.HTML
    gallery: gr.Gallery
    download: gr.DownloadButton
    wish: gr.State


def build_many_fold() -> ManyForm:
    """Lay out the fold inside the open `gr.Blocks`, closed."""
    with gr.Accordion(say("Several photos at once"), open=False):
        kinds = ["image", *sorted(images.ENDINGS)]
        photos = gr.File(label=say("Photos"), file_count="multiple", file_types=kinds, type="filepath", height=130)
        gallery = gr.Gallery(
            label=say("Restyled photos"),
            format="png",
            columns=4,
            object_fit="cover",
            interactive=False,
            visible=False,
            buttons=["fullscreen"],
        )
        status = status_html(HINT)
        with gr.Row():
            run = gr.Button(say("Restyle all"), scale=2)
            stop = gr.Button(say("Stop"), variant="stop", visible=False)
            download = gr.DownloadButton(say("Download (zip)"), interactive=False)
    return ManyForm(photos, run, stop, status, gallery, download, gr.State(Wish()))


def connect_many(form: StyleForm, fold: ManyForm) -> None:
    """Attach the buttons."""
    inputs = form.inputs | {fold.photos, fold.wish}
    outputs = [fold.status, fold.gallery, fold.download]
    buttons = [fold.run, fold.stop]

    @plain_errors
    def begin(wish: Wish):
        wish.begin()
        return gr.Button(interactive=False), gr.Button(visible=True)

    @plain_errors
    def restyle(values: dict) -> Iterator[dict[Any, Any]]:
        yield from _restyle_all(form, fold, values)

    begun = fold.run.click(begin, [fold.wish], buttons, **AT_ONCE)
    made = begun.then(restyle, inputs, outputs, show_progress_on=fold.status, **FULL_SIZE)
    made.then(lambda: (gr.Button(interactive=True), gr.Button(visible=False)), outputs=buttons, **AT_ONCE)
    fold.stop.click(lambda wish: wish.stop(), [fold.wish], **AT_ONCE)


def _restyle_all(form: StyleForm, fold: ManyForm, values: dict) -> Iterator[dict[Any, Any]]:
    paths = uploads.checked_files(values[fold.photos])
    if not 1 <= len(paths) <= MAX_PHOTOS:
        raise SettingsError(TOO_MANY, number=MAX_PHOTOS) if paths else SettingsError(NO_PHOTOS)
    flag, model = values[fold.wish].flag, form.shelf.model(values)
    made: list[tuple[Any, str]] = []
    files: list[Path] = []
    problems: list[str] = []
    for path in paths:
        photo = values | {form.content: {"path": str(path), "orig_name": path.name}, form.mask.drawn: None}
        try:
            result = form.read(photo).paint(model).full(None, flag)
        except CancelledError:
            break
        except StylepropError as error:
            problems.append(say("{name} was left out: {reason}", name=repr(path.name), reason=say(error.sentence)))
        else:
            name = f"{outcome.slug(str(path))}-{form.style_name(values)}"
            files.append(Path(outcome.write_picture(result, name)))
            made.append((outcome.preview(result.array, result.alpha), path.name))
        total = say(counted(len(paths), "1 photo", "{number} photos"))
        line = [say(COUNT, done=len(made), photos=total), *problems]
        yield {
            fold.status: outcome.plain_line(" ".join(line)),
            fold.gallery: gr.Gallery(made, visible=bool(made)),
        }
    if files:
        yield {fold.download: gr.DownloadButton(value=outcome.write_zip(files, ZIP), interactive=True)}
