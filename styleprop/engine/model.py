"""`Styleprop`: pictures in, pictures out."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from styleprop import __version__, images
from styleprop.checkpoints import DOMAIN_PREFIX, Checkpoint
from styleprop.config import StyleOptions, VideoOptions
from styleprop.config.video import QUALITIES
from styleprop.engine import tiling
from styleprop.engine.canvas import TiledCanvas, Watcher, WholeCanvas, encode, open_canvas
from styleprop.engine.enlarging import Enlarger, open_enlarger
from styleprop.engine.moving import FAST_SIDE, Brush, FramePainter, plan_frames
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.painting import Cancel, Layer, Painting, Reconstructing, check_cancel
from styleprop.engine.results import Reconstruction, Stylization, Translation
from styleprop.engine.scale import plan_growth
from styleprop.engine.settings import Source, Styles, open_mask, weighted
from styleprop.engine.stylist import Stylist, open_picture, scale_of
from styleprop.engine.translators import Translators
from styleprop.errors import SettingsError
from styleprop.hub import Token, open_checkpoint
from styleprop.metrics import psnr_db, ssim
from styleprop.own_styles import OwnStyle, mosaic, own_style
from styleprop.styles import SIDES, BuiltInStyle, load_styles
from styleprop.video import OWN, Limits, VideoProgress, restyle
from styleprop.weights import load_autoencoder


class Styleprop:
    """A trained autoencoder ready for use. Read-only: any number of threads may share one.

    Pictures are given as a path, bytes, a binary stream, a Pillow image, a uint8 array or an `images.Picture`.

    Attributes:
        checkpoint: where the weights came from.
        styles: built-in styles by name.
        stylist: reads styles, and paints with them.
        translators: the embedded CycleGANs; `translators.domains` names them.
    """

    def __init__(self, checkpoint: Checkpoint, token: Token = None):
        self.checkpoint = checkpoint
        self.networks = CompiledAutoencoder(load_autoencoder(checkpoint))
        self.styles = load_styles(checkpoint.folder, self.networks.config.code_size)
        self.translators = Translators(token)
        self.stylist = Stylist(self.networks, self.styles, checkpoint.sha256)

    @cached_property
    def enlarger(self) -> Enlarger:
        """From the canvas to the photo's pixels; loaded when the first painting wants it. Raises CheckpointError."""
        return open_enlarger()

    @classmethod
    def from_pretrained(cls, source: str | Path | None = None, token: Token = None) -> "Styleprop":
        """Load the embedded checkpoint, or the one of a name, a folder or a repository, "owner/name@revision".

        The token is for private and gated repositories, also those of domains; None for the one that the Hub's own
        client would use, False for none.

        Raises:
            CheckpointError: it is not there, damaged, or not an autoencoder; or the Hub does not give it.
        """
        return cls(open_checkpoint(source, token=token), token)

    def reconstruct(
        self, picture: Source, watch: Watcher | None = None, cancel: Cancel | None = None
    ) -> Reconstruction:
        """Encode and decode a picture, and measure what was lost.

        Args:
            picture: what to reconstruct; the outcome has its size.
            watch: called as watch(tiles_done, tiles_total).
            cancel: asked after each tile.

        Raises:
            ImageError: the picture cannot be read or is outside the limits.
            CancelledError: `cancel` is set.
        """
        picture = open_picture(picture)

        def look(done: int, total: int) -> None:
            check_cancel(cancel)
            if watch:
                watch(done, total)

        start = time.perf_counter()
        canvas = open_canvas(self.networks, picture.image, calmed=False)
        array = canvas.paint(canvas.code, 0.0, 0.0, look)
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

    def first_reconstruction(self, picture: Source) -> Reconstructing:
        """What `reconstruct` does, with something to look at before the photo's own size. Raises ImageError."""
        photo = small = open_picture(picture)
        height, width = photo.image.shape[:2]
        if height * width > tiling.WHOLE_PIXELS:
            image = images.resize_to_area(photo.image, tiling.WHOLE_PIXELS)
            alpha = None if photo.alpha is None else images.resize(photo.alpha, image.shape[1], image.shape[0])
            small = replace(photo, image=image, alpha=alpha)
        return Reconstructing(photo, small, self.reconstruct)

    def stylize(
        self,
        content: Source,
        style: Styles,
        *,
        watch: Watcher | None = None,
        cancel: Cancel | None = None,
        **settings: Any,
    ) -> Stylization:
        """Put the style of one to four pictures into a content picture; the outcome has its size.

        It is `paint`, and then `full`: their arguments, their errors.
        """
        return self.paint(content, style, **settings).full(watch, cancel)

    def paint(
        self,
        content: Source,
        style: Styles,
        *,
        mask: Source | None = None,
        outside: Styles | None = None,
        **settings: Any,
    ) -> Painting[Stylization]:
        """Paint at the canvas' scale: what `stylize` does, with something to look at before the photo's own size.

        With latents z, codes k, strength s: D(z_mix, k_mix) + w (x - D(z_c, k_c)), w = (1 - s) + s * detail.

        Args:
            content: the picture to restyle.
            style: a picture, the name of a built-in style, a style of one's own (an `OwnStyle`, or the path of its
                file), or a sequence of one to four of them, each alone or as a (style, weight) pair.
            mask: where to restyle: uint8 (H, W), 0 outside and 255 inside, or a picture, white inside; brought to the
                content's size. Outside it the outcome has the content's own pixels. None is everywhere.
            outside: as `style`, for what lies outside the mask; None leaves it as it is.
            settings: the fields of `config.StyleOptions`: strength, detail, color, brush, feather.

        Raises:
            ImageError: a picture cannot be read or is outside the limits.
            SettingsError: a setting is out of range, there are no styles, or too many, or `outside` has no mask.
            StyleError: a style file cannot be read, or belongs to other weights.
        """
        options = StyleOptions.from_dict(settings)
        if outside is not None and mask is None:
            raise SettingsError("A style for the outside needs a mask.")
        groups = [weighted(style), *([] if outside is None else [weighted(outside)])]
        picture = open_picture(content)
        opened = [[(self.stylist.open(source), weight) for source, weight in pairs] for pairs in groups]
        region = None if mask is None else open_mask(mask, picture.image, options.feather)
        start = time.perf_counter()
        layers = self.stylist.layers(picture, opened, region, options) if options.strength > 0 else []
        made_of = {**options.to_settings(region is not None), "styles": _names(opened[0])}
        if region is not None:
            made_of |= {"masked": True, "outside": _names(opened[-1]) if outside is not None else []}
        notes = picture.notes + (region.notes if region else ())
        finish = partial(Stylization, settings=self._settings("stylize", made_of), notes=notes)
        return Painting(
            picture,
            self.stylist.easels.reduced(picture, *scale_of(picture, options.brush)[:2]),
            layers,
            self.enlarger,
            finish,
            time.perf_counter() - start,
            options.kept,
            options.color,
        )

    def translate(
        self,
        picture: Source,
        domain: str,
        *,
        watch: Watcher | None = None,
        cancel: Cancel | None = None,
        **settings: Any,
    ) -> Translation:
        """Translate a photo to a painting of a domain, or a painting to a photo; the outcome has its size.

        It is `paint_domain`, and then `full`: their arguments, their errors.
        """
        return self.paint_domain(picture, domain, watch=watch, **settings).full(watch, cancel)

    def paint_domain(
        self,
        picture: Source,
        domain: str,
        *,
        to_photo: bool = False,
        round_trip: bool = False,
        mask: Source | None = None,
        watch: Watcher | None = None,
        **settings: Any,
    ) -> Painting[Translation]:
        """Translate at the domain's own scale with a CycleGAN (Zhu et al. 2017).

        Args:
            picture: what to translate.
            domain: the name of an embedded domain, the folder of a CycleGAN's checkpoint, or its repository on the Hub,
                "owner/name@revision".
            to_photo: from a painting to a photo.
            round_trip: also translate the result back, at the same scale, and measure what that lost.
            mask: where to translate, as `paint` has it.
            watch: called as watch(tiles_done, tiles_total), from the start again for the way back.
            settings: the fields of `config.StyleOptions`, as for `paint`; brush 1 is the domain's own scale.

        Raises:
            ImageError: a picture cannot be read or is outside the limits.
            SettingsError: there is no such domain, or a setting is out of range.
            CheckpointError: the domain's checkpoint is damaged, or no CycleGAN.
        """
        options = StyleOptions.from_dict(settings)
        picture = open_picture(picture)
        there = self.translators.open(domain, to_photo)
        region = None if mask is None else open_mask(mask, picture.image, options.feather)
        start = time.perf_counter()
        canvas = self.stylist.easels.reduced(picture, *there.canvas_size(picture.image, options.brush))
        layers = []
        if options.strength > 0:
            code = there.code(canvas)
            lines = there.drawing(options).draw(lambda: self.stylist.easels.lines(picture, options.brush))
            layers = [Layer(there.paint(canvas, code, watch, options), code, region, lines)]
        seconds = time.perf_counter() - start
        made_of = {"domain": there.checkpoint.name.removeprefix(DOMAIN_PREFIX), "to_photo": to_photo}
        made_of |= options.to_settings(region is not None) | ({"masked": True} if region else {})
        notes = picture.notes + (region.notes if region else ())
        finish = partial(Translation, settings=self._settings("translate", made_of, there.checkpoint), notes=notes)
        painting = Painting(picture, canvas, layers, self.enlarger, finish, seconds, options.kept, options.color)
        if not round_trip:
            return painting
        cycle = self._cycle(canvas, painting.on_canvas(), (domain, not to_photo), watch)
        return replace(painting, finish=partial(finish, **cycle))

    def stylize_video(
        self,
        source: str | PathLike[str],
        style: Styles,
        destination: str | PathLike[str],
        *,
        limits: Limits = OWN,
        cancel: Cancel | None = None,
        **settings: Any,
    ) -> Iterator[VideoProgress]:
        """Put the style of one to four pictures into a clip, frame by frame, so that the frames agree.

        Nothing happens before the first progress is asked for; closing the generator finishes the file.

        Args:
            source: the path of a clip: MP4, MOV, WebM, MKV, AVI, or animated GIF, PNG or WebP.
            style: as `paint` has it.
            destination: the path to write: .mp4 or .webm, with the sound; .gif, .apng, .png or .webp.
            limits: `video.OWN`, or `video.VISITORS` for the clips of strangers.
            cancel: asked before each frame; where it is set, the file is finished with those that there are.
            settings: the fields of `config.VideoOptions`, quality, start, end and height, and those of `StyleOptions`.

        Raises:
            ImageError: a style cannot be read.
            SettingsError: a setting is out of range, or there are no styles, or too many.
            VideoError: the clip is none, damaged or outside the limits, or the file cannot be written.
        """
        video, rest = VideoOptions.take(settings)
        return restyle(
            source, destination, self.frame_painter(style, quality=video.quality, **rest), video, limits, cancel
        )

    def frame_painter(self, style: Styles, *, quality: str = QUALITIES[0], **settings: Any) -> FramePainter:
        """What paints the frames of a clip or a camera, one after the other.

        Args:
            style: as `paint` has it.
            quality: as `config.VideoOptions` has it.
            settings: the fields of `StyleOptions`.

        Raises:
            ImageError: a style cannot be read.
            SettingsError: a setting is out of range, or there are no styles, or too many.
        """
        options = StyleOptions.from_dict(settings)
        styles = [(self.stylist.open(entry), weight) for entry, weight in weighted(style)]
        plan, enlarger = plan_frames(quality, options.brush), self._frame_enlarger(quality)

        def target(side: float, _: np.ndarray) -> Any:
            return self.stylist.code(styles, side)

        return FramePainter(Brush(self.networks, plan, target, enlarger, options.strength, options.kept, options.color))

    def translate_video(
        self,
        source: str | PathLike[str],
        domain: str,
        destination: str | PathLike[str],
        *,
        to_photo: bool = False,
        limits: Limits = OWN,
        cancel: Cancel | None = None,
        **settings: Any,
    ) -> Iterator[VideoProgress]:
        """Translate a clip as `paint_domain` does a picture; otherwise as `stylize_video`, with its errors."""
        video, rest = VideoOptions.take(settings)
        painter = self.domain_frame_painter(domain, to_photo=to_photo, quality=video.quality, **rest)
        return restyle(source, destination, painter, video, limits, cancel)

    def domain_frame_painter(
        self, domain: str, *, to_photo: bool = False, quality: str = QUALITIES[0], **settings: Any
    ) -> FramePainter:
        """As `frame_painter`, with a CycleGAN. Raises SettingsError and CheckpointError, see `paint_domain`."""
        options = StyleOptions.from_dict(settings)
        there = self.translators.open(domain, to_photo)
        plan = plan_frames(quality, options.brush, there.side or images.MAX_SIDE)
        enlarger, strength = self._frame_enlarger(quality), there.strength_of(options)

        def target(_: float, canvas: np.ndarray) -> Any:
            return there.code(canvas)

        side = min(there.side, FAST_SIDE) if quality == "fast" else there.side
        drawing, growth = there.drawing(options), partial(plan_growth, brush=options.brush, side=side)
        return FramePainter(
            Brush(there.network, plan, target, enlarger, strength, options.kept, options.color, drawing, growth)
        )

    def _frame_enlarger(self, quality: str) -> Enlarger:
        return Enlarger() if quality == "fast" else self.enlarger

    def _cycle(
        self, image: np.ndarray, translated: np.ndarray, way_back: tuple[str, bool], watch: Watcher | None
    ) -> dict[str, Any]:
        cycled = self.translators.open(*way_back).translate(translated, watch)
        difference = np.abs(cycled.astype(np.int16) - image)
        return {"cycled": cycled, "cycle_l1": float(difference.mean()), "cycle_psnr_db": psnr_db(image, cycled)}

    def make_style(self, style: Styles, name: str) -> OwnStyle:
        """A style to keep: what `paint` would paint with, read at the sides of `styles.SIDES`.

        Where `paint` reads a style at one of these, as it does at 768 pixels for brush 1 and any photo of that shorter
        side and up to 2.6 times as long, the outcome is the same to the bit; between them codes are interpolated.

        Args:
            style: as `paint` has it.
            name: what people call it.

        Raises:
            ImageError: a picture cannot be read or is outside the limits.
            SettingsError: there is no name, there are no styles, or too many.
            StyleError: a style file cannot be read, or belongs to other weights.
        """
        styles = [(self.stylist.open(source), weight) for source, weight in weighted(style)]
        codes = np.concatenate([np.asarray(self.stylist.code(styles, side)) for side in SIDES])
        seen = [getattr(source, "thumbnail", getattr(source, "image", None)) for source, _ in styles]
        return own_style(name, codes, self.checkpoint.sha256, mosaic([image for image in seen if image is not None]))

    def _latent(self, image: np.ndarray, canvas: WholeCanvas | TiledCanvas) -> np.ndarray:
        if isinstance(canvas, TiledCanvas):
            small = images.resize_to_area(image, tiling.WHOLE_PIXELS)
            canvas = WholeCanvas(self.networks, small, calmed=False)
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
        self.enlarger.refine(image, image, code, 1.0)


def _names(styles: Sequence[tuple[BuiltInStyle | images.Picture, float]]) -> list[list]:
    """What a PNG remembers: a style's name, or None of a picture, the weight, and the title of somebody's own."""
    return [
        [source.name if isinstance(source, BuiltInStyle) else None, weight, *_title(source)]
        for source, weight in styles
    ]


def _title(source: BuiltInStyle | images.Picture) -> list[str]:
    return [source.title] if isinstance(source, OwnStyle) else []
