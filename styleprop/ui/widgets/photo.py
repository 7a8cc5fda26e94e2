"""The picture input that every tab has, with the line below it: the size, what to know, or what is wrong."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.errors import ImageError
from styleprop.server import uploads
from styleprop.server.queues import AT_ONCE
from styleprop.server.texts import say

RESTORED = "Its settings are restored."
HINT = "No picture at hand? Click one of these."
PATH_OF = "value => value?.path ?? ''"
NO_NEWS = '{__type__: "update"}'  # what JavaScript returns for an output that stays as it is
MOST_OF_A_NAME = 40  # characters
SHOWN = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")  # by every browser


def picture_input(label: str, height: int = 170, placeholder: str = "", visible: bool = True) -> gr.Image:
    """An image component that hands over the file untouched: `styleprop.images.load` alone decodes it."""
    return gr.Image(
        label=say(label),
        type="filepath",
        image_mode=None,
        format="png",
        sources=["upload", "webcam", "clipboard"],
        webcam_options=gr.WebcamOptions(mirror=False),
        height=height,
        buttons=["fullscreen"],
        alt_text=say(label),
        elem_classes="picture",
        visible=visible,
        placeholder=say(placeholder) if placeholder else None,
    )


def another(part: Any) -> Any:
    """The event of another picture, or sound, in an input.

    Gradio's own `change` also comes, again and again, where the server sets the one that is there already.
    """
    return told(part, PATH_OF)


def told(part: Any, text_of: str) -> Any:
    """The event of another text that JavaScript makes of a component's value; at first there is none."""
    text = gr.Textbox("", visible="hidden")
    part.change(None, [part], [text], js=text_of, **AT_ONCE)
    return text.change


def note_line(hint: str = "") -> gr.HTML:
    """The line below a picture input; `hint` is what it says while there is no picture."""
    return gr.HTML(empty_line(hint), padding=False)


def empty_line(hint: str = "") -> str:
    """HTML of the line while there is no picture."""
    return f'<p class="note">{say(hint) if hint else ""}</p>'


def check(payload: Any) -> tuple[Any, str, images.Picture | None]:
    """Look at a picture that was just sent.

    Returns:
        What the input should hold now (nothing, where the file is no picture), its line, and the picture.
    """
    try:
        picture = uploads.open_picture(payload)
    except ImageError as error:
        told = f"{_name(payload)}{say(error.sentence)}"
        return None, f'<p class="note problem" role="alert">{html.escape(told)}</p>', None
    return _showable(payload, picture), size_line(picture), picture


def size_line(picture: images.Picture, *more: str) -> str:
    """HTML that tells a picture's size, what its reader noticed, and more sentences."""
    height, width = picture.image.shape[:2]
    size = say("{width} × {height} pixels.", width=width, height=height)
    notes = [say(note) for note in [*picture.notes, *more] if note]
    return f'<p class="note">{html.escape(" ".join([size, *notes]))}</p>'


def _name(payload: Any) -> str:
    """What an upload was called, or the start of it, and a colon."""
    name = payload.get("orig_name") if isinstance(payload, dict) else None
    if not isinstance(name, str) or not name:
        return ""
    return f"{name}: " if len(name) <= MOST_OF_A_NAME else f"{name[:MOST_OF_A_NAME]}…: "


def _showable(payload: Any, picture: images.Picture) -> Any:
    """Browsers cannot show TIFF, HEIC or JPEG 2000: such a file is replaced by a lossless PNG."""
    path = Path(payload["path"] if isinstance(payload, dict) else payload)
    with path.open("rb") as stream:
        if images.sniff(stream.read(256)) in SHOWN:
            return gr.skip()
    return uploads.write_result(images.encode_png(picture.image, picture.alpha), "converted.png")
