"""`Styleprop`: pictures in, pictures out."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from styleprop import __version__, images
from styleprop.checkpoints import DOMAIN_PREFIX, Checkpoint
from styleprop.engine import tiling
from styleprop.engine.cache import RecentlyUsed, image_key
from styleprop.engine.canvas import Watcher, WholeCanvas, encode, open_canvas
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.results import Reconstruction, Stylization, Translation
from styleprop.engine.settings import check_settings, open_mask, weighted
from styleprop.engine.translators import Translators
from styleprop.errors import SettingsError
from styleprop.hub import Token, open_checkpoint
from styleprop.metrics import psnr_db, ssim
from styleprop.styles import BuiltInStyle, load_styles
from styleprop.weights import load_autoencoder

STYLE_PIXELS = 1024 * 1024
BOX_MARGIN = 64  # what a masked part sees of its surroundings, pixels
STYLE_SHARE = 0.4  # of the area of the content; statistics need no more, and time is less than half


class Styleprop:
    """A trained autoencoder ready for use. Read-only: any number of threads may share one.

    Pictures are given as a path, bytes, a binary stream, a Pillow image, a uint8 array or an `images.Picture`.

    Attributes:
        checkpoint: where the weights came from.
        styles: built-in styles by name.
        translators: the embedded CycleGANs; `translators.domains` names them.
    """

    def __init__(self, checkpoint: Checkpoint, token: Token = None):
        self.checkpoint = checkpoint
        self.networks = CompiledAutoencoder(load_autoencoder(checkpoint))
        self.styles = load_styles(checkpoint.folder, self.networks.config.code_size)
        self.translators = Translators(token)
        self._canvases = RecentlyUsed(4)
        self._codes = RecentlyUsed(64)

    @classmethod
    def from_pretrained(cls, source: str | Path | None = None, token: Token = None) -> "Styleprop":
        """Load the embedded checkpoint, or the one of a name, a folder or a repository, "owner/name@revision".

        The token is for private and gated repositories, also those of domains; None for the one that the Hub's own
        client would use, False for none.

        Raises:
            CheckpointError: it is not there, damaged, or not an autoencoder; or the Hub does not give it.
        """
        return cls(open_checkpoint(source, token=token), token)

    def reconstruct(self, picture, watch: Watcher | None = None) -> Reconstruction:
        """Encode and decode a picture, and measure what was lost.

        Args:
            picture: what to reconstruct; the outcome has its size.
            watch: called as watch(tiles_done, tiles_total).

        Raises:
            ImageError: the picture cannot be read or is outside the limits.
        """
        picture = _open(picture)
        start = time.perf_counter()
        canvas = self._canvas(picture.image)
        array = canvas.paint(canvas.code, 0.0, 0.0, watch)
        seconds = time.perf_counter() - start
        return Reconstruction(
            array,
            picture.alpha,
            seconds,
            self._settings("reconstruct", {}),
            picture.notes,
            psnr_db(picture.image, array),
            ssim(picture.image, array),
            self._latent(picture.image, canvas),
        )

    def stylize(
        self,
        content,
        style,
        *,
        strength: float = 1.0,
        detail: float = 0.0,
        color: str = "style",
        brush: float = 1.0,
        mask=None,
        feather: float = images.FEATHER,
        outside=None,
        watch: Watcher | None = None,
    ) -> Stylization:
        """Put the style of one to four pictures into a content picture.

        With latents z, codes k, strength s: D(z_mix, k_mix) + w (x - D(z_c, k_c)), w = (1 - s) + s * detail.

        Args:
            content: the picture to restyle; the outcome has its size.
            style: a picture, the name of a built-in style, or a sequence of one to four of them, each alone or as a
                (style, weight) pair.
            strength: 0 gives back the content's pixels, 1 the full style.
            detail: 0 to 1, how much of the fine detail that the autoencoder lost comes back on top.
            color: "style", "content" (keep the content's colours) or "only" (take the colours and nothing else).
            brush: 0.5 to 2, the scale at which the style is read: larger is coarser.
            mask: where to restyle: uint8 (H, W), 0 outside and 255 inside, or a picture, white inside; brought to the
                content's size. Outside it the outcome has the content's own pixels. None is everywhere.
            feather: width of the mask's soft edge, a share of the content's shorter side, 0 to 0.2.
            outside: as `style`, for what lies outside the mask; None leaves it as it is.
            watch: called as watch(tiles_done, tiles_total), from the start again for the style outside.

        Raises:
            ImageError: a picture cannot be read or is outside the limits.
            SettingsError: a setting is out of range, there are no styles, or too many, or `outside` has no mask.
        """
        check_settings(strength, detail, color, brush)
        if outside is not None and mask is None:
            raise SettingsError("A style for the outside needs a mask.")
        groups = [weighted(style), *([] if outside is None else [weighted(outside)])]
        picture = _open(content)
        opened = [[(self._open_style(source), weight) for source, weight in pairs] for pairs in groups]
        start = time.perf_counter()
        region, notes = (None, ()) if mask is None else open_mask(mask, picture.image, feather)
        array = self._stylize_regions(picture.image, opened, region, (strength, detail, color, brush), watch)
        settings: dict[str, Any] = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        settings["styles"] = _names(opened[0])
        if mask is not None:
            settings |= {
                "masked": True,
                "feather": feather,
                "outside": _names(opened[-1]) if outside is not None else [],
            }
        seconds = time.perf_counter() - start
        return Stylization(array, picture.alpha, seconds, self._settings("stylize", settings), picture.notes + notes)

    def translate(
        self,
        picture,
        domain: str,
        *,
        to_photo: bool = False,
        round_trip: bool = False,
        watch: Watcher | None = None,
    ) -> Translation:
        """Translate a photo to a painting of a domain, or a painting to a photo (CycleGAN, Zhu et al. 2017).

        Args:
            picture: what to translate; the outcome has its size.
            domain: the name of an embedded domain, the folder of a CycleGAN's checkpoint, or its repository on the Hub,
                "owner/name@revision".
            to_photo: from a painting to a photo.
            round_trip: also translate the result back and measure what that lost.
            watch: called as watch(tiles_done, tiles_total), from the start again for the way back.

        Raises:
            ImageError: the picture cannot be read or is outside the limits.
            SettingsError: there is no such domain.
            CheckpointError: the domain's checkpoint is damaged, or no CycleGAN.
        """
        picture = _open(picture)
        there = self.translators.open(domain, to_photo)
        start = time.perf_counter()
        array = there.translate(picture.image, watch)
        seconds = time.perf_counter() - start
        settings = {"domain": there.checkpoint.name.removeprefix(DOMAIN_PREFIX), "to_photo": to_photo}
        settings = self._settings("translate", settings, there.checkpoint)
        cycle = self._cycle(picture.image, array, (domain, not to_photo), watch) if round_trip else ()
        return Translation(array, picture.alpha, seconds, settings, picture.notes, *cycle)

    def _cycle(self, image, translated, way_back, watch):
        cycled = self.translators.open(*way_back).translate(translated, watch)
        difference = np.abs(cycled.astype(np.int16) - image)
        return cycled, float(difference.mean()), psnr_db(image, cycled)

    def _stylize_regions(self, image, groups, region, settings, watch):
        """Everywhere, or inside a mask and perhaps outside; each part has the statistics of the box around it."""
        pixels = min(image.shape[0] * image.shape[1], STYLE_PIXELS)
        if region is None:
            return self._stylize(image, groups[0], pixels, settings, watch)
        result = image.copy()
        parts = [region, np.where(region < 255, np.uint8(255), np.uint8(0))]
        for styles, part in reversed(list(zip(groups, parts, strict=False))):
            if part.any():
                box = images.box_around(part, BOX_MARGIN)
                painted = self._stylize(image[box], styles, pixels, settings, watch)
                result[box] = images.blend(result[box], painted, part[box])
        return result

    def _stylize(self, image, styles, pixels, settings, watch):
        strength, detail, color, brush = settings
        if strength == 0:
            return image.copy()
        canvas = self._canvas(image)
        codes = [self._style_code(source, STYLE_SHARE * pixels, brush, canvas) for source, _ in styles]
        target = sum(weight * code for code, (_, weight) in zip(codes, styles, strict=True))
        return _recolor(canvas.paint(target, strength, (1 - strength) + strength * detail, watch), image, color)

    def _canvas(self, image: np.ndarray):
        key = image_key(image)
        return self._canvases.get(key, lambda: open_canvas(self.networks, image, key))

    def _style_code(self, source, pixels: float, brush: float, canvas):
        if isinstance(source, BuiltInStyle):
            return tf.constant(source.code(brush))
        if brush == 1 and image_key(source.image) == canvas.key:
            return canvas.code  # the content itself, whose code is known
        key = (*image_key(source.image), round(pixels), brush)
        return self._codes.get(key, lambda: self.encode_style(source.image, pixels, brush))

    def encode_style(self, image: np.ndarray, pixels: float = STYLE_PIXELS, brush: float = 1.0):
        """The (1, K) style code of a uint8 image, read at an area of `pixels`, times the brush along each side."""
        scaled = images.resize_to_area(image, pixels * brush**2)
        return encode(self.networks, scaled).code

    def _open_style(self, source):
        if isinstance(source, BuiltInStyle):
            return source
        if isinstance(source, str) and source in self.styles:
            return self.styles[source]
        return _open(source)

    def _latent(self, image, canvas) -> np.ndarray:
        if image.shape[0] * image.shape[1] > tiling.WHOLE_PIXELS:
            canvas = WholeCanvas(self.networks, images.resize_to_area(image, tiling.WHOLE_PIXELS))
        return canvas.latent

    def _settings(self, job: str, settings: dict[str, Any], checkpoint: Checkpoint | None = None) -> dict[str, Any]:
        checkpoint = checkpoint or self.checkpoint
        made_by = {"version": __version__, "checkpoint": checkpoint.name, "sha256": checkpoint.sha256}
        return {"job": job, **settings, **made_by}

    def warm_up(self) -> None:
        """Trace and run every network once, so that the first picture is as fast as the next."""
        image = np.full((64, 64, 3), 128, dtype=np.uint8)
        _, latent, code = encode(self.networks, image)
        _, statistics = self.networks.decode(latent, code, code, 1.0)
        self.networks.decode_part(latent, code, code, 1.0, statistics)


def _open(picture) -> images.Picture:
    return picture if isinstance(picture, images.Picture) else images.load(picture)


def _names(styles) -> list[list]:
    return [[source.name if isinstance(source, BuiltInStyle) else None, weight] for source, weight in styles]


def _recolor(array: np.ndarray, content: np.ndarray, color: str) -> np.ndarray:
    if color == "content":
        return images.keep_colors(array, content)
    return images.only_colors(array, content) if color == "only" else array
