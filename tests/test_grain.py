"""Style pictures are read without the grain of a scan."""

import cv2
import numpy as np
import pytest

from styleprop import images
from styleprop.engine.canvas import encode
from styleprop.grain import MOST, SIDE, grain_share, read_style
from styleprop.training.own_style import read_code
from styleprop.weights import load_autoencoder


def strokes(side, width):
    """Slanting strokes of some pixels' width, uint8 (side, side, 3)."""
    rows, columns = np.mgrid[:side, :side]
    wave = np.sin((rows + 0.6 * columns) * np.pi / width)
    return np.rint(128 + 90 * wave[..., None] * [1.0, 0.8, 0.6]).astype(np.uint8)


def noisy(picture, deviation, random):
    return np.rint(np.clip(picture + random.normal(0, deviation, picture.shape), 0, 255)).astype(np.uint8)


def share(picture):
    return grain_share(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


@pytest.fixture
def scan(random):
    return noisy(strokes(SIDE, 12), 40.0, random)


def test_grain_is_a_share_of_the_texture(random):
    flat = np.full((200, 200, 3), 128, np.uint8)
    assert share(flat) == 0
    assert share(noisy(flat, 20.0, random)) == pytest.approx(np.sqrt((1 - 1 / 9) / (1 - 1 / 289)), abs=0.02)
    assert share(strokes(200, 12)) < 0.1


def test_a_scans_grain_goes_and_its_strokes_stay(scan):
    clean, read = strokes(SIDE, 12), read_style(scan, SIDE)
    assert share(scan) > MOST
    assert share(read) == pytest.approx(MOST, abs=0.02)
    away = [np.abs(picture.astype(float) - clean).mean() for picture in (scan, read)]
    assert away[1] < 0.65 * away[0]


@pytest.mark.parametrize("side", [192, 384, SIDE, 1000])
def test_a_picture_without_grain_is_read_as_it_is(side):
    picture = strokes(500, 12)
    np.testing.assert_array_equal(read_style(picture, side), images.resize_to_area(picture, side**2))


def test_grain_is_looked_for_at_the_canvas_scale_whatever_is_read(scan):
    clean = read_style(scan, SIDE)
    np.testing.assert_array_equal(read_style(scan, 384), images.resize_to_area(clean, 384**2))


def test_a_small_picture_has_less_grain_too(random):
    small = noisy(strokes(384, 6), 130.0, random)
    enlarged = share(images.resize_to_area(small, SIDE**2))
    assert enlarged > MOST
    assert share(read_style(small, SIDE)) < enlarged - 0.3 * (enlarged - MOST)


def test_thin_lines_stay():
    lines = np.full((SIDE, SIDE, 3), 240, np.uint8)
    lines[::3] = 20
    read = read_style(lines, SIDE).astype(int)
    assert np.ptp(read[300:420].mean(axis=(1, 2))) > 40


def test_app_and_trainings_read_a_style_so(scan, tiny_model, tiny_checkpoint):
    clean = read_style(scan, SIDE)
    assert (clean != scan).any()
    wanted = encode(tiny_model.networks, clean).code
    read = tiny_model.stylist.encode(scan, SIDE)
    np.testing.assert_array_equal(read, wanted)
    np.testing.assert_allclose(read_code(load_autoencoder(tiny_model.checkpoint), scan, SIDE), wanted, atol=1e-5)
