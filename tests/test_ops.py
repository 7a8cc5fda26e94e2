import keras
import numpy as np
import pytest

from styleprop import ops


def checkerboard(low, high, size=4):
    rows, columns = np.mgrid[0:size, 0:size]
    return np.where((rows + columns) % 2, high, low).astype("float32")[None, :, :, None]


def test_statistics_of_a_checkerboard_are_its_mean_and_half_range():
    mean, std = ops.channel_statistics(checkerboard(-1.0, 3.0), epsilon=0.0)
    assert np.asarray(mean).item() == pytest.approx(1.0)
    assert np.asarray(std).item() == pytest.approx(2.0)


def test_adain_output_has_the_styles_statistics(random):
    x = random.normal(3, 2, (2, 12, 9, 5)).astype("float32")
    mean = random.normal(size=(2, 1, 1, 5)).astype("float32")
    std = random.uniform(0.5, 2, (2, 1, 1, 5)).astype("float32")
    moved = ops.adain(x, *ops.channel_statistics(x), mean, std)
    found_mean, found_std = ops.channel_statistics(moved)
    np.testing.assert_allclose(found_mean, mean, atol=1e-5)
    np.testing.assert_allclose(found_std, std, atol=1e-4)


def test_splitting_a_style_code_gives_back_the_statistics(random):
    maps = [random.normal(size=(2, 8 // scale, 8 // scale, 3 * scale)).astype("float32") for scale in (1, 2, 4)]
    code = ops.style_code(maps)
    assert code.shape == (2, 2 * (3 + 6 + 12))
    for x, (mean, std) in zip(maps, ops.split_code(code, (3, 6, 12)), strict=True):
        expected_mean, expected_std = ops.channel_statistics(x)
        np.testing.assert_array_equal(mean, expected_mean)
        np.testing.assert_array_equal(std, expected_std)


def test_gram_matrix_of_two_constant_channels_is_their_products():
    x = np.stack([np.full((1, 3, 5), 2.0), np.full((1, 3, 5), -1.0)], axis=-1)
    np.testing.assert_allclose(ops.gram_matrix(x), [[[4, -2], [-2, 1]]])


def test_space_to_depth_orders_row_then_column_then_colour_and_depth_to_space_undoes_it(random):
    x = np.arange(2 * 2 * 3, dtype="float32").reshape(1, 2, 2, 3)
    depth = np.arange(12, dtype="float32").reshape(1, 1, 1, 12)
    np.testing.assert_array_equal(keras.ops.space_to_depth(x, 2), depth)
    np.testing.assert_array_equal(keras.ops.depth_to_space(depth, 2), x)


def test_upsampling_equals_keras_own_bilinear_resize(random):
    x = random.normal(size=(2, 5, 7, 3)).astype("float32")
    expected = keras.ops.image.resize(x, (10, 14), interpolation="bilinear")
    np.testing.assert_allclose(ops.upsample_2x(x), expected, atol=1e-6)


def test_halving_averages_two_by_two():
    np.testing.assert_allclose(ops.halve(checkerboard(0.0, 1.0)), np.full((1, 2, 2, 1), 0.5))


def test_what_repeats_every_eight_pixels_goes_and_a_gradient_stays(random):
    rows, columns = np.mgrid[0:64, 0:80].astype("float32")
    gradient = np.stack([rows / 64, columns / 80 - rows / 90, 0 * rows], axis=-1)[None]
    pattern = random.normal(size=(8, 8, 3)).astype("float32")
    pattern = 0.02 * (pattern - pattern.mean(axis=(0, 1)))
    marked = gradient + np.tile(pattern, (8, 10, 1))
    np.testing.assert_allclose(ops.remove_lattice(marked), gradient, atol=1e-3)
    half = gradient + 0.5 * np.tile(pattern, (8, 10, 1))
    np.testing.assert_allclose(ops.remove_lattice(marked, 0.5), half, atol=1e-3)


def test_a_texture_that_does_not_repeat_is_kept(random):
    noise = random.normal(size=(1, 128, 128, 3)).astype("float32")
    lost = np.asarray(ops.remove_lattice(noise))[:, 24:-24, 24:-24] - noise[:, 24:-24, 24:-24]
    assert np.square(lost).mean() < 1.2 / 25


def test_what_repeats_goes_from_a_busy_texture_too(random):
    pattern = random.normal(size=(8, 8, 3)).astype("float32")
    pattern = np.tile(0.1 * (pattern - pattern.mean(axis=(0, 1))), (1, 16, 16, 1))
    left = np.asarray(ops.remove_lattice(pattern + random.normal(0, 0.8, pattern.shape).astype("float32")))
    share = np.sum(left * pattern) / np.sum(np.square(pattern))
    assert share < 0.2


def test_an_outline_leaves_no_echo():
    mast = np.full((1, 64, 96, 3), -0.4, "float32")
    mast[:, :, 50:52] = 0.8
    np.testing.assert_allclose(ops.remove_lattice(mast), mast, atol=0.007)  # of 1.2; a plain average: 0.19


def test_softening_leaves_nothing_of_a_checkerboard_and_all_of_a_plain():
    board = checkerboard(-1.0, 1.0, 8)
    soft = np.asarray(ops.soften(board))
    np.testing.assert_allclose(soft[:, 1:-1, 1:-1], 0.0, atol=1e-6)
    np.testing.assert_allclose(ops.soften(board, 0.0), board)
    np.testing.assert_allclose(ops.soften(np.full((1, 5, 7, 3), 0.3, "float32")), 0.3, atol=1e-6)
