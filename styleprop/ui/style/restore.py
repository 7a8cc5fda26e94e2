"""Settings found in a picture that styleprop made, as values for the form; checked, as strangers may write them."""

from collections.abc import Container
from typing import Any

from styleprop import images
from styleprop.config.style import valid_settings
from styleprop.own_styles import clean_title, is_own_name
from styleprop.server.texts import say
from styleprop.ui.style.form import StyleForm
from styleprop.ui.widgets.styles import BUILT_IN

NOT_KEPT = "A picture does not hold its style pictures, nor its mask."
NO_SUCH_TILE = "Its style, {title}, is not among your tiles: load its file to paint with it."


def restored_settings(picture: images.Picture, form: StyleForm, known: Container[str]) -> dict[Any, Any]:
    """Values by component, for those of a picture's settings that are valid; none where no stylization made it."""
    found = picture.settings or {}
    if found.get("job") != "stylize":
        return {}
    height, width = picture.image.shape[:2]
    valid = valid_settings(found, height, width)
    values = {component: valid[name] for name, component in form.settings.items() if name in valid}
    name = _single_style(found.get("styles"), known)
    return values | ({form.source: BUILT_IN, form.built_in: name} if name else {})


def missing_line(picture: images.Picture, known: Container[str] = ()) -> str:
    """What to say where settings are restored of what is not: what a picture cannot hold, a style that is not here."""
    found = picture.settings or {}
    styles = found.get("styles")
    match styles:
        case [[str(name), _, str(title)]] if is_own_name(name) and name not in known:
            return say(NO_SUCH_TILE, title=repr(clean_title(title)))
    own = isinstance(styles, list) and any(isinstance(pair, list) and pair[:1] == [None] for pair in styles)
    return say(NOT_KEPT) if own or found.get("masked") is True else ""


def _single_style(styles: object, known: Container[str]) -> str | None:
    """The name of the one built-in style in [[name, weight]], or None."""
    match styles:
        case [[str(name), _, *_]] if name in known:
            return name
    return None
