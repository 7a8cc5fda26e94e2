import keras
import numpy as np
import pytest

from styleprop import losses


@pytest.fixture
def maps(random):
    return [random.uniform(0, 1, (2, 8, 8, 4)).astype("float32") for _ in range(2)]


def value(tensor):
    return float(keras.ops.convert_to_numpy(tensor))


def test_reconstruction_loss_of_a_constant_error_is_its_size_plus_its_square(maps):
    assert value(losses.reconstruction_loss(maps[0], maps[0] + 0.5)) == pytest.approx(0.75)


@pytest.mark.parametrize("loss", [losses.content_loss, losses.appearance_loss, losses.style_loss])
def test_feature_losses_vanish_for_equal_maps_and_not_for_others(loss, maps):
    others = [x[:, ::-1] ** 2 for x in maps]
    assert value(loss(maps, maps)) == pytest.approx(0.0, abs=2e-3)
    assert value(loss(maps, others)) > 0.05


def test_content_loss_ignores_contrast_and_brightness(maps):
    assert value(losses.content_loss([3 * x + 1 for x in maps], maps)) == pytest.approx(0.0, abs=1e-4)


def test_content_loss_of_a_negative_is_four_per_map_and_half_for_the_first(maps):
    assert value(losses.content_loss([-x for x in maps], maps)) == pytest.approx(6.0, rel=1e-3)


def test_appearance_loss_of_orthogonal_features_is_two():
    x, y = np.zeros((1, 2, 2, 2), "float32"), np.zeros((1, 2, 2, 2), "float32")
    x[..., 0], y[..., 1] = 1, 5
    assert value(losses.appearance_loss([x], [y])) == pytest.approx(2.0, rel=1e-4)


def test_style_loss_ignores_where_things_are(maps):
    assert value(losses.style_loss([x[:, ::-1, ::-1] for x in maps], maps)) == pytest.approx(0.0, abs=2e-3)


def test_style_loss_of_black_against_anything_is_two(maps):
    assert value(losses.style_loss([0 * x for x in maps], maps)) == pytest.approx(2.0, rel=0.02)


def test_color_loss_of_two_flat_pictures_is_the_squared_distance_of_their_colours():
    x, y = np.zeros((1, 4, 4, 3), "float32"), np.full((1, 4, 4, 3), 0.5, "float32")
    assert value(losses.color_loss(x, y)) == pytest.approx(0.75, abs=2e-3)


def test_total_variation_of_a_checkerboard_is_twice_its_step():
    rows, columns = np.mgrid[0:6, 0:6]
    board = np.where((rows + columns) % 2, 0.5, -0.5).astype("float32")[None, :, :, None]
    assert value(losses.total_variation_loss(board)) == pytest.approx(2.0)


def test_texture_loss_sees_the_period_of_a_weave_but_not_its_contrast_or_place():
    columns = np.arange(52)  # 48 without the margins
    waves = {period: np.sin(2 * np.pi * columns / period) for period in (4, 6)}
    four, six = (
        np.broadcast_to(wave[None, None, :, None], (1, 52, 52, 3)).astype("float32") for wave in waves.values()
    )
    assert value(losses.texture_loss(four, 0.5 * np.roll(four, 3, axis=2))) == pytest.approx(0.0, abs=1e-5)
    lags = np.r_[0:9, -8:0]
    expected = np.mean((np.cos(2 * np.pi * lags / 4) - np.cos(2 * np.pi * lags / 6)) ** 2)
    assert value(losses.texture_loss(four, six)) == pytest.approx(expected, rel=0.1)


def test_a_lattice_is_what_repeats_over_a_few_periods(random):
    _, columns = np.mgrid[0:48, 0:48]
    weave = (0.2 * np.cos(np.pi * columns / 2))[None, :, :, None]  # 0.2, 0, -0.2, 0
    assert value(losses.lattice_loss(weave)) == pytest.approx(0.12)  # less its 5-pixel means, 0.24, 0, -0.24, 0
    noise = random.choice([-0.2, 0.2], (1, 48, 48, 1))
    assert value(losses.lattice_loss(noise)) < 0.04  # 25 periods that do not agree
    ramp = np.broadcast_to(0.01 * columns[None, :, :, None], (1, 48, 48, 1))
    assert value(losses.lattice_loss(ramp)) == pytest.approx(0.0, abs=1e-5)


