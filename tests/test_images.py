"""Known answers for what `styleprop.images` does with arrays and with sources that are not files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError
from styleprop.images import arrays
from tests.conftest import make_picture
from tests.hostile_formats import encoded, exif, jpeg_with, quadrants


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def luma(image: np.ndarray) -> np.ndarray:
    return image @ np.array([0.299, 0.587, 0.114])


# Sources


@pytest.mark.parametrize(
    "wrap", [bytes, bytearray, memoryview, io.BytesIO, lambda data: io.BufferedReader(io.BytesIO(data))]
)
def test_bytes_and_streams_are_read_like_a_file(wrap, noise: np.ndarray):
    assert (images.load(wrap(encoded(noise, "PNG"))).image == noise).all()


def test_a_path_may_be_text_or_a_path_object(tmp_path, noise: np.ndarray):
    path = tmp_path / "x.bin"
    path.write_bytes(encoded(noise, "PNG"))
    assert (images.load(path).image == noise).all()
    assert (images.load(str(path)).image == noise).all()


def test_a_stream_that_gives_a_byte_at_a_time_is_read_whole(noise: np.ndarray):
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 997))

    assert (images.load(Slow(encoded(noise, "PNG"))).image == noise).all()


def test_an_endless_stream_is_refused():
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return bytes(size)

    with pytest.raises(ImageError, match="larger than 64 MB"):
        images.load(Endless())


def test_a_text_stream_is_refused():
    with pytest.raises(ImageError, match="binary"):
        images.load(io.StringIO("hello"))


def test_a_stream_that_fails_is_refused():
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("/secret/place is gone")

    with pytest.raises(ImageError) as caught:
        images.load(Broken())
    assert "secret" not in str(caught.value)


def test_no_picture_at_all_is_refused():
    with pytest.raises(ImageError, match="No picture was given"):
        images.load(None)


def test_a_source_of_another_type_is_a_programmers_mistake():
    with pytest.raises(TypeError):
        images.load(42)


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch, noise: np.ndarray):
    path = tmp_path / "x.png"
    path.write_bytes(encoded(noise, "PNG"))

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(ImageError, match=r"^The file cannot be read: permission is missing\.$"):
        images.load(path)


def test_an_array_is_taken_as_it_is_and_copied(noise: np.ndarray):
    picture = images.load(noise)
    assert (picture.image == noise).all()
    assert not np.shares_memory(picture.image, noise)


def test_an_array_of_one_channel_becomes_grey():
    picture = images.load(np.full((20, 30), 9, np.uint8))
    assert picture.image.shape == (20, 30, 3)
    assert (picture.image == 9).all()


def test_the_fourth_channel_of_an_array_is_alpha_unless_it_is_opaque(noise: np.ndarray):
    clear = np.full((40, 60, 1), 8, np.uint8)
    alpha = images.load(np.concatenate([noise, clear], axis=2)).alpha
    assert alpha is not None
    assert (alpha == 8).all()
    assert images.load(np.concatenate([noise, clear * 0 + 255], axis=2)).alpha is None


@pytest.mark.parametrize(
    "array", [np.zeros((20, 20, 3)), np.zeros((20, 20, 2), np.uint8), np.zeros((1, 20, 20, 3), np.uint8)]
)
def test_an_array_of_another_kind_is_refused(array: np.ndarray):
    with pytest.raises(ImageError, match="uint8"):
        images.load(array)


def test_an_array_outside_the_limits_is_refused():
    with pytest.raises(ImageError, match="8 x 20"):
        images.load(np.zeros((20, 8, 3), np.uint8))


MODE_COLORS = {
    "1": (1, (255, 255, 255)),
    "L": (70, (70, 70, 70)),
    "LA": ((70, 5), (70, 70, 70)),
    "RGB": ((1, 2, 3), (1, 2, 3)),
    "RGBA": ((1, 2, 3, 4), (1, 2, 3)),
    "RGBa": ((100, 50, 0, 128), (199, 99, 0)),
    "RGBX": ((1, 2, 3, 4), (1, 2, 3)),
    "CMYK": ((0, 255, 255, 0), (255, 0, 0)),
    "YCbCr": ((76, 85, 255), (254, 0, 0)),
    "HSV": ((0, 255, 255), (255, 0, 0)),
    "LAB": ((255, 128, 128), (255, 255, 255)),
    "I": (0x8000, (128, 128, 128)),
    "I;16": (0x8000, (128, 128, 128)),
    "I;16B": (0x8000, (128, 128, 128)),
    "F": (0.5, (128, 128, 128)),
}


@pytest.mark.parametrize("mode", MODE_COLORS)
def test_a_pillow_image_of_any_mode_becomes_its_color(mode: str):
    given, expected = MODE_COLORS[mode]
    picture = images.load(Image.new(mode, (20, 30), given))
    assert picture.image.shape == (30, 20, 3)
    assert np.abs(picture.image.astype(int) - expected).max() <= 1
    assert (picture.alpha is None) == (mode not in ("LA", "RGBA", "RGBa"))


def test_integers_up_to_255_are_levels_of_8_bits():
    assert (images.load(Image.new("I", (20, 20), 200)).image == 200).all()


def test_a_premultiplied_grey_image_is_divided_by_its_alpha():
    given = Image.new("LA", (20, 20), (100, 128)).convert("La")
    picture = images.load(given)
    assert np.abs(picture.image.astype(int) - 100).max() <= 1


def test_the_callers_pillow_image_is_left_as_it_was():
    given = Image.new("P", (20, 20))
    given.info["transparency"] = "junk"
    images.load(given)
    assert given.info == {"transparency": "junk"}
    assert given.mode == "P"


def test_a_loaded_picture_is_contiguous_and_can_be_written_to(noise: np.ndarray):
    turned = images.load(jpeg_with((0xE1, exif({274: (3, 1, 6)})))).image
    assert turned.flags.c_contiguous
    assert turned.flags.writeable
    assert images.load(encoded(noise, "PNG")).image.flags.writeable


@pytest.mark.parametrize("kind", ["group4", "jpeg"])
def test_a_tiff_that_pillow_has_not_decoded_yet_is_held_to_the_same(kind: str, tmp_path, noise: np.ndarray):
    path = tmp_path / "x.tiff"
    path.write_bytes(
        encoded(Image.fromarray(noise).convert("1" if kind == "group4" else "RGB"), "TIFF", compression=kind)
    )
    with Image.open(path) as given, pytest.raises(ImageError):
        images.load(given)


def test_heic_is_read_without_a_change_to_pillow():
    code = """
