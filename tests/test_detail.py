import numpy as np
import pytest
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.models.autoencoder import build_autoencoder
from styleprop.training.detail import fit_detail, then_fit_detail, what_is_missed
from styleprop.training.held_out import HeldOutCheck
from styleprop.training.progress import Progress
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
    fit_detail(network, pictures, pictures)
    after, channels = missed(network, pictures), ops.convert_to_numpy(network.decoder.detail.synthesis.kernel)
    assert np.abs(after @ channels.T).max() < 1e-4
    assert np.square(after).mean() < 0.5 * np.square(before).mean()


def test_the_channels_are_orthonormal_and_the_three_layers_agree(network, pictures):
    fit_detail(network, pictures, pictures)
    synthesis = ops.convert_to_numpy(network.decoder.detail.synthesis.kernel)
    np.testing.assert_allclose(synthesis @ synthesis.T, np.eye(len(synthesis)), atol=1e-5)
    for layer in (network.encoder.detail, network.decoder.detail.analysis):
        np.testing.assert_array_equal(ops.convert_to_numpy(layer.kernel).reshape(192, -1), synthesis.T)


def test_a_second_fit_turns_nothing(network, pictures):
    fit_detail(network, pictures, pictures)
    before = ops.convert_to_numpy(network.encoder.detail.kernel)
    fit_detail(network, pictures, pictures)
    after = ops.convert_to_numpy(network.encoder.detail.kernel)
    np.testing.assert_allclose(after, before, atol=0.05)


def test_pictures_count_more_than_the_others(network, pictures, random):
    grey = [np.repeat(picture[..., :1], 3, axis=2) for picture in pictures]
    fit_detail(network, grey, pictures)
    own = np.square(missed(network, grey)).mean()
    fit_detail(network, pictures, grey)
    assert own < np.square(missed(network, grey)).mean()


def test_after_the_last_report_comes_one_of_the_fitted_weights(network, pictures):
    check = HeldOutCheck(network, pictures)
    before, preview = check(WeightAverage(network, 0.9))
    reports = [Progress(step, 2, {"loss": 0.5}, 1.0 * step, before, preview) for step in (1, 2)]
    *passed_on, last = then_fit_detail(iter(reports), network, check, pictures, pictures)
    assert passed_on == reports
    assert (last.step, last.losses) == (2, {"loss": 0.5})
    assert last.seconds > 2.0
    assert last.scores["psnr_db"] > before["psnr_db"] + 1


def test_a_training_that_has_nothing_left_to_do_is_not_fitted(network, pictures):
    assert list(then_fit_detail(iter([]), network, HeldOutCheck(network, pictures), pictures, pictures)) == []
