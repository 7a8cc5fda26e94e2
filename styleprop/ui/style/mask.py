"""The fold below the photo in which a visitor paints on it where the style is to go."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np

from styleprop import images
from styleprop.errors import ImageError, SettingsError
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, CHECKS
from styleprop.server.texts import said, say
from styleprop.styles import BuiltInStyle
from styleprop.ui.widgets.photo import note_line, picture_input
from styleprop.ui.widgets.result import option_slider

INSIDE, OUTSIDE = "inside", "outside"
SIDES = [("What I painted", INSIDE), ("All but what I painted", OUTSIDE)]
NOTHING_ELSE, PICTURE = "photo", "picture"
NO_PICTURE = "Add a picture for everywhere else first."
HINT = "Paint over the photo with the brush: each stroke is restyled at once. The rest stays as it is, pixel for pixel."
CANVAS_SIDE, SMALL_SIDE = 768, 480
PAINT = ("#3f4dc4", 0.6)  # half transparent: the photo shines through, and any stroke counts in full
MAX_LAYERS = 4
OWN_CHOICE = ("My picture", PICTURE)
FILL: dict[str, Any] = {**CHECKS, "show_progress": "hidden"}
NOT_A_MASK = "This mask cannot be read: clear it and paint it again."


@dataclass(frozen=True)
class MaskForm:
    """The components of the fold."""

    fold: gr.Accordion
    editor: gr.ImageEditor
    side: gr.Radio
    outside: gr.Radio
    picture: gr.Image
    picture_note: gr.HTML
    feather: gr.Slider
    again: gr.Button
    on: gr.Checkbox  # beside the result, seen while there is a mask: off keeps the strokes for later

    @property
    def inputs(self) -> set:
        """All components that an event reads."""
        return {self.editor, self.side, self.outside, self.picture, self.feather, self.on}

    def read(self, values: dict) -> dict[str, Any]:
        """What `Styleprop.stylize` is to be told of the mask; nothing where there is none, or where it is off.

        Raises:
            ImageError: the mask or the picture for everywhere else cannot be read.
            SettingsError: that picture is missing.
        """
        mask = open_layers(values[self.editor]) if values[self.on] else None
        if mask is None or not mask.any():
            return {}
        inside = 255 - mask if values[self.side] == OUTSIDE else mask
        return {"mask": inside, "feather": values[self.feather], "outside": self._outside(values)}

    def _outside(self, values: dict) -> str | images.Picture | None:
        other = values[self.outside]
        if other != PICTURE:
            return None if other in (None, NOTHING_ELSE) else other
        if not values[self.picture]:
            raise SettingsError(NO_PICTURE)
        return uploads.open_picture(values[self.picture])


def build_mask_fold(styles: list[BuiltInStyle]) -> MaskForm:
    """Lay out the fold inside the open `gr.Blocks`, closed."""
    with gr.Accordion(say("Only a part of the photo"), open=False, elem_classes="mask-fold") as fold:
        gr.HTML(f'<p class="hint">{say(HINT)}</p>', padding=False)
        editor = gr.ImageEditor(
            label=say("Mask"),
            show_label=False,
            type="filepath",
            format="png",
            sources=[],
            transforms=[],
            layers=False,
            buttons=["fullscreen"],
            brush=gr.Brush(colors=[PAINT], default_color=PAINT, color_mode="fixed"),
            canvas_size=(CANVAS_SIDE, CANVAS_SIDE * 3 // 4),
            elem_classes="mask",
            placeholder=say("Choose a photo first"),
        )
        again = gr.Button(say("Clear the mask"), size="sm")
        side = gr.Radio(said(SIDES), value=INSIDE, label=say("Restyle"), elem_classes="segments")
        choices = said(
            [("The photo as it is", NOTHING_ELSE), *((style.title, style.name) for style in styles), OWN_CHOICE]
        )
        outside = gr.Radio(choices, value=NOTHING_ELSE, label=say("Everywhere else"), elem_classes="style-tiles")
        picture = picture_input("Picture for everywhere else", 150, "Drop or click", visible=False)
        picture_note = note_line()
        feather = option_slider("feather", "Feather", "Width of the soft edge")
    on = gr.Checkbox(True, label=say("Mask on"), visible=False, elem_classes="mask-on", render=False)
    return MaskForm(fold, editor, side, outside, picture, picture_note, feather, again, on)


def connect_mask(form: MaskForm, content: gr.Image) -> None:
    """Put the photo under the brush when the fold opens, and a new photo, without a mask, whenever there is one.

    The picture for everywhere else is asked for where it is chosen.
    """
    opened = gr.State(False)

    @plain_errors
    def open_fold(payload: Any, drawn: Any):
        there = isinstance(drawn, dict) and drawn.get("background")
        return True, (gr.skip() if there else _canvas(payload))

    @plain_errors
    def renew(payload: Any, is_open: bool):
        return (_canvas(payload) if is_open else None), gr.update(value=True, visible=False)

    form.fold.expand(open_fold, [content, form.editor], [opened, form.editor], **FILL)
    form.fold.collapse(lambda: False, outputs=[opened], **FILL)
    gr.on([content.change, form.again.click], renew, [content, opened], [form.editor, form.on], **FILL)
    form.outside.change(lambda other: gr.update(visible=other == PICTURE), [form.outside], [form.picture], **AT_ONCE)


def _canvas(payload: Any):
    """A small copy of the photo to paint on; nothing where there is no photo that can be read."""
    try:
        image = uploads.open_picture(payload).image
    except ImageError:
        return None
    small = images.fit_within(image, CANVAS_SIDE)
    if max(small.shape[:2]) < SMALL_SIDE:
        small = images.resize_to_area(small, small.shape[0] * small.shape[1] * (SMALL_SIDE / max(small.shape[:2])) ** 2)
    path = uploads.write_result(images.encode_png(small), "canvas.png")
    return {"background": path, "layers": [], "composite": None}


def open_layers(payload: Any) -> np.ndarray | None:
    """The mask that an image editor, or a stranger in its place, sent: uint8 (H, W), or None where there is none.

    Raises:
        ImageError: it is not the description of a few pictures in the app's folder.
    """
    layers = payload.get("layers") if isinstance(payload, dict) else None
    if not layers:
        return None
    if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
        raise ImageError(NOT_A_MASK)
    strokes = [_strokes(uploads.open_picture(layer)) for layer in layers]
    height, width = strokes[0].shape
    return np.max([images.resize(stroke, width, height) for stroke in strokes], axis=0)


def _strokes(layer: images.Picture) -> np.ndarray:
    """Where a layer is painted; a layer without transparency is painted everywhere."""
    if layer.alpha is None:
        return np.full(layer.image.shape[:2], 255, np.uint8)
    return np.minimum(layer.alpha.astype(np.uint16) * 2, 255).astype(np.uint8)
