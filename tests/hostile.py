"""Hostile pictures: every kind of file a stranger might send, and what must become of each.

`generate` writes them into a folder; they are the same every time. Some are pictures with known pixels that must be
read right, the others must be refused.
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from styleprop.images import MAX_FILE_BYTES, Picture
from tests.hostile_files import refused
from tests.hostile_formats import encoded, quadrants
from tests.hostile_pictures import corners, readable

NAMES = (
    "a 'single' and \"double\".png",
    "two\nlines.png",
    "<script>alert(1)</script>.png".replace("/", "\u2215"),
    "<img src=x onerror=alert(1)>.png",
    "\U0001f3a8 \u7d75 \u0645\u0631\u062d\u0628\u0627.png",
    "\u202egnp.exe.png",
    "..%2f..%2fetc%2fpasswd.png",
    "..\\..\\windows\\system.png",
    "-rf.png",
    "dots.png...",
    "$(touch x);`id`|&.png",
    "{{7*7}}%s%n{0}.png",
    "tab\tand\x7fdelete.png",
    "con.png",
    "x" * 240 + ".png",
)


@dataclass(frozen=True)
class HostileCase:
    """One file, and whether it must be read ("ok", with a check on the pixels) or "refused"."""

    name: str
    path: Path
    expected: str
    check: Callable[[Picture], bool] | None = None

    @property
    def can_be_sent(self) -> bool:
        """Whether the path is an ordinary file, which a browser could upload."""
        return os.path.isfile(self.path)


@functools.cache
def made() -> dict[str, list[tuple[str, bytes, Callable[[Picture], bool] | None]]]:
    """The name, the bytes and the check of every file with a content of its own, by what is expected of it."""
    return {"ok": list(readable()), "refused": [(*entry, None) for entry in refused()]}


def generate(folder: str | os.PathLike) -> list[HostileCase]:
    """Write every case into `folder` (made if it is missing) and return them."""
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    cases = list(_written(root))
    cases += _named(root / "names")
    cases += _not_files(root / "places")
    return cases


def case_names() -> list[str]:
    """Name every case, in the order of `generate`, and leave nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        return [case.name for case in generate(folder)]


def _written(root: Path) -> Iterator[HostileCase]:
    for expected, entries in made().items():
        place = root / expected
        place.mkdir()
        for name, data, check in entries:
            path = place / name
            path.write_bytes(data)
            yield HostileCase(f"{expected}/{name}", path, expected, check)


def _named(place: Path) -> Iterator[HostileCase]:
    """A good picture under names that are anything but."""
    place.mkdir()
    data = encoded(quadrants(), "PNG")
    for index, name in enumerate(NAMES):
        path = place / name
        path.write_bytes(data)
        yield HostileCase(f"names/{index}", path, "ok", corners())


def _not_files(place: Path) -> Iterator[HostileCase]:
    place.mkdir()
    (place / "folder.png").mkdir()
    os.mkfifo(place / "pipe.png")
    (place / "link-to-nothing.png").symlink_to(place / "nothing.png")
    (place / "link-to-itself.png").symlink_to(place / "link-to-itself.png")
    (place / "link-to-zeros.png").symlink_to("/dev/zero")
    with open(place / "enormous.png", "wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)  # sparse: it takes no room
    for path in sorted(place.iterdir()):
        yield HostileCase(f"places/{path.name}", path, "refused")
    for path in (
        place / "missing.png",
        place / "missing" / "x.png",
        place / "a\0b.png",
        Path("/dev/zero"),
        place / ("y" * 300),
    ):
        yield HostileCase(f"places/{str(path)[-12:]!r}", path, "refused")
    (place / "link.png").symlink_to(place.parent / "ok" / "plain.png")
    yield HostileCase("places/link.png", place / "link.png", "ok", corners())
