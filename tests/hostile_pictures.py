"""Pictures that must be read, and what must come out: odd modes, depths, profiles, orientations, frames and texts."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from styleprop.images import Picture
from tests.hostile_formats import (
    SRGB_BLUE,
    SRGB_RED,
    bmp,
    chunk,
    cmyk_profile,
    encoded,
    exif,
    gif_blocks,
    gif_frame,
    grey_profile,
    grey_tags,
    grey_tiff,
    interlaced_png,
    jpeg_with,
    lossless_heic,
    many_scans,
    png,
    png_header,
    png_rows,
    png_with,
    quadrants,
    rgb_profile,
    tiff,
)

Check = Callable[[Picture], bool]
Readable = tuple[str, bytes, Check]
COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
CLEAR = (0, 0, 0, 0)


def readable() -> Iterator[Readable]:
    for group in (
        _formats,
        _frames,
        _orientations,
        _junk_exif,
        _modes,
        _depths,
        _profiles,
        _transparency,
        _texts,
        _edges,
    ):
        yield from group()


def corners(expected=COLORS, size=(48, 64), tolerance: int = 0, alpha: tuple[int, ...] | None = None) -> Check:
    """The four quarters have these colours and alphas (None: no alpha at all), the picture this (height, width)."""

    def check(picture: Picture) -> bool:
        height, width = picture.image.shape[:2]
        at = [(height // 4 * y, width // 4 * x) for y in (1, 3) for x in (1, 3)]
        found = np.array([picture.image[point] for point in at], int)
        clear = None if picture.alpha is None else tuple(int(picture.alpha[point]) for point in at)
        return bool(
            np.abs(found - np.array(expected)).max() <= tolerance and (height, width) == size and clear == alpha
        )

    return check


def all_pixels(*color: int, tolerance: int = 0, alpha: int | None = None) -> Check:
    """Every pixel has this colour (one number for a grey) and alpha (None: no alpha at all)."""

    def check(picture: Picture) -> bool:
        near = np.abs(picture.image.astype(int) - np.array(color)).max() <= tolerance
        return bool(near and (picture.alpha is None if alpha is None else np.all(picture.alpha == alpha)))

    return check


def noted(words: str, check: Check) -> Check:
    return lambda picture: any(words in note for note in picture.notes) and check(picture)


def _flat(mode: str, color, size=(32, 24)) -> Image.Image:
    return Image.new(mode, size, color)


def _picture() -> Image.Image:
    return Image.fromarray(quadrants())


def _formats() -> Iterator[Readable]:
    image, lossy = quadrants(), corners(tolerance=4)
    yield "plain.png", encoded(image, "PNG"), corners()
    yield "interlaced.png", interlaced_png(image), corners()
    yield "plain.jpg", encoded(image, "JPEG", quality=95, subsampling=0), lossy
    yield "progressive.jpg", encoded(image, "JPEG", quality=95, subsampling=0, progressive=True), lossy
    yield "restarts.jpg", encoded(image, "JPEG", quality=95, subsampling=0, restart_marker_blocks=1), lossy
    yield "lossless.webp", encoded(image, "WEBP", lossless=True), corners()
    yield "lossy.webp", encoded(image, "WEBP", quality=95), corners(tolerance=12)
    yield "plain.gif", encoded(image, "GIF"), corners()
    yield "plain.bmp", encoded(image, "BMP"), corners()
    yield "top-down.bmp", bmp(64, -48, image[:, :, ::-1].tobytes()), corners()
    yield "one-bit.bmp", encoded(_flat("1", 1), "BMP"), all_pixels(255)
    for compression in ("raw", "tiff_lzw", "tiff_deflate", "packbits"):
        yield f"{compression}.tiff", encoded(image, "TIFF", compression=compression), corners()
    yield "jpeg-inside.tiff", encoded(image, "TIFF", compression="jpeg", quality=95), corners(tolerance=8)
    yield "big.tiff", encoded(image, "TIFF", big_tiff=True), corners()
    yield from _newer_formats()
    yield "plain.avif", encoded(image, "AVIF", quality=100, subsampling="4:4:4"), corners(tolerance=6)


def _newer_formats() -> Iterator[Readable]:
    image = quadrants()
    see_through = np.dstack([image, np.full((48, 64), 99, np.uint8)])
    yield "plain.heic", lossless_heic(image), corners()
    yield "lossy.heic", encoded(image, "HEIF", quality=95), corners(tolerance=16)
    yield "grid.heic", lossless_heic(image, tile_size=32), corners()
    yield "alpha.heic", lossless_heic(see_through), corners(alpha=(99, 99, 99, 99))
    yield "grey.heif", encoded(_flat("L", 77), "HEIF", quality=-1), all_pixels(77)
    yield "grey-16-bit.heif", encoded(_flat("I;16", 0x8000), "HEIF", quality=-1), all_pixels(128)
    variants: dict[str, dict] = {"plain.jp2": {}, "tiles.jp2": {"tile_size": (32, 32)}, "stream.j2k": {"no_jp2": True}}
    for name, options in variants.items():
        yield name, encoded(image, "JPEG2000", **options), corners()
    yield "alpha.jp2", encoded(see_through, "JPEG2000"), corners(alpha=(99, 99, 99, 99))
    yield "grey-alpha.jp2", encoded(_flat("LA", (90, 128)), "JPEG2000"), all_pixels(90, alpha=128)
    yield "grey-16-bit.jp2", encoded(_flat("I;16", 0x8000), "JPEG2000"), all_pixels(128)
    yield "ycbcr.jp2", encoded(_flat("YCbCr", (76, 85, 255)), "JPEG2000"), all_pixels(255, 0, 0, tolerance=1)


def _frames() -> Iterator[Readable]:
    first, others = _picture(), [_flat("RGB", "black", (64, 48)), _flat("RGB", "gray", (64, 48))]
    several = {"save_all": True, "append_images": others}
    for kind, options in {"GIF": {}, "WEBP": {"lossless": True}, "PNG": {}, "TIFF": {}}.items():
        data = encoded(first, kind, **several, **options)
        yield f"three-frames.{kind.lower()}", data, noted("first of 3 frames", corners())
    moving = encoded(first, "AVIF", quality=100, subsampling="4:4:4", **several)
    yield "three-frames.avif", _timeless(moving), noted("first of 3 frames", corners(tolerance=6))
    yield "two-pictures.heic", lossless_heic(first, save_all=True, append_images=others[:1]), noted("of 2", corners())
    yield "stereo.mpo", encoded(first, "MPO", quality=95, subsampling=0, **several), corners(tolerance=4)
    yield "many-frames.gif", gif_blocks(64, 48, *[gif_frame(0, 0, 1, 1)] * 2000), noted("many", all_pixels(0))
    small = gif_blocks(64, 48, gif_frame(40, 30, 1, 1))
    yield "small-first-frame.gif", small, lambda picture: picture.image.shape == (48, 64, 3)
    tags = grey_tags(32, 24, 8, 768)
    yield "looping.tiff", tiff(tags, bytes(768), next_at=776), all_pixels(0)


def _timeless(avif: bytes) -> bytes:
    """Blank the times at which an animated AVIF says it was made, so that it is the same every time."""
    data = bytearray(avif)
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(box) + 4
        size = 16 if data[at] == 1 else 8
        data[at + 4 : at + 4 + size] = bytes(size)
    return bytes(data)


def _orientations() -> Iterator[Readable]:
    red, green, blue, white = COLORS
    turned = {
        1: (red, green, blue, white),
        2: (green, red, white, blue),
        3: (white, blue, green, red),
        4: (blue, white, red, green),
        5: (red, blue, green, white),
        6: (blue, red, white, green),
        7: (white, green, blue, red),
        8: (green, white, red, blue),
    }
    for value, expected in turned.items():
        check = corners(expected, (64, 48) if value >= 5 else (48, 64), tolerance=4)
        yield f"orientation-{value}.jpg", jpeg_with((0xE1, exif({274: (3, 1, value)}))), check
    sideways = corners(turned[6], (64, 48), tolerance=12)
    block = exif({274: (3, 1, 6)})
    yield "orientation-big-endian.jpg", jpeg_with((0xE1, exif({274: (3, 1, 6)}, ">"))), sideways
    yield "orientation.png", png_with(chunk(b"eXIf", block[6:])), sideways
    yield "orientation.webp", encoded(quadrants(), "WEBP", lossless=True, exif=block), sideways
    yield "orientation.avif", encoded(quadrants(), "AVIF", quality=100, subsampling="4:4:4", exif=block), sideways
    yield "orientation.tiff", encoded(quadrants(), "TIFF", tiffinfo={274: 6}), sideways
    yield "orientation.heic", lossless_heic(quadrants(), exif=block), sideways
    yield from _xmp_orientations(sideways)
    yield from _raw_profiles(sideways, block)


def _xmp_orientations(sideways: Check) -> Iterator[Readable]:
    """In XMP, which counts where EXIF says nothing."""
    attribute, element = b'<x tiff:Orientation="6"/>', b"<tiff:Orientation>6</tiff:Orientation>"
    image, upright = quadrants(), corners()
    for name, xmp in {"attribute": attribute, "element": element}.items():
        yield f"xmp-{name}.png", png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)), sideways
        yield f"xmp-{name}.avif", encoded(image, "AVIF", xmp=xmp, quality=100, subsampling="4:4:4"), sideways
        yield f"xmp-{name}.webp", encoded(image, "WEBP", lossless=True, xmp=xmp), sideways
        yield f"xmp-{name}.jpg", jpeg_with((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)), sideways
        yield f"xmp-{name}.tiff", encoded(image, "TIFF", tiffinfo={700: xmp}), sideways
        yield f"xmp-{name}.heic", lossless_heic(image, xmp=xmp), sideways
    for value in (b"9", b"0", b"x", b""):
        junk = attribute.replace(b"6", value)
        yield f"xmp-junk-{value.decode()}.webp", encoded(image, "WEBP", lossless=True, xmp=junk), upright
    for name, tags, check in (("1", {274: (3, 1, 1)}, upright), ("none", {0x010F: (2, 4, b"spy\0")}, sideways)):
        both = encoded(image, "WEBP", lossless=True, exif=exif(tags), xmp=attribute)
        yield f"exif-{name}-before-xmp.webp", both, check
    yield "tag-before-xmp.tiff", encoded(image, "TIFF", tiffinfo={274: 1, 700: attribute}), upright
    yield "tag-and-xmp.tiff", encoded(image, "TIFF", tiffinfo={274: 6, 700: element}), sideways


def _raw_profiles(sideways: Check, block: bytes) -> Iterator[Readable]:
    """EXIF as ImageMagick keeps it in a text: a name, a length, hexadecimal digits."""
    name, profile = b"Raw profile type exif\0", f"\nexif\n{len(block):8}\n{block.hex()}\n".encode()
    yield "raw-profile.png", png_with(chunk(b"tEXt", name + profile)), sideways
    yield "raw-profile-packed.png", png_with(chunk(b"zTXt", name + b"\0" + zlib.compress(profile))), sideways
    yield "raw-profile-junk.png", png_with(chunk(b"tEXt", name + profile[:-2] + b"z")), corners()


def _junk_exif() -> Iterator[Readable]:
    looping = exif({0x8769: (4, 1, 8), 0x8825: (4, 1, 8)}, next_at=8)
    nested = b"Exif\0\0II*\0" + struct.pack("<I", 8)
    for level in range(3000):
        nested += struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8 + 18 * (level + 1), 0)
    junk = {
        "orientation-0": exif({274: (3, 1, 0)}),
        "orientation-9": exif({274: (3, 1, 9)}),
        "orientation-65535": exif({274: (3, 1, 65535)}),
        "orientation-text": exif({274: (2, 2, b"6\0\0\0")}),
        "orientation-fraction": exif({274: (5, 1, 8)}),
        "orientation-many": exif({274: (3, 60000, 8)}),
        "nothing": b"Exif\0\0",
        "short": b"Exif\0\0II*",
        "garbage": b"Exif\0\0" + bytes(range(256)),
        "no-such-directory": b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(32),
        "unknown-types": exif(dict.fromkeys(range(40), (99, 5, 0))),
        "looping": looping,
        "nested": nested,
        "place": exif({0x8825: (4, 1, 8), 0x010F: (2, 4, b"spy\0")}),
    }
    for name, block in junk.items():
        yield f"exif-{name}.jpg", jpeg_with((0xE1, block)), corners(tolerance=4)
    yield "exif-garbage.webp", encoded(quadrants(), "WEBP", lossless=True, exif=junk["garbage"]), corners()
    yield "exif-garbage.png", png_with(chunk(b"eXIf", b"\xff" * 50)), corners()


def _modes() -> Iterator[Readable]:
    red = (255, 0, 0)
    cmyk = _flat("CMYK", (0, 255, 255, 0))
    yield "cmyk.jpg", encoded(cmyk, "JPEG", quality=95), all_pixels(*red, tolerance=4)
    yield "cmyk.tiff", encoded(cmyk, "TIFF"), all_pixels(*red)
    yield (
        "ycbcr.tiff",
        encoded(_flat("YCbCr", (76, 85, 255)), "TIFF", compression="jpeg"),
        all_pixels(*red, tolerance=3),
    )
    yield "lab-white.tiff", encoded(_flat("LAB", (255, 128, 128)), "TIFF"), all_pixels(255, tolerance=1)
    yield "lab-black.tiff", encoded(_flat("LAB", (0, 128, 128)), "TIFF"), all_pixels(0, tolerance=1)
    yield "lab-red.tiff", encoded(_flat("LAB", (138, 209, 198)), "TIFF"), all_pixels(*red, tolerance=6)
    yield "grey.png", encoded(_flat("L", 77), "PNG"), all_pixels(77)
    yield "grey.jpg", encoded(_flat("L", 77), "JPEG"), all_pixels(77, tolerance=1)
    yield "white-is-zero.tiff", grey_tiff(np.full((24, 32), 55, np.uint8), 8, photometric=0), all_pixels(200)
    yield "one-bit.png", encoded(_flat("1", 1), "PNG"), all_pixels(255)
    yield "palette.png", encoded(_picture().quantize(4), "PNG"), corners(tolerance=1)
    yield "palette-2-colors.png", encoded(_flat("RGB", red).quantize(2), "PNG"), all_pixels(*red)
    yield "grey-alpha.png", encoded(_flat("LA", (90, 128)), "PNG"), all_pixels(90, alpha=128)
    yield "palette-alpha.tiff", encoded(_flat("RGBA", (*red, 9)).convert("PA"), "TIFF"), all_pixels(*red, alpha=9)
    yield "grey-alpha.tiff", encoded(_flat("LA", (90, 128)), "TIFF"), all_pixels(90, alpha=128)
    yield "alpha.tiff", encoded(_flat("RGBA", (9, 8, 7, 6)), "TIFF"), all_pixels(9, 8, 7, alpha=6)
    yield "premultiplied.tiff", _premultiplied_tiff(), all_pixels(199, 100, 0, tolerance=1, alpha=128)
    yield "spare-channel.tiff", encoded(_flat("RGBX", (9, 8, 7, 6)), "TIFF"), all_pixels(9, 8, 7)


def _premultiplied_tiff() -> bytes:
    pixels = bytes([100, 50, 0, 128]) * 768
    color = {258: (3, 4, 8), 262: (3, 1, 2), 273: (4, 1, 16), 277: (3, 1, 4), 279: (4, 1, len(pixels)), 338: (3, 1, 1)}
    return tiff({**grey_tags(32, 24, 8, 0), **color}, struct.pack("<4H", 8, 8, 8, 8) + pixels)


def _depths() -> Iterator[Readable]:
    for bits, level, expected in ((1, 1, 255), (2, 2, 170), (4, 8, 136)):
        row = bytes([sum(level << shift for shift in range(0, 8, bits))]) * (32 * bits // 8)
        yield f"grey-{bits}-bit.png", png(png_header(32, 24, bits, 0), (b"\0" + row) * 24), all_pixels(expected)
    for value, expected in ((0, 0), (32768, 128), (65535, 255)):
        deep = np.full((24, 32), value)
        header = png_header(32, 24, 16, 0)
        yield f"grey-16-bit-{value}.png", png(header, png_rows(deep.astype(">u2"))), all_pixels(expected)
        yield f"grey-16-bit-{value}.tiff", grey_tiff(deep.astype("<u2"), 16), all_pixels(expected)
        yield f"grey-16-bit-{value}-big.tiff", grey_tiff(deep.astype(">u2"), 16, ">"), all_pixels(expected)
    dark = np.full((24, 32), 0x4000)
    yield "white-is-zero-16-bit.tiff", grey_tiff(dark.astype("<u2"), 16, photometric=0), all_pixels(191)
    packed = bytes([0x80, 0x08, 0x00]) * (16 * 24)  # two pixels of 2048 in three bytes
    yield "grey-12-bit.tiff", tiff(grey_tags(32, 24, 12, len(packed)), packed), all_pixels(128)
    yield "grey-32-bit.tiff", grey_tiff(dark.astype("<i4"), 32, sample_format=2), all_pixels(64)
    deep_color = np.full((24, 32, 3), (0x8000, 0, 0xFFFF))
    yield "color-16-bit.png", png(png_header(32, 24, 16), png_rows(deep_color.astype(">u2"))), all_pixels(128, 0, 255)
    yield from _floats()


def _floats() -> Iterator[Readable]:
    half = np.full((24, 32), 0.5, "<f4")
    ramp = np.repeat(np.linspace(-1e6, 1e6, 32, dtype="<f4")[None], 24, axis=0)
    holes = half.copy()
    holes[0, 0], holes[0, 1], holes[0, 2] = np.nan, np.inf, -np.inf
    signed = np.repeat(np.linspace(-30000, 30000, 32).astype("<i2")[None], 24, axis=0)
    yield "float-unit.tiff", grey_tiff(half, 32, sample_format=3), all_pixels(128)
    yield "float-255.tiff", grey_tiff(half * 200, 32, sample_format=3), all_pixels(100)
    yield "float-huge.tiff", grey_tiff(ramp, 32, sample_format=3), noted("stretched", _is_ramp)
    yield "float-extreme.tiff", grey_tiff(ramp * np.float32(3e32), 32, sample_format=3), noted("stretched", _is_ramp)
    yield "float-holes.tiff", grey_tiff(holes, 32, sample_format=3), _has_holes
    yield "signed-16-bit.tiff", grey_tiff(signed, 16, sample_format=2), noted("stretched", _is_ramp)


def _is_ramp(picture: Picture) -> bool:
    row = picture.image[0, :, 0].astype(int)
    return row[0] == 0 and row[-1] == 255 and bool((np.diff(row) > 0).all())


def _has_holes(picture: Picture) -> bool:
    return picture.image[0, :4, 0].tolist() == [0, 255, 0, 128]


def _profiles() -> Iterator[Readable]:
    swapped = rgb_profile(red=SRGB_BLUE, blue=SRGB_RED)
    blue_first = (COLORS[2], COLORS[1], COLORS[0], COLORS[3])
    yield "swapped-profile.png", encoded(quadrants(), "PNG", icc_profile=swapped), corners(blue_first, tolerance=3)
    jpeg = encoded(quadrants(), "JPEG", quality=95, subsampling=0, icc_profile=swapped)
    yield "swapped-profile.jpg", jpeg, corners(blue_first, tolerance=6)
    clear = encoded(_flat("RGBA", (255, 0, 0, 40)), "PNG", icc_profile=swapped)
    yield "swapped-profile-alpha.png", clear, all_pixels(0, 0, 255, tolerance=3, alpha=40)
    palette = encoded(_flat("RGB", (255, 0, 0)).quantize(2), "PNG", icc_profile=swapped)
    yield "swapped-profile-palette.png", palette, all_pixels(0, 0, 255, tolerance=3)
    linear = grey_profile(1.0)
    yield "linear-grey.png", encoded(_flat("L", 128), "PNG", icc_profile=linear), all_pixels(188, tolerance=1)
    deep = np.full((24, 32), 32768, ">u2")
    named = chunk(b"iCCP", b"icc\0\0" + zlib.compress(linear))
    yield "linear-grey-16-bit.png", png(png_header(32, 24, 16, 0), png_rows(deep), named), all_pixels(188, tolerance=1)
    red_ink = encoded(_flat("CMYK", (255, 0, 0, 0)), "TIFF", icc_profile=cmyk_profile())
    yield "cmyk-profile.tiff", red_ink, all_pixels(255, 0, 0, tolerance=8)
    for name, junk in {
        "junk": b"\xff" * 500,
        "short": b"icc",
        "wrong-kind": cmyk_profile(),
        "cut": swapped[:200],
    }.items():
        yield f"{name}-profile.png", encoded(quadrants(), "PNG", icc_profile=junk), corners()
    yield "damaged-profile.png", png_with(chunk(b"iCCP", b"icc\0\0not zlib")), corners()
    cmyk = encoded(_flat("CMYK", (0, 255, 255, 0)), "JPEG", quality=95, icc_profile=b"\0" * 300)
    yield "cmyk-junk-profile.jpg", cmyk, all_pixels(255, 0, 0, tolerance=4)


def _transparency() -> Iterator[Readable]:
    see_through = np.dstack([quadrants(), np.zeros((48, 64), np.uint8)])
    yield "fully-clear.png", encoded(see_through, "PNG"), corners(alpha=CLEAR)
    yield "fully-clear.webp", encoded(see_through, "WEBP", lossless=True, exact=True), corners(alpha=CLEAR)
    yield "opaque-alpha.png", encoded(_picture().convert("RGBA"), "PNG"), corners()
    yield (
        "clear.avif",
        encoded(see_through, "AVIF", quality=100, subsampling="4:4:4"),
        corners(tolerance=6, alpha=CLEAR),
    )
    key = chunk(b"tRNS", struct.pack(">3H", 255, 0, 0))
    yield "color-key.png", png_with(key), corners(alpha=(0, 255, 255, 255))
    grey = np.full((24, 32), 7, np.uint8)
    grey_key = chunk(b"tRNS", struct.pack(">H", 7))
    yield "grey-key.png", png(png_header(32, 24, 8, 0), png_rows(grey), grey_key), all_pixels(7, alpha=0)
    deep = np.full((24, 32), 0x0700, ">u2")
    deep_key = chunk(b"tRNS", struct.pack(">H", 0x0700))
    yield "grey-16-bit-key.png", png(png_header(32, 24, 16, 0), png_rows(deep), deep_key), all_pixels(7, alpha=0)
    color = np.full((24, 32, 3), 0x8000, ">u2")
    color_key = chunk(b"tRNS", struct.pack(">3H", *[0x8000] * 3))
    yield "color-16-bit-key.png", png(png_header(32, 24, 16), png_rows(color), color_key), all_pixels(128, alpha=0)
    palette = _picture().quantize(4)
    yield "palette-key.png", encoded(palette, "PNG", transparency=0), corners(tolerance=1, alpha=(255, 255, 255, 0))
    yield (
        "palette-steps.png",
        encoded(palette, "PNG", transparency=bytes([9, 99, 199, 255])),
        corners(tolerance=1, alpha=(199, 99, 255, 9)),
    )
    yield "key.gif", encoded(palette, "GIF", transparency=0), corners(tolerance=1, alpha=(255, 255, 255, 0))


def _texts() -> Iterator[Readable]:
    def text(key: bytes, value: bytes) -> bytes:
        return chunk(b"tEXt", key + b"\0" + value)

    def settings(value: bytes) -> bytes:
        return chunk(b"iTXt", b"styleprop\0\0\0\0\0" + value)

    def kept(expected: dict | None) -> Check:
        return lambda picture: picture.settings == expected and corners()(picture)

    for key in (b"transparency", b"icc_profile", b"exif", b"gamma", b"dpi", b"xmp", b"Raw profile type exif"):
        yield f"text-{key.decode().replace(' ', '-')}.png", png_with(text(key, b"6" * 200)), corners()
    yield "settings.png", png_with(settings(json.dumps({"strength": 0.5}).encode())), kept({"strength": 0.5})
    wrong = {
        "list": b"[1, 2]",
        "junk": b"{not json",
        "deep": b'{"a":' * 9000,
        "nested-lists": b"[" * 60000,
        "large": b'{"a": "' + b"x" * 70000 + b'"}',
        "nan": b'{"a": NaN}',
        "long-number": b'{"a": ' + b"9" * 9000 + b"}",
        "not-utf8": b'{"a": "\xff\xfe"}',
        "nothing": b"",
    }
    for name, value in wrong.items():
        yield f"settings-{name}.png", png_with(settings(value)), kept(None)


def _edges() -> Iterator[Readable]:
    plain, jpeg = encoded(quadrants(), "PNG"), encoded(quadrants(), "JPEG", quality=95, subsampling=0)
    yield "smallest.png", encoded(_flat("RGB", (1, 2, 3), (16, 16)), "PNG"), all_pixels(1, 2, 3)
    yield "longest.png", encoded(_flat("RGB", (1, 2, 3), (320, 16)), "PNG"), all_pixels(1, 2, 3)
    wide = lambda picture: picture.image.shape == (1000, 20000, 3)  # noqa: E731
    yield "widest.png", encoded(_flat("1", 1, (20000, 1000)), "PNG"), wide
    yield "really-a-png.jpg", plain, corners()
    yield "really-a-jpeg.gif", jpeg, corners(tolerance=4)
    yield "no-ending", plain, corners()
    yield "zip-behind.png", plain + b"PK\x03\x04" + bytes(500), corners()
    yield "film-behind.jpg", jpeg + bytes(9) + b"\xff\xda\x00\x02" * 5000, corners(tolerance=4)
    yield "padding-behind.jpg", jpeg + b"\xff" * 100_000, corners(tolerance=4)
    yield "scans-in-a-comment.jpg", jpeg_with((0xFE, b"\xff\xda" * 5000)), corners(tolerance=4)
    yield "hundred-scans.jpg", many_scans(100), lambda picture: picture.image.shape == (48, 64, 3)
