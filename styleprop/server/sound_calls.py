"""The HTTP call `/sound`."""

import copy
from collections.abc import Callable
from typing import Any

import gradio as gr

from styleprop.config.sound import METHODS, TEXTURES
from styleprop.errors import SettingsError
from styleprop.server.guard import plain_errors
from styleprop.server.queues import PUBLIC_SOUNDS
from styleprop.server.sounds import Sounds, open_sound, write_wav

ONLY_FILES = 'An uploaded file, in Python handle_file("voice.wav"); addresses are not fetched.'
BAD_STYLE = "style must be the name of a built-in texture or a sound file."


def add_sound_call(sounds: Sounds) -> None:
    """Add the call to the open `gr.Blocks`."""

    @plain_errors
    def sound(content, style, strength):
        """Put a sound into the texture of another, or of a built-in one.

        Args:
            content: the sound file to restyle: WAV, FLAC, OGG or MP3, at most 60 s.
            style: the name of a built-in texture, such as "rain", or a sound file.
            strength: 0 gives back the content, 1 the full texture.

        Returns:
            The result, a WAV of the content's rate and length; and its figures: seconds, likeness, settings.
        """
        opened = open_sound(content)
        made = sounds.wait().restyle(opened, _style(style), strength, METHODS[0])
        figures = {"seconds": made.seconds, "likeness": made.likeness, **made.settings}
        return write_wav(made.sound, "styleprop-sound"), figures

    audio = gr.Audio(label="content: the sound file to restyle", type="filepath")
    schema: dict[str, Any] = copy.deepcopy(audio.api_info())
    schema.get("properties", {}).pop("url", None)
    schema["additional_description"] = ONLY_FILES
    describe: Callable[[], dict[str, Any]] = lambda: schema  # noqa: E731
    audio.api_info_as_input = describe  # type: ignore[method-assign]
    inputs = [
        audio,
        gr.JSON(label=f"style: a sound file, or {', '.join(TEXTURES)}"),
        gr.Number(1.0, label="strength: 0 to 1"),
    ]
    outputs = [gr.Audio(label="result", type="filepath", format="wav", interactive=False), gr.JSON(label="figures")]
    gr.Button().click(sound, inputs, outputs, api_name="sound", **PUBLIC_SOUNDS)


def _style(style: Any):
    if isinstance(style, str):
        return style
    if isinstance(style, dict):
        return open_sound(style)
    raise SettingsError(BAD_STYLE)
