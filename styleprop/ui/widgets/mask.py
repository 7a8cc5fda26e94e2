"""The fold below a photo in which a visitor paints on it where it is to be worked on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np

from styleprop import images
from styleprop.errors import ImageError
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, LOOKS
from styleprop.server.texts import said, say
from styleprop.ui.widgets.photo import NO_NEWS
from styleprop.ui.widgets.result import option_slider
from styleprop.ui.widgets.visit import path_of
from styleprop.ui.widgets.wish import Wish

INSIDE, OUTSIDE = "inside", "outside"
SIDES = [("What I painted", INSIDE), ("All but what I painted", OUTSIDE)]
HINT = "Paint over the photo with the brush: each stroke is restyled at once. The rest stays as it is, pixel for pixel."
CANVAS_SIDE, SMALL_SIDE = 768, 480
PAINT = ("#3f4dc4", 0.6)  # half transparent: the photo shines through, and any stroke counts in full
MAX_LAYERS = 4
FILL: dict[str, Any] = {**LOOKS, "show_progress": "hidden"}
OPENS = "() => ['open', String(performance.now())]"
# Now and then the editor names its pictures by an id, under which it has sent them where the gate lets nobody in, and
# does so once: asked again it has them.
TELLS = "(value, drawn) => value?.id ? (document.getElementById('%s').click(), drawn) : JSON.stringify(value)"
IN_USE = f"(drawn, opened) => drawn || opened ? String(performance.now()) : {NO_NEWS}"  # else nothing is to be renewed
NOT_A_MASK = "This mask cannot be read: clear it and paint it again."


@dataclass(frozen=True)
class MaskForm:
    """The components of the fold.

    No event that goes to the server may take the editor: with each sign of progress of any event it would upload its
    pictures anew. `drawn` is what it says, as JSON.
    """

    fold: gr.Accordion
    editor: gr.ImageEditor
    drawn: gr.Textbox
    side: gr.Radio
    feather: gr.Slider
    again: gr.Button
    on: gr.Checkbox  # beside the result, seen while there is a mask: off keeps the strokes for later

    @property
    def inputs(self) -> set:
        """All components that an event reads."""
        return {self.drawn, self.side, self.feather, self.on}

    def read(self, values: dict) -> dict[str, Any]:
        """What `Styleprop.paint` is to be told of the mask; nothing where there is none, or where it is off.

        Raises:
            ImageError: the mask cannot be read.
        """
        mask = self.painted(values) if values[self.on] else None
        if mask is None:
            return {}
        inside = 255 - mask if values[self.side] == OUTSIDE else mask
        return {"mask": inside, "feather": values[self.feather]}

    def painted(self, values: dict) -> np.ndarray | None:
        """The mask, uint8 (H, W), or None where nothing is painted.

        Raises:
            ImageError: the mask cannot be read.
        """
        mask = open_layers(values[self.drawn])
        return None if mask is None or not mask.any() else mask

    def told(self, values: dict, region: dict[str, Any]) -> dict[Any, Any]:
        """Values by component after a painting: whether there is a mask to switch off and on."""
        return {self.on: gr.update(visible=bool(region)) if values[self.on] else gr.skip()}

    def stroke_painter(self, paint: Callable[[dict], Any], wish: gr.State, status: gr.HTML) -> Callable[[dict], Any]:
        """What paints after a stroke: an editor that is opened tells of a mask that nobody has painted."""

        @plain_errors
        def paint_stroke(values: dict) -> Any:
            shown: Wish = values[wish]
            return paint(values) if shown.masked or self.painted(values) is not None else {status: gr.skip()}

        return paint_stroke


def build_mask_fold() -> MaskForm:
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
        drawn = gr.Textbox("", visible="hidden")
        again = gr.Button(say("Clear the mask"), size="sm")
        side = gr.Radio(said(SIDES), value=INSIDE, label=say("Restyle"), elem_classes="segments")
        feather = option_slider("feather", "Feather", "Width of the soft edge")
    on = gr.Checkbox(True, label=say("Mask on"), visible=False, elem_classes="mask-on", render=False)
    once_more = gr.Button("", visible="hidden", elem_id=f"mask-{editor._id}")
    for told in (editor.input, once_more.click):
        told(None, [editor, drawn], [drawn], js=TELLS % once_more.elem_id, **AT_ONCE)
    return MaskForm(fold, editor, drawn, side, feather, again, on)


def connect_mask(form: MaskForm, content: gr.Image) -> None:
    """Put the photo under the brush when the fold opens, and a new photo, without a mask, whenever there is one."""
    opened, sign = (gr.Textbox("", visible="hidden") for _ in range(2))
    below = gr.State("")  # the path of the photo that lies under the brush
    fill: dict[str, Any] = {**FILL, "show_progress_on": form.again}  # not the editor, see `MaskForm`

    @plain_errors
    def clear(payload: Any, is_open: str):
        return (_canvas(payload) if is_open else None), "", gr.update(value=True, visible=False)

    @plain_errors
    def lay(payload: Any, photo: str, drawn: str | None, is_open: str):
        """A picture that is refused gives way to the photo before it: its mask stays."""
        path = path_of(payload) or ""
        is_there = path == photo and (not is_open or _told(drawn).get("background"))
        if is_there or (path and not _is_readable(payload)):
            return [gr.skip()] * 4
        return path, *clear(payload, is_open)

    renewed = [form.editor, form.drawn, form.on]
    form.fold.expand(None, outputs=[opened, sign], js=OPENS, **AT_ONCE)
    form.fold.collapse(None, outputs=[opened], js="() => ''", **AT_ONCE)
    content.change(None, [form.drawn, opened], [sign], js=IN_USE, **AT_ONCE)
    # One event for both, so that what is asked for last is laid there last.
    sign.change(lay, [content, below, form.drawn, opened], [below, *renewed], **fill)
    form.again.click(clear, [content, opened], renewed, **fill)


def _is_readable(payload: Any) -> bool:
    try:
        return uploads.open_picture(payload) is not None
    except ImageError:
        return False


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
    """The mask that an image editor, or a stranger in its place, told in JSON: uint8 (H, W), or None for none.

    Raises:
        ImageError: it is not the description of a few pictures in the app's folder.
    """
    layers = _told(payload).get("layers")
    if not layers:
        return None
    if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
        raise ImageError(NOT_A_MASK)
    strokes = [_strokes(uploads.open_picture(layer)) for layer in layers]
    height, width = strokes[0].shape
    return np.max([images.resize(stroke, width, height) for stroke in strokes], axis=0)


def _told(payload: Any) -> dict[str, Any]:
    """What the editor says; empty where that makes no sense."""
    try:
        found = json.loads(payload)
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _strokes(layer: images.Picture) -> np.ndarray:
    """Where a layer is painted; a layer without transparency is painted everywhere."""
    if layer.alpha is None:
        return np.full(layer.image.shape[:2], 255, np.uint8)
    return np.minimum(layer.alpha.astype(np.uint16) * 2, 255).astype(np.uint8)
