"""A result as a visitor gets it: two previews of one size, the full picture to download, and a line about it."""

import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from styleprop import images
from styleprop.server import uploads
from styleprop.server.texts import say

PREVIEW_SIDE = 1600
MORE = "The download has all {width} × {height} pixels of the photo."


def show_painting(painting, verb: str, by: str) -> tuple[Any, str]:
    """Values for a slider and a status line: a painting at a screen's size, and the photo beside it.

    Args:
        painting: a `Painting` or `Reconstructing`.
        verb: what was done, such as "Restyled", in the visitor's language.
        by: what it was made with, in the visitor's language.
    """
    result, photo = painting.preview, painting.photo
    height, width = photo.image.shape[:2]
    pair = (preview_file(painting.before, result.alpha), preview_file(result.array, result.alpha))
    more = "" if result.array.shape == photo.image.shape else say(MORE, width=width, height=height)
    return pair, status_line(result, verb, by, more)


def preview_file(image: np.ndarray, alpha: np.ndarray | None = None) -> str:
    """The path of a copy for the page, written fast: a PNG of a megapixel takes longer than the painting."""
    shown, stream = preview(image, alpha), io.BytesIO()
    kind = "JPEG" if alpha is None else "PNG"
    shown.save(stream, kind, **({"quality": 95, "subsampling": 0} if alpha is None else {"compress_level": 1}))
    return uploads.write_result(stream.getvalue(), f"preview.{kind.lower()}")


def write_picture(result, name: str = "", ending: str = ".png") -> str:
    """Write the full size, as PNG with its settings; returns a path. Without a name it tells job and size."""
    data = images.encode_as(ending, result.array, result.alpha, result.settings)
    height, width = result.array.shape[:2]
    default = f"styleprop-{result.settings['job']}-{width}x{height}"
    return uploads.write_result(data, f"{name or default}{ending}")


def write_zip(files: Sequence[Path], name: str) -> str:
    """Put files, numbered, into a zip for a visitor to take; returns its path."""
    path = uploads.result_path(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(files, start=1):
            archive.write(file, f"{number:02}-{file.name}")
    return str(path)


def slug(payload: Any) -> str:
    """Of a file's name what is safe in another's: small letters, digits, of any script, and hyphens, at most forty."""
    path = payload.get("orig_name") or payload.get("path") if isinstance(payload, dict) else payload
    stem = unicodedata.normalize("NFC", Path(str(path)).stem.lower())
    return re.sub(r"[\W_]+", "-", stem).strip("-")[:40] or "picture"


def plain_line(text: str) -> str:
    """HTML of a status line with text in the visitor's language."""
    return f'<p class="status">{html.escape(text)}</p>'


def status_line(result, verb: str, by: str, more: str = "") -> str:
    """HTML: what was done, with what, at what size, how fast, `more`, what to know; folded, which checkpoint."""
    height, width = result.array.shape[:2]
    made_by = result.settings
    done = say(
        "{verb} {width} × {height} pixels in {seconds} with {style}.",
        verb=verb,
        width=width,
        height=height,
        seconds=_seconds(result.seconds),
        style=by,
    )
    text = html.escape(" ".join([done, *filter(None, [more]), *map(say, result.notes)]))
    checkpoint = html.escape(f"{made_by['checkpoint']} ({made_by['sha256'][:8]})")
    fold = f"<details><summary>{say('Weights')}</summary>{checkpoint}</details>"
    return f'<div class="status"><p>{text}</p>{fold}</div>'


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"


def watcher(progress: gr.Progress):
    """What the engine calls after each tile, as a bar in the page. A picture made in one go shows none."""

    def watch(done: int, total: int) -> None:
        if total > 1:
            progress((done, total), desc=say("Painting tiles"), unit=say("tiles"))

    return watch


def preview(image: np.ndarray, alpha: np.ndarray | None = None) -> Image.Image:
    """A copy for the page, at most 1600 pixels on the longer side, with the alpha channel where there is one."""
    small = images.fit_within(image, PREVIEW_SIDE)
    if alpha is None:
        return Image.fromarray(small)
    return Image.fromarray(np.dstack([small, images.resize(alpha, small.shape[1], small.shape[0])]))
