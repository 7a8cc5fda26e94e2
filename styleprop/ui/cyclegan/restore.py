"""What a picture that a CycleGAN made brings along for the form; checked, as strangers may write it."""

from typing import Any

from styleprop import images
from styleprop.config import StyleOptions
from styleprop.config.style import valid_settings
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.texts import say

NO_MASK = "A picture does not hold its mask."


def restored_translation(picture: images.Picture, domains: list) -> dict[str, Any]:
    """The domain, the direction and the options that made a picture, by name; none where no translation did."""
    found = picture.settings or {}
    if found.get("job") != "translate" or found.get("domain") not in domains:
        return {}
    options = {**StyleOptions().to_dict(), **valid_settings(found, *picture.image.shape[:2])}
    del options["feather"]
    direction = TO_PHOTO if found.get("to_photo") is True else TO_PAINTING
    return {"domain": found["domain"], "direction": direction, **options}


def missing_line(picture: images.Picture) -> str:
    """What to say where settings are restored of what a picture cannot hold, or ""."""
    return say(NO_MASK) if (picture.settings or {}).get("masked") is True else ""
