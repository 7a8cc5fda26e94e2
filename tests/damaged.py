"""Damaged pictures: every encoding that is read, cut short, zeroed or overwritten in places, the same every time.

`python -m tests.damaged` loads them all in two processes whose fresh memory is filled with two different values, and
prints what became of each: a picture that differs between the two shows memory that no decoder wrote.
"""

from __future__ import annotations

import collections
import hashlib
import io
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
from PIL import Image

from styleprop.errors import ImageError
from styleprop.images import load
from styleprop.images.saving import blank_gap
from tests.hostile_formats import encoded, interlaced_png

SIZE = (256, 192)
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "AVIF", "JPEG2000", "HEIF", "TIFF")
FILLS = ("85", "170")

Span = tuple[int, int]


def photo() -> np.ndarray:
    """uint8 (192, 256, 3): slopes with noise, so that every encoding has much to store everywhere."""
    width, height = SIZE
    rows, columns = np.mgrid[0:height, 0:width]
    slopes = np.stack([rows + columns, rows * 2, 255 - columns], axis=2) / 2
    return np.clip(slopes + np.random.default_rng(4).normal(0, 25, slopes.shape), 0, 255).astype(np.uint8)


def encodings() -> Iterator[tuple[str, str, bytes]]:
    """Give the format, the encoding and the file of each kind that `load` reads."""
    image = Image.fromarray(photo())
    options: dict[str, dict[str, dict]] = {
        "JPEG": {"baseline": {}, "progressive": {"progressive": True}, "restarts": {"restart_marker_rows": 2}},
        "GIF": {"plain": {}},
        "BMP": {"plain": {}},
        "WEBP": {"lossy": {}, "lossless": {"lossless": True}},
        "AVIF": {"plain": {}, "tiles": {"tile_rows": 1, "tile_cols": 1}},
        "JPEG2000": {
            "lossless": {},
            "lossy": {"irreversible": True, "quality_layers": [20]},
            "tiles": {"tile_size": (64, 64)},
            "stream": {"no_jp2": True},
        },
        "HEIF": {"plain": {}, "grid": {"tile_size": 64}, "lossless": {"quality": -1, "chroma": 444}},
        "TIFF": {name: {"compression": name} for name in ("raw", "tiff_lzw", "packbits", "tiff_deflate", "jpeg")}
        | {name: {"compression": name} for name in ("tiff_adobe_deflate", "lzma", "zstd")},
    }
    yield "PNG", "plain", encoded(image, "PNG")
    yield "PNG", "interlaced", interlaced_png(photo())
    for kind, variants in options.items():
        for name, chosen in variants.items():
            data = encoded(image, kind, **chosen)
            yield kind, name, blank_gap(data) if kind == "TIFF" else data
    yield "HEIF", "alpha", encoded(_with_alpha(image), "HEIF")
    yield "AVIF", "alpha", encoded(_with_alpha(image), "AVIF")
    yield "WEBP", "alpha", encoded(_with_alpha(image), "WEBP")
    page = image.convert("1")
    for name in ("tiff_ccitt", "group3", "group4"):
        yield "TIFF", name, encoded(page, "TIFF", compression=name)


