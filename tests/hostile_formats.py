"""Writers for file formats, byte by byte, so that every field can be wrong on purpose."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()  # so that Pillow can write HEIC; the package reads it without
SRGB_RED, SRGB_GREEN, SRGB_BLUE = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def quadrants(width: int = 64, height: int = 48) -> np.ndarray:
    """uint8 (height, width, 3): red and green above, blue and white below."""
    image = np.zeros((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    image[:top, :left], image[:top, left:] = (255, 0, 0), (0, 255, 0)
    image[top:, :left], image[top:, left:] = (0, 0, 255), (255, 255, 255)
    return image


def encoded(picture: Image.Image | np.ndarray, kind: str, **options) -> bytes:
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, depth: int = 8, color: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))


def png(header: bytes, rows: bytes, *extra: bytes) -> bytes:
    """A PNG of raw rows (each with its filter byte), with more chunks between the header and the pixels."""
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")


def png_rows(array: np.ndarray) -> bytes:
    """Rows without filtering, of uint8 or big-endian uint16 values."""
    return b"".join(b"\0" + row.tobytes() for row in array)


def png_with(*extra: bytes, image: np.ndarray | None = None) -> bytes:
    image = quadrants() if image is None else image
    return png(png_header(image.shape[1], image.shape[0]), png_rows(image), *extra)


def interlaced_png(image: np.ndarray) -> bytes:
    """An Adam7 PNG, the seven passes written out."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(png_rows(image[top::down, left::right]) for top, left, down, right in passes)
    return png(png_header(image.shape[1], image.shape[0], interlace=1), rows)


def tiff(tags: dict[int, tuple[int, int, int | bytes]], data: bytes = b"", order: str = "<", next_at: int = 0) -> bytes:
    """A TIFF of one directory: tag -> (type, count, value or offset); the data lies at offset 8, then the directory."""
    start = 8 + len(data)
    blob = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start) + data
    blob += struct.pack(order + "H", len(tags))
    for tag, (kind, count, value) in sorted(tags.items()):
        raw = value if isinstance(value, bytes) else struct.pack(order + ("H2x" if kind == 3 else "I"), value)
        blob += struct.pack(order + "HHI", tag, kind, count) + raw
    return blob + struct.pack(order + "I", next_at)


def grey_tags(width: int, height: int, bits: int, size: int, photometric: int = 1) -> dict:
    """The tags of an uncompressed grey TIFF whose pixels are one strip at offset 8."""
    return {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, bits),
        259: (3, 1, 1),
        262: (3, 1, photometric),
        273: (4, 1, 8),
        277: (3, 1, 1),
        278: (4, 1, height),
        279: (4, 1, size),
    }


def grey_tiff(array: np.ndarray, bits: int, order: str = "<", photometric: int = 1, sample_format: int = 1) -> bytes:
    data = array.tobytes()
    tags = grey_tags(array.shape[1], array.shape[0], bits, len(data), photometric)
    return tiff({**tags, 339: (3, 1, sample_format)}, data, order)


def exif(tags: dict[int, tuple[int, int, int | bytes]], order: str = "<", data: bytes = b"", next_at: int = 0) -> bytes:
    return b"Exif\0\0" + tiff(tags, data, order, next_at)


def jpeg_with(*segments: tuple[int, bytes], image: np.ndarray | None = None) -> bytes:
    """A JPEG with more segments (marker, content) right after its start."""
    plain = encoded(quadrants() if image is None else image, "JPEG", quality=95, subsampling=0)
    added = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return plain[:2] + added + plain[2:]


def many_scans(count: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A progressive JPEG whose last scan is there `count` times more."""
    plain = encoded(quadrants(*size), "JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * count + plain[-2:]


def gif_blocks(width: int = 64, height: int = 48, *blocks: bytes) -> bytes:
    return (
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + b"".join(blocks) + b";"
    )


def gif_frame(left: int, top: int, width: int, height: int, data: bytes = b"\x02\x02\x44\x01\0") -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + data


def bmp(width: int, height: int, data: bytes, bits: int = 24, header_size: int = 40) -> bytes:
    fields = struct.pack("<IiiHHIIiiII", header_size, width, height, 1, bits, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + fields + data


def lossless_heic(picture: Image.Image | np.ndarray, **options) -> bytes:
    """A HEIC with exactly these colours, as RGB without subsampling."""
    return encoded(picture, "HEIF", quality=-1, chroma=444, matrix_coefficients=0, **options)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def heic_items(kinds: list[bytes], extents: list[int], data: bytes = b"") -> bytes:
    """A HEIF with items of these kinds, each in pieces of these lengths that all start at the same place."""
    entries = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH4sx", number, 0, kind)) for number, kind in enumerate(kinds, 1)
    )
    pieces = b"".join(struct.pack(">II", 600, length) for length in extents)
    places = b"".join(struct.pack(">HHH", number, 0, len(extents)) + pieces for number in range(1, len(kinds) + 1))
    names = box(b"iinf", bytes(4) + struct.pack(">H", len(kinds)) + entries)
    iloc = box(b"iloc", bytes(4) + b"\x44\0" + struct.pack(">H", len(kinds)) + places)
    head = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + box(b"pitm", bytes(5) + b"\1")
    meta = box(b"meta", bytes(4) + head + names + iloc)
    return box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + meta + box(b"mdat", data)


def with_numbers(data: bytes, at: int, *values: int) -> bytes:
    """The same bytes with big-endian 32-bit numbers written over those from `at` on."""
    return data[:at] + struct.pack(f">{len(values)}I", *values) + data[at + 4 * len(values) :]


def webp_canvas(width: int, height: int) -> bytes:
    """An extended WebP that claims a canvas, with a small lossy picture in it."""
    frame = encoded(quadrants(), "WEBP")[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def profile(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """An ICC profile of version 2.4 with these tags."""
    at, table, body = 132 + 12 * (len(tags) + 2), b"", b""
    for name, data in {**tags, b"desc": _description(b"made for a test"), b"wtpt": _xyz(0.9642, 1.0, 0.8249)}.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s", at + len(body), bytes(4), 0x02400000, kind, space, connection, _DATE, b"acsp"
    )
    head += bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    return head + struct.pack(">I", len(tags) + 2) + table + body


_DATE = struct.pack(">6H", 2020, 1, 1, 0, 0, 0)


def rgb_profile(red=SRGB_RED, green=SRGB_GREEN, blue=SRGB_BLUE) -> bytes:
    """A display with these colours for red, green and blue (XYZ at D50) and a gamma of 2.2."""
    curves = {name: _gamma(2.2) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return profile(b"RGB ", {b"rXYZ": _xyz(*red), b"gXYZ": _xyz(*green), b"bXYZ": _xyz(*blue), **curves})


def grey_profile(gamma: float) -> bytes:
    return profile(b"GRAY", {b"kTRC": _gamma(gamma)})


def cmyk_profile() -> bytes:
    """A printer whose cyan ink is red and whose other inks cannot be seen."""
    corners = [(138, 209, 198) if index & 8 else (255, 128, 128) for index in range(16)]
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + ramp * 4 + bytes(sum(corners, ())) + ramp * 3
    return profile(b"CMYK", {b"A2B0": table}, b"prtr", b"Lab ")


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


def _description(text: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(8 + 3 + 67)
