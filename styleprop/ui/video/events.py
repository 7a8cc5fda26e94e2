"""What happens in the Video tab when something is dropped, chosen or clicked, and each second while a clip is painted.

A clip's first frame is painted at once, and again after each change, by the newest wish; the rest after Start.
"""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import gradio as gr

from styleprop.errors import StylepropError, VideoError
from styleprop.server import outcome
from styleprop.server.clips import FINISHED, Clips, ClipStatus
from styleprop.server.guard import plain_errors
from styleprop.server.once import OncePerPage
from styleprop.server.queues import AT_ONCE, CHECKS, INFERENCE, LOOKS
from styleprop.server.texts import say
from styleprop.ui.video.form import VideoForm
from styleprop.ui.video.player import Players
from styleprop.ui.video.view import clip_line, problem_note, status_html
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.result import problem_line, status_line
from styleprop.ui.widgets.styles import Shelf
from styleprop.ui.widgets.visit import here, path_of

EMPTY = "Choose a clip and a style: its first frame is painted at once."
FIRST = "This is the first frame. Press Start to paint all of them."
UNDER_WAY = "A clip of yours is still being painted: stop it first."
CLIP_CHIP = "A clip is being painted"
NOTHING = {"clip": ""}


@dataclass(frozen=True)
class Owner:
    """What the tab works with: the styles, and what the visitor's browser keeps: a clip's run, and the form.

    That must lie outside the tab, as must the button that tells in every tab that a clip is painted, and the timer by
    which it knows: Gradio mounts a tab when it is opened.
    """

    shelf: Shelf
    chip: gr.Button
    timer: gr.Timer
    kept: gr.BrowserState = field(default_factory=lambda: gr.BrowserState(NOTHING, storage_key="styleprop-clip"))
    form: gr.BrowserState = field(  # outlives a restart of the server; read strictly
        default_factory=lambda: gr.BrowserState({}, storage_key="styleprop-video", secret="styleprop")
    )


