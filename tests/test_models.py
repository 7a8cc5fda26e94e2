from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from styleprop.config import AutoencoderConfig
from styleprop.errors import CheckpointError
from styleprop.layers import Conv2D, convolution
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.features import load_feature_network
from styleprop.ops import remove_lattice, soften, upsample_2x

CLASSIC = AutoencoderConfig(architecture="classic", filters=(4, 4, 4))
MODULATED = AutoencoderConfig.tiny("modulated")
CONFIGS = pytest.mark.parametrize(
    "config", [AutoencoderConfig.tiny(), MODULATED, CLASSIC], ids=["propagation", "modulated", "classic"]
)


def build(config, seed=1):
    keras.utils.set_random_seed(seed)
    return build_autoencoder(config)


def batch_of(random, count=2, height=16, width=32):
    return random.uniform(-1, 1, (count, height, width, 3)).astype("float32")


@CONFIGS
def test_reconstruction_has_the_shape_of_its_input_at_any_size(config, random):
    network = build(config)
    for height, width in ((16, 16), (16, 48), (48, 32)):
        x = batch_of(random, 1, height, width)
        latent, code = network.encode(x)
        assert latent.shape == (1, height // config.stride, width // config.stride, config.feature_filters[-1])
        assert network.decoder(latent, code).shape == x.shape


@CONFIGS
def test_encoder_and_decoder_called_apart_equal_the_whole(config, random):
    network = build(config)
    x = batch_of(random)
    np.testing.assert_array_equal(network(x), network.decoder(*network.encode(x)))


def test_the_classic_autoencoder_fits_pictures_to_themselves(random):
    network = build(CLASSIC)
    network.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
    x = batch_of(random, 4)
    losses = network.fit(x, x, epochs=8, batch_size=4, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_classic_autoencoder_is_the_textbook_one():
    network = build(AutoencoderConfig.classic())
    convolutions = [(layer.filters, layer.kernel_size) for layer in network.encoder.layers]
    assert convolutions == [(64, (3, 3)), (64, (3, 3))]
    assert ops.max(ops.abs(network(np.full((1, 16, 16, 3), 9.0, "float32")))) <= 1.0


def test_style_code_does_not_depend_on_where_things_are_but_on_colour(random):
    network = build(AutoencoderConfig.tiny())
    x = batch_of(random, 1, 32, 32)
    _, code = network.encode(x)
    _, other = network.encode(0.5 * x)
    assert code.shape == (1, 2 * (4 + 6 + 12))
    assert np.abs(np.asarray(code) - np.asarray(other)).max() > 0.01


def test_propagation_at_strength_one_gives_the_latent_the_styles_statistics(random):
    network = build(AutoencoderConfig.tiny())
    latent, code = network.encode(batch_of(random, 1, 32, 32))
    _, target = network.encode(batch_of(random, 1, 32, 32) * 0.3)
    mixed, mixed_code, moved = network.propagate(latent, code, target)
    np.testing.assert_allclose(mixed_code, target, atol=1e-6)
    np.testing.assert_allclose(moved, target - code, atol=1e-6)
    np.testing.assert_allclose(ops.mean(mixed, axis=(1, 2)), target[:, 20:32], atol=1e-4)
    np.testing.assert_allclose(network.propagate(latent, code, target, 0.0)[0], latent, atol=1e-6)


def test_propagating_its_own_style_changes_nothing(random):
    network = build(AutoencoderConfig.tiny())
    latent, code = network.encode(batch_of(random))
    np.testing.assert_allclose(network.propagate(latent, code, code)[0], latent, atol=1e-5)


def styled(random, seed=3):
    """A tiny network without norms whose styles do scale its weights."""
    network = build(MODULATED, seed)
    for weight in network.decoder.weights:
        if "affine" in weight.path or "rgb" in weight.path:
            weight.assign(random.normal(0, 0.2, weight.shape))
    return network


def test_weights_scaled_for_one_picture_do_what_scaled_features_do_for_several(random):
    network = styled(random)
    latent, code = network.encode(batch_of(random, 2, 32, 32))
    moved = network.propagate(latent, code, code[::-1])
    together = np.asarray(network.decoder(*moved))
    apart = np.concatenate([network.decoder(*[part[i : i + 1] for part in moved]) for i in range(2)])
    assert together.std() > 0.05
    np.testing.assert_allclose(apart, together, atol=1e-4)


def test_without_norms_a_part_of_a_picture_is_decoded_as_in_the_whole(random):
    network = styled(random)
    x = batch_of(random, 1, 32, 512)
    latent, code = network.encode(x)
    whole = network.decoder(latent, code)
    part = network.decoder(latent[:, :, 16:48], code)
    np.testing.assert_allclose(part[:, :, 112:144], whole[:, :, 240:272], atol=1e-4)


def test_a_styles_own_statistics_leave_a_latent_as_it_is_whatever_the_floor(random):
    network = build(replace(MODULATED, floor=0.5))
    latent, code = network.encode(batch_of(random))
    np.testing.assert_allclose(network.propagate(latent, code, code)[0], latent, atol=1e-5)
    faint = np.full((1, 4, 4, 12), 0.5, "float32") + 1e-3 * random.normal(size=(1, 4, 4, 12)).astype("float32")
    target = np.concatenate([code[:1, :20], np.zeros((1, 12)), np.ones((1, 12))], axis=1).astype("float32")
    own = np.concatenate([code[:1, :20], np.full((1, 12), 0.5), np.full((1, 12), 1e-3)], axis=1).astype("float32")
    assert np.asarray(network.propagate(faint, own, target)[0]).std() < 0.01


def test_the_last_layer_is_a_bilinear_enlargement_and_a_convolution(random):
    layer = styled(random).decoder.rgb
    for weight in layer.affine.weights:
        weight.assign(np.zeros(weight.shape))
    x = random.normal(size=(1, 6, 8, 4)).astype("float32")
    expected = ops.conv(upsample_2x(ops.convert_to_tensor(x)), layer.kernel, padding="same")
    found = layer(x, np.zeros((1, 4), "float32"))
    np.testing.assert_allclose(found[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2], atol=1e-5)


def test_a_decoder_without_norms_leaves_no_grid_on_a_flat_picture(random):
    network = styled(random)
    latent, code = network.encode(np.full((1, 64, 64, 3), 0.3, "float32"))
    network.decoder.detail.reach.kernel.assign(np.full(network.decoder.detail.reach.kernel.shape, 1e4))
    painted = np.asarray(network.decoder(*network.propagate(latent, code, code + 0.3)))[0, 16:-16, 16:-16]
    assert painted.std(axis=(0, 1)).max() < 1e-4


def test_decoding_with_the_measured_statistics_equals_measuring_them(random):
    network = build(AutoencoderConfig.tiny())
    latent, code = network.encode(batch_of(random))
    whole, statistics = network.decoder(latent, code, return_statistics=True)
    np.testing.assert_array_equal(network.decoder(latent, code, statistics=statistics), whole)
    assert len(statistics) == 3


@pytest.mark.parametrize("smoothing", ["lattice", "soft"])
def test_a_moved_code_smooths_and_a_reconstruction_keeps_its_pixels(random, smoothing):
    rough, smooth = (build(replace(AutoencoderConfig.tiny(), smoothing=name)) for name in ("none", smoothing))
    smooth.set_weights(rough.get_weights())
    latent, code = rough.encode(batch_of(random, 1, 64, 64))
    np.testing.assert_array_equal(smooth.decoder(latent, code), rough.decoder(latent, code))
    far = np.full((1, 44), 1e3, "float32")
    moved = [network.decoder(latent, code, far) for network in (rough, smooth)]
    expected = remove_lattice(moved[0]) if smoothing == "lattice" else soften(remove_lattice(moved[0]))
    np.testing.assert_allclose(moved[1], expected, rtol=1e-4, atol=1e-4)


def test_detail_in_place_of_its_own_is_exact_for_an_orthonormal_basis(random):
    network = build(AutoencoderConfig.tiny())
    basis = np.linalg.qr(random.normal(size=(192, 4)))[0].astype("float32")
    layer = network.decoder.detail
    layer.set_weights([basis.reshape(8, 8, 3, 4), basis.T, layer.reach.kernel])
    picture, other = batch_of(random, 1), batch_of(random, 1)
    detail, still = layer.analysis(other), np.zeros((1, 44), "float32")
    np.testing.assert_allclose(layer.analysis(layer(picture, detail, still)), detail, atol=1e-5)
    far = np.asarray(layer.analysis(layer(picture, detail, still + 1e3)))
    np.testing.assert_allclose(far, layer.analysis(picture), atol=1e-2)


def test_upsampling_leaves_no_grid_on_a_flat_map(random):
    network = build(AutoencoderConfig.tiny())
    layer = network.decoder.up4
    layer.sharp.set_weights([random.normal(size=layer.sharp.kernel.shape)])
    flat = np.broadcast_to(random.normal(size=8).astype("float32"), (1, 6, 6, 8))
    enlarged = np.asarray(layer(flat))
    assert np.ptp(enlarged, axis=(1, 2)).max() < 1e-5
    assert np.ptp(np.asarray(layer(random.normal(size=(1, 6, 6, 8)))), axis=(1, 2)).max() > 1


@CONFIGS
def test_every_kernel_has_a_finite_gradient(config, random):
    network = build(config)
    before = network.get_weights()
    noise = np.random.default_rng(2)
    network.set_weights([value + noise.normal(0, 0.1, value.shape) for value in before])
    before = network.get_weights()
    network.compile(optimizer=keras.optimizers.SGD(1e-2), loss="mse")
    x = batch_of(random)
    network.train_on_batch(x, x)
    for variable, old, new in zip(network.weights, before, network.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert variable.path.endswith(("bias", "reach/kernel")) or np.any(old != new), variable.path


@CONFIGS
def test_the_same_seed_builds_the_same_network(config):
    for a, b in zip(build(config).get_weights(), build(config).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@CONFIGS
def test_a_network_is_built_by_one_call_of_each_layer(config, monkeypatch):
    called, call = [], Conv2D.call
    monkeypatch.setattr(Conv2D, "call", lambda layer, x: (called.append(layer.path), call(layer, x))[1])
    build_autoencoder(config)
    assert called
    assert len(called) == len(set(called))


def test_slim_and_keras_names_of_one_network_give_the_same_features(tmp_path, random):
    kernel, bias = random.normal(size=(3, 3, 3, 2)).astype("float32"), random.normal(size=2).astype("float32")
    np.savez(tmp_path / "keras.npz", **{"block1_conv1/kernel": kernel, "block1_conv1/bias": bias})
    to_bgr = np.flip(np.eye(3), axis=0)[:, :, None, None].astype("float32") * 255
    means = -np.array([103.939, 116.779, 123.68], "float32")
    slim = {"conv0.weight": to_bgr, "conv0.bias": means}
    np.savez(tmp_path / "slim.npz", **slim, **{"conv11.weight": kernel.transpose(3, 2, 0, 1), "conv11.bias": bias})
    x = batch_of(random, 1, 16, 16)
    maps = [
        np.asarray(load_feature_network(tmp_path / f"{name}.npz")(x, names=("relu1_1",))[0])
        for name in ("keras", "slim")
    ]
    np.testing.assert_allclose(maps[0][:, 1:-1, 1:-1], maps[1][:, 1:-1, 1:-1], atol=1e-3)
    assert maps[0].shape == (1, 16, 16, 2)


def test_a_file_without_convolutions_is_refused_as_features(tmp_path):
    (tmp_path / "text.npz").write_text("no network")
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    for name in ("text.npz", "other.npz", "missing.npz"):
        with pytest.raises(CheckpointError):
            load_feature_network(tmp_path / name)


def test_a_layer_that_is_not_there_is_named(tiny_features):
    with pytest.raises(CheckpointError, match="relu9_1"):
        tiny_features(np.zeros((1, 32, 32, 3), "float32"), names=("relu9_1",))


def test_a_convolution_goes_on_by_the_border_so_a_plain_picture_has_no_frame(random):
    layer = convolution(5, "layer")
    found = np.asarray(layer(np.full((1, 9, 12, 2), 0.7, "float32")))
    assert found.shape == (1, 9, 12, 5)
    np.testing.assert_allclose(found, np.broadcast_to(found[:, :1, :1], found.shape), atol=1e-6)
    halved = convolution(5, "halved", strides=2)
    x = random.normal(size=(1, 8, 12, 2)).astype("float32")
    assert halved(x).shape == (1, 4, 6, 5) == halved.compute_output_shape(x.shape)
    inside = ops.conv(x, halved.kernel, strides=2, padding="same")[:, :-1, :-1]
    np.testing.assert_allclose(np.asarray(halved(x))[:, :-1, :-1], inside, atol=1e-5)
