"""Strokes belong to the picture: the canvas' scale, the preview, the way to the photo's own size, what stops it."""

import dataclasses
import itertools
import re

import numpy as np
import pytest

from styleprop import images
from styleprop.config import StyleOptions
from styleprop.config.style import valid_settings
from styleprop.engine import enlarging, scale, tiling
from styleprop.engine.enlarging import Enlarger, enlarge_part
from styleprop.engine.scale import CANVAS_SIDE, plan_canvas, plan_growth
from styleprop.errors import CancelledError, SettingsError
from tests.conftest import make_picture


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture
def small_canvas(monkeypatch):
    """A canvas of 48 pixels, and tiles of 64 on the way to the photo's size."""
    monkeypatch.setattr(scale, "CANVAS_SIDE", 48)
    monkeypatch.setattr(enlarging, "CORE", 64)


@pytest.fixture
def large(random):
    """A smooth uint8 (150, 210, 3) picture with two edges."""
    picture = make_picture(150, 210, random)
    picture[40:100, 60:140] //= 3
    return picture


# --- the scale ---


@pytest.mark.parametrize(("height", "width"), [(1536, 2048), (3000, 4000), (8000, 12500)])
def test_the_canvas_does_not_depend_on_the_pixels_of_the_photo(height, width):
    assert min(plan_canvas(height, width)[:2]) == CANVAS_SIDE
    assert plan_canvas(height, width, 2.0) == (CANVAS_SIDE // 2, round(CANVAS_SIDE / 2 / height * width), CANVAS_SIDE)
    assert plan_canvas(height, width).reading == CANVAS_SIDE


def test_a_photo_is_never_enlarged_and_a_finer_brush_reads_the_style_finer_instead():
    assert plan_canvas(300, 400) == (300, 400, 300)
    assert plan_canvas(300, 400, 0.5) == (300, 400, 150)
    assert plan_canvas(300, 400, 2.0) == (150, 200, 300)


@pytest.mark.parametrize("size", [(3000, 4000), (300, 6000), (1000, 20000), (20000, 1000)])
@pytest.mark.parametrize("brush", [0.5, 0.7, 1.0, 2.0])
def test_a_canvas_is_painted_in_one_piece_and_a_stroke_is_the_same_part_of_it(size, brush):
    height, width, reading = plan_canvas(*size, brush)
    assert height * width <= tiling.WHOLE_PIXELS * 1.01
    assert reading == brush * min(height, width)
    assert height / width == pytest.approx(size[0] / size[1], rel=0.02)


def test_the_smallest_picture_has_the_smallest_canvas():
    assert plan_canvas(16, 20, 2.0)[:2] == (16, 16)


# --- preview and full size ---


@pytest.mark.parametrize("color", StyleOptions.choices("color"))
def test_strength_zero_gives_back_the_pixels_of_a_photo_larger_than_the_canvas(model, large, small_canvas, color):
    painting = model.paint(large, "dusk-red", strength=0.0, color=color)
    np.testing.assert_array_equal(painting.full().array, large)
    assert painting.preview.array.shape == (48, 67, 3)


def test_near_strength_zero_a_photo_larger_than_the_canvas_is_nearly_as_it_was(model, large, small_canvas):
    almost = model.stylize(large, "dusk-red", strength=1e-4).array
    assert np.abs(almost.astype(int) - large).max() <= 1


@pytest.mark.parametrize("settings", [{}, {"strength": 0.5}, {"detail": 0.5}, {"color": "content"}, {"brush": 0.5}])
def test_the_full_size_reduced_is_the_preview(model, large, small_canvas, settings, monkeypatch):
    monkeypatch.setattr(model, "enlarger", Enlarger())  # the network has its own test, on real weights
    painting = model.paint(large, "north-sea", **settings)
    preview, full = painting.preview.array, painting.full().array
    assert full.shape == large.shape
    small, again = (images.resize(array, 33, 24).astype(int) for array in (preview, full))
    assert np.abs(again - small).mean() < 3


def test_what_is_painted_smaller_than_a_screen_is_looked_at_as_large_as_one(model, large, small_canvas):
    small, usual = (model.paint(images.Picture(large, large[..., 0]), "dusk-red", brush=brush) for brush in (2.0, 1.0))
    assert small.canvas.shape == (24, 34, 3)
    assert small.before.shape == small.preview.array.shape == usual.preview.array.shape == (48, 67, 3)
    np.testing.assert_array_equal(small.before, images.resize(large, 67, 48))
    assert small.preview.alpha.shape == (48, 67)
    assert usual.before is usual.canvas


def test_a_small_photo_is_whole_in_the_preview(model, picture):
    painting = model.paint(picture, "north-sea", detail=0.3)
    np.testing.assert_array_equal(painting.preview.array, painting.full().array)


def test_detail_brings_back_structure_finer_than_the_canvas(model, large, small_canvas):
    def fine(array):
        return array.astype(int) - images.resize(images.resize(array, 67, 48), 210, 150)

    found = [fine(model.stylize(large, "dusk-red", detail=detail).array) for detail in (0, 1)]
    alike = [np.corrcoef(part.ravel(), fine(large).ravel())[0, 1] for part in found]
    assert alike[0] < 0.5
    assert alike[1] > 0.7


def test_transparency_has_the_size_of_what_is_shown(model, large, small_canvas):
    alpha = np.full(large.shape[:2], 90, np.uint8)
    painting = model.paint(images.Picture(large, alpha), "dusk-red")
    assert painting.preview.alpha.shape == (48, 67)
    np.testing.assert_array_equal(painting.full().alpha, alpha)


def test_outside_a_mask_a_large_photo_keeps_its_pixels_and_the_preview_shows_the_mask(model, large, small_canvas):
    mask = np.zeros((150, 210), np.uint8)
    mask[:, 100:] = 255
    painting = model.paint(large, "dusk-red", mask=mask)
    full, preview = painting.full().array, painting.preview.array
    np.testing.assert_array_equal(full[:, :100], large[:, :100])
    np.testing.assert_array_equal(preview[:, :31], painting.canvas[:, :31])
    assert (preview[:, 40:] != painting.canvas[:, 40:]).any()


# --- tiles ---


def test_parts_of_an_enlargement_are_those_of_the_whole(random):
    small = make_picture(48, 67, random)
    whole = enlarge_part(small, 150, 210, (0, 0, 150, 210)).astype(int)
    for tile in tiling.plan_tiles(150, 210, 64, 8):
        part = enlarge_part(small, 150, 210, tile.read)
        assert np.abs(part - whole[tile.read_slices]).max() <= 1


class Blurred:
    """A network as the enlarger is one: of convolutions, with a margin; here a blur, and a shift by the code."""

    margin = 4

    def call(self, enlarged, photo, code):
        from styleprop.ops import soften

        return soften(soften(enlarged + 0.1 * photo)) + 0.01 * code[:, :1, None, None]


def test_a_network_refines_by_tiles_without_seams_and_is_traced_once(model, large, monkeypatch):
    monkeypatch.setattr(scale, "CANVAS_SIDE", 48)
    enlarger = Enlarger(Blurred(), model.networks.config.code_size)
    monkeypatch.setattr(model, "enlarger", enlarger)
    painting = model.paint(large, "dusk-red")
    whole = painting.full().array
    monkeypatch.setattr(enlarging, "CORE", 64)
    apart = np.abs(painting.full().array.astype(int) - whole)
    assert apart.max() <= 2  # where the enlargement is rounded otherwise, a stroke may run a little otherwise
    assert np.mean(apart > 1) < 1e-3
    assert enlarger.trace_counts() == {"enlarge": 1}


def test_a_code_that_the_network_does_not_know_counts_as_none(large):
    enlarger = Enlarger(Blurred(), 5)
    known, unknown = (enlarger.refine(large, large, np.ones((1, size), np.float32), 2.0) for size in (5, 7))
    assert known.shape == unknown.shape == large.shape
    assert known.mean() > unknown.mean()


# --- what stops it ---


class SetLater:
    """Not set when it is asked for the first times."""

    def __init__(self, times):
        self.asked = itertools.count()
        self.times = times

    def is_set(self):
        return next(self.asked) >= self.times


def test_a_running_full_size_stops_before_the_next_tile(model, large, small_canvas):
    seen = []
    with pytest.raises(CancelledError):
        model.stylize(large, "dusk-red", watch=lambda *now: seen.append(now), cancel=SetLater(5))
    assert seen == [(number + 1, 12) for number in range(len(seen))]
    assert len(seen) <= 5


def test_tiles_are_told_of_in_turn_and_the_first_error_is_raised(large):
    tiles, filled, seen = tiling.plan_tiles(*large.shape[:2], 64, 8), np.zeros_like(large), []
    tiling.fill(filled, tiles, lambda tile: large[tile.core_slices], lambda *now: seen.append(now))
    np.testing.assert_array_equal(filled, large)
    assert seen == [(number + 1, len(tiles)) for number in range(len(tiles))]

    def fail(tile):
        raise KeyError(tile.core)

    with pytest.raises(KeyError, match=re.escape(str(tiles[0].core))):
        tiling.fill(filled, tiles, fail)


def test_the_photo_is_encoded_once_however_often_a_slider_moves(model, large, small_canvas, monkeypatch):
    photo, encoded = images.Picture(large[::-1]), []
    network = model.networks.encode
    monkeypatch.setattr(model.networks, "encode", lambda batch: encoded.append(1) or network(batch))
    for strength in (0.2, 0.4, 0.9):
        model.paint(photo, "dusk-red", strength=strength)
    assert len(encoded) == 1


# --- a domain's scale ---


def test_a_domain_paints_at_its_own_scale(model, tiny_cyclegan, large, monkeypatch, tmp_path):
    import json
    import shutil

    from styleprop.checkpoints import write_sums

    folder = shutil.copytree(tiny_cyclegan, tmp_path / "cyclegan-photo-tiny")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "canvas_side": 64}))
    write_sums(folder)
    painting = model.paint_domain(large, str(folder), round_trip=True)
    assert painting.on_canvas().shape == painting.preview.cycled.shape == (64, 90, 3)
    full = painting.full()
    assert full.array.shape == large.shape
    assert full.settings["domain"] == "tiny"