def test_grain_is_what_alternates_from_pixel_to_pixel_and_not_what_is_even():
    rows, columns = np.mgrid[0:8, 0:8]
    board = (0.2 * (-1.0) ** (rows + columns))[None, :, :, None].repeat(3, axis=3)
    assert float(losses.grain_loss(board)) == pytest.approx(0.2, rel=0.02)  # less in the corners
    assert float(losses.grain_loss(np.full((1, 8, 8, 3), 0.7))) == pytest.approx(0.0, abs=1e-6)
    ramp = np.broadcast_to(0.01 * columns[None, :, :, None], (1, 8, 8, 3))
    assert float(losses.grain_loss(ramp)) < 0.001  # of its two border columns


def test_self_similarity_does_not_mind_other_features_but_another_order(random):
    x = random.uniform(0, 1, (1, 8, 8, 4)).astype("float32")
    turned = x @ np.linalg.qr(random.normal(size=(4, 4)))[0].astype("float32")
    assert value(losses.self_similarity_loss([turned], [x])) == pytest.approx(0.0, abs=1e-4)
    assert value(losses.self_similarity_loss([x[:, ::-1, ::-1]], [x])) > 0.1


def test_tone_loss_minds_where_light_is_and_not_how_much(random):
    x = np.repeat(np.repeat(random.uniform(-1, 1, (1, 4, 4, 1)), 16, 1), 16, 2).repeat(3, -1).astype("float32")
    assert value(losses.tone_loss(0.7 * x + 0.1, x)) < 0.02
    assert value(losses.tone_loss(-x, x)) > 1.0


def test_halo_loss_sees_a_glow_round_a_shape_and_no_shade_that_was_there():
    rows, columns = np.mgrid[:192, :192]
    distance = (np.hypot(rows - 96, columns - 96) - 16).astype("float32")[None, ..., None]
    scene = np.where(distance > 0, 0.5 + columns[None, ..., None] / 1000, -0.7).repeat(3, -1).astype("float32")
    glow = scene + 0.3 * np.logical_and(distance > 2, distance < 40)
    assert value(losses.halo_loss(0 * scene + scene - 0.2, scene, distance)) == pytest.approx(0.0, abs=1e-5)
    assert value(losses.halo_loss(glow, scene, distance)) == pytest.approx(0.09, rel=0.02)
    assert value(losses.halo_loss(glow, scene, distance - 150)) == 0.0  # no sky far from it: nothing is known


def test_overshoot_loss_sees_lines_along_an_outline_and_no_stroke_across_it():
    columns = np.mgrid[:192, :192][1]
    distance = (columns - 95.5).astype("float32")[None, ..., None]
    scene = np.where(distance > 0, 0.3, -0.3).repeat(3, -1).astype("float32")
    line = scene + 0.4 * np.logical_and(distance > 2, distance < 4)
    between = scene - 0.4 * np.logical_and(distance > 2, distance < 4)  # as a soft outline has it
    bands = 2 * (len(losses.OVERSHOOT_BANDS) - 1)
    assert value(losses.overshoot_loss(scene, scene, distance)) == 0.0
    assert value(losses.overshoot_loss(line, scene, distance)) == pytest.approx(0.16 / bands, rel=0.05)
    assert value(losses.overshoot_loss(line, line, distance)) == 0.0  # it was there
    assert value(losses.overshoot_loss(-line, -scene, distance)) == pytest.approx(0.16 / bands, rel=0.05)
    assert value(losses.overshoot_loss(between, scene, distance)) == 0.0
    across = scene + 0.4 * np.sign(np.sin(np.mgrid[:192, :192][0] * np.pi / 4 + 0.1))[None, ..., None]
    assert value(losses.overshoot_loss(across.astype("float32"), scene, distance)) < 1e-4
    assert value(losses.overshoot_loss(line, scene, distance - 150)) == 0.0  # no side that is known


def test_calm_loss_lets_strokes_be_and_minds_grain(random):
    distance = np.full((1, 64, 64, 1), 50.0, "float32")
    strokes = np.repeat(np.repeat(random.normal(0, 0.3, (1, 8, 8, 3)), 8, 1), 8, 2).astype("float32")
    grain = random.normal(0, 0.3, (1, 64, 64, 3)).astype("float32")
    flat = np.zeros_like(grain)
    assert value(losses.calm_loss(flat, strokes, distance)) == pytest.approx(0.0, abs=1e-5)
    assert value(losses.calm_loss(0.4 * strokes, strokes, distance)) < 0.3
    assert value(losses.calm_loss(0.4 * grain, strokes, distance)) > 0.5
    assert value(losses.calm_loss(strokes, strokes, -distance)) == 0.0  # inside shapes anything may be
