"""How the page looks: paper and ink by day, slate by night, one ultramarine accent, the system's own letters."""

import json
from typing import Any

import gradio as gr

from styleprop.assets import ASSETS
from styleprop.server.texts import CHINESE, SET_LANGUAGE, TELL_REFUSALS, translate
from styleprop.styles import BuiltInStyle
from styleprop.ui.widgets.tiles import domain_tiles, example_tiles, style_tiles

SANS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
ULTRAMARINE = gr.themes.Color(
    *("#eef1ff", "#dfe4ff", "#c3cbff", "#a0acfb", "#7f8df3", "#5c6be2"),
    *("#3f4dc4", "#333e9f", "#2b357f", "#252d66", "#171c42"),
    name="ultramarine",
)

SCRIPTS = ("opening.js", "page.js", "words.js", "lost.js", "video.js", "live.js", "back.js")
FAVICON = ASSETS / "favicon.svg"
GRADIO = ASSETS / f"gradio-{CHINESE}.json"  # Chinese for what Gradio says in English alone
# Gradio ties the rules of a style sheet's @media to what is inside this part of the page.
EDGES = (
    "<style>@media (max-width: 520px) { .gradio-container .main.fillable { padding-inline: 10px !important; } }</style>"
)
TOLD = {
    "empty": "Before and after appear here",
    "press": "Press Ctrl+V to paste here: the browser does not let this button read the clipboard.",
    "wrong": "{name} is not a picture.",
    "nothing": "There is no picture in the clipboard.",
    "again": "This picture was not here any more: it was sent again.",
    "copied": "Copied at the size shown here.",
    "uncopied": "The browser does not let this page copy pictures: download it instead.",
    "secure": "Browsers give the camera only to pages at https addresses and on this computer itself.",
    "refused": "The browser does not give the camera: allow it for this page.",
    "hidden": "The camera was stopped, as the page was out of sight.",
    "lost": "The server does not answer any more.",
    "away": "The connection to the server is lost. Nothing here goes away: the page goes on as soon as it is back.",
    "unfinished": "The connection was lost for too long, and this was not finished: do it again.",
    "slow": "1 picture a second",
    "rate": "{rate} pictures a second",
}


def build_theme() -> gr.themes.Base:
    """The theme, for light and dark."""
    theme = gr.themes.Base(
        primary_hue=ULTRAMARINE,
        secondary_hue=ULTRAMARINE,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        font=SANS,
        font_mono=MONO,
    )
    return theme.set(**_surfaces(), **_controls())


def build_css(styles: list[BuiltInStyle]) -> str:
    """The style sheet, with the pictures of the examples and the built-in styles inside."""
    return "\n".join(
        [(ASSETS / "page.css").read_text(encoding="utf-8"), example_tiles(), style_tiles(styles), domain_tiles()]
    )


def build_head() -> str:
    """The scripts of the page, which know the visitor's language."""
    chinese: dict[str, Any] = {name: translate(sentence) for name, sentence in TOLD.items()}
    words = {"en": TOLD, CHINESE: chinese | {"gradio": json.loads(GRADIO.read_text(encoding="utf-8"))}}
    scripts = [(ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS]
    script = "\n".join(scripts).replace("WORDS", json.dumps(words), 1)
    return f"{EDGES}{SET_LANGUAGE}{TELL_REFUSALS}<script>{script}</script>"


def _surfaces() -> dict[str, str]:
    return {
        "body_background_fill": "#f7f5f1",
        "body_background_fill_dark": "#141518",
        "background_fill_primary": "#ffffff",
        "background_fill_primary_dark": "#1c1e22",
        "background_fill_secondary": "#f1eee8",
        "background_fill_secondary_dark": "#202227",
        "block_background_fill": "#ffffff",
        "block_background_fill_dark": "#1c1e22",
        "block_border_width": "1px",
        "block_border_color": "#e4dfd6",
        "block_border_color_dark": "#2e3138",
        "block_shadow": "none",
        "block_title_text_weight": "600",
        "block_title_text_color": "*body_text_color",
        "block_title_text_color_dark": "*body_text_color",
        "block_label_background_fill": "*background_fill_primary",
        "block_label_background_fill_dark": "*background_fill_primary",
        "border_color_primary": "#e4dfd6",
        "border_color_primary_dark": "#2e3138",
        "body_text_color": "#23211e",
        "body_text_color_dark": "#e9e7e3",
        "body_text_color_subdued": "#6b6660",
        "body_text_color_subdued_dark": "#a19c95",
        "layout_gap": "14px",
    }


def _controls() -> dict[str, str]:
    return {
        "button_primary_background_fill": "*primary_600",
        "button_primary_background_fill_hover": "*primary_700",
        "button_primary_background_fill_dark": "*primary_500",
        "button_primary_background_fill_hover_dark": "*primary_400",
        "button_primary_text_color": "#ffffff",
        "button_secondary_background_fill": "#ffffff",
        "button_secondary_background_fill_hover": "#f1eee8",
        "button_secondary_background_fill_dark": "#26292f",
        "button_secondary_background_fill_hover_dark": "#30343b",
        "button_secondary_border_color": "#d9d3c8",
        "button_secondary_border_color_dark": "#3a3e46",
        "button_border_width": "1px",
        "button_transition": "background-color 120ms ease",
        "input_background_fill_dark": "#26292f",
        "slider_color": "*primary_600",
        "slider_color_dark": "*primary_400",
        "checkbox_label_background_fill_selected": "*primary_50",
        "checkbox_label_background_fill_selected_dark": "*primary_900",
        "checkbox_label_border_color_selected": "*primary_500",
        "checkbox_background_color_selected": "*primary_600",
        "checkbox_border_color_selected": "*primary_600",
    }
