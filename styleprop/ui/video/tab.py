"""The Video tab: a clip in, a painted clip out, as long as that takes."""

from typing import Any

import gradio as gr

from styleprop.config.video import QUALITIES
from styleprop.server.clips import Clips
from styleprop.server.job import SLOTS
from styleprop.server.live import Live
from styleprop.server.texts import said, say
from styleprop.ui.video.back import connect_back
from styleprop.ui.video.events import EMPTY, Handlers, Owner, VideoPage, connect
from styleprop.ui.video.form import SCHOOL, SIZES, VideoForm
from styleprop.ui.video.live import build_live_fold
from styleprop.ui.video.player import as_it_is, build_players
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.domains import domain_choices
from styleprop.ui.widgets.result import option_slider, result_slider, status_html
from styleprop.ui.widgets.styles import BUILT_IN, PICTURES, Shelf, style_choices

SOURCES = [("Built-in", BUILT_IN), ("My pictures", PICTURES), ("A school", SCHOOL)]
QUALITY_NAMES = {"steady": "Steady", "fast": "Fast"}
HINT = "MP4, MOV, WebM, MKV or AVI: at most 200 MB and 3 minutes."
OWN_PICTURES = ("Style picture 1", "Style picture 2", "Style picture 3", "Style picture 4")


def build_video_tab(owner: Owner, clips: Clips, live: Live | None, tab: gr.Tab, load: Any) -> Handlers:
    """Lay out the tab inside the open `gr.Blocks` and connect it.

    Args:
        owner: the styles, and what the visitor's browser keeps.
        clips: paints.
        live: paints cameras; or None.
        tab: for what happens when it is opened.
        load: the event of a page that is opened.

    Returns:
        What its events do.
    """
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=5, min_width=320):
            clip = gr.Video(
                label=say("Your clip"),
                sources=["upload", "webcam"],
                include_audio=True,
                height=230,
                buttons=[],
                elem_classes="clip",
            )
            clip.postprocess = as_it_is  # type: ignore[method-assign]
            note = photo.note_line(HINT)
            chooser, panels, notes = _chooser(owner.shelf)
            settings = _settings()
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            slider = result_slider("First frame and painting")
            players = build_players()
            status = status_html(EMPTY)
            with gr.Row(elem_classes="actions"):
                start = gr.Button(say("Start"), variant="primary", scale=2, interactive=False)
                stop = gr.Button(say("Stop"), variant="stop", visible=False)
                download = gr.DownloadButton(say("Download MP4"), interactive=False)
            form = VideoForm(owner.shelf, clip, *chooser, *settings)
            if live is not None:
                build_live_fold(live, form)
    parts = (note, panels, notes, slider, players, status, start, stop, download)
    do = connect(owner, clips, form, VideoPage(*parts, gr.State("")), tab)
    connect_back(do, tab, load)
    return do


def _chooser(shelf: Shelf):
    """The components of the style, the panels by their sources, and the notes of the pictures."""
    offered = domain_choices(shelf.tuned.models.domains)
    sources = [pair for pair in SOURCES if pair[1] != SCHOOL or offered]
    start = BUILT_IN if shelf.styles else PICTURES
    with gr.Group(elem_classes="chooser"):
        source = gr.Radio(said(sources), value=start, label=say("Style"), elem_classes="segments")
        with gr.Column(visible=start == BUILT_IN, elem_classes="style-panel") as built_in_panel:
            choices = style_choices({style.name: style for style in shelf.styles})
            label = say("Built-in styles")
            tiles = gr.Radio(choices, label=label, show_label=False, elem_classes="style-tiles", container=False)
        with gr.Column(visible=start == PICTURES, elem_classes="style-panel") as picture_panel:
            pictures, notes = _pictures()
        with gr.Column(visible=False, elem_classes="style-panel") as school_panel:
            first = offered[0][1] if offered else None
            domain = gr.Radio(offered, value=first, label=say("Domain"), elem_classes="style-tiles")
    panels = {BUILT_IN: built_in_panel, PICTURES: picture_panel, SCHOOL: school_panel}
    return (source, tiles, pictures, domain), panels, notes


def _pictures():
    pictures, notes = [], []
    for first in range(0, SLOTS, 2):
        with gr.Row():
            for number in (first, first + 1):
                with gr.Column(min_width=120):
                    pictures.append(photo.picture_input(OWN_PICTURES[number], 120, "Drop or click"))
                    notes.append(photo.note_line())
    return pictures, notes


def _settings():
    with gr.Group(elem_classes="settings"):
        names = said([(QUALITY_NAMES[name], name) for name in reversed(QUALITIES)])
        info = say("Steady takes twice as long")
        quality = gr.Radio(names, value=names[0][1], label=say("Quality"), info=info, elem_classes="segments")
        sizes = [(str(lines), lines) for lines in SIZES]
        info = say("Lines; a smaller clip keeps its own")
        size = gr.Radio(sizes, value=SIZES[1], label=say("Size"), info=info, elem_classes="segments")
        strength = option_slider("strength", "Strength", "0 is the clip, 1 the full style")
    return quality, size, strength
