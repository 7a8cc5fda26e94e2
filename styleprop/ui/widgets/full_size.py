"""To take a painting along: the page shows it at the canvas' size, and its own size is made when it is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop.errors import CancelledError, SettingsError, StylepropError
from styleprop.server import outcome
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, FULL_SIZE
from styleprop.server.texts import say
from styleprop.ui.widgets.result import problem_line
from styleprop.ui.widgets.visit import path_of
from styleprop.ui.widgets.wish import Wish

NOTHING_SHOWN = "There is no painting yet: make one first."
STOPPED = "Stopped. The painting above stays; a download makes its full size."
FORMATS = {".png": "Download PNG", ".jpg": "JPEG"}
TAKE = """(file) => {
    if (!file) return;
    const link = document.createElement("a");
    link.href = file.url;
    link.download = file.orig_name || "";
    document.body.append(link);
    link.click();
    link.remove();
}"""


@dataclass(frozen=True)
class Shown:
    """What the page shows: how to paint it again, and its full size where that has been made.

    Attributes:
        paint: makes the `Painting` once more, from what is kept of the photo and the style.
        verb: what was done, in the visitor's language.
        name: of the download, without its ending.
        by: what the painting was made with, in the visitor's language.
        photo: path of what was painted, or None.
        files: paths of the files that have been made, by ending.
    """

    paint: Callable[[], Any]
    verb: str
    name: str
    by: str
    photo: str | None = None
    files: dict[str, str] = field(default_factory=dict)

    def file(self, ending: str) -> str | None:
        """The file of an ending, where it has been made and is still here."""
        path = self.files.get(ending)
        return path if path and Path(path).is_file() else None


@dataclass(frozen=True)
class Download:
    """The components of a download, and what they remember.

    `buttons` are by the ending of what they give; `copy` puts what is shown on the clipboard, in the browser.
    """

    buttons: dict[str, gr.Button]
    copy: gr.Button
    stop: gr.Button
    file: gr.DownloadButton
    shown: gr.State
    wish: gr.State

    @property
    def actions(self) -> list[gr.Button]:
        """The buttons that are dead until there is something to take."""
        return [*self.buttons.values(), self.copy]

    @property
    def outputs(self) -> list[Any]:
        """What `offer` and `nothing` set."""
        return [*self.actions, self.shown]

    def offer(self, shown: Shown) -> dict[Any, Any]:
        """Values by component where there is a painting."""
        return {self.shown: shown} | dict.fromkeys(self.actions, gr.update(interactive=True))

    def is_stale(self, values: dict, payload: Any) -> bool:
        """Whether what is shown was painted of another photo than an image component sent now."""
        shown = values[self.shown]
        return shown is not None and shown.photo != path_of(payload)

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component where there is none."""
        return {self.shown: None} | dict.fromkeys(self.actions, gr.update(interactive=False))


def build_download() -> Download:
    """Lay out the buttons inside the open `gr.Blocks`, dead until there is something to take."""
    buttons = {
        ending: gr.Button(say(label), interactive=False, scale=1, min_width=70, elem_classes="full-size")
        for ending, label in FORMATS.items()
    }
    copy = gr.Button(say("Copy"), interactive=False, scale=1, min_width=70, elem_classes="copy")
    stop = gr.Button(say("Stop"), variant="stop", visible=False, scale=1, min_width=70)
    file = gr.DownloadButton(say("Download"), visible="hidden")
    return Download(buttons, copy, stop, file, gr.State(None), gr.State(Wish()))


def connect_download(download: Download, slider: gr.ImageSlider, status: gr.HTML) -> None:
    """Let a button make the full size, once, and give it; a newer wish stops it, or a photo that is removed."""
    outputs = [download.file, status, download.shown]
    for ending, button in download.buttons.items():
        connect_making(download, button, _maker(ending), [download.shown], outputs, slider)
    download.stop.click(_stop, [download.wish], [status], **AT_ONCE)


def connect_making(
    download: Download, button: gr.Button, make: Callable, inputs: list[Any], outputs: list[Any], slider: Any
) -> None:
    """Let a button make `download.file` and give it.

    Args:
        download: whose Stop stops it, and whose own wishes it stops.
        button: that is clicked.
        make: takes the values of `inputs` and the `Wish`, and gives those of `outputs`, among them the file's.
        inputs, outputs: components.
        slider: shows the progress.
    """
    buttons = [*download.buttons.values(), download.stop]
    begun = button.click(_begin(download), [download.wish], [*buttons, download.file], **AT_ONCE)
    made = begun.then(make, [*inputs, download.wish], outputs, show_progress_on=slider, **FULL_SIZE)
    made.success(None, [download.file], js=TAKE, **AT_ONCE)
    made.then(_end(download), [download.shown], buttons, **AT_ONCE)


def _begin(download: Download) -> Callable[[Wish], dict[Any, Any]]:
    def begin(wish: Wish) -> dict[Any, Any]:
        wish.begin()
        dead = dict.fromkeys(download.buttons.values(), gr.update(interactive=False))
        return dead | {download.stop: gr.update(visible=True), download.file: None}

    return begin


def _maker(ending: str) -> Callable[..., tuple[Any, Any, Any]]:
    @plain_errors
    def make(shown: Shown | None, wish: Wish, progress=gr.Progress()):
        if shown is None:
            raise SettingsError(NOTHING_SHOWN)
        if path := shown.file(ending):
            return path, gr.skip(), gr.skip()
        flag = wish.flag
        try:
            result = shown.paint().full(outcome.watcher(progress), flag)
        except CancelledError:
            return None, gr.skip(), gr.skip()
        except StylepropError as error:
            return None, problem_line(error), gr.skip()
        path = outcome.write_picture(result, shown.name, ending)
        if flag.is_set():
            return None, gr.skip(), gr.skip()
        made = replace(shown, files=shown.files | {ending: path})
        return path, outcome.status_line(result, shown.verb, shown.by), made

    return make


def _stop(wish: Wish) -> str:
    wish.stop()
    return f'<p class="status">{say(STOPPED)}</p>'


def _end(download: Download) -> Callable[[Shown | None], dict[Any, Any]]:
    def end(shown: Shown | None) -> dict[Any, Any]:
        alive = dict.fromkeys(download.buttons.values(), gr.update(interactive=shown is not None))
        return alive | {download.stop: gr.update(visible=False)}

    return end
