"""The generators of the CycleGANs, loaded when they are first asked for."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from styleprop.checkpoints import DOMAIN_PREFIX, Checkpoint, find_checkpoint, list_domains
from styleprop.config import CycleGANConfig
from styleprop.engine.cache import RecentlyUsed
from styleprop.engine.canvas import Watcher, open_canvas
from styleprop.engine.networks import CompiledAutoencoder
from styleprop.engine.scale import plan_canvas
from styleprop.errors import SettingsError
from styleprop.hub import Token, is_source, open_checkpoint
from styleprop.weights import load_generator

KEPT = 8


@dataclass(frozen=True)
class Translator:
    """One direction of one domain, compiled; `side` is its `CycleGANConfig.canvas_side`."""

    checkpoint: Checkpoint
    network: CompiledAutoencoder
    style: tf.Tensor
    strength: float
    side: int

    def canvas_size(self, image: np.ndarray) -> tuple[int, int]:
        """Height and width at which the domain paints a uint8 (H, W, 3) image."""
        height, width = image.shape[:2]
        return plan_canvas(height, width, side=self.side)[:2] if self.side else (height, width)

    def translate(self, image: np.ndarray, watch: Watcher | None = None) -> np.ndarray:
        """Translate a uint8 (H, W, 3) image to the same shape; large ones by tiles with shared statistics."""
        return open_canvas(self.network, image).paint(self.style, self.strength, 0.0, watch)


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
        style, side = tf.constant(generator.style.numpy()), checkpoint.config_as(CycleGANConfig).canvas_side
        return Translator(checkpoint, network, style, generator.strength, side)

    def _find(self, domain: str) -> Checkpoint:
        if domain in self.domains:
            return find_checkpoint(DOMAIN_PREFIX + domain)
        if (Path(domain) / "config.json").is_file():
            return find_checkpoint(domain)
        if is_source(domain):
            return open_checkpoint(domain, token=self._token)
        raise SettingsError(f"There is no domain {Path(domain).name!r}; there are {', '.join(self.domains) or 'none'}.")
