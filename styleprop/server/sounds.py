"""Sounds of visitors: opened safely, restyled, and shown."""

import io
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from styleprop.config.sound import EXAMPLES, TEXTURES
from styleprop.errors import GoneError, ImageError, SoundError
from styleprop.server import uploads
from styleprop.sound.apart import load_apart
from styleprop.sound.examples import example
from styleprop.sound.files import Sound, resampled, write
from styleprop.sound.spectrum import BINS, RATE, picture_of, spectra
from styleprop.sound.textures import built_in

NONE = "Add a sound first: drop, record or choose one."
NO_STYLE = "Add a sound whose texture to take, or choose a built-in one."
GONE = "This sound is not here any more: sounds are kept for an hour. Add it again."
NOT_UPLOADED = "This sound was not uploaded here: choose, drop or record one."
SHOWN = (640, 160)  # pixels of a spectrogram
COLORS = np.array([(10, 12, 30), (50, 40, 110), (140, 60, 120), (225, 110, 80), (250, 225, 150)], "float32")


class Sounds:
    """The sound model, loaded when it is first asked for.

    Args:
        models: the page's; what they load is there first.
    """

    def __init__(self, models: Any):
        self._models, self._lock = models, threading.Lock()
        self._model: Any = None

    def wait(self):
        """The `SoundModel`. Raises CheckpointError where it cannot be loaded."""
        self._models.wait()
        with self._lock:
            if self._model is None:
                from styleprop.sound.model import SoundModel

                self._model = SoundModel.from_pretrained()
            return self._model


def open_sound(payload: Any, missing: str = NONE) -> Sound:
    """Open what an audio component, or a caller over HTTP, sent.

    Args:
        payload: a file description with a "path", a path, or None.
        missing: what to say where there is none.

    Raises:
        SoundError: there is none, it lies outside the app's folder, or it is no sound within the limits.
    """
    path = payload.get("path") if isinstance(payload, dict) else payload
    if path is None:
        raise SoundError(missing)
    try:
        found = uploads.checked(path)
    except ImageError as error:
        raise SoundError(GONE if isinstance(error, GoneError) else NOT_UPLOADED) from error
    about = found.stat()
    return _load(found, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=3)
def _load(path: Path, _changed: int, _size: int) -> Sound:
    sound = load_apart(path)
    sound.samples.flags.writeable = False
    return sound


def choose_style(name: Any, payload: Any) -> Sound | str:
    """A built-in texture's name, or the sound that was sent where the name is none. Raises SoundError."""
    return name if isinstance(name, str) and name in TEXTURES else open_sound(payload, NO_STYLE)


def write_wav(sound: Sound, name: str) -> str:
    """Write a WAV for a visitor to take and return its path."""
    stream = io.BytesIO()
    write(sound, stream, ".wav")
    return uploads.write_result(stream.getvalue(), f"{name}.wav")


@lru_cache(maxsize=len(EXAMPLES))
def _example(name: str) -> Sound:
    return Sound(example(name)[:, None], RATE)


def write_example(name: str) -> str:
    """Write one of the built-in sounds for a visitor to restyle and return its path."""
    return write_wav(_example(name), name)


def spectrogram(sound: Sound | str) -> Image.Image:
    """A sound's, or a built-in texture's, 640 x 160 pixels: time to the right, frequency upwards, as the ear has it."""
    samples = built_in(sound) if isinstance(sound, str) else _mono(sound)
    picture = picture_of(spectra(samples[None]))[0]
    picture = picture - max(float(np.quantile(picture, 0.999)), -0.95)  # the loudest is 0
    columns = np.linspace(0, len(picture), SHOWN[0] + 1).astype(int)[:-1]
    along = np.maximum.reduceat(picture, columns, axis=0) if len(picture) >= SHOWN[0] else picture[columns]
    hz = 40 * (14_000 / 40) ** np.linspace(1, 0, SHOWN[1])
    values = along[:, np.clip(np.rint(hz / (RATE / 2) * BINS).astype(int), 1, BINS - 1)].T
    levels = np.clip(1 + values / 1.5, 0, 1) * (len(COLORS) - 1)  # 75 dB
    image = np.stack([np.interp(levels, np.arange(len(COLORS)), COLORS[:, part]) for part in range(3)], axis=2)
    return Image.fromarray(image.astype("uint8"))


def _mono(sound: Sound) -> np.ndarray:
    mono = sound.samples.mean(axis=1, keepdims=True)
    return resampled(np.ascontiguousarray(mono - mono.mean()), sound.rate, RATE)[:, 0]
