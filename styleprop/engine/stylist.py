"""Style codes of pictures and of kept styles, and the layers that are painted with them."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from styleprop import images
from styleprop.config import StyleOptions
from styleprop.engine.cache import RecentlyUsed
from styleprop.engine.canvas import WholeCanvas, encode
from styleprop.engine.easels import Easels
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.painting import Layer
from styleprop.engine.scale import Scale, plan_canvas
from styleprop.engine.settings import Region, Source, Style
from styleprop.grain import read_style
from styleprop.own_styles import OwnStyle, is_style_file, load_style
from styleprop.styles import BuiltInStyle

KEPT_CODES = 64
Weighted = Sequence[tuple[BuiltInStyle | images.Picture, float]]  # weights add up to 1


class Stylist:
    """Reads styles, and paints with them; safe to share by threads.

    Args:
        network: encodes and decodes.
        styles: the built-in ones by name.
        sha256: of the network's weights, to which somebody's own styles belong.

    Attributes:
        easels: the photos that were encoded last.
    """

    def __init__(self, network: CompiledAutoencoder, styles: Mapping[str, BuiltInStyle], sha256: str):
        self.easels = Easels(network)
        self._network, self._styles, self._sha256 = network, styles, sha256
        self._codes = RecentlyUsed(KEPT_CODES)

    def open(self, source: Style) -> BuiltInStyle | images.Picture:
        """The style that somebody gave. Raises ImageError and StyleError, see `Styleprop.paint`."""
        if is_style_file(source):
            source = load_style(source)
        if isinstance(source, OwnStyle):
            source.check_network(self._sha256, self._network.config.code_size)
        if isinstance(source, BuiltInStyle):
            return source
        if isinstance(source, str) and source in self._styles:
            return self._styles[source]
        return open_picture(source)

    def encode(self, image: np.ndarray, side: float) -> tf.Tensor:
        """The (1, K) style code of a uint8 image, read whole and without grain at an area of `side` x `side` pixels."""
        return encode(self._network, read_style(image, side)).code

    def code(self, styles: Weighted, side: float, easel: WholeCanvas | None = None) -> tf.Tensor:
        """The mean (1, K) of styles as they are read at a side of some pixels; `easel` has the content's own."""
        codes = [self._code(source, side, easel) for source, _ in styles]
        return sum(weight * code for code, (_, weight) in zip(codes, styles, strict=True))

    def layers(
        self, picture: images.Picture, groups: Sequence[Weighted], region: Region | None, options: StyleOptions
    ) -> list[Layer]:
        """Everywhere, or inside a mask and perhaps outside: there what a style would paint everywhere."""
        scale = scale_of(picture, options.brush)
        easel = self.easels.whole(picture, scale)
        if region is None:
            return [self._layer(easel, groups[0], scale, options)]
        parts = list(zip(groups, (region, region.outside), strict=False))
        parts = [(styles, part) for styles, part in parts if part(scale.height, scale.width).any()]
        return [self._layer(easel, styles, scale, options, part) for styles, part in reversed(parts)]

    def _layer(
        self, easel: WholeCanvas, styles: Weighted, scale: Scale, options: StyleOptions, part: Region | None = None
    ) -> Layer:
        target = self.code(styles, scale.reading, easel)
        painted = easel.paint(target, options.strength, options.kept)
        return Layer(easel.without_fringes(painted, target, options.strength), target, part)

    def _code(self, source: BuiltInStyle | images.Picture, side: float, easel: WholeCanvas | None) -> tf.Tensor:
        if isinstance(source, BuiltInStyle):
            return tf.constant(source.code(side))
        if easel is not None and (source.key, True) == easel.key:
            return easel.code  # the content itself, whose code is known
        return self._codes.get((source.key, side), lambda: self.encode(source.image, side))


def open_picture(picture: Source) -> images.Picture:
    """A picture that is opened already, or what `images.load` makes of it. Raises ImageError."""
    return picture if isinstance(picture, images.Picture) else images.load(picture)


def scale_of(picture: images.Picture, brush: float) -> Scale:
    """The scale at which a picture is painted."""
    height, width = picture.image.shape[:2]
    return plan_canvas(height, width, brush)
