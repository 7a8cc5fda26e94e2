"""Clips made to be wrong, each with what must become of it: how many frames are read, or the refusal's words."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image

from tests.clips import counted, write_animation, write_clip

EITHER = ""  # read, or refused in any words
DAMAGED, NO_CLIP = "damaged or incomplete", "not a clip that can be opened"


class Hostile(NamedTuple):
    """A file, and the words of its refusal or the least number of frames that it gives."""

    name: str
    make: Callable[[Path], object]
    expected: str | int


def cases() -> Iterator[Hostile]:
    """All of them."""
    for group in (_no_clips, _playlists, _pictures, _sizes, _rates, _cut, _overwritten, _empty, _strange, _animated):
        yield from group()


def _data(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _made(
    change: Callable[[bytes], bytes] = lambda data: data, count: int = 12, ending: str = "mp4", **more
) -> Callable[[Path], object]:
    """Write a good clip, and then what `change` makes of its bytes."""

    def make(path: Path) -> None:
        whole = write_clip(path.with_name(f"whole.{ending}"), (counted(n) for n in range(count)), **more)
        path.write_bytes(change(whole.read_bytes()))

    return make


def _put(kind: bytes, offset: int, data: bytes) -> Callable[[bytes], bytes]:
    """A change: other bytes at so many after the first box of a kind begins with its name."""

    def change(whole: bytes) -> bytes:
        at = whole.index(kind) + offset
        return whole[:at] + data + whole[at + len(data) :]

    return change


def _part(first: float, last: float) -> Callable[[bytes], bytes]:
    """A change: only a part of the bytes, by shares."""
    return lambda whole: whole[int(first * len(whole)) : int(last * len(whole))]


def _no_clips() -> Iterator[Hostile]:
    yield Hostile("empty.mp4", _data(b""), "empty")
    yield Hostile("one-byte.mp4", _data(b"\0"), NO_CLIP)
    yield Hostile("text.mp4", _data(b"hello\n" * 200), NO_CLIP)
    yield Hostile("page.mp4", _data(b"<!doctype html><script>alert(1)</script>"), NO_CLIP)
    yield Hostile("zeros.mp4", _data(bytes(9000)), NO_CLIP)
    yield Hostile("noise.mp4", _data(np.random.default_rng(1).bytes(9000)), NO_CLIP)
    yield Hostile("head-only.mp4", _data(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"), NO_CLIP)
    yield Hostile("head-and-noise.mp4", _data(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(3000)), NO_CLIP)
    yield Hostile("program.mkv", _data(b"\x7fELF\x02\x01\x01" + bytes(900)), NO_CLIP)
    yield Hostile("folder.mp4", lambda path: path.mkdir(), "a folder, not a clip")
    yield Hostile("nothing.mp4", lambda path: None, "does not exist")
    yield Hostile("zero-device.mp4", lambda path: path.symlink_to("/dev/zero"), "Only ordinary files")
    yield Hostile("endless.mp4", lambda path: path.open("wb").truncate(300 * 2**20), "larger than 200 MB")


def _playlists() -> Iterator[Hostile]:
    secret = "/etc/hostname"
    yield Hostile("files.m3u8", _data(f"#EXTM3U\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n".encode()), NO_CLIP)
    address = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    yield Hostile("addresses.mp4", _data(address), NO_CLIP)
    yield Hostile("concat.mp4", _data(f"ffconcat version 1.0\nfile '{secret}'\n".encode()), NO_CLIP)
    yield Hostile("concat-protocol.mp4", _data(f"#EXTM3U\n#EXTINF:9,\nconcat:{secret}|x\n".encode()), NO_CLIP)
    dash = (
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>'
    )
    yield Hostile("dash.mp4", _data(dash), NO_CLIP)
    yield Hostile("session.sdp", _data(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 9 RTP/AVP 96\n"), NO_CLIP)
    yield Hostile("reference.mov", _data(_reference_movie()), f"{NO_CLIP}|{DAMAGED}|no moving pictures")


def _reference_movie() -> bytes:
    """A QuickTime movie whose pictures lie at an address."""
    place = b"http://127.0.0.1:9/a.mov"
    rdrf = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(place)) + place)
    return _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", _box(b"rmra", _box(b"rmda", rdrf)))


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def _encoded(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(counted(3)).save(stream, kind)
    return stream.getvalue()


def _pictures() -> Iterator[Hostile]:
    for kind in ("JPEG", "BMP", "TIFF", "AVIF"):
        yield Hostile(f"{kind.lower()}.mp4", _data(_encoded(kind)), "a picture, not a clip")
    for kind in ("PNG", "GIF", "WEBP"):
        yield Hostile(f"{kind.lower()}.mp4", _data(_encoded(kind)), "does not move")


def _sizes() -> Iterator[Hostile]:
    yield Hostile("1x1.mkv", lambda path: _of_size(path, 1, 1), "each side needs at least 16")
    yield Hostile("8x64.mkv", lambda path: _of_size(path, 8, 64), "each side needs at least 16")
    yield Hostile("narrow.mkv", lambda path: _of_size(path, 640, 16), "one side can be at most 20 times")
    sides = struct.pack(">HH", 30_000, 30_000)
    raw = {"codec": "rawvideo", "pixels": "rgb24", "options": {}, "ending": "mov", "count": 2}
    yield Hostile("30000.mov", _made(_put(b"stsd", 44, sides), **raw), "30000 x 30000|no frames")
    yield Hostile("bomb.mp4", lambda path: _of_size(path, 8000, 4000, "libx264"), "8000 x 4000")
    yield Hostile("claims-30000.mp4", _made(_put(b"avc1\0\0\0\0\0\0", 28, sides)), 12)
    yield Hostile("changes.ts", _changes_size, 8)


def _of_size(path: Path, width: int, height: int, codec: str = "ffv1") -> None:
    frames = [np.full((height, width, 3), 90, np.uint8)] * 2
    options = {"coder": "1"} if codec == "ffv1" else {"preset": "ultrafast", "crf": "50"}
    write_clip(path, frames, codec=codec, pixels="yuv420p" if codec != "ffv1" else "yuv444p", options=options)


def _changes_size(path: Path) -> None:
    small, large = (
        write_clip(path.with_name(f"{height}.ts"), [counted(n, height, 128) for n in range(4)]).read_bytes()
        for height in (48, 96)
    )
    path.write_bytes(small + large)


def _rates() -> Iterator[Hostile]:
    yield Hostile("100000-fps.mp4", _made(rate=100_000), "frames a second")
    yield Hostile("slow.mp4", _made(count=3, rate=Fraction(1, 30)), 3)
    yield Hostile("hours.mp4", _made(count=3, rate=Fraction(1, 3000)), "longer than 180 seconds")
    pairs = [Fraction(n // 2, 10) + Fraction(n % 2, 9_000) for n in range(8)]
    yield Hostile("pairs.mp4", _made(count=8, times=pairs), 8)
    gap = [Fraction(0), Fraction(1, 10), Fraction(20_000)]
    yield Hostile("gap.mp4", _made(count=3, times=gap), "longer than|damaged")
    early = [Fraction(n, 10) - 3 for n in range(8)]
    yield Hostile("negative.mkv", _made(count=8, times=early, ending="mkv"), 8)
    yield Hostile("late.mp4", _made(count=5, times=[Fraction(n, 10) + 900 for n in range(5)]), "longer than|")


def _cut() -> Iterator[Hostile]:
    vp9 = {"codec": "libvpx-vp9", "options": {"crf": "20"}, "ending": "webm"}
    refused = f"{NO_CLIP}|{DAMAGED}|no frames|no moving"
    yield Hostile("cut-half.mp4", _made(_part(0, 0.5)), refused)
    yield Hostile("cut-early.webm", _made(lambda whole: whole[:400], **vp9), refused)
    yield Hostile("cut.webm", _made(_part(0, 0.75), **vp9), 1)
    yield Hostile("cut.mkv", _made(_part(0, 0.75), ending="mkv"), 1)
    yield Hostile("cut.ts", _made(_part(0, 0.75), ending="ts"), 1)
    yield Hostile("without-front.ts", _made(_part(0.25, 1), ending="ts"), f"{refused}|")


def _overwritten() -> Iterator[Hostile]:
    for seed in range(4):
        for ending in ("mp4", "mkv"):
            change = partial(_changed, seed=seed)
            yield Hostile(f"overwritten-{seed}.{ending}", _made(change, ending=ending), EITHER)
    yield Hostile("a-million-frames.mp4", _made(_put(b"stsz", 12, b"\0\x0f\xff\xff")), EITHER)
    yield Hostile("wrong-length.mp4", _made(_put(b"mvhd", 16, b"\0\0\0\1\0\0\0\1")), EITHER)
    yield Hostile("no-length.mp4", _made(_put(b"mvhd", 16, bytes(8))), EITHER)
    yield Hostile("huge-box.mp4", _made(_put(b"moov", -4, b"\xff\xff\xff\xff")), EITHER)


def _changed(data: bytes, seed: int) -> bytes:
    random, changed = np.random.default_rng(seed), bytearray(data)
    for at in random.integers(32, len(data), 12):
        changed[at] = int(random.integers(256))
    return bytes(changed)


def _empty() -> Iterator[Hostile]:
    yield Hostile("only-sound.mp4", _only_sound, "no moving pictures")
    nothing = f"{DAMAGED}|no frames|{NO_CLIP}"
    yield Hostile("zero-frames.mp4", _made(_put(b"stsz", 12, bytes(4)), 1), nothing)
    yield Hostile("zeroed-frames.mp4", _made(lambda whole: _put(b"mdat", 4, bytes(800))(whole), 1), nothing)
    yield Hostile("one-frame.mp4", _made(count=1), 1)


def _only_sound(path: Path) -> None:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        output.mux(stream.encode(frame))
        output.mux(stream.encode())


def _strange() -> Iterator[Hostile]:
    rare = {"codec": "v210", "pixels": "yuv422p10le", "options": {}, "ending": "mov"}
    yield Hostile("rare-codec.mov", _made(count=2, **rare), "compressed in a way that is not read")
    yield Hostile("ten-bit.mp4", _made(count=4, pixels="yuv420p10le"), 4)
    yield Hostile("flac.mkv", _made(count=4, sound="flac", ending="mkv"), 4)


def _animated() -> Iterator[Hostile]:
    for ending in ("gif", "png", "webp"):
        name = partial(_animation, ending=ending)
        yield Hostile(f"cut.{ending}", name(_part(0, 0.66)), f"{DAMAGED}|does not move|")
        yield Hostile(f"changed.{ending}", name(partial(_changed, seed=3)), f"{DAMAGED}|does not move|")
        yield Hostile(f"animated-{ending}.mp4", name(lambda whole: whole), 4)
    yield Hostile("flood.gif", _data(_gif_flood()), "longer than 180 seconds|damaged")


def _animation(change: Callable[[bytes], bytes], ending: str) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        frames = [counted(n) for n in range(4)]
        path.write_bytes(change(write_animation(path.with_name(f"whole.{ending}"), frames, [100] * 4).read_bytes()))

    return make


def _gif_flood() -> bytes:
    """A GIF of 60,000 frames of a pixel, ten minutes long."""
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(3) + b"\xff\xff\xff"
    frame = b"!\xf9\x04\0\x03\0\0\0,\0\0\0\0\1\0\1\0\0\x02\x02D\1\0"
    return head + frame * 60_000 + b";"
