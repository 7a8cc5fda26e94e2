"""What a school does beside painting: flat colours, outlines in ink."""

import json
import shutil

import numpy as np
import pytest

from styleprop import images
from styleprop.areas import overshoot, step_edges
from styleprop.checkpoints import write_sums
from styleprop.config import CycleGANConfig
from styleprop.engine.drawing import INK, LINE_SIDE, Drawing, Lines, find_lines, plan_lines, wash
from styleprop.errors import SettingsError
from styleprop.images.colors import LUMA

DARK, LIGHT = 70, 190


def disk(side, radius=0.25, noise=0.0):
    """A dark disk on a light ground, uint8 (side, side, 3), and each pixel's distance outwards from its edge."""
    down, right = np.mgrid[0:side, 0:side] - side / 2
    distance = np.hypot(down, right) - radius * side
    levels = np.where(distance < 0, DARK, LIGHT) + np.random.default_rng(1).normal(0, noise, (side, side))
    return np.rint(levels)[..., None].repeat(3, axis=2).astype(np.uint8), distance


@pytest.mark.parametrize("noise", [0, 3])
def test_a_line_runs_along_an_outline_on_its_dark_side_and_nowhere_else(noise):
    picture, distance = disk(LINE_SIDE, noise=noise)
    line = find_lines(picture) > 128
    assert line[(distance < -0.5) & (distance > -1.5)].mean() > 0.97
    assert not line[(distance > 1) | (distance < -8)].any()


@pytest.mark.parametrize("side", [128, 768, 1500])
def test_lines_are_as_wide_in_parts_of_the_picture_whatever_its_pixels(side):
    wanted = find_lines(disk(LINE_SIDE)[0]) > 128
    found = find_lines(disk(side)[0]) > 128
    assert found.shape == wanted.shape
    assert found.mean() == pytest.approx(wanted.mean(), rel=0.35)


def test_a_coarser_brush_draws_wider_lines_and_the_largest_pictures_stay_within_bounds():
    assert plan_lines(3000, 4000) == (768, 1024)
    assert plan_lines(3000, 4000, 2.0) == (384, 512)
    height, width = plan_lines(3000, 4000, 0.5)
    assert (height, width) > (768, 1024)
    assert height * width < 1.6e6


@pytest.mark.parametrize("times", [1, 3, 6])
def test_lines_have_sharp_edges_at_any_size(times):
    field = find_lines(disk(LINE_SIDE)[0])
    side = times * len(field)
    white = np.full((side, side, 3), 255, np.uint8)
    row = Lines(field, 1.0).draw(white, side, side, (0, 0, side, side))[side // 2, : side // 2, 0].astype(int)
    assert row.max() == 255
    assert row.min() == INK[0]
    assert ((row > 60) & (row < 220)).sum() <= 5  # two edges


def test_a_part_comes_out_as_of_the_whole():
    lines, white = Lines(find_lines(disk(LINE_SIDE)[0]), 0.8), np.full((1200, 1200, 3), 255, np.uint8)
    whole = lines.draw(white, 1200, 1200, (0, 0, 1200, 1200))
    part = lines.draw(white[300:600, 250:700], 1200, 1200, (300, 250, 600, 700))
    assert np.abs(part.astype(int) - whole[300:600, 250:700]).max() <= 12  # of a rounded level of a steep field
    assert part.min() < 100


def test_ink_covers_by_its_opacity_and_leaves_the_rest_to_the_bit(random):
    picture = random.integers(0, 256, (64, 64, 3), np.uint8)
    field = np.zeros((64, 64), np.uint8)
    field[:, 32:] = 255
    drawn = Lines(field, 0.5).draw(picture, 64, 64, (0, 0, 64, 64))
    np.testing.assert_array_equal(drawn[:, :28], picture[:, :28])
    assert np.abs(drawn[:, 36:] - (picture[:, 36:].astype(float) + INK) / 2).max() <= 1


def test_a_wash_is_flat_and_keeps_an_edge():
    picture, distance = disk(192, noise=8)
    flat = wash(picture, 1.0)
    inside, beside = distance < -8, abs(distance) > 4
    assert flat[inside].std() < 0.4 * picture[inside].std()
    assert np.abs(flat.astype(int) - picture)[beside & ~inside].mean() < 8
    assert flat[distance > 3].mean() - flat[distance < -3].mean() == pytest.approx(LIGHT - DARK, abs=4)
    half = wash(picture, 0.5).astype(float)
    assert np.abs(half - (flat.astype(float) + picture) / 2).max() <= 1


def test_where_nothing_is_done_nothing_changes_and_no_line_is_looked_for(random):
    picture, none = random.integers(0, 256, (32, 32, 3), np.uint8), Drawing()
    assert none.finish(picture) is picture
    assert none.draw(lambda: pytest.fail("looked for lines")) is None


@pytest.mark.parametrize("name", ["wash", "lines"])
@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_a_domain_of_a_wrong_amount_is_refused(name, value):
    with pytest.raises(SettingsError, match=f"{name} must lie in"):
        CycleGANConfig.from_dict({**CycleGANConfig.tiny().to_dict(), name: value})


@pytest.fixture(scope="module")
def domain(tiny_cyclegan, tmp_path_factory):
    """The tiny domain, made to draw."""
    folder = shutil.copytree(tiny_cyclegan, tmp_path_factory.mktemp("drawn") / "cyclegan-photo-drawn")
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "canvas_side": 96, "wash": 0.5, "lines": 1.0}))
    write_sums(folder)
    return str(folder)


