import numpy as np
import pytest
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.models.autoencoder import build_autoencoder
from styleprop.training.detail import DetailFit, what_is_missed
from styleprop.training.held_out import HeldOutCheck
from styleprop.training.state import WeightAverage
from tests.conftest import make_picture


@pytest.fixture
def network():
    return build_autoencoder(AutoencoderConfig.tiny())


@pytest.fixture
def pictures(random):
    return [make_picture(64, 48, random) for _ in range(3)]


def missed(network, pictures):
    """What the network misses in each 8x8 pixels of all, (N, 192)."""
    return np.concatenate([what_is_missed(network, picture) for picture in pictures])


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


def test_a_fit_is_kept_where_it_is_better_and_not_before_the_training(network, pictures):
    check, average = HeldOutCheck(network, pictures, finish=DetailFit(pictures, pictures)), WeightAverage(network, 0.9)
    before, _ = check(average)
    average.update(1, now=True)
    after, _ = check(average)
    assert after["psnr_db"] > before["psnr_db"] + 1


def test_a_fit_that_makes_it_worse_is_undone(network, pictures):
    def spoil(network):
        network.decoder.detail.synthesis.kernel.assign(100 * network.decoder.detail.synthesis.kernel)

    check, average = HeldOutCheck(network, pictures, finish=spoil), WeightAverage(network, 0.9)
    before, _ = check(average)
    average.update(1, now=True)
    known = [array.copy() for array in network.get_weights()]
    assert check(average)[0] == before
    for ours, theirs in zip(network.get_weights(), known, strict=True):
        np.testing.assert_array_equal(ours, theirs)
