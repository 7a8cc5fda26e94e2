"""Calm skies: what hardly varies is smooth before it is painted, and nothing else is."""

import numpy as np
import pytest

from styleprop.areas import local_deviation
from styleprop.engine import Styleprop
from styleprop.engine.calm import calm
from styleprop.engine.canvas import WholeCanvas


def grey(levels):
    return np.broadcast_to(levels[..., None], (*levels.shape, 3)).copy()


def night(random):
    """A black sky as JPEG keeps it, squares of 8 pixels of 0 and 1, above a row of lights; uint8 (256, 256, 3)."""
    squares = random.integers(0, 2, (32, 32), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    squares[192:] = 255 * (np.arange(256) // 16 % 2)
    return grey(squares)


def test_squares_of_one_grey_level_all_but_vanish(random):
    picture = night(random)
    found = calm(picture)
    assert np.abs(np.diff(found[:160, :, 0], axis=1)).max() < 0.25
    assert abs(found[:160].mean() - picture[:160].mean()) < 0.05


@pytest.mark.parametrize(("noise", "kept"), [(0.7, 0.2), (1.4, 0.5), (2.0, 2 / 3), (8.0, 32 / 33)])
def test_of_noise_there_stays_its_variance_over_that_and_two(noise, kept, random):
    picture = np.rint(random.normal(120, noise, (128, 128))).astype(np.uint8)
    found = calm(grey(picture))[..., 0]
    variance = noise**2 + 1 / 12  # of rounding
    assert found.std() / picture.std() == pytest.approx(variance / (variance + 2), abs=0.04)
    assert variance / (variance + 2) == pytest.approx(kept, abs=0.03)


def test_an_outline_and_what_lies_beside_it_stay(random):
    picture = grey(np.where(np.arange(128) < 64, 60, 180).astype(np.uint8)[None].repeat(128, axis=0))
    np.testing.assert_allclose(calm(picture), picture, atol=0.25)


@pytest.mark.parametrize("value", [0, 1, 254, 255])
def test_a_plain_picture_keeps_its_value(value):
    picture = np.full((37, 50, 3), value, np.uint8)
    np.testing.assert_allclose(calm(picture), picture, atol=1e-3)


def test_a_part_comes_out_as_of_the_whole(random):
    picture = (random.integers(0, 3, (200, 240, 3)) + 100 * (np.arange(240) > 130)[None, :, None]).astype(np.uint8)
    part = calm(picture[40:160, 60:200])[24:-24, 24:-24]
    np.testing.assert_allclose(part, calm(picture)[64:136, 84:176], atol=0.01)


@pytest.mark.parametrize("style", ["great-wave", "starry-night"])
def test_a_black_sky_is_painted_without_the_squares_of_its_file(style, random):
    model, picture = Styleprop.from_pretrained(), night(random)
    target = model.stylist.code([(model.stylist.open(style), 1.0)], 256)
    squares, none = (
        local_deviation(WholeCanvas(model.networks, picture, calmed=calmed).paint(target, 1.0, 0.0)[32:128, 32:-32])
        for calmed in (False, True)
    )
    assert none.mean() < 0.3 * squares.mean()
    painted = model.stylize(picture, style).array[32:128, 32:-32]
    assert local_deviation(painted).mean() < 0.3 * squares.mean()


def test_a_reconstruction_shows_the_squares(random):
    picture = night(random)
    model = Styleprop.from_pretrained()
    rows = np.s_[32:128, 32:-32]
    assert local_deviation(model.reconstruct(picture).array[rows]).mean() > 0.2
    np.testing.assert_array_equal(model.stylize(picture, "galette", strength=0, detail=1).array, picture)
