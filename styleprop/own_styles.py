"""Styles that people keep under a name: style codes in a small JSON file, `my-dusk.style.json`, read strictly.

A style code fits the weights that read it and no others, so a file names them by their hash.
"""

import base64
import binascii
import hashlib
import io
import json
import os
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from PIL import Image

from styleprop import images
from styleprop.config.files import STYLE_ENDING
from styleprop.errors import ImageError, Sentence, SettingsError, StyleError
from styleprop.images.guards import frame_sizes
from styleprop.images.saving import write_whole
from styleprop.styles import SIDES, BuiltInStyle

KIND, FORMAT = "style", 1
MAX_BYTES = 100 * 1024
MAX_CODE, MAX_VALUE = 4096, 100.0  # numbers in a code, and the largest of them
MAX_TITLE, THUMB_SIDE, MAX_THUMB_SIDE, QUALITY = 40, 96, 256, 75
NO_STYLE_FILE = "This is not a style file: styleprop saves them as .style.json."
DAMAGED = "This style file is damaged."
TOO_LARGE = Sentence("This style file is larger than {number} KB.", number=MAX_BYTES // 1024)
TOO_NEW = "This style file is of a newer version of styleprop."
NO_TITLE = "Give the style a name."
NEEDED = {"styleprop", "format", "name", "network", "sides", "codes"}
_NAME = re.compile(r"own-[0-9a-f]{16}")  # by which page and PNGs know a style
_SHA256 = re.compile(r"[0-9a-f]{64}")
_JPEG = "data:image/jpeg;base64,"


@dataclass(frozen=True)
class OwnStyle(BuiltInStyle):
    """A style that somebody has kept; its title is what they call it.

    Attributes:
        network: SHA-256 of the weights that its codes fit, 64 hexadecimal digits.
        jpeg: a JPEG file with a thumbnail of `THUMB_SIDE` pixels a side, or None.
    """

    network: str = ""
    jpeg: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def thumbnail(self) -> np.ndarray | None:
        """What the JPEG shows, uint8 (S, S, 3), or None."""
        return None if self.jpeg is None else images.load(self.jpeg).image

    @property
    def thumbnail_url(self) -> str | None:
        """The JPEG as a data URL, or None."""
        return None if self.jpeg is None else _JPEG + base64.b64encode(self.jpeg).decode()

    def save(self, path: str | os.PathLike) -> None:
        """Write the file, whole or not at all. Raises StyleError for another ending, ImageError where it cannot be."""
        if not is_style_file(path):
            raise StyleError(f"A style is saved as {STYLE_ENDING}: choose a name that ends so.")
        write_whole(Path(path), self.to_json().encode())

    def to_json(self) -> str:
        """The text of the file; the codes are exact."""
        codes = [base64.b64encode(code.astype("<f4").tobytes()).decode() for code in self.codes]
        found: dict[str, Any] = {"styleprop": KIND, "format": FORMAT, "name": self.title, "network": self.network}
        found |= {"sides": list(SIDES), "codes": codes}
        if self.jpeg is not None:
            found["thumbnail"] = self.thumbnail_url
        return json.dumps(found, ensure_ascii=False, indent=1) + "\n"

    def check_network(self, sha256: str, code_size: int) -> None:
        """Raise StyleError where these are not the weights that its codes fit, or a file only says that they do."""
        if self.network == sha256 and self.codes.shape[1] != code_size:
            raise StyleError(DAMAGED)
        if self.network != sha256:
            raise StyleError(
                "The style {title} was made with other weights ({made}) than those in use ({used}), and works with "
                "its own alone.",
                title=repr(self.title),
                made=self.network[:8],
                used=sha256[:8],
            )


def own_style(title: str, codes: np.ndarray, network: str, thumbnail: np.ndarray | bytes | None = None) -> OwnStyle:
    """A style to keep.

    Args:
        title: what people call it; it is cleaned.
        codes: float32 (3, K), read at the areas of the squares of `styles.SIDES`.
        network: SHA-256 of the weights that read them.
        thumbnail: uint8 (S, S, 3), a JPEG file of one, or None.

    Raises:
        SettingsError: nothing of the title is left.
    """
    cleaned = clean_title(title)
    if not cleaned:
        raise SettingsError(NO_TITLE)
    digest = hashlib.sha256(network.encode() + codes.astype("<f4").tobytes()).hexdigest()
    jpeg = _encoded(thumbnail) if isinstance(thumbnail, np.ndarray) else thumbnail
    return OwnStyle(f"own-{digest[:16]}", cleaned, "", codes, network, jpeg)


def clean_title(text: str) -> str:
    """What of a text can be a title: printable characters, single spaces, at most `MAX_TITLE`."""
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(letter for letter in words if letter.isprintable())[:MAX_TITLE].strip()


def is_own_name(name: object) -> bool:
    """Whether a name is such as these styles have, which say nothing to a person."""
    return isinstance(name, str) and bool(_NAME.fullmatch(name))


def is_style_file(name: object) -> TypeGuard[str | os.PathLike[str]]:
    """Whether a path or a name is that of a style file."""
    return isinstance(name, str | os.PathLike) and str(name).lower().endswith(STYLE_ENDING)


def load_style(source: str | os.PathLike | bytes) -> OwnStyle:
    """Read the path or the content of a style file, which a stranger may have written.

    Raises:
        ImageError: there is no ordinary file of that name.
        StyleError: it is none, damaged, too large or too new.
    """
    data = source if isinstance(source, bytes) else _read(source)
    if len(data) > MAX_BYTES:
        raise StyleError(TOO_LARGE)
    found = _parsed(data)
    try:
        title, network = clean_title(str(found["name"])[: 4 * MAX_TITLE]), found["network"]
        if not title or not _SHA256.fullmatch(network) or found["sides"] != list(SIDES):
            raise StyleError(DAMAGED)
        thumbnail = _thumbnail(found["thumbnail"]) if "thumbnail" in found else None
        return own_style(title, _codes(found["codes"]), network, thumbnail)
    except (ImageError, TypeError, ValueError) as error:
        raise StyleError(DAMAGED) from error


def _read(path: str | os.PathLike) -> bytes:
    with images.open_ordinary(path, "a style file") as stream:
        return stream.read(MAX_BYTES + 1)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode(), object_pairs_hook=_without_doubles, parse_constant=_refuse)
    except StyleError:
        raise
    except (ValueError, RecursionError) as error:
        raise StyleError(NO_STYLE_FILE) from error
    if not isinstance(found, dict) or found.get("styleprop") != KIND:
        raise StyleError(NO_STYLE_FILE)
    version = found.get("format")
    if type(version) is int and version > FORMAT:
        raise StyleError(TOO_NEW)
    if type(version) is not int or version != FORMAT or found.keys() - {"thumbnail"} != NEEDED:
        raise StyleError(DAMAGED)
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise StyleError(DAMAGED)
    return found


