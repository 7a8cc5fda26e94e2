"""The strip of what was painted: back to one with its settings, one beside another, all of them in a zip."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from styleprop import images
from styleprop.config.words import counted
from styleprop.errors import CancelledError, ImageError, StylepropError
from styleprop.own_styles import is_own_name
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, UNREAD
from styleprop.server.texts import say
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.full_size import Download, Shown, connect_making
from styleprop.ui.widgets.photo_tab import PhotoTab
from styleprop.ui.widgets.result import problem_line
from styleprop.ui.widgets.visit import here

KEPT = 12
HASTE_SECONDS = 3.0  # of two paintings that a slider passes within this time, the second takes the first one's place
THUMB = 144  # side, pixels
ZIP = "styleprop-paintings.zip"
GONE = "This painting is not here any more: pictures are kept for an hour. Paint it again."
REMOVED = "The tile that painted this was removed: a download still works; to go on with it, load its file."
IN_ZIP = "1 painting is in the zip.", "{number} paintings are in the zip."
COMPARE, COMPARE_PHOTO = "Compare others with this", "Compare with the photo"


@dataclass(frozen=True)
class Made:
    """One painting of the visit.

    Attributes:
        pair: paths of the previews of the photo and of the painting.
        line: HTML of the status line.
        shown: how its full size is made, and its names.
        form: what was set, as `StyleForm.snapshot` has it.
        thumb: path of a small copy.
        masked: whether it is of a part of the photo.
        seconds: when it was made, by a clock that only goes forward.
    """

    pair: tuple[str, str]
    line: str
    shown: Shown
    form: dict[str, Any]
    thumb: str
    masked: bool = False
    seconds: float = field(default_factory=time.monotonic)

    def is_next_to(self, other: "Made") -> bool:
        """Whether it follows another so fast that only a slider can have moved between them."""
        same = self.shown.photo == other.shown.photo and self.shown.by == other.shown.by
        return same and self.seconds - other.seconds < HASTE_SECONDS


def added(made: tuple[Made, ...], new: Made) -> tuple[Made, ...]:
    """The newest paintings with one more."""
    before = made[:-1] if made and new.is_next_to(made[-1]) else made
    return (*before, new)[-KEPT:]


def thumb_of(image: np.ndarray) -> str:
    """Write a small copy of a uint8 picture; returns its path."""
    path = uploads.result_path("thumb.webp")
    Image.fromarray(images.fit_within(image, THUMB)).save(path, quality=80, method=2)
    return str(path)


@dataclass(frozen=True)
class History:
    """The components of the strip, and what they remember.

    `made` holds the newest paintings, `against` the one that others are shown beside, or None for the photo.
    """

    made: gr.State
    against: gr.State
    panel: gr.Column
    strip: gr.Gallery
    compare: gr.Button
    everything: gr.Button

    @property
    def inputs(self) -> set[Any]:
        """What `after` reads."""
        return {self.made, self.against}

    @property
    def outputs(self) -> list[Any]:
        """What `after` sets."""
        return [self.made, self.panel, self.strip]

    def after(self, values: dict, new: Made) -> dict[Any, Any]:
        """Values by component after one more painting."""
        made = added(values[self.made], new)
        thumbs = [(one.thumb, one.shown.by) for one in made]
        return {self.made: made, self.panel: gr.update(visible=len(made) > 1), self.strip: gr.update(value=thumbs)}

    def pair(self, values: dict, one: Made) -> tuple[str, str]:
        """What the slider shows: a painting beside its photo, or beside another of it that was chosen for that."""
        against = values[self.against]
        is_fit = against and against.shown.photo == one.shown.photo and here(against.pair[1])
        return (against.pair[1], one.pair[1]) if is_fit else one.pair


def build_history() -> History:
    """Lay out the strip inside the open `gr.Blocks`; it is seen from the second painting on."""
    with gr.Column(visible=False, elem_classes="history") as panel:
        strip = gr.Gallery(
            label=say("Painted so far"),
            show_label=False,
            columns=KEPT,
            format="webp",
            allow_preview=False,
            interactive=False,
            buttons=[],
            elem_classes=["thumbnails", "strip"],
        )
        with gr.Row():
            compare = gr.Button(say(COMPARE), size="sm", min_width=120)
            everything = gr.Button(say("Download all (zip)"), size="sm", min_width=120)
    return History(gr.State(()), gr.State(None), panel, strip, compare, everything)


def connect_history(
    history: History,
    form: StyleForm,
    result: tuple[gr.ImageSlider, gr.HTML, Download],
    part: PhotoTab,
) -> None:
    """Attach the strip and its buttons.

    Args:
        history, form, result: the components.
        part: takes a photo over.
    """
    (slider, status, download), kept = result, part.visit.kept

    @plain_errors
    def choose(values: dict, event: gr.SelectData) -> dict[Any, Any]:
        one = values[history.made][event.index]
        photo = here(one.shown.photo)
        if photo is None or here(one.pair[1]) is None:
            return {status: problem_line(ImageError(GONE))}
        values[download.wish].turn()
        names = form.shelf.known(values)
        found = form.recalled(one.form, names) | part.fill(values, photo) | {part.visit.style: one.form}
        if form.mask.painted(values) is not None:
            found[form.mask.on] = one.masked
        style = one.form["built_in"]
        gone = outcome.plain_line(say(REMOVED)) if is_own_name(style) and style not in names else ""
        return found | {slider: history.pair(values, one), status: one.line + gone, **download.offer(one.shown)}

    @plain_errors
    def compare(values: dict) -> dict[Any, Any]:
        shown = values[download.shown]
        one = next((one for one in reversed(values[history.made]) if shown and one.shown.paint is shown.paint), None)
        if values[history.against] or one is None:
            pair = one.pair if one else gr.skip()
            return {history.against: None, history.compare: gr.update(value=say(COMPARE)), slider: pair}
        return {history.against: one, history.compare: gr.update(value=say(COMPARE_PHOTO)), slider: gr.skip()}

    seen = [slider, status, *download.outputs, *form.recallable, form.mask.on, part.note, kept, part.visit.style]
    read = history.inputs | form.shelf.inputs | form.mask.inputs | {download.wish, kept}
    history.strip.select(choose, read, seen, **UNREAD)
    history.compare.click(
        compare, history.inputs | {download.shown}, [history.against, history.compare, slider], **AT_ONCE
    )
    connect_making(download, history.everything, _zip_all, [history.made], [download.file, status], slider)


@plain_errors
def _zip_all(made: tuple[Made, ...], wish: Any, progress=gr.Progress()) -> tuple[Any, Any]:
    """Paint all of them at full size, one after the other, and give the zip; what fails is named."""
    flag, files, problems = wish.flag, [], []
    for number, one in enumerate(made):
        progress((number, len(made)), desc=say("Painting"), unit=say("paintings"))
        try:
            files.append(Path(one.shown.file(".png") or _full(one.shown, flag)))
        except CancelledError:
            return None, gr.skip()
        except StylepropError as error:
            problems.append(say("{name} was left out: {reason}", name=repr(one.shown.name), reason=say(error.sentence)))
    line = " ".join([say(counted(len(files), *IN_ZIP)), *problems])
    return outcome.write_zip(files, ZIP) if files else None, outcome.plain_line(line)


def _full(shown: Shown, flag: Any) -> str:
    return outcome.write_picture(shown.paint().full(None, flag), shown.name)
