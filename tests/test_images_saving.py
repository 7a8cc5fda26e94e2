"""What is written: the pixels, the alpha, the settings, and nothing else; whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import stat

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError
from styleprop.images.saving import blank_gap
from tests.hostile_formats import chunk, encoded, exif, jpeg_with, png_with, rgb_profile

SETTINGS = {"strength": 0.5, "checkpoint": "größer 画", "styles": [{"weight": 1}], "mask": None}


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.fixture
def smooth() -> np.ndarray:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    return np.dstack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90, np.uint8)])


def reopened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_png_gives_back_pixels_alpha_and_settings_exactly(noise: np.ndarray):
    alpha = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60).astype(np.uint8)
    picture = images.load(images.encode_png(noise, alpha, SETTINGS))
    assert (picture.image == noise).all()
    assert picture.alpha is not None
    assert (picture.alpha == alpha).all()
    assert picture.settings == SETTINGS
    assert picture.notes == ()


def test_a_png_without_settings_has_none(noise: np.ndarray):
    assert images.load(images.encode_png(noise)).settings is None
    assert reopened(images.encode_png(noise)).info == {}


@pytest.mark.parametrize("settings", [{"a": float("nan")}, {"a": "x" * 70_000}])
def test_settings_that_are_no_small_json_are_our_own_bug(settings: dict, noise: np.ndarray):
    with pytest.raises(ValueError, match=r"JSON|bytes"):
        images.encode_png(noise, settings=settings)


@pytest.mark.parametrize("settings", [["list"], {"a": object()}])
def test_settings_of_a_wrong_type_are_our_own_bug(settings, noise: np.ndarray):
    with pytest.raises(TypeError):
        images.encode_png(noise, settings=settings)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".jpeg", ".webp", ".tif", ".TIFF", ".avif", ".PNG"])
def test_a_saved_file_has_the_format_of_its_ending(ending: str, tmp_path, smooth: np.ndarray):
    path = tmp_path / f"out{ending}"
    images.save(smooth, path, settings=SETTINGS)
    kind = {".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".avif": "AVIF"}.get(
        ending.lower(), "JPEG"
    )
    with Image.open(path) as picture:
        assert picture.format == kind
    again = images.load(path)
    assert np.abs(again.image.astype(int) - smooth).mean() < 2
    assert again.settings == (SETTINGS if kind == "PNG" else None)


def test_a_stream_gets_a_png(noise: np.ndarray):
    stream = io.BytesIO()
    images.save(noise, stream, settings=SETTINGS)
    assert stream.getvalue() == images.encode_png(noise, settings=SETTINGS)


def test_a_picture_brings_its_alpha_and_settings(tmp_path, noise: np.ndarray):
    alpha = np.full((40, 60), 77, np.uint8)
    images.save(images.Picture(noise, alpha, (), SETTINGS), tmp_path / "x.png")
    again = images.load(tmp_path / "x.png")
    assert again.alpha is not None
    assert (again.alpha == 77).all()
    assert again.settings == SETTINGS
    images.save(images.Picture(noise, alpha, (), SETTINGS), tmp_path / "x.png", settings={"new": 1})
    assert images.load(tmp_path / "x.png").settings == {"new": 1}


@pytest.mark.parametrize("width", [60, 61, 62, 63])
def test_a_tiff_is_lossless_with_its_alpha_and_holds_no_byte_of_memory(width: int, tmp_path):
    chance = np.random.default_rng(width)
    image, alpha = chance.integers(0, 256, (41, width, 3), np.uint8), chance.integers(0, 256, (41, width), np.uint8)
    written = []
    for value in (b"\x11", b"\xee"):
        dirt = [value * 2**size for size in range(4, 20)]  # what freed memory is full of
        del dirt
        images.save(image, tmp_path / "x.tif", alpha=alpha)
        written.append((tmp_path / "x.tif").read_bytes())
    again = images.load(written[0])
    assert written[0] == written[1]
    assert (again.image == image).all()
    assert again.alpha is not None
    assert (again.alpha == alpha).all()


def test_what_lies_before_the_directory_of_a_tiff_is_blanked(noise: np.ndarray):
    gaps = 0
    for width in range(30, 60):
        plain = encoded(noise[:, :width], "TIFF", compression="tiff_lzw")
        tags = reopened(plain).tag_v2  # type: ignore[attr-defined]
        start, end = int.from_bytes(plain[4:8], "little"), tags[273][-1] + tags[279][-1]
        gaps += start - end
        dirty = plain[:end] + b"\xee" * (start - end) + plain[start:]
        assert blank_gap(dirty) == plain[:end] + bytes(start - end) + plain[start:]
    assert gaps > 5


def test_avif_and_webp_keep_alpha_and_jpeg_lays_the_picture_on_white(tmp_path):
    black = np.zeros((32, 32, 3), np.uint8)
    alpha = np.full((32, 32), 51, np.uint8)
    images.save(black, tmp_path / "x.webp", alpha=alpha)
    images.save(black, tmp_path / "x.avif", alpha=alpha)
    images.save(black, tmp_path / "x.jpg", alpha=alpha)
    for name in ("x.webp", "x.avif"):
        kept = images.load(tmp_path / name).alpha
        assert kept is not None
        assert (np.abs(kept.astype(int) - 51) <= 1).all()
    assert np.abs(images.load(tmp_path / "x.jpg").image.astype(int) - 204).max() <= 1


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif", ".avif"])
def test_nothing_that_identifies_a_person_is_ever_written(ending: str, tmp_path):
    secret = b"51.5007 N, made by Alice"
    place = exif({0x8825: (4, 1, 8), 0x010E: (2, len(secret), 8)}, data=secret)
    sources = (
        jpeg_with((0xE1, place), (0xFE, secret), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + secret)),
        png_with(chunk(b"eXIf", place[6:]), chunk(b"tEXt", b"Author\0" + secret)),
        encoded(np.zeros((32, 32, 3), np.uint8), "WEBP", exif=place, icc_profile=rgb_profile()),
    )
    for index, source in enumerate(sources):
        path = tmp_path / f"{index}{ending}"
        images.save(images.load(source), path)
        data = path.read_bytes()
        assert secret in source
        assert secret not in data
        found = reopened(data).info
        assert not {"exif", "icc_profile", "xmp", "comment", "Author"} & set(found)


@pytest.mark.parametrize("name", ["x.gif", "x", "x.png.exe", ".png"])
def test_another_ending_is_refused_with_those_that_work(name: str, tmp_path, noise: np.ndarray):
    with pytest.raises(ImageError, match=r"\.png, \.jpg, \.webp, \.tif or \.avif"):
        images.save(noise, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_folders_are_made(tmp_path, noise: np.ndarray):
    images.save(noise, tmp_path / "a" / "b" / "x.png")
    assert (images.load(tmp_path / "a" / "b" / "x.png").image == noise).all()


def test_a_saved_file_has_the_usual_permissions(tmp_path, noise: np.ndarray):
    (tmp_path / "usual").touch()
    images.save(noise, tmp_path / "x.png")
    assert stat.S_IMODE((tmp_path / "x.png").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, noise: np.ndarray):
    path = tmp_path / "x.png"
    path.write_bytes(b"old")

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ImageError, match=r"^x\.png cannot be written: the disk is full\.$"):
        images.save(noise, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.png"]
    assert path.read_bytes() == b"old"


def test_a_folder_in_the_way_is_told_without_the_rest_of_the_path(tmp_path, noise: np.ndarray):
    (tmp_path / "x.png").mkdir()
    (tmp_path / "file").touch()
    for path in (
        tmp_path / "x.png",
        tmp_path / "file" / "x.png",
        tmp_path / ("y" * 300 + ".png"),
        tmp_path / "a\0.png",
    ):
        with pytest.raises(ImageError) as caught:
            images.save(noise, path)
        assert "/" not in str(caught.value)
        assert str(caught.value).endswith(".")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "x.png"]


def test_a_strange_name_is_shown_plainly(tmp_path, noise: np.ndarray):
    (tmp_path / "a\nb\u202e.png").mkdir()
    with pytest.raises(ImageError) as caught:
        images.save(noise, tmp_path / "a\nb\u202e.png")
    assert str(caught.value).startswith("a?b?.png cannot be written")


def test_a_picture_too_long_for_webp_is_refused(tmp_path):
    with pytest.raises(ImageError, match="16383"):
        images.save(np.zeros((16, 16384, 3), np.uint8), tmp_path / "x.webp")
    assert list(tmp_path.iterdir()) == []


def test_settings_are_stored_as_json_text_under_their_own_name(noise: np.ndarray):
    stored = reopened(images.encode_png(noise, settings=SETTINGS)).info
    assert set(stored) == {"styleprop"}
    assert json.loads(stored["styleprop"]) == SETTINGS
