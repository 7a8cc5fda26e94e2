"""What a visitor's own browser keeps of a visit: the newest photo, which goes along from tab to tab, and forms."""

from collections.abc import Iterable
from typing import Any

import gradio as gr

from styleprop.errors import ImageError
from styleprop.server import uploads
from styleprop.server.queues import AT_ONCE

RETURNS = """(...kept) => {
    const again = kept.some(one => Object.values(one ?? {}).some(Boolean));
    return [again ? "again" : "", again ? "" : "new"];
}"""


class Visit:
    """The visit, kept under the page's keys in the browser: it outlives a reload, and nobody else sees it.

    The value of each component is a dictionary, or whatever a stranger wrote in its place.

    Attributes:
        kept: the photo.
        style, translation: what is set in these tabs; apart, as each is written by handlers of its own.
    """

    def __init__(self) -> None:
        self.kept, self.style, self.translation = map(_kept_as, ("visit", "style", "translation"))

    @staticmethod
    def photo(kept: Any) -> str | None:
        """The path of the newest photo, where it is still here."""
        return here(kept.get("photo")) if isinstance(kept, dict) else None

    @staticmethod
    def form(kept: Any) -> dict[str, Any]:
        """What was set in a tab, unchecked; empty where nothing was."""
        return kept if isinstance(kept, dict) else {}

    @staticmethod
    def with_photo(kept: Any, path: str | None) -> dict[str, Any]:
        """The visit with another photo, or with none."""
        return {**(kept if isinstance(kept, dict) else {}), "photo": path}


def _kept_as(name: str) -> gr.BrowserState:
    # With every start of the server Gradio's secret would be a new one, and the visit lost. Each page is sent it.
    return gr.BrowserState({}, storage_key=f"styleprop-{name}", secret="styleprop")


def returning(load: Any, kept: Iterable[gr.BrowserState], is_new: gr.Textbox | None = None) -> Any:
    """The event of a page that is opened again: one of which a browser has kept anything.

    Nothing else may cost time before a new visitor's first click: the browser decides by itself.

    Args:
        load: the event of a page that is opened.
        kept: what to look for.
        is_new: gets a text, where there is nothing.
    """
    again = gr.Textbox("", visible="hidden")
    load(None, [*kept], [again, is_new or gr.Textbox("", visible="hidden")], js=RETURNS, **AT_ONCE)
    return again.change


def here(path: Any) -> str | None:
    """A path, where it names a file that this server still keeps for a visitor."""
    try:
        return str(uploads.checked(path))
    except ImageError:
        return None


def path_of(payload: Any) -> str | None:
    """The path that an image component sent."""
    return payload.get("path") if isinstance(payload, dict) else payload
