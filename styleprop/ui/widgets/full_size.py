"""The download of a painting: the page shows it at the canvas' size, and its own size is made when it is taken."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop.errors import CancelledError, SettingsError
from styleprop.server import outcome
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, FULL_SIZE
from styleprop.server.texts import say
from styleprop.ui.widgets.wish import Wish

NOTHING_SHOWN = "There is no painting yet: make one first."
STOPPED = "Stopped. The painting above stays; press Download PNG for its full size."
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
        file: path of the PNG, or None.
    """

    paint: Callable[[], Any]
    verb: str
    name: str
    by: str
    photo: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class Download:
    """The components of a download, and what they remember."""

    button: gr.Button
    stop: gr.Button
    file: gr.DownloadButton
    shown: gr.State
    wish: gr.State


def build_download() -> Download:
    """Lay out the button inside the open `gr.Blocks`, dead until there is something to take."""
    button = gr.Button(say("Download PNG"), interactive=False, scale=1)
    stop = gr.Button(say("Stop"), variant="stop", visible=False, scale=1)
    file = gr.DownloadButton(say("Download PNG"), visible="hidden")
    return Download(button, stop, file, gr.State(None), gr.State(Wish()))


def nothing_to_take(download: Download) -> dict[Any, Any]:
    """Values by component where there is no painting."""
    return {download.button: gr.update(interactive=False), download.shown: None}


def connect_download(download: Download, slider: gr.ImageSlider, status: gr.HTML, photo: gr.Image) -> None:
    """Let the button make the full size, once, and give it; a newer wish stops it, and so does an emptied photo."""
    buttons = [download.button, download.stop]
    made = download.button.click(_begin, [download.wish], [*buttons, download.file], **AT_ONCE).then(
        _make,
        [download.shown, download.wish],
        [download.file, status, download.shown],
        show_progress_on=slider,
        **FULL_SIZE,
    )
    made.success(None, [download.file], js=TAKE, **AT_ONCE)
    made.then(_end, outputs=buttons, **AT_ONCE)
    photo.clear(lambda wish: wish.stop(), [download.wish], **AT_ONCE)
    download.stop.click(_stop, [download.wish], [status], **AT_ONCE)


def _begin(wish: Wish):
    wish.begin()
    return gr.Button(interactive=False), gr.Button(visible=True), None


@plain_errors
def _make(shown: Shown | None, wish: Wish, progress=gr.Progress()):
    if shown is None:
        raise SettingsError(NOTHING_SHOWN)
    if shown.file and Path(shown.file).is_file():
        return shown.file, gr.skip(), gr.skip()
    flag = wish.flag
    try:
        result = shown.paint().full(outcome.watcher(progress), flag)
    except CancelledError:
        return None, gr.skip(), gr.skip()
    path = outcome.write_png(result, shown.name)
    if flag.is_set():
        return None, gr.skip(), gr.skip()
    return path, outcome.status_line(result, shown.verb, shown.by), replace(shown, file=path)


def _stop(wish: Wish):
    wish.stop()
    return f'<p class="status">{say(STOPPED)}</p>'


def _end():
    return gr.Button(interactive=True), gr.Button(visible=False)
