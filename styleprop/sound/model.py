"""The sound model as others use it: sounds in, a sound and figures out."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from styleprop.checkpoints import find_checkpoint
from styleprop.config.sound import METHODS
from styleprop.errors import SettingsError, SoundError
from styleprop.models.sound import SoundAutoencoder
from styleprop.sound.files import Sound, resampled
from styleprop.sound.loudness import QUIET, follow, limit, loudness_correlation
from styleprop.sound.restyle import Texture, learn_texture, reconstruct, restyle
from styleprop.sound.spectrum import RATE
from styleprop.sound.textures import built_in
from styleprop.weights import load_sound

SILENT_STYLE = "The style is silent, so it has no texture: choose another sound."
Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Restyled:
    """What came of a sound.

    Attributes:
        sound: of the content's rate, channels and length.
        seconds: that it took.
        likeness: correlation of its loudness over time with the content's.
        settings: strength, method, style, checkpoint and its hash.
        is_unchanged: there was nothing to hear, so it is the content.
    """

    sound: Sound
    seconds: float
    likeness: float
    settings: dict[str, Any]
    is_unchanged: bool = False


class SoundModel:
    """Puts sounds into the texture of others; safe to share by threads.

    Args:
        network: the autoencoder.
        name, sha256: of its checkpoint.
    """

    def __init__(self, network: SoundAutoencoder, name: str = "", sha256: str = ""):
        self.network, self.name, self.sha256 = network, name, sha256
        self._texture = lru_cache(maxsize=8)(lambda style: learn_texture(network, built_in(style)))
        self._lock = threading.Lock()

    @classmethod
    def from_pretrained(cls, source: str | Path | None = None) -> "SoundModel":
        """Of an embedded checkpoint's name (default "sound") or a folder. Raises CheckpointError."""
        checkpoint = find_checkpoint(source, "sound")
        return cls(load_sound(checkpoint), checkpoint.name, checkpoint.sha256)

    def restyle(
        self,
        content: Sound,
        style: Sound | str,
        strength: float = 1.0,
        method: str = METHODS[0],
        watch: Watch | None = None,
    ) -> Restyled:
        """Put a texture into a sound.

        Args:
            content: what to restyle.
            style: a sound, or the name of a built-in texture.
            strength: 0 gives back the samples, 1 takes the whole texture.
            method: "propagate", or "optimize": slow, without a trained network.
            watch: called with what is done and what there is to do.

        Raises:
            SettingsError: the strength or the method is none.
            SoundError: the style is silent, or no built-in texture's name.
        """
        if not isinstance(strength, int | float) or not 0 <= strength <= 1:
            raise SettingsError("strength must be a number from 0 to 1, not {value}.", value=repr(strength))
        if method not in METHODS:
            raise SettingsError(f"method must be one of {', '.join(METHODS)}, not {method!r}.")
        start = time.perf_counter()
        samples = _working(style)
        silent = is_silent(content.samples)
        if strength == 0 or silent:
            made = content
        else:
            made = self._made(content, style if isinstance(style, str) else samples, samples, strength, method, watch)
        settings = {"job": "sound", "strength": float(strength), "method": method, "checkpoint": self.name}
        settings |= {"style": style if isinstance(style, str) else "", "sha256": self.sha256}
        likeness = loudness_correlation(made.samples, content.samples, content.rate)
        return Restyled(made, time.perf_counter() - start, likeness, settings, silent)

    def reconstruct(self, content: Sound) -> Sound:
        """What the autoencoder keeps of a sound, as loud as that."""
        if is_silent(content.samples):
            return content
        return self._fitted(reconstruct(self.network, _work(content)), content)

    def _made(
        self, content: Sound, style: Any, samples: np.ndarray, strength: float, method: str, watch: Watch | None
    ) -> Sound:
        work = _work(content)
        with self._lock:  # one at a time: each takes all processors and some memory
            if method == "optimize":
                from styleprop.sound.optimize import optimize

                found = optimize(work, samples, watch)
                return _mixed(self._fitted(found, content), content, strength)
            texture: Texture = self._texture(style) if isinstance(style, str) else learn_texture(self.network, samples)
            return self._fitted(restyle(self.network, work, texture, strength, watch), content)

    def _fitted(self, made: np.ndarray, content: Sound) -> Sound:
        """Of the content's rate, length and loudness, without a constant part and without clipping."""
        samples = resampled(np.ascontiguousarray(made.T), RATE, content.rate)[: len(content.samples)]
        samples = np.pad(samples, [(0, len(content.samples) - len(samples)), (0, 0)])
        pairs = [
            (_centered(one)[:, None], _centered(other)[:, None])
            for one, other in zip(samples.T, content.samples.T, strict=True)
        ]
        loud = [follow(one, other, content.rate) for one, other in pairs]  # each channel, so that they stay apart
        return Sound(limit(np.concatenate(loud, axis=1), content.rate), content.rate)


def is_silent(samples: np.ndarray) -> bool:
    """Whether there is nothing to hear in (N, channels): a constant is nothing."""
    return bool(np.sqrt(np.mean(np.square(_centered(samples)))) <= QUIET)


def _centered(samples: np.ndarray) -> np.ndarray:
    return samples - samples.mean(axis=0)


def _work(content: Sound) -> np.ndarray:
    """(channels, N) at `RATE`, without a constant part."""
    return np.ascontiguousarray(resampled(_centered(content.samples), content.rate, RATE).T)


def _working(style: Sound | str) -> np.ndarray:
    """A style's samples, (N,) at `RATE`."""
    if isinstance(style, str):
        return built_in(style)
    mono = style.samples.mean(axis=1, keepdims=True)
    if is_silent(mono):
        raise SoundError(SILENT_STYLE)
    return resampled(mono, style.rate, RATE)[:, 0]


def _mixed(made: Sound, content: Sound, strength: float) -> Sound:
    samples = content.samples + np.float32(strength) * (made.samples - content.samples)
    return Sound(limit(samples, content.rate), content.rate)
