"""Sounds from files and into them: WAV, FLAC, OGG (Vorbis, Opus) and MP3, by libsndfile."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from styleprop.errors import SoundError
from styleprop.sound.limits import DAMAGED, EMPTY, NOT_A_SOUND, OWN, Limits, check_kind

FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3")
ENDINGS = {".wav": ("WAV", "PCM_24"), ".flac": ("FLAC", "PCM_24"), ".ogg": ("OGG", "VORBIS"), ".mp3": ("MP3", None)}
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
MOST_AT_ONCE = 2**18  # samples, of each channel
FULL = 2**31  # of 32 bits


@dataclass(frozen=True)
class Sound:
    """Samples of a mono or stereo sound.

    Attributes:
        samples: (N, channels) float32, 1 is full scale; of a file of floats they may go beyond.
        rate: samples a second.
    """

    samples: np.ndarray
    rate: int

    def __post_init__(self) -> None:
        """Raises SoundError where it is empty, of a kind that is not read, or has values that are no numbers."""
        check_kind(self.rate, self.samples.shape[1])
        if not len(self.samples):
            raise SoundError(EMPTY)
        if not np.isfinite(self.samples).all():
            raise SoundError("The sound has samples that are not finite numbers; save it again.")

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return len(self.samples) / self.rate


def load(source: str | os.PathLike[str] | BinaryIO, limits: Limits = OWN) -> Sound:
    """Read a sound.

    Args:
        source: a file's path, or a stream that can seek.
        limits: checked by the header, before anything is decoded, and again while it is.

    Raises:
        SoundError: it is no sound of these formats, is damaged, or is outside the limits.
    """
    import soundfile

    try:
        if not hasattr(source, "read"):
            limits.check_bytes(os.stat(source).st_size)
        with soundfile.SoundFile(source) as file:
            if file.format not in FORMATS:
                raise SoundError(NOT_A_SOUND)
            check_kind(file.samplerate, file.channels)
            limits.check_seconds(file.frames / file.samplerate)
            return Sound(_read(file, limits), file.samplerate)
    except FileNotFoundError as error:
        raise SoundError(f"There is no file {Path(str(source)).name!r}.") from error
    except OSError as error:
        raise SoundError(f"The file {Path(str(source)).name!r} cannot be read.") from error
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(NOT_A_SOUND) from error


def _read(file: Any, limits: Limits) -> np.ndarray:
    """What there really is, whatever the header says."""
    parts, count = [], 0
    try:
        while True:
            part = file.read(MOST_AT_ONCE, dtype="float32", always_2d=True)
            if not len(part):
                break
            count += len(part)
            limits.check_seconds(count / file.samplerate)
            parts.append(part)
    except RuntimeError as error:
        raise SoundError(DAMAGED) from error
    return np.concatenate(parts) if parts else np.zeros((0, file.channels), "float32")


def check_ending(target: str | os.PathLike[str]) -> str:
    """The ending of a file that can be written, in small letters. Raises SoundError."""
    ending = Path(target).suffix.lower()
    if ending not in ENDINGS:
        raise SoundError(f"A sound is written as {', '.join(ENDINGS)}, not as {ending or 'a file without ending'}.")
    return ending


def save(sound: Sound, target: str | os.PathLike[str]) -> None:
    """Write a file, and its missing folders; it gets its name when it is finished.

    WAV and FLAC have 24 bits a sample, so what came from 16 or 24 bits goes back as it was.

    Args:
        sound: what is beyond full scale is clipped.
        target: a path that ends in .wav, .flac, .ogg or .mp3.

    Raises:
        SoundError: it cannot be written there, or not at this rate.
    """
    target, ending = Path(target), check_ending(target)
    if ending == ".mp3" and sound.rate not in MP3_RATES:
        raise SoundError(f"An MP3 cannot have {sound.rate} samples a second; write a .wav or .flac.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as folder:
            part = Path(folder) / target.name
            with part.open("wb+") as stream:
                write(sound, stream, ending)
            os.replace(part, target)
    except OSError as error:
        raise SoundError(f"The sound {target.name!r} cannot be written: {error.strerror}.") from error
    except RuntimeError as error:
        raise SoundError(f"The sound {target.name!r} cannot be written.") from error


def write(sound: Sound, stream: BinaryIO, ending: str) -> None:
    """Write into a stream that can seek, as `save` does for a file of that ending."""
    import soundfile

    kind, subtype = ENDINGS[ending]
    samples: np.ndarray = sound.samples
    if subtype == "PCM_24":
        whole = np.rint(samples.astype("float64") * FULL)
        samples = np.clip(whole, -FULL, FULL - 1).astype("int32")
    with soundfile.SoundFile(stream, "w", sound.rate, samples.shape[1], subtype, format=kind) as file:
        for start in range(0, len(samples), MOST_AT_ONCE):  # libvorbis overflows its stack on long ones
            file.write(samples[start : start + MOST_AT_ONCE])


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Samples (N, channels) float32 at another rate: (about N * wanted / rate, channels)."""
    if rate == wanted:
        return samples
    import soxr

    return soxr.resample(samples, rate, wanted, "HQ").astype("float32", copy=False)
