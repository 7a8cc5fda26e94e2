"""How a picture is restyled: the one list of options that engine, page, command line, HTTP calls and PNGs share."""

import math
from dataclasses import dataclass, field, fields
from typing import Any, Self

from styleprop.config.base import Config
from styleprop.errors import SettingsError

FORMAT = 2  # of the settings in a PNG; before it, a brush was of pixels and not of the picture
_OLD_SIDE, _OLD_SHARE, _OLD_PIXELS = 384, 0.4, 1024 * 1024


@dataclass(frozen=True)
class Range:
    """The values of an option that is a number; `step` is that of a slider."""

    low: float
    high: float
    default: float
    step: float

    def check(self, name: str, value: Any) -> None:
        """Raise SettingsError where a value is no number within the range."""
        check_range(name, value, self.low, self.high)


def _number(default: float, low: float, high: float, step: float) -> Any:
    return field(default=default, metadata={"range": Range(low, high, default, step)})


def _choice(*choices: str) -> Any:
    return field(default=choices[0], metadata={"choices": choices})


def check_range(name: str, value: Any, low: float, high: float) -> None:
    """Raise SettingsError where a value is no number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SettingsError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}.")


@dataclass(frozen=True)
class StyleOptions(Config):
    """How to restyle. Raises SettingsError where an option is out of its range.

    Attributes:
        strength: 0 gives back the content's pixels, 1 the full style.
        detail: 0 to 1, how much of the fine detail that the painting lost comes back on top.
        color: "style", "content" (keep the content's colours) or "only" (take the colours and nothing else).
        brush: 0.5 (finer) to 2 (coarser): the size of the strokes, as a part of the picture, whatever its pixels.
        feather: width of a mask's soft edge, a share of the content's shorter side, 0 to 0.2.
    """

    strength: float = _number(1.0, 0, 1, 0.01)
    detail: float = _number(0.0, 0, 1, 0.01)
    color: str = _choice("style", "content", "only")
    brush: float = _number(1.0, 0.5, 2, 0.05)
    feather: float = _number(0.02, 0, 0.2, 0.01)

    def __post_init__(self) -> None:
        for name, span in _RANGES.items():
            span.check(name, getattr(self, name))
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}.")

    @property
    def kept(self) -> float:
        """How much of what a painting lost is put back: w = (1 - strength) + strength * detail."""
        return (1 - self.strength) + self.strength * self.detail

    @classmethod
    def range(cls, name: str) -> Range:
        """The range of an option that is a number."""
        return _RANGES[name]

    @classmethod
    def choices(cls, name: str) -> tuple[str, ...]:
        """The values of an option that is a word, the default first."""
        return _CHOICES[name]

    @classmethod
    def of(cls, values: Any) -> Self:
        """The options among the attributes of an object, such as a parser's; defaults for those it lacks."""
        return cls(**{name: getattr(values, name) for name in NAMES if hasattr(values, name)})

    def to_settings(self, masked: bool = False) -> dict[str, Any]:
        """What a PNG remembers; the feather where there was a mask."""
        values = {name: value for name, value in self.to_dict().items() if masked or name != "feather"}
        return {**values, "format": FORMAT}


_RANGES: dict[str, Range] = {
    item.name: item.metadata["range"] for item in fields(StyleOptions) if "range" in item.metadata
}
_CHOICES: dict[str, tuple[str, ...]] = {
    item.name: item.metadata["choices"] for item in fields(StyleOptions) if "choices" in item.metadata
}
NAMES = tuple(item.name for item in fields(StyleOptions))


def valid_settings(found: dict[str, Any], height: int, width: int) -> dict[str, Any]:
    """The options among a PNG's settings that are valid, by name; strangers may have written them.

    Args:
        found: what the PNG remembers.
        height: of the picture, pixels.
        width: of the picture, pixels.
    """
    values = {name: found[name] for name in NAMES if name in found and _is_valid(name, found[name])}
    if "brush" in values and found.get("format") != FORMAT:
        values["brush"] = _brush_of_old(values["brush"], found.get("styles"), height, width)
    return values


def _is_valid(name: str, value: Any) -> bool:
    try:
        StyleOptions(**{name: value})
    except (SettingsError, TypeError):
        return False
    return True


def _brush_of_old(brush: float, styles: Any, height: int, width: int) -> float:
    """Today's brush for the strokes that an older one made.

    There a style was read at a side of 384 pixels, or an own picture at 0.4 of the photo's area, times the brush; today
    at the brush times the canvas' shorter side. So it was this part of the picture's shorter side.
    """
    match styles:
        case [[None, _], *_]:
            side = math.sqrt(_OLD_SHARE * min(height * width, _OLD_PIXELS))
        case _:
            side = _OLD_SIDE
    span = _RANGES["brush"]
    return round(min(max(brush * side / min(height, width), span.low), span.high), 2)
