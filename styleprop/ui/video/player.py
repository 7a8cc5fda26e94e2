"""Two players side by side; a script of the page keeps them in step."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from styleprop.server.texts import say
from styleprop.ui.widgets.visit import here, path_of

PLAYABLE = {".mp4", ".webm", ".mov", ".m4v", ".ogv"}  # by browsers, if by any


@dataclass(frozen=True)
class Players:
    """The components."""

    row: gr.Row
    before: gr.Video
    after: gr.Video

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component while there is nothing to play."""
        return {
            self.row: gr.update(visible=False),
            self.before: gr.update(value=None),
            self.after: gr.update(value=None),
        }

    def play(self, before: str, after: str) -> dict[Any, Any]:
        """Values by component: the clip as it came, where it is still here and browsers can play it, and as painted."""
        found = here(before) if Path(before).suffix.lower() in PLAYABLE else None
        shown = {self.before: gr.Video(found, visible=found is not None), self.after: gr.Video(after)}
        return {self.row: gr.Row(visible=True), **shown}


def build_players() -> Players:
    """Lay them out inside the open `gr.Blocks`, not to be seen."""
    with gr.Row(visible=False, elem_classes="players", equal_height=True) as row:
        return Players(row, _player("Before", "before"), _player("After", "after"))


def _player(label: str, name: str) -> gr.Video:
    """A player that hands a file on as it is: Gradio's own would convert it where there is an ffmpeg."""
    player = gr.Video(label=say(label), interactive=False, min_width=150, buttons=[], height=260, elem_classes=name)
    player.postprocess = as_it_is  # type: ignore[method-assign]
    return player


def as_it_is(value: Any) -> FileData | None:
    """What a player gets: the file of a path, or of what a visitor sent; None for nothing."""
    value = path_of(value)
    return FileData(path=value, orig_name=Path(value).name) if value else None
