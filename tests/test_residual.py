import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from styleprop import images
from styleprop.areas import lattice
from styleprop.checkpoints import save_checkpoint
from styleprop.config import AutoencoderConfig, CycleGANConfig
from styleprop.data import noisy_gradients
from styleprop.errors import SettingsError
from styleprop.layers import StandardizedConv2D
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.cyclegan import CycleGAN, build_cyclegan
from styleprop.ops import halve, upsample_2x
from styleprop.training.state import WeightAverage
from styleprop.training.translation_check import TranslationCheck
from styleprop.weights import load_cyclegan
from tests.conftest import make_picture

TINY = AutoencoderConfig(architecture="residual", filters=(4, 6, 8), decoder_blocks=(0, 0, 2), normalization="weights")
MARGIN = 64  # more than the network sees beside a pixel


def shaken(network, seed=4):
    """Give every weight some effect."""
    noise = np.random.default_rng(seed)
    network.set_weights([value + noise.normal(0, 0.2, value.shape) for value in network.get_weights()])
    return network


def batch_of(random, height=32, width=48):
    return random.uniform(-1, 1, (1, height, width, 3)).astype("float32")


def test_standardised_filters_have_mean_0_and_the_length_of_their_gain(random):
    layer = StandardizedConv2D(5, 3, gain=1.5)
    x = random.normal(0, 1, (1, 64, 64, 16)).astype("float32")
    y = np.asarray(layer(x))
    assert y.std() == pytest.approx(1.5, rel=0.05)  # whatever length the kernel has
    layer.kernel.assign(7.0 * layer.kernel + 3.0)
    np.testing.assert_allclose(layer(x), y, atol=1e-3)
    np.testing.assert_allclose(layer(x + 2.0), y, atol=1e-3)
    layer.gain.assign(np.zeros(5, "float32"))
    assert float(ops.max(ops.abs(layer(x)))) == 0.0


def test_a_new_painter_gives_the_enlarged_means_of_the_picture(random):
    x = batch_of(random)
    expected = upsample_2x(upsample_2x(halve(halve(x))))
    np.testing.assert_allclose(build_autoencoder(TINY)(x), expected, atol=1e-6)


def test_what_is_flat_stays_flat_whatever_the_weights(random):
    network = shaken(build_autoencoder(TINY))
    flat = np.broadcast_to(random.uniform(-1, 1, 3).astype("float32"), (1, 40, 64, 3))
    made = np.asarray(network(flat))
    assert np.abs(made - made[0, 0, 0]).max() < 1e-5
    assert np.abs(made - flat).max() > 0.01


def test_faint_noise_stays_faint_where_an_instance_norm_brings_it_to_full_strength(random):
    noisy = (0.3 + 0.01 * random.normal(size=(1, 64, 64, 3))).astype("float32")
    found = []
    for normalization in ("weights", "instance"):
        keras.utils.set_random_seed(1)
        network = shaken(build_autoencoder(dataclasses.replace(TINY, normalization=normalization)))
        found.append(float(np.asarray(network(noisy))[0, 16:-16, 16:-16].std(axis=(0, 1)).mean()))
    assert found[0] < 0.05
    assert found[1] > 5 * found[0]


def test_a_part_of_a_picture_is_painted_as_in_the_whole(random):
    network = shaken(build_autoencoder(TINY))
    x = batch_of(random, 32, 256)
    part = np.asarray(network(x[:, :, :192]))[:, :, : 192 - MARGIN]
    np.testing.assert_allclose(np.asarray(network(x))[:, :, : 192 - MARGIN], part, atol=1e-4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_lattice_is_left_in_translated_gradients(seed):
    network = shaken(build_autoencoder(TINY), seed)
    made = np.asarray(network(noisy_gradients(4, 128, seed=seed, noise=(1.0, 3.0))))
    assert lattice(list(127.5 * made + 127.5)) < 1.5


def test_a_painter_comes_back_from_its_checkpoint_gains_and_both_scales_included(tmp_path, random):
    config = CycleGANConfig(TINY, 0.0, 4, discriminator_scales=2, canvas_side=96)
    keras.utils.set_random_seed(1)
    cyclegan = shaken(build_cyclegan(config))
    found = load_cyclegan(save_checkpoint(tmp_path / "painter", cyclegan))
    assert found.config == config
    x = batch_of(random)
    np.testing.assert_allclose(found.generator_ab(x), cyclegan.generator_ab(x), atol=2e-2)
    for a, b in zip(found.discriminator_a(x), cyclegan.discriminator_a(x), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-2)


def test_the_domains_network_keeps_within_nine_megabytes_in_half_precision():
    cyclegan: CycleGAN = build_cyclegan(CycleGANConfig.painter())
    assert 2 * sum(part.count_params() for part in cyclegan.parts.values()) < 8.7e6


def test_settings_out_of_range_are_refused_in_a_sentence():
    with pytest.raises(SettingsError, match="normalization must be one of instance, weights"):
        AutoencoderConfig(normalization="batch")
    with pytest.raises(SettingsError, match="discriminator_scales must be 1 to 3"):
        CycleGANConfig(discriminator_scales=4)
    with pytest.raises(SettingsError, match="canvas_side must be 0 or a whole number"):
        CycleGANConfig(canvas_side=30)


def test_a_check_paints_at_the_domains_scale_as_the_app_does(random):
    config = CycleGANConfig(TINY, 0.0, 4, canvas_side=96)
    network, photo = build_cyclegan(config), make_picture(64, 64, random)
    painted, _ = TranslationCheck(network, [photo], [photo]).look(WeightAverage(network, 0.5))
    enlarged = images.to_batch(images.resize(photo, 96, 96))
    expected = images.resize(images.from_batch(np.asarray(network.generator_ab(enlarged))), 64, 64)
    np.testing.assert_allclose(painted[0].astype(int), expected, atol=1)
