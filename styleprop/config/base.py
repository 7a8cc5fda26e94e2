"""What all settings share."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from styleprop.errors import SettingsError


@dataclass(frozen=True)
class Config:
    """Shared dictionary form. Lists from JSON become tuples, unknown or missing keys raise SettingsError."""

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave. Raises SettingsError for a key it does not know."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise SettingsError(f"{cls.__name__} has no setting named {', '.join(unknown)}.")
        try:
            return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
        except TypeError as error:
            raise SettingsError(f"The settings do not make a {cls.__name__}: a value has the wrong type.") from error
