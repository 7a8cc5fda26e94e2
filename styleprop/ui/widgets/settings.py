"""How to paint: the sliders and the choice of colours that tabs share."""

from typing import Any

import gradio as gr

from styleprop.config import StyleOptions
from styleprop.server.texts import said, say
from styleprop.ui.widgets.result import option_slider

COLORS = ("The style's", "Keep the photo's", "Colours only")


def style_settings() -> dict[str, Any]:
    """The components by the options' names."""
    with gr.Row():
        strength = option_slider("strength", "Strength", "0 is the photo, 1 the full style")
        detail = option_slider("detail", "Detail", "Fine detail of the photo on top")
        brush = option_slider("brush", "Brush", "Lower is finer strokes")
    choices = list(zip(COLORS, StyleOptions.choices("color"), strict=True))
    color = gr.Radio(said(choices), value=choices[0][1], label=say("Colours"), elem_classes="segments")
    return {"strength": strength, "detail": detail, "color": color, "brush": brush}
