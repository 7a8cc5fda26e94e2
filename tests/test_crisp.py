"""Crisp outlines: an edge of an enlarged painting becomes as sharp as the photo's, nothing rings, and paint stays."""

import cv2
import numpy as np
import pytest

from styleprop import images
from styleprop.areas import overshoot, step_edges
from styleprop.engine.crisp import MARGIN, crisp
from styleprop.images.colors import LUMA

EDGE = step_edges(192)[0]  # 60 to the left, 190 to the right
COLORS = np.array([[200, 90, 60], [70, 120, 210]], np.uint8)  # of a painting, left and right


def two_colors(side=192, width=5):
    """A painting of two colours that was enlarged: its edge is soft."""
    painting = COLORS[(np.arange(side) >= side // 2).astype(int)][None].repeat(side, axis=0)
    return cv2.blur(painting, (width, width)) if width > 1 else painting


def ringing(painting):
    """Bright and dark lines beside the edge, 4 pixels wide."""
    made = painting.astype(int)
    made[:, 90:94] -= 30
    made[:, 98:102] += 30
    return np.clip(made, 0, 255).astype(np.uint8)


def test_rings_beside_an_outline_go_and_its_edge_is_as_sharp_as_the_photos():
    enlarged = two_colors()
    made = ringing(enlarged)
    assert overshoot(made) > 20
    found = crisp(made, enlarged, EDGE)
    assert overshoot(found) < 2
    np.testing.assert_allclose(found, two_colors(width=1), atol=12)
    steepest = np.abs(np.diff(found @ LUMA, axis=1)).max(axis=1)
    assert (steepest > 0.8 * np.abs(np.diff(COLORS @ LUMA))).all()


def off_the_edge(made):
    return np.abs(made[:, 90:102].astype(int) - two_colors(width=1)[:, 90:102]).mean()


def test_an_outline_that_was_painted_beside_the_photos_comes_nearer_to_it():
    moved = np.roll(two_colors(), 2, axis=1)
    assert off_the_edge(crisp(moved, moved, EDGE)) < 0.5 * off_the_edge(moved)


def test_strokes_away_from_the_outline_and_where_there_is_none_stay(random):
    enlarged = two_colors()
    strokes = np.clip(enlarged + random.normal(0, 20, enlarged.shape), 0, 255).astype(np.uint8)
    found = crisp(strokes, enlarged, EDGE)
    np.testing.assert_array_equal(found[:, :80], strokes[:, :80])
    np.testing.assert_array_equal(found[:, 112:], strokes[:, 112:])
    assert crisp(strokes, enlarged, np.full_like(EDGE, 90)) is strokes


def test_a_painting_that_does_not_follow_the_outline_stays(random):
    enlarged = cv2.GaussianBlur(random.integers(0, 256, (192, 192, 3), np.uint8), (0, 0), 3)
    made = np.clip(enlarged + random.normal(0, 10, enlarged.shape), 0, 255).astype(np.uint8)
    change, grain = (
        np.abs(one[:, 90:102].astype(int) - made[:, 90:102]) for one in (crisp(made, enlarged, EDGE), enlarged)
    )
    assert change.mean() < 0.5 * grain.mean()


def test_where_outlines_crowd_the_paint_stays(random):
    blocks = np.add.outer(np.arange(192) // 8, np.arange(192) // 8) % 2
    photo = (60 + 130 * blocks).astype(np.uint8)[..., None].repeat(3, axis=2)
    enlarged = cv2.blur(photo, (5, 5))
    made = np.clip(enlarged + random.normal(0, 10, enlarged.shape), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(crisp(made, enlarged, photo), made)


def test_a_part_with_its_margin_comes_out_as_of_the_whole():
    rows, columns = np.mgrid[:320, :320]
    inside = (rows - 150) ** 2 + (columns - 170) ** 2 < 90**2
    photo = np.where(inside, 50, 200).astype(np.uint8)[..., None].repeat(3, axis=2)
    enlarged = cv2.blur(np.where(inside[..., None], COLORS[0], COLORS[1]).astype(np.uint8), (7, 7))
    whole = crisp(enlarged, enlarged, photo)
    assert (whole != enlarged).any()
    part = np.s_[100 - MARGIN : 220 + MARGIN, 80 - MARGIN : 200 + MARGIN]
    found = crisp(enlarged[part], enlarged[part], photo[part])[MARGIN:-MARGIN, MARGIN:-MARGIN]
    np.testing.assert_allclose(found.astype(int), whole[100:220, 80:200], atol=1)


@pytest.mark.parametrize("size", [(images.MIN_SIDE, images.MIN_SIDE), (images.MIN_SIDE, 333), (47, 61)])
def test_small_and_long_pictures(size, random):
    photo = np.full((*size, 3), 60, np.uint8)
    photo[:, size[1] // 2 :] = 190
    made = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    kept = made.copy()
    found = crisp(made, made, photo)
    assert (found.shape, found.dtype) == (made.shape, np.uint8)
    np.testing.assert_array_equal(made, kept)
