"""Pictures inside the style sheet: example buttons and built-in styles are drawn without a file to fetch."""

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from styleprop.assets import ASSETS
from styleprop.styles import BuiltInStyle

STYLES, DOMAINS = ASSETS / "styles", ASSETS / "domains"
EXAMPLES, LANDSCAPES = ASSETS / "examples", ASSETS / "landscapes"
SAFE_NAME = re.compile(r"[a-z0-9-]+")


def style_tiles(styles: list[BuiltInStyle], folder: Path = STYLES) -> str:
    """The rules that put a thumbnail on the radio button of each built-in style that has one."""
    found = {style.name: folder / f"{style.name}.webp" for style in styles}
    rules = [
        _rule(name, file_url(path)) for name, path in found.items() if SAFE_NAME.fullmatch(name) and path.is_file()
    ]
    return "\n".join(rules)


def domain_tiles(folder: Path = DOMAINS) -> str:
    """The rules that put a landscape as each embedded domain paints it on the domain's radio button."""
    return "\n".join(_rule(path.stem, file_url(path)) for path in sorted(folder.glob("*.webp")))


def tile_rule(name: str, picture: np.ndarray | str) -> str:
    """The rule that puts a picture on the radio button of a style; none where the name is a strange one.

    It counts more than those of `style_tiles`, and of two for one name the later counts.

    Args:
        name: of the style.
        picture: uint8, or a data URL.
    """
    url = f"url({picture})" if isinstance(picture, str) else data_url(picture)
    return _rule(name, f"{url} !important") if SAFE_NAME.fullmatch(name) else ""


def _rule(name: str, url: str) -> str:
    return f'.style-tiles label:has(input[value="{name}"])::before{{background-image:{url}}}'


def example_tiles() -> str:
    """The rules that put an example photo on its button."""
    paths = [path for folder in (EXAMPLES, LANDSCAPES) for path in sorted(folder.glob("*.webp"))]
    return "\n".join(f".example-{path.stem}{{background-image:{file_url(path)}}}" for path in paths)


def file_url(path: Path) -> str:
    """A WebP file for a style sheet."""
    return _url(path.read_bytes())


def data_url(image: np.ndarray) -> str:
    """A small uint8 picture for a style sheet."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "WEBP", quality=75, method=2)
    return _url(stream.getvalue())


def _url(webp: bytes) -> str:
    return f"url(data:image/webp;base64,{base64.b64encode(webp).decode()})"
