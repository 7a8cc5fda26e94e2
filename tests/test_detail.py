import numpy as np
import pytest
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.data import CropSampler
from styleprop.models.autoencoder import build_autoencoder
from styleprop.ops import space_to_depth
from styleprop.training.detail import CROP, CROPS, DetailFit
from styleprop.training.held_out import HeldOutCheck
from styleprop.training.state import WeightAverage
from tests.conftest import make_picture


@pytest.fixture
def network():
    return build_autoencoder(AutoencoderConfig.tiny())


@pytest.fixture
def pictures(random):
    return [make_picture(160, 144, random) for _ in range(3)]


def missed(network, pictures):
    """What the network misses in each 8x8 pixels of the crops that a fit looks at, (N, 192)."""
    batch = CropSampler(pictures, CROP, 0).batch(0, CROPS)
    return ops.convert_to_numpy(space_to_depth(batch - network(batch), 8)).reshape(-1, 192)


def test_what_the_fitted_channels_hold_is_not_missed_any_more(network, pictures):
    before = missed(network, pictures)
    DetailFit(pictures, pictures)(network)
    after, channels = missed(network, pictures), ops.convert_to_numpy(network.decoder.detail.synthesis.kernel)
    assert np.abs(after @ channels.T).max() < 1e-4
    assert np.square(after).mean() < 0.5 * np.square(before).mean()


def test_the_channels_are_orthonormal_and_the_three_layers_agree(network, pictures):
    DetailFit(pictures, pictures)(network)
    synthesis = ops.convert_to_numpy(network.decoder.detail.synthesis.kernel)
    np.testing.assert_allclose(synthesis @ synthesis.T, np.eye(len(synthesis)), atol=1e-5)
    for layer in (network.encoder.detail, network.decoder.detail.analysis):
        np.testing.assert_array_equal(ops.convert_to_numpy(layer.kernel).reshape(192, -1), synthesis.T)


def test_a_second_fit_turns_nothing(network, pictures):
    fit = DetailFit(pictures, pictures)
    fit(network)
    before = ops.convert_to_numpy(network.encoder.detail.kernel)
    fit(network)
    after = ops.convert_to_numpy(network.encoder.detail.kernel)
    np.testing.assert_allclose(after, before, atol=0.05)


def test_pictures_count_more_than_the_others(network, pictures, random):
    grey = [np.repeat(picture[..., :1], 3, axis=2) for picture in pictures]
    DetailFit(grey, pictures)(network)
    own = np.square(missed(network, grey)).mean()
    DetailFit(pictures, grey)(network)
    assert own < np.square(missed(network, grey)).mean()


def test_untouched_weights_are_looked_at_as_they_are(network, pictures):
    finished = []
    check = HeldOutCheck(network, pictures, finish=finished.append)
    average = WeightAverage(network, 0.9)
    check(average)
    assert finished == []
    average.update(1, now=True)
    check(average)
    assert finished == [network]
