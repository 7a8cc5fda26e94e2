"""Smooth strokes: a weave and stairs go, and what a stroke is across, and the photo's outlines, stay."""

import numpy as np
import pytest

from styleprop import images
from styleprop.areas import step_edges
from styleprop.engine import strokes
from styleprop.engine.strokes import MARGIN
from styleprop.images.colors import LUMA
from tests.conftest import make_picture

SIDE = 128
PLAIN = np.full((SIDE, SIDE, 3), 120, np.uint8)
DOWN, RIGHT = np.mgrid[0:SIDE, 0:SIDE]


def grey(levels):
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)[..., None].repeat(3, axis=-1)


def painted_strokes(angle, width=8):
    """Bright and dark strokes that run at an angle, degrees from the rows."""
    across = np.cos(np.radians(angle)) * DOWN - np.sin(np.radians(angle)) * RIGHT
    return 120 + 60 * np.sin(np.pi * across / width)


def smooth_strokes(painted, photo, scale=4.0):
    return strokes.smooth_strokes(painted, photo, scale)


def inner(image):
    return image[16:-16, 16:-16] @ LUMA


@pytest.mark.parametrize("angle", [0, 30, 45, 77, 90, 130])
def test_strokes_stay_as_they_are_and_what_crosses_them_goes(angle, random):
    clean = grey(painted_strokes(angle))
    np.testing.assert_allclose(inner(smooth_strokes(clean, PLAIN)), inner(clean), atol=3)
    rough = grey(painted_strokes(angle) + random.normal(0, 12, (SIDE, SIDE)))
    before, after = (np.std(inner(image) - inner(clean)) for image in (rough, smooth_strokes(rough, PLAIN)))
    assert after < 0.45 * before


@pytest.mark.parametrize("period", [2, 3, 4])
def test_a_weave_goes(period, random):
    weave = np.cos(2 * np.pi * DOWN / period) * np.cos(2 * np.pi * RIGHT / period)
    woven = grey(120 + 20 * weave + random.normal(0, 3, (SIDE, SIDE)))
    assert np.std(inner(smooth_strokes(woven, PLAIN))) < 0.6 * np.std(inner(woven))


def test_stairs_go():
    slope = (DOWN - SIDE / 2) * 4 - (RIGHT - SIDE / 2)
    smooth = grey(120 + 60 * np.tanh(slope / 8))
    stairs = images.resize(images.resize(smooth, SIDE // 3, SIDE // 3), SIDE, SIDE)
    stairs = grey(120 + 60 * np.sign(stairs[..., 0].astype(float) - 120))
    before, after = (np.mean(np.abs(inner(image) - inner(smooth))) for image in (stairs, smooth_strokes(stairs, PLAIN)))
    assert after < 0.8 * before


def test_what_is_flat_stays_to_the_bit():
    np.testing.assert_array_equal(smooth_strokes(PLAIN, PLAIN), PLAIN)


def test_a_sharp_outline_of_the_photo_stays_to_the_bit_and_a_faint_one_does_not(random):
    painted = make_picture(SIDE, SIDE, random)
    edge = step_edges(SIDE)[0]
    found = smooth_strokes(painted, edge)
    np.testing.assert_array_equal(found[:, 62:66], painted[:, 62:66])
    faint = smooth_strokes(painted, edge // 16)
    assert (faint[:, 62:66] != painted[:, 62:66]).any()
    np.testing.assert_array_equal(found[:, :48], faint[:, :48])


@pytest.mark.parametrize("size", [(97, 131), (98, 130), (8, 8), (9, 40)])
def test_pictures_of_any_size(size, random):
    painted, photo = (make_picture(*size, random) for _ in range(2))
    assert smooth_strokes(painted, photo).shape == painted.shape


def test_a_part_with_its_margin_comes_out_as_of_the_whole(random):
    painted, photo = (make_picture(201, 243, random) for _ in range(2))
    whole = smooth_strokes(painted, photo)
    part = np.s_[64 - MARGIN :, 100 - MARGIN : 160 + MARGIN]
    found = smooth_strokes(*(np.ascontiguousarray(image[part]) for image in (painted, photo)))
    np.testing.assert_allclose(found[MARGIN:, MARGIN:-MARGIN], whole[64:, 100:160], atol=1)


def test_near_the_canvas_size_strokes_keep_more_of_themselves(random):
    rough = grey(120 + random.normal(0, 12, (SIDE, SIDE)))
    far, near = (np.std(inner(smooth_strokes(rough, PLAIN, scale))) for scale in (4.0, 2.0))
    assert far < 0.85 * near < 0.85 * np.std(inner(rough))
