"""A sound in the texture of another: encode, put the style's statistics into the latent, decode, find phases.

Long sounds are worked on in pieces that overlap, with the statistics of the whole, so memory holds the samples and one
piece.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from keras import ops

from styleprop.models.sound import FRAMES, SoundAutoencoder, Statistics
from styleprop.sound.spectrum import BINS, HOP, griffin_lim, magnitudes_of, picture_of, spectra

PIECE, OVERLAP = 2000, 60  # frames: 16 s, and half a second that two pieces share; multiples of FRAMES
GRAIN_FADE = 8  # frames of the latent over which the end of a grain goes over into its beginning
GRAIN_PIECES = 4
PHASE_STEPS = 12  # of refinement; a reconstruction takes the phases as they are
LEVEL = 0.1  # root mean square of a sound that is made a picture
LOWEST, STEP, LEVELS, QUANTILES = -1.0, 0.01, 280, 96  # of histograms: from -100 dB on, half a decibel each
RISE = 1e-9 * np.arange(LEVELS + 1)  # so that no two shares are equal

Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Texture:
    """What is kept of a style.

    Attributes:
        statistics: of its latent.
        grain: its latent, (1, t, f, C) float32.
        bins: quantiles of its picture in each bin, (QUANTILES, BINS).
    """

    statistics: Statistics
    grain: np.ndarray
    bins: np.ndarray


class Histograms:
    """Distributions of the bins of pictures that come in parts."""

    def __init__(self) -> None:
        self._counts = np.zeros((BINS, LEVELS))

    def add(self, picture: np.ndarray) -> None:
        """Count in (channels, frames, BINS)."""
        levels = np.clip((picture.reshape(-1, BINS) - LOWEST) / STEP, 0, LEVELS - 1).astype("int64")
        index = levels + LEVELS * np.arange(BINS)
        self._counts += np.bincount(index.ravel(), minlength=BINS * LEVELS).reshape(BINS, LEVELS)

    @property
    def quantiles(self) -> np.ndarray:
        """So far, (QUANTILES, BINS) float32."""
        shares = np.cumsum(self._counts, axis=1) / self._counts.sum(axis=1, keepdims=True)
        edges = LOWEST + STEP * np.arange(LEVELS + 1)
        wanted = (np.arange(QUANTILES) + 0.5) / QUANTILES
        rows = [np.interp(wanted, np.concatenate([[0], row]) + RISE, edges) for row in shares]
        return np.stack(rows, axis=1).astype("float32")


class Moments:
    """Mean and standard deviation over frames that come in parts; each (1, 1, …)."""

    def __init__(self) -> None:
        self._count, self._sum, self._squares = 0, np.zeros(()), np.zeros(())

    def add(self, values: np.ndarray) -> None:
        """Count in (channels, frames, …)."""
        values = values.reshape(-1, *values.shape[2:]).astype("float64")
        self._count += len(values)
        self._sum, self._squares = self._sum + values.sum(axis=0), self._squares + np.square(values).sum(axis=0)

    @property
    def mean(self) -> np.ndarray:
        """So far."""
        return (self._sum / self._count)[None, None].astype("float32")

    @property
    def deviation(self) -> np.ndarray:
        """So far."""
        variance = self._squares / self._count - np.square(self._sum / self._count)
        return np.sqrt(np.maximum(variance, 1e-8))[None, None].astype("float32")


class Pieces:
    """The pieces of a sound, encoded as they are asked for; the last one is kept.

    Args:
        network: that encodes.
        samples: (channels, N) float32 at `RATE`, of any level.
    """

    def __init__(self, network: SoundAutoencoder, samples: np.ndarray):
        self.network = network
        power = np.mean(np.square(samples - samples.mean(axis=1, keepdims=True)))
        self.gain = np.float32(LEVEL / max(np.sqrt(power), 1e-9))
        self.samples = samples
        frames = samples.shape[1] // HOP + 1
        self.starts = range(0, max(1, frames - OVERLAP), PIECE - OVERLAP)
        self.encoded = lru_cache(maxsize=1)(self._encoded)

    def part(self, index: int) -> np.ndarray:
        """The samples of a piece, (channels, n)."""
        first = self.starts[index] * HOP
        part = self.samples[:, first : first + PIECE * HOP] * self.gain
        return part - np.mean(self.samples, axis=1, keepdims=True) * self.gain

    def _encoded(self, index: int) -> tuple[np.ndarray, np.ndarray, Any]:
        """Spectra, picture and latent of a piece."""
        transformed = spectra(self.part(index))
        picture = picture_of(transformed)
        return transformed, picture, self.network.encoder(_batch(picture))

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, Any]]:
        return (self.encoded(index) for index in range(len(self.starts)))

    def measure(self) -> tuple[Statistics, np.ndarray]:
        """Statistics of the latent and quantiles of the picture's bins, over all pieces."""
        means, slows, bins = Moments(), Moments(), Histograms()
        for _, picture, latent in self:
            means.add(ops.convert_to_numpy(latent))
            slows.add(ops.convert_to_numpy(self.network.slow(latent)))
            bins.add(picture)
        return Statistics(means.mean, slows.deviation), bins.quantiles


