"""The training of one style's code."""

import numpy as np
import pytest

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.training import style_code
from styleprop.training.own_style import read_code
from styleprop.training.style_code import CodePlayer, train_style_code
from styleprop.weights import load_autoencoder
from tests.conftest import make_picture

pytestmark = pytest.mark.usefixtures("eagerly")
SIDE = 64


@pytest.fixture
def network(tiny_checkpoint):
    return load_autoencoder(find_checkpoint(tiny_checkpoint))


@pytest.fixture
def style(random):
    return 255 - make_picture(80, 60, random)


@pytest.fixture
def photos(random):
    return [make_picture(72, 104, random) for _ in range(3)]


def test_a_code_comes_nearer_to_its_style_and_the_network_stays_as_it_is(network, tiny_features, style, photos):
    before = network.get_weights()
    read = read_code(network, style, SIDE)
    made = train_style_code(network, tiny_features, style, photos, SIDE, steps=25)
    assert made.shape == read.shape
    assert made.dtype == np.float32
    seen = images.resize_to_area(style, SIDE**2)
    batch = images.to_batch(images.center_square(photos[0], SIDE))

    def loss(code):
        player = CodePlayer(network, tiny_features, seen, code)
        return float(player.compute_loss(batch, None, player(batch)))

    assert loss(made) < 0.97 * loss(read)
    for one, other in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_part_of_the_way_is_kept_and_no_step_is_what_is_read(network, tiny_features, style, photos, monkeypatch):
    read = read_code(network, style, SIDE)
    np.testing.assert_array_equal(train_style_code(network, tiny_features, style, photos, SIDE, steps=0), read)
    kept = train_style_code(network, tiny_features, style, photos, SIDE, steps=3)
    monkeypatch.setattr(style_code, "KEPT", 1.0)
    whole = train_style_code(network, tiny_features, style, photos, SIDE, steps=3)
    assert np.abs(whole - read).max() > 1e-3
    np.testing.assert_allclose(kept - read, 0.8 * (whole - read), atol=1e-5)
