"""The download of a painting: made once, when it is taken; stopped by a newer wish. Uploads are decoded once."""

import os

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.engine import enlarging, scale
from styleprop.errors import ImageError
from styleprop.server.decoded import Decoded
from styleprop.server.uploads import VARIABLE
from styleprop.ui.widgets.full_size import Shown, _maker
from styleprop.ui.widgets.wish import Wish
from tests.conftest import make_picture


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture
def large(random, monkeypatch, tmp_path):
    """A photo above the canvas' size, and a folder for what is made of it."""
    monkeypatch.setattr(scale, "CANVAS_SIDE", 48)
    monkeypatch.setattr(enlarging, "CORE", 64)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return make_picture(150, 210, random)


def test_the_full_size_is_written_once_and_taken_again(model, large):
    made = []
    shown = Shown(lambda: made.append(1) or model.paint(large, "dusk-red"), "Restyled", "large-dusk-red", "Dusk in red")
    wish = Wish()
    wish.begin()
    path, line, shown = _maker(".png")(shown, wish)
    assert "Restyled 210 × 150 pixels" in line
    assert "with Dusk in red" in line
    assert path.endswith("/large-dusk-red.png")
    np.testing.assert_array_equal(images.load(path).image, model.stylize(large, "dusk-red").array)
    wish.begin()
    assert _maker(".png")(shown, wish)[0] == path
    assert made == [1]
    os.remove(path)  # as the janitor does
    assert _maker(".png")(shown, wish)[0] != path


def test_a_jpeg_is_a_file_of_its_own_beside_the_png(model, large):
    shown = Shown(lambda: model.paint(large, "dusk-red"), "Restyled", "large-dusk-red", "Dusk in red")
    png, _, shown = _maker(".png")(shown, Wish())
    jpeg, _, shown = _maker(".jpg")(shown, Wish())
    assert shown.files == {".png": png, ".jpg": jpeg}
    assert images.load(jpeg).image.shape == large.shape
    assert Image.open(jpeg).format == "JPEG"


def test_a_newer_wish_stops_the_older_and_leaves_what_is_shown(model, large):
    wish, newer = Wish(), Wish()

    def paint():
        wish.begin()  # while the older one runs
        return model.paint(large, "dusk-red")

    wish.begin()
    path, line, shown = _maker(".png")(Shown(paint, "Restyled", "large-dusk-red", "Dusk in red"), wish)
    assert path is None
    assert line == shown == {"__type__": "update"}
    assert not wish.flag.is_set()
    assert not newer.flag.is_set()


def test_a_file_is_decoded_once_as_long_as_it_stays_as_it_is(photo, picture):
    decoded = Decoded()
    first = decoded.load(photo)
    assert decoded.load(photo) is first
    with pytest.raises(ValueError, match="read-only"):
        first.image[0, 0] = 0
    images.save(picture[:40], photo)
    assert decoded.load(photo).image.shape == (40, 104, 3)
    os.remove(photo)
    with pytest.raises((ImageError, OSError)):
        decoded.load(photo)


def test_what_was_used_longest_ago_is_forgotten_and_what_is_too_large_is_not_kept(photo, painting, picture):
    decoded = Decoded(picture.nbytes)
    first = decoded.load(photo)
    decoded.load(painting)
    assert decoded.load(photo) is not first
    assert Decoded(10).load(photo).image.shape == picture.shape


def test_small_pictures_are_counted_as_they_would_never_fill_the_bytes(photo, painting, picture):
    decoded = Decoded(most=1)
    first = decoded.load(photo)
    assert decoded.load(photo) is first
    decoded.load(painting)
    assert decoded.load(photo) is not first
