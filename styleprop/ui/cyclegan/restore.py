"""What a picture that a CycleGAN made, or a visitor's browser, brings along for the form; strangers may write it."""

from typing import Any

from styleprop import images
from styleprop.config import StyleOptions
from styleprop.config.style import FORMAT, valid_settings
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.texts import say

NO_MASK = "A picture does not hold its mask."


def restored_translation(picture: images.Picture, domains: list) -> dict[str, Any]:
    """The domain, the direction and the options that made a picture, by name; none where no translation did."""
    found = picture.settings or {}
    if found.get("job") != "translate" or found.get("domain") not in domains:
        return {}
    direction = TO_PHOTO if found.get("to_photo") is True else TO_PAINTING
    return {"domain": found["domain"], "direction": direction, **_options(found, *picture.image.shape[:2])}


def recalled_translation(kept: dict[str, Any], domains: list) -> dict[str, Any]:
    """The same of what a browser has kept of the form; none where its domain is not there any more."""
    if kept.get("domain") not in domains:
        return {}
    direction = TO_PHOTO if kept.get("direction") == TO_PHOTO else TO_PAINTING
    return {"domain": kept["domain"], "direction": direction, **_options({**kept, "format": FORMAT}, 1, 1)}


def _options(found: dict[str, Any], height: int, width: int) -> dict[str, Any]:
    options = {**StyleOptions().to_dict(), **valid_settings(found, height, width)}
    del options["feather"]
    return options


def missing_line(picture: images.Picture) -> str:
    """What to say where settings are restored of what a picture cannot hold, or ""."""
    return say(NO_MASK) if (picture.settings or {}).get("masked") is True else ""
