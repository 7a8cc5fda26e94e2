"""The Sound tab: a sound in the texture of another."""

import html
from dataclasses import dataclass
from typing import Any

import gradio as gr

from styleprop.config.sound import EXAMPLES, TEXTURES
from styleprop.errors import StylepropError
from styleprop.server import outcome, sounds
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, SOUNDS
from styleprop.server.sounds import Sounds
from styleprop.server.texts import said, say
from styleprop.ui.widgets.result import problem_line, run_button, status_html, status_line

OWN = "own"
EMPTY = "Add a sound: it is put into the texture at once."
DONE = "{length} s of sound in {seconds} s. Its loudness follows your sound's (correlation {likeness})."
NOTHING_TO_HEAR = "There is nothing to hear in this sound, so it comes back as it is."
HINT = (
    "WAV, FLAC, OGG or MP3, mono or stereo, at most 60 seconds. What stays of your sound is when it is loud and quiet, "
    "and roughly where its tones move; what it is made of becomes the texture's. Words do not stay words."
)


@dataclass(frozen=True)
class _Page:
    """The components of the tab."""

    content: gr.Audio
    texture: gr.Radio
    style: gr.Audio
    strength: gr.Slider
    run: gr.Button
    result: gr.Audio
    status: gr.HTML
    download: gr.DownloadButton
    seen: gr.Column
    pictures: tuple[gr.Image, ...]

    @property
    def nothing(self) -> dict[Any, Any]:
        """Values by component for a tab without a result."""
        empty: dict[Any, Any] = dict.fromkeys((self.result, *self.pictures))
        empty |= {self.seen: gr.update(visible=False), self.download: gr.update(value=None, interactive=False)}
        return empty | {self.status: status_line(EMPTY)}


def build_sound_tab(models: Sounds) -> None:
    """Lay out the tab inside the open `gr.Blocks` and connect it."""
    with gr.Row(equal_height=False, elem_classes="desk"):
        with gr.Column(scale=5, min_width=320):
            content = _player("Your sound", sources=["upload", "microphone"], editable=False)
            with gr.Row(elem_classes="sound-examples"):
                buttons = {name: gr.Button(say(title), size="sm", min_width=64) for name, title in EXAMPLES.items()}
            choices = [*((title, name) for name, title in TEXTURES.items()), ("My own", OWN)]
            texture = gr.Radio(said(choices), value="rain", label=say("Texture"), elem_classes="segments")
            style = _player("Texture's sound", sources=["upload", "microphone"], editable=False, visible=False)
            strength = gr.Slider(
                0, 1, 1, step=0.05, label=say("Strength"), info=say("0 is your sound, 1 the whole texture.")
            )
            gr.HTML(f'<p class="hint">{say(HINT)}</p>', padding=False)
        with gr.Column(scale=6, min_width=320, elem_classes="stage"):
            result = _player("Result", interactive=False, elem_classes="heard")
            status = status_html(EMPTY)
            with gr.Row(elem_classes="actions"):
                run = run_button("Restyle sound", content)
                download = gr.DownloadButton(say("Download WAV"), interactive=False, scale=1)
            with gr.Column(visible=False) as seen:
                pictures = tuple(map(_picture, ("Your sound", "Texture", "Result")))
    page = _Page(content, texture, style, strength, run, result, status, download, seen, pictures)
    _connect(models, page, buttons)


def _player(label: str, **options: Any) -> gr.Audio:
    return gr.Audio(label=say(label), type="filepath", buttons=[], **options)  # no button that shares it elsewhere


def _picture(label: str) -> gr.Image:
    looks: dict[str, Any] = {"format": "png", "interactive": False, "buttons": ["fullscreen"], "height": 150}
    return gr.Image(label=say(label), alt_text=say(label), **looks)


def _connect(models: Sounds, page: _Page, buttons: dict[str, gr.Button]) -> None:
    restyle = _restyler(models, page)
    call: dict[str, Any] = {
        "inputs": {page.content, page.texture, page.style, page.strength},
        "outputs": [*page.nothing],
        "show_progress_on": page.result,
        "trigger_mode": "always_last",
        **SOUNDS,
    }
    for event in (
        page.run.click,
        page.content.upload,
        page.content.stop_recording,
        page.style.upload,
        page.style.stop_recording,
        page.strength.input,
    ):
        event(restyle, **call)
    page.content.clear(lambda: tuple(page.nothing.values()), None, [*page.nothing], **AT_ONCE)
    page.texture.input(_show_own, [page.texture], [page.style], **AT_ONCE).then(restyle, **call)
    for name, button in buttons.items():
        button.click(_example(name), None, [page.content], **AT_ONCE).success(restyle, **call)


def _example(name: str):
    def give_example():
        return sounds.write_example(name)

    return give_example


def _show_own(texture: Any):
    return gr.update(visible=texture == OWN)


def _restyler(models: Sounds, page: _Page):
    @plain_errors
    def restyle(values: dict):
        payload = values[page.content]
        if not payload:
            return {page.status: status_line(EMPTY)}
        try:
            content = sounds.open_sound(payload)
            style = sounds.choose_style(values[page.texture], values[page.style])
            made = models.wait().restyle(content, style, values[page.strength])
        except StylepropError as error:
            return {page.status: problem_line(error)}
        name = f"{outcome.slug(payload)}-{style if isinstance(style, str) else 'sound'}"
        path = sounds.write_wav(made.sound, name)
        shown = map(sounds.spectrogram, (content, style, made.sound))
        return {
            page.result: path,
            page.status: _line(made),
            page.download: gr.update(value=path, interactive=True),
            page.seen: gr.update(visible=True),
            **dict(zip(page.pictures, shown, strict=True)),
        }

    return restyle


def _line(made: Any) -> str:
    if made.is_unchanged:
        return status_line(NOTHING_TO_HEAR)
    numbers = {"length": f"{made.sound.seconds:.1f}", "seconds": f"{made.seconds:.1f}"}
    sentence = say(DONE, **numbers, likeness=f"{made.likeness:.2f}")
    return f'<p class="status">{html.escape(sentence)}</p>'