def test_a_domain_draws_over_its_painting_in_the_photos_own_pixels(tiny_model, domain):
    photo, distance = disk(1100)
    painting = tiny_model.paint_domain(photo, domain)
    full, plain = painting.full().array, painting.without_lines().full().array
    line, far = (distance < -2) & (distance > -3), (distance > 4) | (distance < -14)
    assert np.abs(full[line] - INK.astype(int)).max() < 40
    np.testing.assert_array_equal(full[far], plain[far])
    small = images.resize(line.astype(np.uint8), 768, 768) > 0
    assert painting.preview.array[small].mean() < 60


def test_lines_fade_with_the_strength_and_spare_what_a_mask_does(tiny_model, domain):
    photo, distance = disk(400)
    line = (distance < -1) & (distance > -2)
    full, half, none = (tiny_model.translate(photo, domain, strength=s).array[line].mean() for s in (1.0, 0.5, 0.0))
    assert none == DARK
    assert full < half - 5 < none
    mask = np.zeros((400, 400), np.uint8)
    mask[:, 200:] = 255
    masked = tiny_model.translate(photo, domain, mask=mask, feather=0.0).array
    np.testing.assert_array_equal(masked[:, :190], photo[:, :190])
    assert masked[:, 210:][line[:, 210:]].mean() < 45


def test_the_styles_colours_alone_bring_no_line(tiny_model, domain):
    photo, distance = disk(400)
    found = tiny_model.translate(photo, domain, color="only").array
    assert np.abs(found @ LUMA - photo @ LUMA)[(distance < -1) & (distance > -3)].mean() < 4


def test_a_frame_of_a_clip_is_drawn_as_a_photo_is(tiny_model, domain):
    photo, _ = disk(400)
    frame = tiny_model.domain_frame_painter(domain)(photo, 0.0)
    assert np.abs(frame.astype(int) - tiny_model.translate(photo, domain).array).mean() < 1


def test_beside_an_edge_the_judge_looks_at_what_is_painted_and_not_at_what_is_drawn(tiny_model, domain):
    edge = step_edges(256)[0]
    painting = tiny_model.paint_domain(edge, domain)
    plain = overshoot(painting.without_lines().full().array)
    assert overshoot(painting.full().array) > plain + 10