import sys
from PIL import Image
from styleprop import images
print("pillow_heif" in sys.modules)
images.load(sys.stdin.buffer.read())
print("HEIF" in Image.OPEN, Image.EXTENSION.get(".heic"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=encoded(quadrants(), "HEIF"), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == ["False", "False", "None"]


def test_a_closed_pillow_image_is_refused(tmp_path, noise: np.ndarray):
    path = tmp_path / "x.png"
    path.write_bytes(encoded(noise, "PNG"))
    with Image.open(path) as given:
        pass
    with pytest.raises(ImageError):
        images.load(given)


# Ranges


def test_every_level_comes_back_from_a_batch_unchanged():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    batch = images.to_batch(levels)
    assert batch.dtype == np.float32
    assert batch.shape == (1, 16, 16, 3)
    assert (batch.min(), batch.max()) == (-1.0, 1.0)
    assert (images.from_batch(batch) == levels).all()
    assert (images.from_batch(batch[0]) == levels).all()


def test_values_outside_the_range_are_clipped_and_others_rounded():
    batch = np.array([-7.0, -1.0, 0.0, 0.6 / 127.5 - 1, 1.0, 7.0], np.float32).reshape(1, 1, 2, 3)
    assert images.from_batch(batch).reshape(-1).tolist() == [0, 0, 128, 1, 255, 255]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_batch_that_is_not_finite_is_our_own_bug(bad: float):
    with pytest.raises(ValueError, match="NaN or infinity"):
        images.from_batch(np.full((1, 4, 4, 3), bad, np.float32))


@pytest.mark.parametrize("shape", [(2, 4, 4, 3), (1, 4, 4, 1), (4, 4)])
def test_a_batch_of_another_shape_is_our_own_bug(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match="expected"):
        images.from_batch(np.zeros(shape, np.float32))


@pytest.mark.parametrize("image", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8)])
def test_only_uint8_pictures_become_a_batch(image: np.ndarray):
    with pytest.raises(ValueError, match="expected a uint8 picture"):
        images.to_batch(image)