def learn_texture(network: SoundAutoencoder, samples: np.ndarray) -> Texture:
    """What propagation needs of a style, (N,) float32 at `RATE`; of a long one the grain of its first minute."""
    pieces = Pieces(network, samples[None])
    statistics, bins = pieces.measure()
    grains = []
    for index in range(min(len(pieces.starts), GRAIN_PIECES)):
        latent = pieces.encoded(index)[2]
        is_last = index + 1 == len(pieces.starts)
        own = latent.shape[1] if is_last else (PIECE - OVERLAP) // FRAMES
        grains.append(ops.convert_to_numpy(latent)[:, :own])
    return Texture(statistics, np.concatenate(grains, axis=1), bins)


def restyle(
    network: SoundAutoencoder, content: np.ndarray, texture: Texture, strength: float, watch: Watch | None = None
) -> np.ndarray:
    """Put a texture into a sound.

    Args:
        network: the autoencoder.
        content: (channels, N) float32 at `RATE`, not silent.
        texture: see `learn_texture`.
        strength: 0 to 1.
        watch: called with the pieces done and their number.

    Returns:
        (channels, N) float32, at a level of its own.
    """
    pieces = Pieces(network, content)
    own, bins = pieces.measure()
    style, agreement, found = texture.statistics, Moments(), Histograms()

    def grain(index: int) -> np.ndarray:
        return _tiled(texture.grain, pieces.starts[index] // FRAMES, pieces.encoded(index)[2].shape[1])

    def decoded(index: int) -> np.ndarray:
        _, picture, latent = pieces.encoded(index)
        moved = network.propagate(latent, own, style, grain(index), agreement.mean, strength)
        return _picture(network.decoder(moved), picture.shape[1])

    for index, (_, _, latent) in enumerate(pieces):
        agreement.add(ops.convert_to_numpy(network.agreement(latent, own, grain(index), style)))
    for index in range(len(pieces.starts)):
        found.add(decoded(index))
    before, wanted = found.quantiles, bins + strength * (texture.bins - bins)
    made = np.zeros_like(content)
    for index, start in enumerate(pieces.starts):
        transformed, picture, latent = pieces.encoded(index)
        target = _set_bins(decoded(index), before, wanted)
        if strength < 1:
            target += (1 - strength) * (picture - _picture(network.decoder(latent), picture.shape[1]))
        part = griffin_lim(magnitudes_of(target), transformed, pieces.part(index).shape[1], PHASE_STEPS)
        _join(made, part / pieces.gain, start * HOP)
        if watch:
            watch(index + 1, len(pieces.starts))
    return made


def reconstruct(network: SoundAutoencoder, content: np.ndarray) -> np.ndarray:
    """What the autoencoder keeps of a sound, (channels, N) float32 at `RATE`, with the sound's phases."""
    pieces, made = Pieces(network, content), np.zeros_like(content)
    for index, (transformed, picture, latent) in enumerate(pieces):
        found = _picture(network.decoder(latent), picture.shape[1])
        part = griffin_lim(magnitudes_of(found), transformed, pieces.part(index).shape[1], 0)
        _join(made, part / pieces.gain, pieces.starts[index] * HOP)
    return made


def _set_bins(picture: np.ndarray, before: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Give each bin of a picture the distribution that is wanted; quantiles are (QUANTILES, BINS)."""
    made = np.empty_like(picture)
    rising = before + (1e-6 * np.arange(QUANTILES, dtype="float32"))[:, None]
    for number in range(BINS):
        made[..., number] = np.interp(picture[..., number], rising[:, number], wanted[:, number])
    return made


def _batch(picture: np.ndarray) -> np.ndarray:
    """(channels, frames, BINS) as the network takes it: frames a multiple of FRAMES, the last repeated."""
    return np.pad(picture, [(0, 0), (0, -picture.shape[1] % FRAMES), (0, 0)], mode="edge")[..., None]


def _picture(batch: Any, frames: int) -> np.ndarray:
    return ops.convert_to_numpy(batch)[:, :frames, :, 0]


def _tiled(grain: np.ndarray, first: int, count: int) -> np.ndarray:
    """`count` frames of a grain that goes on without end, from the frame `first` on."""
    length = grain.shape[1]
    if first + count <= length:
        return grain[:, first : first + count]
    fade = min(GRAIN_FADE, length // 2)
    if fade:
        share = np.sqrt((np.arange(fade, dtype="float32") + 0.5) / fade)[None, :, None, None]
        grain = grain.copy()
        grain[:, :fade] = share * grain[:, :fade] + share[:, ::-1] * grain[:, length - fade :]
    return np.take(grain, np.arange(first, first + count) % (length - fade), axis=1)


def _join(made: np.ndarray, part: np.ndarray, first: int) -> None:
    """Put a piece after those before it, fading over along what both have."""
    if first:
        count = min(OVERLAP * HOP, part.shape[1])
        share = np.linspace(0, 1, count, dtype="float32")
        part[:, :count] = share * part[:, :count] + (1 - share) * made[:, first : first + count]
    made[:, first : first + part.shape[1]] = part
