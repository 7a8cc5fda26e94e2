"""What a sound may be, and the errors of those that are not."""

import math
from dataclasses import dataclass

from styleprop.errors import SoundError

NOT_A_SOUND = "This is not a sound that can be opened: use WAV, FLAC, OGG or MP3."
DAMAGED = "The sound is damaged or incomplete."
EMPTY = "The sound is empty."
MIN_RATE, MAX_RATE = 8_000, 192_000


@dataclass(frozen=True)
class Limits:
    """The largest sound that is read.

    Attributes:
        megabytes: of the file, of 2**20 bytes.
        seconds: it may play.
    """

    megabytes: float = math.inf
    seconds: float = 3600.0

    def check_bytes(self, count: int) -> None:
        """Raise SoundError where a file has too many bytes, or none."""
        if not count:
            raise SoundError("The file is empty.")
        if count > self.megabytes * 2**20:
            raise SoundError(f"The sound's file is larger than {self.megabytes:g} MB; use a smaller one.")

    def check_seconds(self, seconds: float) -> None:
        """Raise SoundError where a sound plays too long."""
        if seconds > self.seconds:
            raise SoundError(f"The sound is longer than {self.seconds:g} seconds; use a shorter one.")


def check_kind(rate: int, channels: int) -> None:
    """Raise SoundError where samples come too seldom or too often, or for too many speakers."""
    if not MIN_RATE <= rate <= MAX_RATE:
        raise SoundError(f"The sound has {rate} samples a second: {MIN_RATE} to {MAX_RATE} can be read.")
    if channels not in (1, 2):
        raise SoundError(f"The sound has {channels} channels: mono and stereo can be read.")


OWN = Limits()
VISITORS = Limits(megabytes=64, seconds=60)
