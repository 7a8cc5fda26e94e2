"""Fringes: lines along an outline are taken out of a painting, and strokes, colours and texture stay."""

import numpy as np
import pytest

from styleprop import images
from styleprop.areas import overshoot, step_edges
from styleprop.fringes import Fringes
from styleprop.images.colors import LUMA

EDGE = step_edges(192)[0]  # 60 to the left, 190 to the right
LINES = {-20: 25, -11: -50, -4: 60, 5: -40, 12: 45, 20: -20}  # pixels from the edge: grey levels of a line 3 wide


def with_lines(painting, distance):
    """A painting with lines along an outline, uint8; `distance` is below zero on its dark side."""
    shift = sum(height * (np.abs(distance - place) <= 1) for place, height in LINES.items())
    return np.clip(painted(painting) + shift[..., None], 0, 255).astype(np.uint8)


def painted(photo):
    """The photo in other colours: a linear function of it, float64."""
    return 0.6 * photo[..., ::-1].astype(float) + (60, 40, 50)


def disk(side=256, radius=70):
    distance = radius - np.hypot(*(np.mgrid[:side, :side] - side / 2))
    return np.where(distance > 0, 40, 190).astype(np.uint8)[..., None].repeat(3, axis=2), -distance


def test_lines_beside_a_straight_outline_go_and_the_colours_of_both_sides_stay():
    distance = np.broadcast_to(np.arange(192) - 96, (192, 192))
    made = with_lines(EDGE, distance)
    assert overshoot(made) > 50
    clean = Fringes(EDGE).remove(made)
    assert overshoot(clean) < 3
    np.testing.assert_allclose(clean, painted(EDGE), atol=6)
    assert np.abs(clean - painted(EDGE)).mean() < 0.5


def test_lines_round_a_disk_go():
    photo, distance = disk()
    made = with_lines(photo, np.rint(distance))
    before, after = (np.abs(x.astype(float) - painted(photo)).mean() for x in (made, Fringes(photo).remove(made)))
    assert before > 4
    assert after < 0.45 * before


def test_strokes_across_an_outline_stay():
    stripes = 30 * np.sign(np.sin(np.arange(192) * 2 * np.pi / 12))[:, None, None]
    made = np.clip(painted(EDGE) + stripes, 0, 255).astype(np.uint8)
    clean = Fringes(EDGE).remove(made)
    assert np.abs(clean.astype(int) - made).max() <= 3


def test_what_follows_the_photo_is_no_fringe(random):
    photo, _ = disk()
    slope = np.linspace(0, 40, 256)[:, None, None]
    photo = np.rint(np.clip(photo + slope + random.normal(0, 2, photo.shape), 0, 255)).astype(np.uint8)
    made = np.rint(painted(photo)).astype(np.uint8)
    assert np.abs(Fringes(photo).remove(made).astype(int) - made).max() <= 6


def test_where_outlines_crowd_nothing_changes(random):
    blocks = np.add.outer(np.arange(256) // 8, np.arange(256) // 8) % 2
    photo = (60 + 130 * blocks).astype(np.uint8)[..., None].repeat(3, axis=2)
    made = random.integers(0, 256, photo.shape, dtype=np.uint8)
    np.testing.assert_array_equal(Fringes(photo).remove(made), made)


def test_an_amount_is_a_share_of_what_is_taken_out():
    distance = np.broadcast_to(np.arange(192) - 96, (192, 192))
    made = with_lines(EDGE, distance)
    fringes = Fringes(EDGE)
    assert fringes.remove(made, 0.0) is made
    found = [overshoot(fringes.remove(made, amount)) for amount in (0.0, 0.25, 0.5, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[2] < 0.5 * found[0]


def test_a_photo_without_outlines_leaves_the_painting_alone(random):
    made = random.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    assert Fringes(np.full((64, 80, 3), 128, np.uint8)).remove(made) is made


@pytest.mark.parametrize("size", [(images.MIN_SIDE, images.MIN_SIDE), (images.MIN_SIDE, 333), (47, 61)])
def test_small_and_long_pictures(size, random):
    photo = np.full((*size, 3), 60, np.uint8)
    photo[:, size[1] // 2 :] = 190
    made = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    kept = made.copy()
    clean = Fringes(photo).remove(made)
    assert clean.shape == made.shape
    assert clean.dtype == np.uint8
    np.testing.assert_array_equal(made, kept)  # what came in is as it was
    line = np.abs(np.diff((clean - made.astype(float)) @ LUMA, axis=0))
    assert line.max() < 40  # what was taken out varies little along the outline


def test_tall_pictures_lose_them_as_wide_ones_do():
    photo = np.full((40, 6000, 3), 60, np.uint8)
    photo[20:] = 190
    painted = photo.astype(int)
    painted[24:28] += 30
    wide = Fringes(photo).remove(painted.astype(np.uint8))
    tall = Fringes(photo.swapaxes(0, 1).copy()).remove(painted.astype(np.uint8).swapaxes(0, 1).copy())
    np.testing.assert_array_equal(tall.swapaxes(0, 1), wide)
    assert np.abs(wide[26].astype(int) - 190).mean() < 15