def test_a_photo_smaller_than_its_canvas_is_painted_at_the_size_of_that(model, tiny_cyclegan, random):
    opened = model.translators.open(str(tiny_cyclegan), False)
    there = dataclasses.replace(opened, side=96)
    photo = make_picture(32, 48, random)
    large = images.resize(photo, 144, 96)
    expected = images.resize(there.translate(large), 48, 32)
    np.testing.assert_array_equal(there.paint(photo, there.code(large), None, StyleOptions()), expected)
    np.testing.assert_array_equal(there.translate(large), opened.translate(large))
    assert plan_growth(32, 48, 2.0, 96) == (48, 72)
    assert plan_growth(95, 140, 1.0, 96) == (96, 141)
    assert plan_growth(96, 140, 1.0, 96) == (96, 140)
    rows, columns = plan_growth(20, 4000, 1.0, 4096)
    assert rows * columns <= 1.01 * tiling.WHOLE_PIXELS


# --- the options ---


def test_options_survive_a_dictionary_and_name_what_is_wrong():
    options = StyleOptions(strength=0.3, color="only", brush=1.5)
    assert StyleOptions.from_dict(options.to_dict()) == options
    for name, value in (("strength", 2), ("strength", True), ("brush", 0.1), ("color", "blue"), ("feather", 0.5)):
        with pytest.raises(SettingsError, match=name):
            StyleOptions(**{name: value})
    with pytest.raises(SettingsError, match="colour"):
        StyleOptions.from_dict({"colour": "only"})


