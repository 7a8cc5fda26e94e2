"""What the messages of AI assistants enclose: pictures and sounds on their way in, and small ones on their way out."""

import base64
import binascii
import io
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import gradio_client
from mcp.server.fastmcp import Audio, Image
from mcp.server.fastmcp.exceptions import ToolError
from PIL import Image as PillowImage

from styleprop.errors import ImageError
from styleprop.server.gate import API, NO_ADDRESSES
from styleprop.server.uploads import checked, write_result
from styleprop.sound.files import Sound, load, resampled, write
from styleprop.sound.spectrum import RATE

SHOWN_SIDE = 1024  # pixels; assistants take about a megabyte, which a minute of MP3 has too
FILE = f"{API}/file="
NO_BASE64 = "This {kind} is not base64."
HOW = (
    f"Give a {{kind}} as a data: URL or in base64 alone, or POST it to {API}/upload and give the path or the address "
    f"(…{FILE}PATH) that stands for it here."
)
NO_UPLOAD = f"This path is not of a {{kind}} that was uploaded here. {HOW}"
BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}=*")  # a file's; an upload's path has other signs, a style's name is shorter


def file_of(text: str, kind: str) -> Any:
    """What stands for a file in a call. Raises ToolError where the text is none of ours.

    Args:
        text: a data: URL, base64, or the path or address of an upload.
        kind: "picture" or "sound", for the sentence that refuses it.
    """
    found = file_or_name(text, kind)
    if isinstance(found, str):
        raise ToolError(HOW.format(kind=kind))
    return found


def file_or_name(text: str, kind: str) -> Any:
    """As `file_of`, but what may be the name of something built in is handed on as it is."""
    if text.startswith("data:"):
        return _stored(text.partition(",")[2], kind)
    if BASE64.fullmatch(_joined(text)):
        return _stored(text, kind)
    _, is_own, path = text.partition(FILE)
    if text.startswith(("http://", "https://")):
        if not is_own:
            raise ToolError(NO_ADDRESSES)
        text = unquote(urlsplit(path).path)
    if not text.startswith("/"):
        return text
    try:
        return gradio_client.handle_file(str(checked(text)))
    except ImageError:
        raise ToolError(NO_UPLOAD.format(kind=kind)) from None


def _stored(text: str, kind: str) -> Any:
    """A file of what base64 holds, line breaks or not."""
    try:
        data = base64.b64decode(_joined(text), validate=True)
    except (binascii.Error, ValueError):
        raise ToolError(NO_BASE64.format(kind=kind)) from None
    return gradio_client.handle_file(write_result(data, kind))


def _joined(text: str) -> str:
    return "".join(text.split())


def small_picture(path: str) -> Image:
    """A picture's file as a message takes it: WebP, at most 1024 pixels."""
    stored = io.BytesIO()
    with PillowImage.open(path) as picture:
        picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        picture.save(stored, "WEBP", quality=90)
    return Image(data=stored.getvalue(), format="webp")


def small_sound(path: str) -> Audio:
    """A sound's file as a message takes it: MP3."""
    sound, stored = load(path), io.BytesIO()
    write(Sound(resampled(sound.samples, sound.rate, RATE), RATE), stored, ".mp3")
    return Audio(data=stored.getvalue(), format="mpeg")
