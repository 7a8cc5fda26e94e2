"""The fold of the Video tab that paints the camera while one watches."""

from typing import Any

import gradio as gr

from styleprop.server.guard import plain_errors
from styleprop.server.live import Live
from styleprop.server.queues import AT_ONCE, CHECKS
from styleprop.server.texts import say
from styleprop.ui.video.form import VideoForm

HINT = "The camera's pictures go to this server, are painted in the style that is chosen, and are kept nowhere."
FRAME = """<div class="live"><canvas role="img" aria-label="{label}"></canvas><video muted playsinline></video>
<p class="note" role="status"></p></div>"""
BEGIN = "(token) => { window.styleprop.live.begin(token) }"
END = "() => { window.styleprop.live.end('') }"


def build_live_fold(live: Live, form: VideoForm) -> None:
    """Lay out the fold inside the open `gr.Blocks`, closed, and connect it: `live` paints in the form's style."""
    with gr.Accordion(say("Live: your camera, painted as you watch"), open=False):
        gr.HTML(f'<p class="hint">{say(HINT)}</p>', padding=False)
        gr.HTML(FRAME.format(label=say("The camera's picture, painted")), padding=False)
        token = gr.Textbox(visible="hidden")
        with gr.Row():
            begin = gr.Button(say("Start the camera"), min_width=140)
            end = gr.Button(say("Stop the camera"), min_width=140)

    def painter(values: dict) -> Any:
        return form.manner(values).painter()

    @plain_errors
    def begin_live(values: dict) -> str:
        return live.open(painter(values))

    @plain_errors
    def change_live(values: dict) -> None:
        if values[token] and form.has_style(values):
            live.change(values[token], painter(values))

    inputs = form.style_inputs | {token}
    begin.click(begin_live, inputs, [token], **CHECKS).success(None, [token], js=BEGIN, **AT_ONCE)
    end.click(None, js=END, **AT_ONCE)
    changes = [part.input for part in (form.source, form.built_in, form.domain, form.strength)]
    changes += [picture.upload for picture in form.pictures]
    gr.on(changes, change_live, inputs, trigger_mode="always_last", **{**CHECKS, "show_progress": "hidden"})