def _with_alpha(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.putalpha(image.getchannel("R"))
    return image


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Give the format, a name and the bytes of every damaged file; those named "whole" are as they were written."""
    for kind, name, data in encodings():
        yield kind, f"{name} whole", data
        chance = random.Random(f"{kind} {name}")
        for damage, damaged in (*_cut(data), *_overwritten(data), *_scattered(data, chance)):
            yield kind, f"{name} {damage}", damaged
    yield from _fax_pages()
    yield from _small_jpegs()


def _cut(data: bytes) -> Iterator[tuple[str, bytes]]:
    for percent in (30, 60, 90, 97):
        yield f"cut at {percent} %", data[: len(data) * percent // 100]


def _overwritten(data: bytes) -> Iterator[tuple[str, bytes]]:
    """From some place on, and in one place; the end, where a TIFF has its directory, stays."""
    last = len(data) * 96 // 100
    for percent, value, length in ((10, 0, last), (35, 0, last), (60, 255, last), (20, 0, 200), (50, 85, 3000)):
        start = len(data) * percent // 100
        end = min(start + length, last)
        yield f"{value} at {percent} %, {end - start} bytes", data[:start] + bytes([value]) * (end - start) + data[end:]


def _scattered(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for index, (first, last, count) in enumerate(((10, 95, 20), (10, 95, 200), (1, 10, 3), (0, 5, 1), (96, 100, 2))):
        damaged = bytearray(data)
        for _ in range(count):
            place = chance.randrange(len(data) * first // 100, len(data) * last // 100)
            damaged[place] = chance.choice((0, 1, 8, 64, 127, 255))
        yield f"scattered {index}", bytes(damaged)


def _fax_pages() -> Iterator[tuple[str, str, bytes]]:
    """A page of 1,728 x 2,000 with the last part of its strips zeroed."""
    noise = np.random.default_rng(0).integers(0, 256, (2000, 1728), np.uint8)
    page = Image.fromarray(noise).convert("1")
    for name in ("group3", "group4", "tiff_ccitt"):
        data = bytearray(encoded(page, "TIFF", compression=name))
        for start, length in _strips(data):
            data[start + length // 10 : start + length] = bytes(length - length // 10)
        yield "TIFF", f"{name} page, nine tenths zeroed", bytes(data)


def _small_jpegs() -> Iterator[tuple[str, str, bytes]]:
    """A JPEG in a TIFF that says it is smaller than its strip, or whose tags for that are there twice."""
    plain = encoded(photo(), "TIFF", compression="jpeg")
    for name, offset, value in (("low", 5, 8), ("narrow", 7, 128), ("no height", 5, 0)):
        data = bytearray(plain)
        for start, _ in _strips(data):
            at = data.index(b"\xff\xc0", start) + offset
            data[at : at + 2] = value.to_bytes(2, "big")
        yield "TIFF", f"jpeg {name}", bytes(data)


def _strips(data: bytearray) -> list[Span]:
    with Image.open(io.BytesIO(data)) as picture:
        return list(zip(picture.tag_v2[273], picture.tag_v2[279], strict=True))


def outcome(data: bytes) -> str:
    """What `load` makes of a file: "refused", or a fingerprint of every pixel and the alpha."""
    try:
        picture = load(data)
    except ImageError:
        return "refused"
    parts = [part.tobytes() for part in (picture.image, picture.alpha) if part is not None]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def unguarded(data: bytes) -> str:
    """The fingerprint of what Pillow alone makes of a file."""
    with Image.open(io.BytesIO(data)) as picture:
        return hashlib.sha256(picture.tobytes()).hexdigest()


def outcomes(files: list[bytes], fill: str, option: str = "--outcomes") -> list[str]:
    """The outcomes of these files in a process of its own, where fresh memory is filled with this value (1..255)."""
    environment = {**os.environ, "MALLOC_PERTURB_": fill}
    command = [sys.executable, "-m", "tests.damaged", option]
    done = subprocess.run(command, env=environment, input=pickle.dumps(files), capture_output=True, check=True)
    return done.stdout.decode().split()


def judged() -> list[tuple[str, str, str]]:
    """Give the format, the name and what became of each file: whole, refused, in part (by its decoder) or memory."""
    cases = list(corpus())
    both = [outcomes([data for *_, data in cases], fill) for fill in FILLS]
    found, whole = [], ""
    for (kind, name, _), first, second in zip(cases, *both, strict=True):
        whole = first if name.endswith(" whole") else whole
        same = {whole: "right", "refused": "refused"}.get(first, "in part")
        found.append((kind, name, same if first == second else "memory"))
    return found


def table(found: list[tuple[str, str, str]]) -> str:
    columns = ("right", "in part", "refused", "memory")
    counts = collections.Counter((kind, what) for kind, _, what in found)
    kinds = list(dict.fromkeys(kind for kind, *_ in found))
    rows = [(kind, *(counts[kind, column] for column in columns)) for kind in kinds]
    rows.append(("all", *(sum(row[index] for row in rows) for index in range(1, 5))))
    lines = [("format", "files", *columns), *((row[0], sum(row[1:]), *row[1:]) for row in rows)]
    return "\n".join(f"{line[0]:10}" + "".join(f"{value:>9}" for value in line[1:]) for line in lines)


if __name__ == "__main__":
    if "--unguarded" in sys.argv:
        print("\n".join(unguarded(data) for data in pickle.load(sys.stdin.buffer)))
    elif "--outcomes" in sys.argv:
        print("\n".join(map(outcome, pickle.load(sys.stdin.buffer))))
    else:
        print(table(judged()))
