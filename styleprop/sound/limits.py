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
            raise SoundError(
                "The sound's file is larger than {size} MB; use a smaller one.", size=f"{self.megabytes:g}"
            )

    def check_seconds(self, seconds: float) -> None:
        """Raise SoundError where a sound plays too long."""
        if seconds > self.seconds:
            raise SoundError(
                "The sound is longer than {seconds} seconds; use a shorter one.", seconds=f"{self.seconds:g}"
            )


def check_kind(rate: int, channels: int) -> None:
    """Raise SoundError where samples come too seldom or too often, or for too many speakers."""
    if not MIN_RATE <= rate <= MAX_RATE:
        raise SoundError(
            "The sound has {rate} samples a second: {low} to {high} can be read.",
            rate=rate,
            low=MIN_RATE,
            high=MAX_RATE,
        )
    if channels not in (1, 2):
        raise SoundError("The sound has {channels} channels: mono and stereo can be read.", channels=channels)


OWN = Limits()
VISITORS = Limits(megabytes=64, seconds=60)