@dataclass(frozen=True)
class VideoPage:
    """The components of the tab that are not inputs of a call."""

    note: gr.HTML
    panels: dict[str, gr.Column]
    notes: list[gr.HTML]
    slider: gr.ImageSlider
    players: Players
    status: gr.HTML
    start: gr.Button
    stop: gr.Button
    download: gr.DownloadButton
    seen: gr.State

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component for a tab without a result."""
        return {
            self.slider: gr.update(value=None, visible=True),
            **self.players.nothing,
            self.status: status_line(EMPTY),
            self.start: gr.update(interactive=False, visible=True),
            self.stop: gr.update(visible=False),
            self.download: gr.update(value=None, interactive=False),
            self.seen: "",
        }


class Handlers:
    """The handlers of the tab.

    Args:
        owner: whose weights and clips.
        clips: paints.
        form, page: the components.
    """

    def __init__(self, owner: Owner, clips: Clips, form: VideoForm, page: VideoPage):
        self.owner, self.clips, self.form, self.page, self.kept = owner, clips, form, page, owner.kept
        self.once = OncePerPage(lambda clip: self.is_under_way({"clip": clip}))

    @property
    def painting(self) -> dict[str, Any]:
        """Arguments of the events that paint a first frame, but for what they do."""
        return {
            "inputs": self.form.inputs | {self.kept, self.page.seen},
            "outputs": [*self.page.nothing, self.owner.form],
            "show_progress_on": self.page.slider,
            "show_progress": "minimal",
            "trigger_mode": "always_last",
            **INFERENCE,
        }

    @property
    def reported(self) -> list[Any]:
        """The outputs of `report_clip`."""
        return [*self.page.nothing, self.kept, self.owner.chip, self.owner.timer]

    def status_of(self, kept: Any) -> ClipStatus | None:
        """How the visitor's clip stands; None where there is none, or none any more."""
        try:
            return self.clips.status(kept.get("clip") if isinstance(kept, dict) else None)
        except VideoError:
            return None

    def is_under_way(self, kept: Any) -> bool:
        """Whether a clip of the visitor waits or is painted."""
        status = self.status_of(kept)
        return status is not None and status.state not in FINISHED

    def is_shown(self, values: dict) -> bool:
        """Whether the page shows what was painted of the clip in the form, as after a reload."""
        status, clip = self.status_of(values[self.kept]), here(path_of(values[self.form.clip]))
        return status is not None and status.before == clip and bool(values[self.page.seen])

    def look_at_clip(self, values: dict) -> dict[Any, Any]:
        """Look at a clip that was just sent; what is none is taken out again, with a sentence."""
        form, page = self.form, self.page
        if not values[form.clip]:
            return {page.note: gr.skip()}
        try:
            _, look = form.look(values)
        except VideoError as error:
            return {form.clip: None, page.note: problem_note(error)}
        return {page.note: clip_line(look.about)}

    def clear_clip(self, values: dict) -> dict[Any, Any]:
        """Empty the tab with its clip, but for one that is still painted."""
        line = {self.page.note: photo.empty_line()}
        return line if self.is_under_way(values[self.kept]) else line | self.page.nothing

    def paint_first(self, values: dict) -> dict[Any, Any]:
        """Paint the first frame; where something is missing it says what, and what is shown stays."""
        form, page = self.form, self.page
        if self.is_under_way(values[self.kept]) or not values[form.clip]:
            return {page.seen: gr.skip()}
        try:
            _, look = form.look(values)
            frame = form.first(values, look)
            painted = form.manner(values).painter()(frame, 0.0)
        except StylepropError as error:
            is_wrong = form.has_style(values)  # else something is still to be chosen
            line = problem_line(error) if is_wrong else status_line(error.sentence)
            return {page.status: line, page.start: gr.Button(interactive=False)}
        pair = outcome.preview_file(frame), outcome.preview_file(painted)
        shown = {page.slider: gr.ImageSlider(pair, visible=True), page.status: status_line(FIRST)}
        kept = {self.owner.form: form.snapshot(values)}
        return page.nothing | shown | kept | {page.start: gr.Button(interactive=True)}

    def paint_new(self, values: dict) -> dict[Any, Any]:
        """Paint the first frame of a clip that was just sent."""
        return {self.page.seen: gr.skip()} if self.is_shown(values) else self.paint_first(values)

    def begin_clip(self, values: dict) -> dict[Any, Any]:
        """Put the clip into the line."""
        if self.is_under_way(values[self.kept]):
            raise VideoError(UNDER_WAY)
        path, look = self.form.look(values)
        manner = self.form.manner(values)
        height = look.lines(self.form.lines(values))
        manner.painter()  # what makes no sense is told now

        def make(source: Path, target: Path, cancel: Event):
            return manner.moves(source, target, cancel, height)

        clip = self.once.start(lambda: self.clips.submit(make, path, self.form.file_name(values)))
        return {self.kept: {"clip": clip}, self.page.seen: ""}

    def stop_clip(self, kept: Any) -> gr.Button:
        """Let the clip end with the frames that there are."""
        self.clips.stop(kept.get("clip") if isinstance(kept, dict) else None)
        return gr.Button(say("Stopping…"), interactive=False)

    def report_clip(self, values: dict) -> dict[Any, Any]:
        """Show how the visitor's clip stands; a frame that has been seen is left as it is."""
        page, status = self.page, self.status_of(values[self.kept])
        if status is None:
            gone = {self.owner.timer: gr.Timer(active=False), self.owner.chip: gr.Button(visible=False)}
            return page.nothing | gone | ({} if values[self.kept] == NOTHING else {self.kept: NOTHING})
        ended, now = status.state in FINISHED, f"{status.state} {status.pair}"
        found: dict[Any, Any] = {
            page.seen: now,
            self.owner.timer: gr.Timer(active=not ended),
            self.owner.chip: gr.Button(visible=not ended),
            page.status: status_html(status),
            page.start: gr.Button(interactive=ended, visible=ended),
            page.stop: gr.Button(visible=True)
            if not ended
            else gr.Button(say("Stop"), visible=False, interactive=True),
        }
        if now == values[page.seen]:
            return found
        if status.file is not None:
            found |= page.players.play(status.before, status.file) | {page.slider: gr.ImageSlider(visible=False)}
            return found | {page.download: gr.DownloadButton(value=status.file, interactive=True)}
        shown: dict[str, Any] = {"value": status.pair} if status.pair else {}
        return found | page.players.nothing | {page.slider: gr.update(visible=True, **shown)}

    def switch_source(self, source: str) -> dict[Any, Any]:
        """Show the panel of a kind of style."""
        return {panel: gr.Column(visible=name == source) for name, panel in self.page.panels.items()}


def connect(owner: Owner, clips: Clips, form: VideoForm, page: VideoPage, tab: gr.Tab) -> Handlers:
    """Attach all handlers of the tab but those of `back.py`, and return them."""
    do, kept, shelf = Handlers(owner, clips, form, page), owner.kept, owner.shelf
    outputs = [*page.nothing]
    whole = form.inputs | {kept}
    paint = {"fn": plain_errors(do.paint_first), **do.painting}
    seen = {"inputs": {kept, page.seen}, "outputs": do.reported, **AT_ONCE}
    photo.another(form.clip)(plain_errors(do.look_at_clip), {form.clip}, [form.clip, page.note], **LOOKS).then(
        plain_errors(do.paint_new), **do.painting
    )
    form.clip.clear(plain_errors(do.clear_clip), {kept}, [page.note, *outputs], **AT_ONCE)
    gr.on([part.input for part in (form.built_in, form.domain, form.quality, form.size, form.strength)], **paint)
    form.source.change(do.switch_source, [form.source], [*page.panels.values()], **AT_ONCE).then(**paint)
    for picture, line in zip(form.pictures, page.notes, strict=True):
        picture.upload(_check_picture, [picture], [picture, line], **LOOKS).then(**paint)
        picture.clear(photo.empty_line, outputs=[line], **AT_ONCE).then(**paint)
    started = page.start.click(plain_errors(do.begin_clip), whole, [kept, page.seen], **CHECKS)
    started.success(plain_errors(do.report_clip), **seen)
    page.stop.click(plain_errors(do.stop_clip), [kept], [page.stop], **AT_ONCE)
    owner.timer.tick(plain_errors(do.report_clip), **seen)
    shelf.follow(form.built_in, [tab.select])
    return do


@plain_errors
def _check_picture(payload: Any) -> tuple[Any, str]:
    return photo.check(payload)[:2]
