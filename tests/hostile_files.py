"""Files that must be refused in one sentence: not pictures, damaged ones, and ones made to cost memory or time."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from tests.hostile_formats import (
    bmp,
    box,
    chunk,
    encoded,
    exif,
    gif_blocks,
    gif_frame,
    grey_tags,
    grey_tiff,
    heic_items,
    jpeg_with,
    many_scans,
    png,
    png_header,
    png_with,
    quadrants,
    tiff,
    webp_canvas,
    with_numbers,
)

Refused = tuple[str, bytes]


def refused() -> Iterator[Refused]:
    groups = (_not_pictures, _other_formats, _truncated, _damaged, _unfilled, _sizes, _claims)
    for group in (*groups, _newer_claims, _bombs, _newer_bombs, _floods):
        yield from group()


def _not_pictures() -> Iterator[Refused]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(zipfile.ZipInfo("config.json"), "{}")
    yield "empty.png", b""
    yield "one-byte.png", b"\x89"
    yield "text.png", b"hello\n" * 50
    yield "page.png", b"<!doctype html><script>alert(1)</script>"
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>'
    yield "entities.svg", b'<!DOCTYPE s [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    yield "postscript.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\nshowpage\n"
    yield "document.png", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"
    yield "archive.png", archive.getvalue()
    yield "weights.png", b"\x89HDF\r\n\x1a\n" + bytes(600)
    yield "pickle.png", pickle.dumps({"weights": [1, 2, 3]}, protocol=4)
    yield "gzip.png", gzip.compress(encoded(quadrants(), "PNG"), mtime=0)
    yield "array.png", b"\x93NUMPY\x01\x00v\x00" + bytes(300)
    yield "program.png", b"\x7fELF\x02\x01\x01" + bytes(300)
    yield "zeros.png", bytes(5000)
    yield "noise.png", np.random.default_rng(7).bytes(5000)
    yield "film.png", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(300)
    yield "phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300)


def _other_formats() -> Iterator[Refused]:
    picture = Image.fromarray(quadrants())
    for kind in ("PPM", "TGA", "ICO", "PCX", "SGI", "DDS", "IM", "XBM"):
        yield f"{kind.lower()}.png", encoded(picture.convert("1") if kind == "XBM" else picture, kind)
    yield "photoshop.png", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 48, 64, 8, 3) + bytes(200)


def _truncated() -> Iterator[Refused]:
    noisy = np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF", "JPEG2000"):
        data = encoded(noisy, kind)
        yield f"half.{kind.lower()}", data[: len(data) // 2]
        yield f"start.{kind.lower()}", data[:20]


def _damaged() -> Iterator[Refused]:
    plain = encoded(quadrants(), "PNG")
    header = png_header(64, 48)
    start = b"\x89PNG\r\n\x1a\n"
    yield "header-checksum.png", plain[:29] + b"oops" + plain[33:]
    yield "junk-pixels.png", start + header + chunk(b"IDAT", b"not zlib at all") + chunk(b"IEND")
    yield "no-pixels.png", start + header + chunk(b"IEND")
    yield "no-header.png", start + chunk(b"IDAT", zlib.compress(bytes(9264))) + chunk(b"IEND")
    yield "few-pixels.png", png(header, bytes(500))
    yield "odd-depth.png", png(png_header(64, 48, depth=3), bytes(9264))
    yield "odd-filter.png", png(header, (b"\x09" + bytes(192)) * 48)
    yield "long-chunk.png", start + header + b"\xff\xff\xff\xffIDAT" + bytes(50)
    jpeg = encoded(quadrants(), "JPEG")
    frame = jpeg.index(b"\xff\xc0")
    yield "no-channels.jpg", jpeg[: frame + 9] + b"\0" + jpeg[frame + 10 :]
    yield "twelve-bits.jpg", jpeg[: frame + 4] + b"\x0c" + jpeg[frame + 5 :]
    yield "no-tables.jpg", jpeg.replace(b"\xff\xdb", b"\xff\xfe")
    yield "no-scan.jpg", jpeg[: jpeg.index(b"\xff\xda")] + b"\xff\xd9"
    yield "no-frames.gif", gif_blocks()
    yield "odd-code-size.gif", gif_blocks(64, 48, gif_frame(0, 0, 64, 48, b"\x20\x02\x44\x01\0"))
    yield "junk.webp", b"RIFF\x40\0\0\0WEBPVP8 " + struct.pack("<I", 52) + bytes(52)
    yield "junk.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(200)
    yield "odd-header.bmp", bmp(64, 48, bytes(9216), header_size=77)
    yield "odd-bits.bmp", bmp(64, 48, bytes(9216), bits=99)
    yield "no-numbers.tiff", grey_tiff(np.full((24, 32), np.nan, "<f4"), 32, sample_format=3)
    yield "no-tags.tiff", tiff({})
    yield "no-directory.tiff", b"II*\0\xff\xff\xff\x7f" + bytes(50)


def _unfilled() -> Iterator[Refused]:
    """TIFF that libtiff would open, with memory in the place of pixels, and its like."""
    page = Image.fromarray(quadrants()).convert("1")
    for compression in ("tiff_ccitt", "group3", "group4"):
        yield f"{compression}.tiff", encoded(page, "TIFF", compression=compression)
    plain = grey_tags(32, 24, 8, 768)
    for name, number in {"old-jpeg": 6, "thunderscan": 32809, "log": 34676, "unknown": 9}.items():
        yield f"{name}.tiff", tiff({**plain, 259: (3, 1, number)}, bytes(768))
    inside = encoded(quadrants(), "TIFF", compression="jpeg")
    size = inside.index(b"\xff\xc0", 8) + 5
    yield "low-jpeg.tiff", inside[:size] + b"\0\x08" + inside[size + 2 :]
    yield "narrow-jpeg.tiff", inside[: size + 2] + b"\0\x08" + inside[size + 4 :]
    plain[259] = (3, 1, 7)
    yield "no-jpeg.tiff", tiff(plain, bytes(768))
    yield "jpeg-planes.tiff", tiff({**plain, 284: (3, 1, 2)}, bytes(768))
    yield "jpeg-strips-and-tiles.tiff", tiff({**plain, 322: (4, 1, 32), 323: (4, 1, 24)}, bytes(768))
    yield "two-compressions.tiff", _two_compressions()


def _two_compressions() -> bytes:
    """A TIFF with one tag twice: libtiff would take the first, Pillow the last."""
    data = tiff({**grey_tags(32, 24, 8, 768), 260: (3, 1, 5)}, bytes(768))
    return data.replace(struct.pack("<HHI", 260, 3, 1), struct.pack("<HHI", 259, 3, 1))


def _sizes() -> Iterator[Refused]:
    sizes = (
        (1, 1),
        (15, 100),
        (100, 15),
        (16, 321),
        (1, 20000),
        (20000, 1),
        (20001, 1001),
        (10001, 10000),
        (0, 64),
        (13000, 13000),
    )
    for width, height in sizes:
        rows = (b"\0" + bytes((width + 7) // 8)) * height
        yield f"{width}x{height}.png", png(png_header(width, height, 1, 0), rows)


def _claims() -> Iterator[Refused]:
    """Headers that promise a huge picture over a few bytes."""
    yield "claims-65535.png", png(png_header(65535, 65535), bytes(100))
    yield "claims-2-31.png", png(png_header(2**31 - 1, 2**31 - 1), bytes(100))
    yield "claims-8000.png", png(png_header(8000, 8000), bytes(100))
    jpeg = encoded(quadrants(), "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    yield "claims-65500.jpg", jpeg[:at] + struct.pack(">HH", 65500, 65500) + jpeg[at + 4 :]
    yield "claims-no-height.jpg", jpeg[:at] + struct.pack(">HH", 0, 64) + jpeg[at + 4 :]
    yield "claims-65535.gif", gif_blocks(65535, 65535, gif_frame(0, 0, 64, 48))
    yield "outside-the-canvas.gif", gif_blocks(64, 48, gif_frame(65535, 65535, 65535, 65535))
    yield "far-frame.gif", gif_blocks(64, 48, gif_frame(9000, 9000, 64, 48))
    yield "claims-16383.webp", webp_canvas(16383, 16383)
    yield "claims-2-24.webp", webp_canvas(2**24, 2**24)
    yield "claims-100000.bmp", bmp(100_000, 100_000, bytes(100))
    yield "claims-lowest.bmp", bmp(64, -(2**31), bytes(100))
    yield "claims-negative.bmp", bmp(-64, 48, bytes(9216))
    avif = encoded(quadrants(), "AVIF")
    ispe = avif.index(b"ispe") + 8
    yield "claims-30000.avif", avif[:ispe] + struct.pack(">II", 30000, 30000) + avif[ispe + 8 :]
    yield "claims-2-32.tiff", tiff(grey_tags(2**32 - 1, 2**32 - 1, 8, 768), bytes(768))
    yield "claims-60000.tiff", tiff(grey_tags(60000, 60000, 8, 768), bytes(768))
    yield "strip-elsewhere.tiff", tiff({**grey_tags(32, 24, 8, 768), 273: (4, 1, 2**32 - 9)}, bytes(768))
    packed = {**grey_tags(32, 24, 8, 768), 259: (3, 1, 5)}
    yield "strip-too-long.tiff", tiff({**packed, 279: (4, 1, 2**32 - 9)}, bytes(768))
    yield "samples-65535.tiff", tiff({**grey_tags(32, 24, 8, 768), 277: (3, 1, 65535)}, bytes(768))


def _newer_claims() -> Iterator[Refused]:
    heic, grid = encoded(quadrants(), "HEIF"), encoded(quadrants(), "HEIF", tile_size=32)
    size, cells = heic.index(b"ispe") + 8, grid.index(b"idat") + 4
    yield "claims-30000.heic", with_numbers(heic, size, 30000, 30000)
    yield "claims-6500.heic", with_numbers(heic, size, 6500, 4800)
    large = encoded(quadrants(640, 480), "HEIF")
    yield "claims-less.heic", with_numbers(large, large.index(b"ispe") + 8, 64, 48)
    yield "claims-65535.grid.heic", grid[: cells + 4] + b"\xff" * 4 + grid[cells + 8 :]
    yield "256x256-tiles.grid.heic", grid[: cells + 2] + b"\xff" * 2 + grid[cells + 4 :]
    yield "no-tiles.grid.heic", grid.replace(b"dimg", b"xxxx")
    yield "no-items.heic", heic_items([], [])
    yield "no-codec.heic", heic_items([b"av01"], [100], bytes(1000))
    jp2 = encoded(quadrants(), "JPEG2000")
    header, stream = jp2.index(b"ihdr") + 4, jp2.index(b"\xff\x4f\xff\x51") + 8
    yield "claims-30000.jp2", with_numbers(jp2, header, 30000, 30000)
    yield "holds-30000.jp2", with_numbers(jp2, stream, 30000, 30000)
    yield "claims-and-holds-30000.jp2", with_numbers(with_numbers(jp2, stream, 30000, 30000), header, 30000, 30000)
    yield "many-streams.jp2", jp2 + jp2[stream - 8 : stream + 40] * 100


def _bombs() -> Iterator[Refused]:
    """A few kilobytes that would become gigabytes."""
    zeros = zlib.compress(bytes(30_000_000), 9)
    yield "international-text.png", png_with(chunk(b"iTXt", b"styleprop\0\1\0\0\0" + zeros))
    yield "packed-text.png", png_with(chunk(b"zTXt", b"styleprop\0\0" + zeros))
    yield "packed-profile.png", png_with(chunk(b"iCCP", b"icc\0\0" + zeros))
    block = zlib.compress(b" " * 1_000_000, 9)
    yield "many-texts.png", png_with(*[chunk(b"zTXt", b"%d\0\0" % index + block) for index in range(80)])
    size = 400_000
    overlapping = dict.fromkeys(range(1000, 6000), (7, size, 8))
    yield "overlapping-tags.tiff", tiff({**grey_tags(32, 24, 8, 768), **overlapping}, bytes(size))
    inner = dict.fromkeys(range(1000, 1300), (7, 60000, 8))
    yield "overlapping-tags.jpg", jpeg_with((0xE1, exif(inner, data=bytes(60_000))))
    yield "overlapping-parts.jpg", jpeg_with((0xE2, b"MPF\0" + tiff(inner, bytes(60_000))))
    yield "overlapping-tags.avif", _avif_with(exif(inner, data=bytes(60_000))[6:])
    tile = {322: (4, 1, 2**14), 323: (4, 1, 16), 324: (4, 1, 8), 325: (4, 1, 2**18)}
    tiled = {tag: entry for tag, entry in grey_tags(32, 24, 8, 768).items() if tag not in (273, 278, 279)}
    yield "wide-tiles.tiff", tiff({**tiled, **tile, 257: (4, 1, 16)}, bytes(2**18))
    strips = {273: (4, 300_000, 8), 279: (4, 300_000, 8)}
    yield "many-strips.tiff", tiff({**grey_tags(32, 24, 8, 768), **strips}, bytes(1_200_000))


def _newer_bombs() -> Iterator[Refused]:
    pixel = Image.new("RGB", (16, 16))
    pixel.info["icc_profile"] = bytes(2_000_000)
    yield "shared-profile.heic", encoded(pixel, "HEIF", save_all=True, append_images=[pixel] * 60)
    block = bytes(1_000_000)
    yield "metadata-for-all.heic", heic_items([b"hvc1"] * 400 + [b"Exif"] * 400, [1_000], block)
    yield "overlapping-items.heic", heic_items([b"hvc1"] * 900, [1_000_000], block)
    yield "overlapping-pieces.heic", heic_items([b"hvc1"], [1_000_000] * 30, block)
    yield "pieces.heic", heic_items([b"hvc1"], [1] * 60_000)
    yield "items.heic", heic_items([b"hvc1"] * 60_000, [])
    yield "boxes.heic", box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + box(b"free", b"") * 100_000


def _floods() -> Iterator[Refused]:
    """Small parts without end: each costs little, together they cost minutes."""
    yield "chunks.png", png_with(chunk(b"tIME") * 70_000)
    profile = chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(900_000), 9))
    yield "profiles.png", png_with(profile * 200)
    yield "scans.jpg", many_scans(300)
    yield "large-scans.jpg", many_scans(100, (5000, 4200))
    jpeg = encoded(quadrants(), "JPEG")
    yield "padding.jpg", jpeg[:-2] + b"\xff" * 100_000 + jpeg[-1:]
    yield "segments.jpg", jpeg_with(*[(0xEF, b"")] * 10_000)
    yield (
        "comment.gif",
        gif_blocks(64, 48, b"!\xfe" + b"\xff" + b"x" * 255 + (b"\x01x" * 20_000) + b"\0", gif_frame(0, 0, 1, 1)),
    )
    yield "comments.gif", gif_blocks(64, 48, b"!\xfe\x01x\x01x\x01x\0" * 4_000, gif_frame(0, 0, 1, 1))
    yield "between.gif", gif_blocks(64, 48, b"\0" * 100_000, gif_frame(0, 0, 1, 1))
    yield "entries.tiff", _many_entries(70_000)
    yield "prefixes.avif", _avif_with(exif({274: (3, 1, 1)})[6:], b"Exif\0\0" * 5000)


def _many_entries(count: int) -> bytes:
    """A BigTIFF, sound but for its many tags of no known type."""
    sound = {**grey_tags(32, 24, 8, 768), 273: (4, 1, 16)}
    tags = [*sorted(sound.items()), *[(65000, (99, 0, 0))] * count]
    head = b"II+\0" + struct.pack("<HHQ", 8, 0, 16 + 768) + bytes(768)
    return head + struct.pack("<Q", len(tags)) + b"".join(struct.pack("<HHQQ", t, *rest) for t, rest in tags) + bytes(8)


def _avif_with(block: bytes, prefix: bytes = b"") -> bytes:
    """An AVIF whose EXIF is this after a prefix: written with a harmless one of the same length, then replaced."""
    harmless = exif({}, data=bytes(len(prefix + block) - 14))[6:]
    start, later = bytes(4), struct.pack(">I", len(prefix))
    return encoded(quadrants(), "AVIF", exif=harmless).replace(start + harmless, later + prefix + block)
