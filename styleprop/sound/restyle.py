"""A sound in the texture of another: encode, put the style's statistics into the latent, decode, find phases.

What the autoencoder does not keep, and the phases, come from both sounds, by the strength: in a whole texture what
changes fast is its own, and so are its phases.

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
from styleprop.sound.distributions import Histograms, Moments, set_bins
from styleprop.sound.spectrum import HOP, RATE, griffin_lim, magnitudes_of, picture_of, spectra

PIECE, OVERLAP = 2000, 60  # frames: 16 s, and half a second that two pieces share; multiples of FRAMES
GRAIN_SECONDS = 60
GRAIN_FADE = 8192  # samples over which the end of a grain goes over into its beginning
PHASE_STEPS = 12  # of refinement, where both sounds have as much part in the phases; those of one alone fit as they are
LEVEL = 0.1  # root mean square of a sound that is made a picture

Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Texture:
    """What is kept of a style.

    Attributes:
        statistics: of its latent.
        bins: quantiles of its picture in each bin, (QUANTILES, BINS).
        grain: its samples, (1, n) float32, of mean 0 and root mean square `LEVEL`; of a long one the first minute.
    """

    statistics: Statistics
    bins: np.ndarray
    grain: np.ndarray


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


class Grain(Pieces):
    """A texture's own sound, without end, in the pieces of a content.

    Args:
        network: that encodes.
        samples: `Texture.grain`.
        content: whose pieces they are to fit.
    """

    def __init__(self, network: SoundAutoencoder, samples: np.ndarray, content: Pieces):
        self.network, self.samples, self.starts = network, samples, content.starts
        self._content = content
        self.encoded = lru_cache(maxsize=1)(self._encoded)

    def part(self, index: int) -> np.ndarray:
        """The samples of a piece, (1, n)."""
        return _looped(self.samples, self.starts[index] * HOP, self._content.part(index).shape[1])


class Propagation:
    """A content and a texture, piece by piece.

    Args:
        network: the autoencoder.
        content: (channels, N) float32 at `RATE`, not silent.
        texture: see `learn_texture`.
        strength: 0 to 1.
    """

    def __init__(self, network: SoundAutoencoder, content: np.ndarray, texture: Texture, strength: float):
        self.network, self.texture, self.strength = network, texture, strength
        self.pieces = Pieces(network, content)
        self.grain = Grain(network, texture.grain, self.pieces)
        self.own, bins = self.pieces.measure()
        agreement, found = Moments(), Histograms()
        for (_, _, latent), (_, _, grain) in zip(self.pieces, self.grain, strict=True):
            agreement.add(ops.convert_to_numpy(network.agreement(latent, self.own, grain, texture.statistics)))
        self.agreement = agreement.mean
        self.decoded = lru_cache(maxsize=1)(self._decoded)
        for index in range(len(self.pieces.starts)):
            found.add(self.decoded(index))
        self.before, self.wanted = found.quantiles, bins + strength * (texture.bins - bins)

    def _decoded(self, index: int) -> np.ndarray:
        """The picture that is decoded, with what the autoencoder does not keep of either sound."""
        content, grain = self.pieces.encoded(index), self.grain.encoded(index)
        latent = self.network.propagate(
            content[2], self.own, self.texture.statistics, grain[2], self.agreement, self.strength
        )
        made = _picture(self.network.decoder(latent), content[1].shape[1])
        for share, (_, picture, kept) in ((1 - self.strength, content), (self.strength, grain)):
            if share:
                made = made + share * (picture - _picture(self.network.decoder(kept), picture.shape[1]))
        return made

    def made(self, index: int) -> np.ndarray:
        """The samples of a piece, (channels, n), at the content's level."""
        phases, grain = self.pieces.encoded(index)[0], self.grain.encoded(index)[0]
        target = magnitudes_of(set_bins(self.decoded(index), self.before, self.wanted))
        mixed = (1 - self.strength) * phases + self.strength * grain
        steps = PHASE_STEPS * 4 * self.strength * (1 - self.strength)
        return griffin_lim(target, mixed, self.pieces.part(index).shape[1], steps) / self.pieces.gain


def learn_texture(network: SoundAutoencoder, samples: np.ndarray) -> Texture:
    """What propagation needs of a style, (N,) float32 at `RATE`."""
    pieces = Pieces(network, samples[None])
    grain = (samples[None] - samples.mean()) * pieces.gain
    return Texture(*pieces.measure(), grain[:, : GRAIN_SECONDS * RATE])


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
    propagation, made = Propagation(network, content, texture, strength), np.zeros_like(content)
    starts = propagation.pieces.starts
    for index, start in enumerate(starts):
        _join(made, propagation.made(index), start * HOP)
        if watch:
            watch(index + 1, len(starts))
    return made


def reconstruct(network: SoundAutoencoder, content: np.ndarray) -> np.ndarray:
    """What the autoencoder keeps of a sound, (channels, N) float32 at `RATE`, with the sound's phases."""
    pieces, made = Pieces(network, content), np.zeros_like(content)
    for index, (transformed, picture, latent) in enumerate(pieces):
        found = _picture(network.decoder(latent), picture.shape[1])
        part = griffin_lim(magnitudes_of(found), transformed, pieces.part(index).shape[1], 0)
        _join(made, part / pieces.gain, pieces.starts[index] * HOP)
    return made


def _batch(picture: np.ndarray) -> np.ndarray:
    """(channels, frames, BINS) as the network takes it: frames a multiple of FRAMES, the last repeated."""
    return np.pad(picture, [(0, 0), (0, -picture.shape[1] % FRAMES), (0, 0)], mode="edge")[..., None]


def _picture(batch: Any, frames: int) -> np.ndarray:
    return ops.convert_to_numpy(batch)[:, :frames, :, 0]


def _looped(grain: np.ndarray, first: int, count: int) -> np.ndarray:
    """`count` samples of a grain (1, n) that goes on without end, from the sample `first` on."""
    length = grain.shape[1]
    if first + count <= length:
        return grain[:, first : first + count]
    fade = min(GRAIN_FADE, length // 2)
    if fade:
        share = np.sqrt((np.arange(fade, dtype="float32") + 0.5) / fade)
        grain = grain.copy()
        grain[:, :fade] = share * grain[:, :fade] + share[::-1] * grain[:, length - fade :]
    return np.take(grain, np.arange(first, first + count) % (length - fade), axis=1)


def _join(made: np.ndarray, part: np.ndarray, first: int) -> None:
    """Put a piece after those before it, fading over along what both have."""
    if first:
        count = min(OVERLAP * HOP, part.shape[1])
        share = np.linspace(0, 1, count, dtype="float32")
        part[:, :count] = share * part[:, :count] + (1 - share) * made[:, first : first + count]
    made[:, first : first + part.shape[1]] = part
