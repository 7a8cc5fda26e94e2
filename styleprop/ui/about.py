"""The fold at the foot of the page: what this is, what happens to pictures, and who made what is shown."""

import gradio as gr

from styleprop import __version__
from styleprop.styles import BuiltInStyle
from styleprop.ui.tiles import EXAMPLES

ABOUT = f"""
**styleprop {__version__}** encodes a picture with an autoencoder, carries the statistics of a style through the latent,
and decodes it again. Everything runs on the computer that serves this page. Pictures are kept in a private folder
there, are not used for anything else, and are deleted after about an hour. A downloaded PNG holds the settings that
made it, and dropping it here restores them.

All tabs can be called over HTTP: see *Use via API* below.
"""


def build_about(styles: list[BuiltInStyle]) -> None:
    """Lay out the fold inside the open `gr.Blocks`."""
    with gr.Accordion("About and credits", open=False, elem_classes="about"):
        gr.Markdown(ABOUT)
        gr.Markdown(
            "**Example photos**\n\n" + (EXAMPLES / "CREDITS.md").read_text(encoding="utf-8").partition("\n\n")[2]
        )
        if styles:
            lines = [f"- {_plain(style.title)} — {_plain(style.credit)}" for style in styles]
            gr.Markdown("**Built-in styles**\n\n" + "\n".join(lines))


def _plain(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#" else letter for letter in text)
