"""The generators of the CycleGANs, loaded when they are first asked for."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from styleprop import images
from styleprop.checkpoints import DOMAIN_PREFIX, PALETTE_FILE, Checkpoint, find_checkpoint, list_domains
from styleprop.config import StyleOptions
from styleprop.engine.cache import RecentlyUsed
from styleprop.engine.canvas import Watcher, WholeCanvas, open_canvas
from styleprop.engine.drawing import Drawing
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.scale import plan_canvas, plan_growth
from styleprop.errors import CheckpointError, SettingsError
from styleprop.hub import Token, is_source, open_checkpoint
from styleprop.images.palettes import Palette
from styleprop.models.cyclegan import Generator
from styleprop.weights import load_generator

KEPT = 8
DEFAULT = StyleOptions()


@dataclass(frozen=True)
class Translator:
    """One direction of one domain, compiled.

    Attributes:
        checkpoint: where it came from.
        network: the generator's autoencoder.
        generator: gives each picture the style code of the domain.
        side: its `GeneratorConfig.canvas_side`.
        palette: takes its colours to those of the domain, or None.
    """

    checkpoint: Checkpoint
    network: CompiledAutoencoder
    generator: Generator
    side: int
    palette: Palette | None = None

    def canvas_size(self, image: np.ndarray, brush: float = 1.0) -> tuple[int, int]:
        """Height and width at which the domain paints a uint8 (H, W, 3) image."""
        height, width = image.shape[:2]
        if self.side:
            return plan_canvas(height, width, brush, self.side)[:2]
        return round(height / max(1.0, brush)), round(width / max(1.0, brush))

    def code(self, image: np.ndarray) -> tf.Tensor:
        """The style code (1, K) that a uint8 (H, W, 3) image gets."""
        if self.generator.tones is None:
            return tf.convert_to_tensor(self.generator.style)
        return self.generator.code(images.to_batch(image))

    def translate(self, image: np.ndarray, watch: Watcher | None = None, options: StyleOptions = DEFAULT) -> np.ndarray:
        """Translate a uint8 (H, W, 3) image to the same shape; large ones by tiles with shared statistics.

        Of the options, strength and detail count: 0 and 0 give back the image. It has no lines, see `drawing`.
        """
        return self.paint(image, self.code(image), watch, options)

    def paint(self, image: np.ndarray, code: tf.Tensor, watch: Watcher | None, options: StyleOptions) -> np.ndarray:
        """The same with a style code (1, K). What is smaller than the canvas is painted at the size of that."""
        height, width = image.shape[:2]
        rows, columns = plan_growth(height, width, options.brush, self.side)
        canvas = open_canvas(self.network, images.resize(image, columns, rows))
        painted = canvas.paint(code, self.strength_of(options), options.kept, watch)
        if isinstance(canvas, WholeCanvas):
            painted = canvas.without_fringes(painted, code, self.strength_of(options))
        return self.drawing(options).finish(images.resize(painted, width, height))

    def strength_of(self, options: StyleOptions) -> float:
        """Of the domain's style code, 0 to 1: as the generator has it at strength 1."""
        return self.generator.config.strength * options.strength

    def drawing(self, options: StyleOptions) -> Drawing:
        """What the domain does beside painting, as far as the strength goes."""
        config, strength = self.generator.config, options.strength
        palette = self.palette and self.palette.towards(strength)
        return Drawing(strength * config.wash, strength * config.lines, palette, options.brush)


class Translators:
    """Translators by domain and direction; the last eight that were used are kept. Safe to share by threads.

    Args:
        token: for repositories, as `Styleprop.from_pretrained` has it.
    """

    def __init__(self, token: Token = None):
        self._token = token
        self.domains = list_domains()
        self._loaded = RecentlyUsed(KEPT)

    def open(self, domain: str, to_photo: bool) -> Translator:
        """The translator of an embedded domain's name, of a checkpoint's folder, or of a repository on the Hub.

        A repository, "owner/name@revision", is asked for once and then used as it was.

        Raises:
            SettingsError: there is no such domain.
            CheckpointError: it is damaged, or no CycleGAN; or the Hub does not give it.
        """
        if domain in self.domains or (is_source(domain) and not Path(domain).exists()):
            return self._loaded.get((domain, to_photo), lambda: self._load(self._find(domain), to_photo))
        checkpoint = self._find(domain)  # a folder's weights may change
        return self._loaded.get((domain, checkpoint.sha256, to_photo), lambda: self._load(checkpoint, to_photo))

    def _load(self, checkpoint: Checkpoint, to_photo: bool) -> Translator:
        generator = load_generator(checkpoint, to_photo)
        network = CompiledAutoencoder(generator.autoencoder)
        palette = None if to_photo else _open_palette(checkpoint)
        return Translator(checkpoint, network, generator, generator.config.canvas_side, palette)

    def _find(self, domain: str) -> Checkpoint:
        if domain in self.domains:
            return find_checkpoint(DOMAIN_PREFIX + domain)
        if (Path(domain) / "config.json").is_file():
            return find_checkpoint(domain)
        if is_source(domain):
            return open_checkpoint(domain, token=self._token)
        raise SettingsError(f"There is no domain {Path(domain).name!r}; there are {', '.join(self.domains) or 'none'}.")


def _open_palette(checkpoint: Checkpoint) -> Palette | None:
    path = checkpoint.folder / PALETTE_FILE
    if not path.exists():
        return None
    try:
        return Palette.from_cube(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            "Checkpoint {name} is damaged: {file} cannot be read.", name=repr(checkpoint.name), file=PALETTE_FILE
        ) from error