def test_a_pngs_settings_come_back(model, picture, tmp_path):
    options = StyleOptions(strength=0.5, detail=0.25, color="content", brush=0.75)
    model.stylize(picture, "dusk-red", **options.to_dict()).save(tmp_path / "out.png")
    found = images.load(tmp_path / "out.png").settings
    assert valid_settings(found, 72, 104) == {
        name: value for name, value in options.to_dict().items() if name != "feather"
    }


def test_what_strangers_write_into_a_png_is_left_out():
    found = {"strength": "much", "detail": 7, "color": ["only"], "brush": None, "format": 2, "feather": float("nan")}
    assert valid_settings(found, 72, 104) == {}


@pytest.mark.parametrize(
    ("brush", "styles", "size", "expected"),
    [
        (1.0, [["great-wave", 1.0]], (384, 512), 1.0),  # read at 384 pixels
        (1.0, [["great-wave", 1.0]], (768, 1024), 0.5),
        (2.0, [["great-wave", 1.0]], (768, 1024), 1.0),
        (1.0, [[None, 1.0]], (500, 500), 0.63),  # read at 0.4 of the area
        (1.0, [[None, 1.0]], (3000, 4000), 0.5),  # finer than there is now
    ],
)
def test_an_older_pngs_brush_means_the_strokes_that_it_made(brush, styles, size, expected):
    found = {"brush": brush, "styles": styles}
    assert valid_settings(found, *size)["brush"] == expected
    assert valid_settings({**found, "format": 2}, *size)["brush"] == brush
