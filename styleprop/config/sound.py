"""The autoencoder of sounds, and what a sound can be restyled with."""

from dataclasses import dataclass

from styleprop.config.base import Config
from styleprop.errors import SettingsError

METHODS = ("propagate", "optimize")
TEXTURES = {
    "rain": "Rain",
    "bells": "Bells",
    "choir": "Choir",
    "fire": "Fire",
    "waves": "Surf",
    "crickets": "Crickets",
    "glass": "Glass",
    "engine": "Motor",
}
EXAMPLES = {"speech": "Voice", "strings": "Plucked strings", "drums": "Drums", "birds": "Birds"}


@dataclass(frozen=True)
class SoundConfig(Config):
    """Dimensions of the autoencoder of sounds.

    Attributes:
        filters: channels at 1/2 and 1/4 of the spectrogram's size.
        latent_filters: channels of the latent, at 1/4 of its frames and 1/8 of its bins.
        blocks: residual blocks on each side, at 1/4.
        slow: frames of the latent (32 ms each), an odd number, over which propagation takes the mean to tell what
            changes slowly.
        floor: under the deviations that propagation divides by.
        keep: 0 to 1, how much of what changes slowly is the content's; the rest is the style's own.
    """

    filters: tuple[int, ...] = (24, 48)
    latent_filters: int = 24
    blocks: int = 1
    slow: int = 5
    floor: float = 0.1
    keep: float = 0.5

    def __post_init__(self) -> None:
        if len(self.filters) != 2 or not all(isinstance(number, int) and 1 <= number <= 512 for number in self.filters):
            raise SettingsError(f"filters must be two whole numbers from 1 to 512, not {self.filters!r}.")
        if not 1 <= self.latent_filters <= 512 or not 0 <= self.blocks <= 64 or self.floor <= 0:
            raise SettingsError("latent_filters must be 1 to 512, blocks 0 to 64 and floor above 0.")
        if not 0 <= self.keep <= 1 or not 1 <= self.slow <= 63 or self.slow % 2 == 0:
            raise SettingsError("slow must be an odd number from 1 to 63, and keep lie in [0, 1].")

    @classmethod
    def tiny(cls) -> "SoundConfig":
        """A few thousand parameters for tests."""
        return cls((4, 6), 4, 1)
