"""The HTTP calls `/reconstruct`, `/stylize`, `/translate` and `/sound`: what programs may use. All else is private."""

import copy
from typing import Any

import gradio as gr

from styleprop.config import StyleOptions
from styleprop.errors import SettingsError
from styleprop.own_styles import is_style_file
from styleprop.server import outcome
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.guard import plain_errors
from styleprop.server.job import SLOTS, Job
from styleprop.server.queues import PUBLIC
from styleprop.server.sound_calls import add_sound_call
from styleprop.server.sounds import Sounds
from styleprop.server.uploads import open_picture, open_style

ONLY_FILES = 'An uploaded file, in Python handle_file("photo.jpg"); addresses are not fetched.'
COLORS = StyleOptions.choices("color")
BAD_STYLE = (
    "style must be the name of a built-in style, a picture, or a list of one to four [name or picture, weight] pairs."
)


class Page(gr.Blocks):
    """A page whose public calls may leave out settings at the end, by plain HTTP too: they have grown since."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Add the defaults of what is missing; Gradio refuses the rest."""
        if block_fn.api_visibility == "public":
            rest = [part.value for part in block_fn.inputs[len(inputs) :]]
            inputs += rest if None not in rest else []
        super().validate_inputs(block_fn, inputs)


def add_calls(models, sounds: Sounds) -> None:
    """Add the calls to the open `gr.Blocks`; they have no face in the page."""
    with gr.Column(visible=False, elem_id="calls"):
        result = gr.Image(label="result", type="filepath", format="png", image_mode=None)
        figures = gr.JSON(label="figures")
        _add_reconstruct(models, [result, figures])
        _add_stylize(models, [result, figures])
        _add_translate(models, [result, figures])
        add_sound_call(sounds)


def _picture(label: str) -> gr.Image:
    """A picture input that tells programs what it takes: files, and no addresses."""
    picture = gr.Image(label=label, type="filepath", image_mode=None)
    schema = copy.deepcopy(picture.api_info())
    del schema["properties"]["url"]
    schema["additional_description"] = ONLY_FILES
    picture.api_info_as_input = lambda: schema  # type: ignore[method-assign]
    return picture


def _add_reconstruct(models, outputs: list) -> None:
    @plain_errors
    def reconstruct(image):
        """Encode and decode a picture with the autoencoder.

        Args:
            image: a picture file.

        Returns:
            The reconstruction, a lossless PNG of the same size; and its figures: PSNR in dB, SSIM, seconds, checkpoint.
        """
        picture = open_picture(image)
        made = models.wait().reconstruct(picture)
        psnr_db = made.psnr_db if made.psnr_db < float("inf") else None
        return outcome.write_picture(made), {"psnr_db": psnr_db, "ssim": made.ssim, **_figures(made)}

    inputs = [_picture("image: a picture file")]
    gr.Button().click(reconstruct, inputs, outputs, api_name="reconstruct", **PUBLIC)


def _add_stylize(models, outputs: list) -> None:
    @plain_errors
    def stylize(content, style, strength, detail, color, brush):
        """Put the style of a built-in style, or of one to four pictures, into a content picture.

        Args:
            content: the picture file to restyle.
            style: the name of a built-in style, a picture or .style.json file, or a list of one to four
                [name or file, weight].
            strength: 0 gives back the content, 1 the full style.
            detail: 0 to 1, how much of the content's fine detail comes back on top.
            color: "style", "content" (keep the content's colours) or "only" (take nothing but colours).
            brush: 0.5 (finer strokes) to 2 (coarser).

        Returns:
            The result, a lossless PNG of the content's size; and its figures: seconds, checkpoint, settings.
        """
        settings = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        job = Job(open_picture(content), parse_styles(style), settings)
        made = job.paint(models.wait()).full()
        return outcome.write_picture(made), _figures(made)

    inputs = [
        _picture("content: the picture file to restyle"),
        gr.JSON(label="style: a built-in style's name, a picture file, or a list of [name or picture file, weight]"),
        *_settings(),
    ]
    gr.Button().click(stylize, inputs, outputs, api_name="stylize", **PUBLIC)


def _settings() -> list[Any]:
    color = gr.Textbox(COLORS[0], label=f"color: {', '.join(COLORS[:-1])} or {COLORS[-1]}")
    return [_number("strength"), _number("detail"), color, _number("brush")]


def _number(name: str) -> gr.Number:
    span = StyleOptions.range(name)
    return gr.Number(span.default, label=f"{name}: {span.low:g} to {span.high:g}")


def _add_translate(models, outputs: list) -> None:
    @plain_errors
    def translate(image, domain, direction, strength, detail, color, brush):
        """Translate a photo to a painting of a domain, or a painting to a photo, with a CycleGAN.

        Args:
            image: a picture file.
            domain: the name of a domain, such as "monet".
            direction: "to painting" or "to photo".
            strength: 0 gives back the picture, 1 the whole translation.
            detail, color, brush: as for `/stylize`.

        Returns:
            The result, a lossless PNG of the picture's size; and its figures: seconds, checkpoint, settings.
        """
        if direction not in (TO_PAINTING, TO_PHOTO):
            raise SettingsError(f'direction must be "{TO_PAINTING}" or "{TO_PHOTO}".')
        settings = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        picture, model = open_picture(image), models.wait()
        made = model.translate(picture, models.domains.locate(domain), to_photo=direction == TO_PHOTO, **settings)
        return outcome.write_picture(made), _figures(made)

    inputs = [
        _picture("image: a picture file"),
        gr.Textbox("monet", label="domain: the name of a domain"),
        gr.Textbox(TO_PAINTING, label=f"direction: {TO_PAINTING} or {TO_PHOTO}"),
        *_settings(),
    ]
    gr.Button().click(translate, inputs, outputs, api_name="translate", **PUBLIC)


def parse_styles(style: Any) -> list[tuple[Any, float]]:
    """A name, a file, or [name or file, weight] pairs, as (name, or opened picture or style, weight) pairs.

    Raises:
        SettingsError: it is none of these.
        ImageError: a picture cannot be read.
        StyleError: a style file cannot be read.
    """
    pairs = style if isinstance(style, list) else [[style, 1.0]]
    if not 1 <= len(pairs) <= SLOTS or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise SettingsError(BAD_STYLE)
    return [(_name_or_file(source), weight) for source, weight in pairs]


def _name_or_file(source: Any):
    if isinstance(source, str):
        return source
    if isinstance(source, dict):
        return open_style(source) if is_style_file(source.get("path")) else open_picture(source)
    raise SettingsError(BAD_STYLE)


def _figures(made) -> dict[str, Any]:
    height, width = made.array.shape[:2]
    return {"width": width, "height": height, "seconds": made.seconds, "notes": list(made.notes), **made.settings}