def _refuse(name: str) -> float:
    raise StyleError(DAMAGED)


def _codes(texts: Any) -> np.ndarray:
    """float32 (3, K) of base64 texts. Raises StyleError, TypeError and ValueError."""
    if not isinstance(texts, list) or len(texts) != len(SIDES):
        raise StyleError(DAMAGED)
    codes = np.stack([np.frombuffer(_decoded(text), "<f4") for text in texts]).astype(np.float32)
    if not 0 < codes.shape[1] <= MAX_CODE or not (np.abs(codes) <= MAX_VALUE).all():  # NaN is not
        raise StyleError(DAMAGED)
    return codes


def _thumbnail(text: Any) -> np.ndarray | bytes:
    """Of a data URL with a small JPEG: its bytes where it has the right size, so that nothing is lost by being read.

    Raises StyleError, ImageError, TypeError and ValueError.
    """
    if not isinstance(text, str) or not text.startswith(_JPEG):
        raise StyleError(DAMAGED)
    data = _decoded(text.removeprefix(_JPEG))
    if images.sniff(data) != "JPEG" or any(max(size) > MAX_THUMB_SIDE for size in islice(frame_sizes(data, 0), 64)):
        raise StyleError(DAMAGED)
    image = images.load(data).image
    return data if image.shape[:2] == (THUMB_SIDE, THUMB_SIDE) else images.center_square(image, THUMB_SIDE)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise StyleError(DAMAGED) from error


def _encoded(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def mosaic(pictures: list[np.ndarray]) -> np.ndarray | None:
    """A thumbnail of uint8 pictures, uint8 (S, S, 3): an upright strip of each; None where there are none."""
    if not pictures:
        return None
    edges = np.linspace(0, THUMB_SIDE, len(pictures) + 1).astype(int)
    squares = [images.center_square(picture, THUMB_SIDE) for picture in pictures]
    strips = zip(squares, edges[:-1], edges[1:], strict=True)
    return np.concatenate([square[:, left:right] for square, left, right in strips], axis=1)