# Sizes


@pytest.mark.parametrize("shape", [(40, 60, 3), (40, 60)])
def test_resizing_keeps_a_flat_color_and_gives_the_size_asked_for(shape: tuple[int, ...]):
    flat = np.full(shape, 93, np.uint8)
    for width, height in ((60, 40), (17, 90), (200, 3)):
        resized = images.resize(flat, width, height)
        assert resized.shape[:2] == (height, width)
        assert resized.dtype == np.uint8
        assert (resized == 93).all()


def test_resizing_to_the_same_size_is_an_exact_copy(noise: np.ndarray):
    resized = images.resize(noise, 60, 40)
    assert (resized == noise).all()
    assert not np.shares_memory(resized, noise)


def test_fitting_shrinks_the_long_side_and_never_enlarges(noise: np.ndarray):
    assert images.fit_within(noise, 30).shape == (20, 30, 3)
    assert images.fit_within(noise.swapaxes(0, 1), 30).shape == (30, 20, 3)
    assert (images.fit_within(noise, 60) == noise).all()
    assert (images.fit_within(noise, 5000) == noise).all()
    assert images.fit_within(np.zeros((1000, 50, 3), np.uint8), 10).shape == (10, 1, 3)


def test_resizing_to_an_area_keeps_the_aspect_up_and_down(noise: np.ndarray):
    assert images.resize_to_area(noise, 40 * 60 * 4).shape == (80, 120, 3)
    assert images.resize_to_area(noise, 40 * 60 / 4).shape == (20, 30, 3)


def test_resizing_to_a_tiny_area_stops_at_the_smallest_side(noise: np.ndarray):
    assert images.resize_to_area(noise, 1).shape == (16, 24, 3)


def test_the_center_square_is_cut_from_the_middle():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    assert (images.center_square(wide, 20) == 200).all()
    assert (images.center_square(wide.swapaxes(0, 1), 10) == 200).all()


def reflected(size: int, padded: int) -> list[int]:
    """Return the index each padded position shows: 0 1 2 1 0 1 2 ... for a size of 3."""
    period = max(1, 2 * (size - 1))
    return [min(at % period, period - at % period) if size > 1 else 0 for at in range(padded)]


@pytest.mark.parametrize(
    ("size", "multiple", "expected"),
    [((5, 8), 4, (8, 8)), ((5, 8), 1, (5, 8)), ((3, 2), 16, (16, 16)), ((20, 20), 8, (24, 24)), ((1, 7), 4, (4, 8))],
)
def test_padding_reflects_over_and_over(size, multiple, expected):
    batch = np.random.default_rng(1).normal(size=(1, *size, 3)).astype(np.float32)
    padded = images.pad_to_multiple(batch, multiple)
    assert padded.shape == (1, *expected, 3)
    assert padded.dtype == np.float32
    rows, columns = (reflected(*sides) for sides in zip(size, expected, strict=True))
    assert (padded == batch[:, rows][:, :, columns]).all()


# Colours


@pytest.mark.parametrize("size", [(31, 20), (190, 140), (400, 333)])
def test_large_pictures_are_resampled_strip_by_strip_to_the_same_pixels(random, monkeypatch, size):
    picture, read = make_picture(210, 300, random), []
    whole = images.resize(picture, *size)
    opened = Image.fromarray
    monkeypatch.setattr(arrays, "STRIP_PIXELS", 4000)
    monkeypatch.setattr(Image, "fromarray", lambda array: read.append(array.size) or opened(array))
    assert np.abs(images.resize(picture, *size).astype(int) - whole).max() <= 1
    assert len(read) == 16
    assert max(read) < picture.size / 2


