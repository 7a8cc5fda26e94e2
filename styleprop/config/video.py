"""How a clip is restyled, beside `StyleOptions`."""

from dataclasses import dataclass, fields
from typing import Any

from styleprop.config.base import Config
from styleprop.config.style import check_range
from styleprop.errors import SettingsError

QUALITIES = ("steady", "fast")
MIN_LINES, MAX_LINES = 16, 8192
MAX_SECONDS = 10**7


@dataclass(frozen=True)
class VideoOptions(Config):
    """Which part of a clip to restyle, and how well. Raises SettingsError where an option is out of its range.

    Attributes:
        quality: "steady", or "fast": painted on a smaller canvas and enlarged smoothly.
        start: seconds from which on to paint.
        end: seconds up to which to paint; None is to the end.
        height: lines to reduce the clip to, where it has more; None leaves its size.
    """

    quality: str = QUALITIES[0]
    start: float = 0.0
    end: float | None = None
    height: int | None = None

    def __post_init__(self) -> None:
        if self.quality not in QUALITIES:
            raise SettingsError(f"quality must be one of {', '.join(QUALITIES)}, not {self.quality!r}.")
        check_range("start", self.start, 0, MAX_SECONDS)
        if self.end is not None:
            check_range("end", self.end, 0, MAX_SECONDS)
            if self.end <= self.start:
                raise SettingsError(f"end must be after start, not {self.end:g} after {self.start:g}.")
        if self.height is not None:
            check_range("height", self.height, MIN_LINES, MAX_LINES)

    @classmethod
    def take(cls, settings: dict[str, Any]) -> tuple["VideoOptions", dict[str, Any]]:
        """The options among settings, and the settings that are left."""
        names = {item.name for item in fields(cls)}
        found = {name: value for name, value in settings.items() if name in names}
        return cls(**found), {name: value for name, value in settings.items() if name not in names}
