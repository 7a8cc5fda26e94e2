"""One content picture, encoded once and decoded as often as a slider moves: whole where it is small, else by tiles."""

from collections.abc import Callable, Hashable
from functools import cached_property

import numpy as np

from styleprop import images
from styleprop.engine import tiling
from styleprop.engine.calm import calm
from styleprop.engine.networks import CompiledAutoencoder, Encoding
from styleprop.fringes import Fringes
from styleprop.ops import Moments, Tensor

Watcher = Callable[[int, int], None]
MOVED = 5e-3  # mean squared move of a code from which on all fringes go; a full one has 0.02 to 0.2


def encode(network: CompiledAutoencoder, image: np.ndarray, calmed: bool = False) -> Encoding:
    """Encode a uint8 (H, W, 3) image, padded to what the network's stride asks for; one to be painted is `calmed`."""
    batch = images.pad_to_multiple(images.to_batch(image), network.config.multiple)
    if not calmed:
        return Encoding(batch, *network.encode(batch))
    smooth = (calm(image) / np.float32(127.5) - np.float32(1))[None]
    return Encoding(batch, *network.encode(images.pad_to_multiple(smooth, network.config.multiple)))


def share_of_fringes(code: Tensor, target_code: Tensor, strength: float) -> float:
    """How much of the fringes to take out of a painting, 0 to 1, by how far it moves a picture's code, both (1, K)."""
    move = strength * (np.asarray(target_code) - np.asarray(code))
    return min(1.0, float(np.mean(np.square(move))) / MOVED)


def open_canvas(network: CompiledAutoencoder, image: np.ndarray, calmed: bool = True) -> "WholeCanvas | TiledCanvas":
    """The canvas that fits an image's size."""
    small = image.shape[0] * image.shape[1] <= tiling.WHOLE_PIXELS
    return (WholeCanvas if small else TiledCanvas)(network, image, calmed=calmed)


class WholeCanvas:
    """A picture that is decoded in one go."""

    def __init__(self, network: CompiledAutoencoder, image: np.ndarray, key: Hashable = None, calmed: bool = True):
        self.network = network
        self.key = key
        self.size = image.shape[:2]
        self.encoding = encode(network, image, calmed)

    @property
    def code(self) -> Tensor:
        """The (1, K) style code of the picture itself."""
        return self.encoding.code

    @property
    def latent(self) -> np.ndarray:
        """The latent, float32 (h, w, C)."""
        return self.encoding.latent[0].numpy()

    @cached_property
    def _lost(self) -> np.ndarray:
        """What the reconstruction misses, x - D(E(x))."""
        _, latent, code = self.encoding
        return self.encoding.batch - self.network.decode(latent, code, code, 0.0)[0].numpy()

    def paint(self, target_code: Tensor, strength: float, detail: float, watch: Watcher | None = None) -> np.ndarray:
        """Decode with a style code to uint8 (H, W, 3); `detail` is the factor of the residual x - D(E(x))."""
        _, latent, code = self.encoding
        batch = self.network.decode(latent, code, target_code, strength)[0].numpy()
        if detail > 0:
            batch = batch + np.float32(detail) * self._lost
        if watch:
            watch(1, 1)
        return self._cropped(batch)

    def without_fringes(self, painted: np.ndarray, target_code: Tensor, strength: float) -> np.ndarray:
        """What `paint` gave, less what runs along the outlines; a picture in its own style stays as it is."""
        amount = share_of_fringes(self.code, target_code, strength)
        return self._fringes.remove(painted, amount) if amount > 0 else painted

    @cached_property
    def _fringes(self) -> Fringes:
        return Fringes(self._cropped(self.encoding.batch))

    def _cropped(self, batch: np.ndarray) -> np.ndarray:
        height, width = self.size
        return images.from_batch(batch[:, :height, :width])


class TiledCanvas:
    """A picture that is decoded tile by tile, with the statistics of a mosaic; only the uint8 picture is kept."""

    def __init__(self, network: CompiledAutoencoder, image: np.ndarray, calmed: bool = True):
        self.network = network
        self.calmed = calmed
        self.image = image
        self.encoding = encode(network, tiling.mosaic(image), calmed)

    @property
    def code(self) -> Tensor:
        """The (1, K) style code of the picture, taken from its mosaic."""
        return self.encoding.code

    def paint(self, target_code: Tensor, strength: float, detail: float, watch: Watcher | None = None) -> np.ndarray:
        """As `WholeCanvas.paint`; `watch(done, total)` is called after each tile."""
        _, latent, code = self.encoding
        statistics = self.network.decode(latent, code, target_code, strength)[1]
        own = self.network.decode(latent, code, code, 0.0)[1] if detail > 0 else None
        painted = np.empty_like(self.image)
        tiles = tiling.plan_tiles(*self.image.shape[:2])
        for number, tile in enumerate(tiles, start=1):
            self._paint_tile(painted, tile, (target_code, strength, statistics), (detail, own))
            if watch:
                watch(number, len(tiles))
        return painted

    def _paint_tile(
        self,
        painted: np.ndarray,
        tile: tiling.Tile,
        styled: tuple[Tensor, float, list[Moments]],
        residual: tuple[float, list[Moments] | None],
    ) -> None:
        (target_code, strength, statistics), (detail, own) = styled, residual
        batch, latent, _ = encode(self.network, self.image[tile.read_slices], self.calmed)
        decoded = self.network.decode_part(latent, self.code, target_code, strength, statistics).numpy()
        if own is not None:
            lost = batch - self.network.decode_part(latent, self.code, self.code, 0.0, own).numpy()
            decoded = decoded + np.float32(detail) * lost
        painted[tile.core_slices] = images.from_batch(decoded[0][tile.core_within_read])