def test_a_picture_with_its_own_colors_or_brightness_is_itself(noise: np.ndarray):
    assert (images.keep_colors(noise, noise) == noise).all()
    assert (images.only_colors(noise, noise) == noise).all()


def test_keeping_colors_takes_brightness_from_one_and_chroma_from_the_other():
    rng = np.random.default_rng(2)
    stylized, content = (rng.integers(100, 156, (20, 20, 3)).astype(np.uint8) for _ in range(2))
    kept = images.keep_colors(stylized, content)
    assert np.abs(luma(kept) - luma(stylized)).max() <= 0.51
    difference = kept.astype(int) - content
    assert (difference == difference[:, :, :1]).all()  # one number for all three channels: the chroma is content's


def test_a_grey_style_with_kept_colors_is_grey_only_in_brightness():
    grey, red = np.full((4, 4, 3), 120, np.uint8), np.full((4, 4, 3), (140, 60, 60), np.uint8)
    assert images.keep_colors(grey, red)[0, 0].tolist() == [176, 96, 96]  # red's luma is 83.92: 36 more
    assert images.only_colors(red, grey)[0, 0].tolist() == [176, 96, 96]
    assert images.only_colors(grey, red)[0, 0].tolist() == [84, 84, 84]


@pytest.mark.parametrize("function", [images.keep_colors, images.error_map])
def test_pictures_of_two_sizes_cannot_be_compared(function, noise: np.ndarray):
    with pytest.raises(ValueError, match="one size"):
        function(noise, noise[:-1])


def test_the_error_map_is_black_without_error_and_white_from_32_levels_on():
    image = np.zeros((2, 3, 3), np.uint8)
    other = image.copy()
    other[0, 1], other[0, 2], other[1, 2] = 16, 32, 255
    shown = images.error_map(image, other)
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[0, 2].tolist() == shown[1, 2].tolist() == [255, 255, 255]
    assert 0 < luma(shown)[0, 1] < 255
    assert (images.error_map(other, image) == shown).all()


def test_the_color_map_gets_brighter_all_the_way():
    shown = images.heat_tile(np.arange(256.0)[None])[0]
    brightness = luma(shown)[5:-5]  # the ends are cut at the 1st and the 99th percentile
    assert (np.diff(brightness) > 0).all()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e30])
def test_a_heat_tile_does_not_depend_on_the_range(scale: float):
    channel = np.random.default_rng(3).normal(size=(9, 7))
    assert (images.heat_tile(channel * scale) == images.heat_tile(channel)).all()


@pytest.mark.parametrize("channel", [np.full((3, 4), 7.0), np.full((3, 4), np.nan), np.full((3, 4), np.inf)])
def test_a_heat_tile_with_nothing_to_show_is_black(channel: np.ndarray):
    assert images.heat_tile(channel).tolist() == np.zeros((3, 4, 3)).tolist()


def test_a_heat_tile_shows_infinity_as_white_and_nan_as_black():
    shown = images.heat_tile(np.array([[0.0, 1.0, np.inf, -np.inf, np.nan]], np.float32))
    assert shown[0, :, 0].tolist() == [0, 255, 255, 0, 0]


def test_the_quadrants_of_the_tests_are_what_they_claim():
    assert quadrants()[0, 0].tolist() == [255, 0, 0]
    assert quadrants()[-1, -1].tolist() == [255, 255, 255]


def test_loading_a_large_picture_holds_it_once_beside_pillows_own():
    given = Image.new("RGB", (3000, 2000))
    tracemalloc.start()
    try:
        size = images.load(given).image.nbytes
        assert tracemalloc.get_traced_memory()[1] < 1.5 * size
    finally:
        tracemalloc.stop()
