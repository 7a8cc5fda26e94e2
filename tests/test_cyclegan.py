import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from styleprop import images
from styleprop.config import ADVERSARIAL_LOSSES, AutoencoderConfig, CycleGANConfig, CycleGANTrainingConfig
from styleprop.data import is_held_out
from styleprop.errors import SettingsError, TrainingError
from styleprop.losses import grid_loss
from styleprop.metrics import domain_features, frechet_distance
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.cyclegan import Discriminator, build_cyclegan, build_generator
from styleprop.training.cyclegan import CycleGANTrainer, train_cyclegan
from styleprop.training.domain_styles import even_out, medoids, not_tinted, set_domain_styles, set_styles
from styleprop.training.fake_pool import FakePool
from styleprop.training.plan import plan_training
from styleprop.training.players import LOSSES, PIXEL_LAYERS, GeneratorPlayer
from styleprop.training.runs import split_domain
from styleprop.translation_losses import (
    adversarial_loss,
    contrastive_loss,
    cycle_consistency_loss,
    identity_loss,
    palette_loss,
)
from tools.average import average

pytestmark = pytest.mark.usefixtures("eagerly")

RESIDUAL = CycleGANConfig(
    AutoencoderConfig(architecture="residual", filters=(4, 4, 8), decoder_blocks=(0, 0, 2)), 0.0, 4
)
PAINTER = dataclasses.replace(
    RESIDUAL, autoencoder=dataclasses.replace(RESIDUAL.autoencoder, normalization="weights"), discriminator_scales=2
)
CONFIGS = pytest.mark.parametrize(
    "config", [CycleGANConfig.tiny(), RESIDUAL, PAINTER], ids=["propagation", "residual", "painter"]
)
TRAINING = CycleGANTrainingConfig(total_steps=4, batch_size=2, crop_size=32, lead_steps=1, pool_size=4)


def build(config=None, seed=1):
    """A CycleGAN whose every weight has some effect."""
    keras.utils.set_random_seed(seed)
    cyclegan = build_cyclegan(config or CycleGANConfig.tiny())
    noise = np.random.default_rng(seed)
    cyclegan.set_weights([value + noise.normal(0, 0.05, value.shape) for value in cyclegan.get_weights()])
    return cyclegan


def pictures(seed, count=5):
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (40, 48, 3)).astype("uint8") for _ in range(count)]


def training(cyclegan, folder=None, config=TRAINING, **options):
    return train_cyclegan(cyclegan, pictures(1), pictures(2), config, folder=folder, **{"report_every": 1, **options})


# --- networks ---


@CONFIGS
def test_a_translation_and_its_scores_have_the_shapes_of_their_picture(config, random):
    cyclegan = build(config)
    for height, width in ((32, 48), (64, 32)):
        batch = random.uniform(-1, 1, (2, height, width, 3)).astype("float32")
        assert cyclegan.generator_ab(batch).shape == batch.shape
        assert cyclegan(batch).shape == batch.shape
        scores = cyclegan.discriminator_b(batch)
        assert [x.shape[1:3] for x in scores] == [(height // 8, width // 8), (height // 16, width // 16)][: len(scores)]
        assert len(scores) == config.discriminator_scales


def test_at_strength_0_a_generator_is_its_autoencoder(random):
    config = dataclasses.replace(CycleGANConfig.tiny(), strength=0.0)
    generator = build_generator(config, "generator_ab")
    batch = random.uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(generator(batch), generator.autoencoder(batch), atol=1e-6)


def test_a_generator_propagates_its_style(random):
    generator = build(CycleGANConfig.tiny()).generator_ab
    batch = random.uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    network = generator.autoencoder
    latent, code = network.encode(batch)
    expected = network.decoder(*network.propagate(latent, code, generator.style, 0.5))
    np.testing.assert_allclose(generator(batch), expected, atol=1e-6)


def test_a_discriminator_judges_patches_of_70_pixels():
    field = 1
    for layer in reversed([*Discriminator(4).hidden, Discriminator(4).score]):
        field = (field - 1) * layer.strides[0] + layer.kernel_size[0]
    assert field == 70


def test_the_papers_generator_has_nine_blocks_and_eleven_million_parameters():
    network = build_autoencoder(CycleGANConfig.paper().autoencoder)
    assert len(network.decoder.blocks) == 9
    assert 11.3e6 < network.count_params() < 11.5e6
    assert ops.max(ops.abs(network(np.full((1, 16, 16, 3), 9.0, "float32")))) <= 1.0


def test_a_new_domain_gets_the_painter_and_its_recipe_and_one_with_a_start_what_it_starts_from(tmp_path, tiny_cyclegan):
    data = {"content": ["photos"], "style": ["paintings"]}
    new = plan_training(tmp_path, "cyclegan", data=data)
    assert new.model == CycleGANConfig.painter()
    assert new.training == CycleGANTrainingConfig.painter()
    assert plan_training(tmp_path, "cyclegan", data=data, training={"seed": 3}).training.palette_weight > 0
    old = plan_training(tmp_path, "cyclegan", data=data, start=str(tiny_cyclegan))
    assert old.model == CycleGANConfig.tiny()
    assert old.training == CycleGANTrainingConfig()


def test_settings_come_back_from_their_dictionary():
    config = CycleGANConfig.tiny()
    assert CycleGANConfig.from_dict(config.to_dict()) == config
    with pytest.raises(SettingsError, match="no setting named nine"):
        CycleGANConfig.from_dict({"autoencoder": {"nine": 9}})
    with pytest.raises(SettingsError, match="adversarial_loss"):
        CycleGANTrainingConfig(adversarial_loss="hinge")


# --- losses and scores ---


def test_least_squares_scores_are_0_at_their_target_and_1_at_the_other():
    ones, zeros = np.ones((2, 3, 3, 1), "float32"), np.zeros((2, 3, 3, 1), "float32")
    assert [float(adversarial_loss([ones, ones], real)) for real in (True, False)] == [0.0, 1.0]
    assert [float(adversarial_loss([zeros], real)) for real in (True, False)] == [1.0, 0.0]


def test_cross_entropy_of_undecided_scores_is_the_logarithm_of_2():
    scores = np.zeros((1, 2, 2, 1), "float32")
    for real in (True, False):
        assert float(adversarial_loss([scores], real, "cross_entropy")) == pytest.approx(np.log(2))
    sure = np.full((1, 2, 2, 1), 20.0, "float32")
    assert float(adversarial_loss([sure], True, "cross_entropy")) < 1e-6
    assert float(adversarial_loss([sure], False, "cross_entropy")) == pytest.approx(20.0)


def test_cycle_loss_is_the_mean_absolute_difference():
    batch = np.zeros((1, 2, 2, 3), "float32")
    assert float(cycle_consistency_loss(batch, batch + 0.25)) == pytest.approx(0.25)
    assert float(identity_loss(batch, batch - 0.5)) == pytest.approx(0.5)


def test_fine_colours_of_equal_brightness_are_free_in_the_cycle(random):
    batch = np.zeros((2, 16, 16, 3), "float32")
    chequer = np.where(np.indices((16, 16)).sum(axis=0) % 2, 1.0, -1.0)[None, :, :, None]
    tint = np.array([0.587, -0.299, 0.0]) * chequer
    assert float(cycle_consistency_loss(batch, batch + tint, "brightness")) == pytest.approx(0.0, abs=1e-6)
    assert float(cycle_consistency_loss(batch, batch + chequer, "brightness")) == pytest.approx(0.5)
    assert float(cycle_consistency_loss(batch, batch + 0.2, "brightness")) == pytest.approx(0.2)


def test_the_contrastive_loss_is_low_for_the_same_places_and_a_guess_for_none(random):
    maps = [random.normal(0, 1, (2, 16, 16, 32)).astype("float32")]
    other = [random.normal(0, 1, (2, 16, 16, 32)).astype("float32")]
    assert float(contrastive_loss(maps, maps)) < 0.05
    assert float(contrastive_loss([3 * maps[0] - 5], maps)) < 0.05
    assert float(contrastive_loss(other, maps)) > np.log(256)
    flat = [np.zeros((1, 16, 16, 8), "float32")]
    assert float(contrastive_loss(flat, flat, patches=64)) == pytest.approx(np.log(64))


def test_the_palette_loss_compares_colours_and_not_their_places(random):
    batch = np.repeat(np.repeat(random.uniform(-1, 1, (2, 4, 4, 3)), 4, axis=1), 4, axis=2).astype("float32")
    assert float(palette_loss(batch, batch[::-1, ::-1])) == pytest.approx(0.0, abs=1e-9)
    shift = np.array([0.3, 0.0, 0.0], "float32")
    assert float(palette_loss(batch, batch + shift)) == pytest.approx(0.09 / 3, rel=0.05)


def test_grid_loss_sees_what_repeats_every_eight_pixels_and_nothing_else(random):
    rows, columns = np.mgrid[0:64, 0:96].astype("float32")
    ramp = np.stack([rows, columns, rows + columns], axis=2)[None] / 100
    assert float(grid_loss(ramp)) == pytest.approx(0.0, abs=1e-6)
    for period in (2, 4, 8):
        stripes = ramp + 0.1 * ((columns % period) >= period // 2)[None, :, :, None]
        assert float(grid_loss(stripes)) > 0.03
    noise = ramp + random.normal(0, 0.1, ramp.shape).astype("float32")
    assert float(grid_loss(noise)) < 0.012


def test_frechet_distance_of_known_gaussians(random):
    base = random.normal(0, 1, (20_000, 2))
    base = (base - base.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(base, rowvar=False))).T
    assert frechet_distance(base, base) == pytest.approx(0.0, abs=1e-6)
    assert frechet_distance(base, base + np.array([3.0, 4.0])) == pytest.approx(25.0)
    assert frechet_distance(base, base * [3.0, 1.0]) == pytest.approx(4.0)


def test_domain_features_are_vectors_of_every_position(tiny_features):
    found = domain_features(tiny_features, pictures(1, 2))
    assert found.shape == (2 * 64 * 64, 5)


# --- the pool, the schedule, the split ---


def test_the_pool_fills_then_gives_half_of_what_it_keeps():
    pool = FakePool(4, 2, 1, seed=1)
    zeros, ones = (np.full((2, 2, 1, 1, 3), value, "float32") for value in (0.0, 1.0))
    for step in (0, 1):
        np.testing.assert_array_equal(pool(zeros, pool.plan(step, 2)), zeros)
    out = np.concatenate([pool(ones, pool.plan(step, 2)) for step in range(2, 40)])
    assert np.count_nonzero(out[:, 0, 0, 0, 0] < 0.5) == 4  # each zero comes out once
    assert np.all(pool.to_arrays()["pool"] == 255)
    assert np.array_equal(FakePool(0, 2, 1, 1)(zeros, {}), zeros)
    assert [FakePool(size, 4, 1, 1).size for size in (2, 9, 50)] == [4, 8, 48]


def test_a_pool_shows_pairs_as_they_were_up_to_a_level_of_256(random):
    pool = FakePool(6, 3, 4, seed=3)
    fakes = random.uniform(-1, 1, (12, 3, 2, 4, 4, 3)).astype("float32")
    known = fakes.reshape(-1, 2 * 48)
    for step in range(12):
        for pair in np.asarray(pool(fakes[step], pool.plan(step, 3))).reshape(-1, 2 * 48):
            assert np.abs(known[: 3 * step + 3] - pair).max(axis=1).min() <= 0.5 / 127.5 + 1e-6


def test_a_pool_goes_on_where_it_was():
    def steps(pool, numbers):
        random = np.random.default_rng(0)
        fakes = random.uniform(-1, 1, (8, 3, 2, 2, 2, 3)).astype("float32")
        return [np.asarray(pool(fakes[step], pool.plan(step, 3))) for step in numbers]

    whole = steps(FakePool(5, 3, 2, 3), range(8))
    first, second = FakePool(5, 3, 2, 3), FakePool(5, 3, 2, 3)
    steps(first, range(4))
    second.from_arrays(first.to_arrays())
    np.testing.assert_array_equal(steps(second, range(4, 8)), whole[4:])


def test_pictures_are_set_aside_by_name_alone_those_of_the_autoencoder_first(tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.png").touch()
    learned, aside = split_domain([tmp_path], 6)
    assert split_domain([tmp_path], 6) == (learned, aside)
    assert (len(aside), len(learned)) == (6, 34)
    assert not set(aside) & set(learned)
    unseen = [path for path in aside + learned if is_held_out(path)]
    assert aside[: len(unseen)] == [path for path in aside if is_held_out(path)]
    assert len(split_domain([tmp_path], 100)[1]) == 10


def test_a_domain_of_one_picture_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "only.png").touch()
    with pytest.raises(TrainingError, match=r"at least 4 pictures to learn from; .* has 1"):
        split_domain([tmp_path], 60)


# --- training ---


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        *((CycleGANConfig.tiny(), kind) for kind in ADVERSARIAL_LOSSES),
        (RESIDUAL, ADVERSARIAL_LOSSES[0]),
        (PAINTER, ADVERSARIAL_LOSSES[-1]),
    ],
)
def test_training_reports_every_loss_and_both_players_learn_after_the_lead(config, kind):
    cyclegan = build(config)
    before = {name: part.get_weights() for name, part in cyclegan.parts.items()}
    seen = []
    config = dataclasses.replace(TRAINING, total_steps=2, adversarial_loss=kind, identity_weight=1.0)
    for report in training(cyclegan, config=config):
        assert set(report.losses) == {*LOSSES, "discriminator_a", "discriminator_b"}
        seen.append({name: changed(part, before[name]) for name, part in cyclegan.parts.items()})
    assert seen[0] == {name: name.startswith("discriminator") for name in before}
    assert all(seen[-1].values())


def changed(part, before):
    return any(not np.array_equal(a, b) for a, b in zip(part.get_weights(), before, strict=True))


@pytest.mark.slow
def test_layers_that_write_pixels_stay_as_they_were():
    cyclegan = build()
    generator = cyclegan.generator_ab
    before = {variable.path: np.array(variable) for variable in generator.variables}
    list(training(cyclegan, config=dataclasses.replace(TRAINING, total_steps=2)))
    same = {path for path, value in before.items() if np.array_equal(value, values_of(generator)[path])}
    assert same == {path for path in before if PIXEL_LAYERS & set(path.split("/"))}


def values_of(network):
    return {variable.path: np.array(variable) for variable in network.variables}


def test_style_and_content_losses_join_where_there_is_a_feature_network(tiny_features):
    reports = [next(training(build(), features=features)).losses for features in (None, tiny_features)]
    assert reports[0]["style"] == reports[0]["content"] == 0.0
    assert min(reports[1]["style"], reports[1]["content"]) > 0.0
    assert reports[1]["cycle"] == pytest.approx(reports[0]["cycle"])


@pytest.mark.slow
def test_grain_is_measured_on_translated_gradients_and_falls_with_training():
    config = dataclasses.replace(TRAINING, total_steps=12, grain_weight=100.0, learning_rate=2e-3)
    found = [report.losses["grain"] for report in training(build(), config=config)]
    assert found[-1] < 0.7 * found[0]


@pytest.mark.slow
def test_halos_are_measured_on_translated_scenes_and_fall_with_training():
    config = dataclasses.replace(TRAINING, total_steps=12, crop_size=128, halo_weight=100.0, learning_rate=2e-3)
    found = [report.losses["halo"] for report in training(build(), config=config)]
    assert np.mean(found[-4:]) < 0.7 * np.mean(found[:4])


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_grain_and_halos_are_not_measured_where_they_have_no_weight():
    losses = next(training(build(), config=dataclasses.replace(TRAINING, grain_weight=0.0, halo_weight=0.0))).losses
    assert losses["grain"] == losses["halo"] == 0.0


def test_the_content_losses_compare_a_fake_with_what_it_is_made_of(tiny_features, random):
    config = dataclasses.replace(TRAINING, contrastive_weight=1.0)
    player = GeneratorPlayer(build(), config, tiny_features)
    a, b = random.uniform(-1, 1, (2, 2, 32, 32, 3)).astype("float32")
    untouched, learned = ({k: float(v) for k, v in player._of_features(fake, b, a).items()} for fake in (a, b))
    assert untouched["content"] == pytest.approx(0.0, abs=1e-6)
    assert untouched["contrastive"] < learned["contrastive"]
    assert untouched["style"] > 0.0
    assert learned["style"] < 0.01  # the Frobenius norm's floor
    assert learned["content"] > 0.25


def test_the_cycle_counts_less_and_less_and_without_it_no_round_trip_is_made():
    config = dataclasses.replace(TRAINING, cycle_end=0.2)
    trainer = CycleGANTrainer(build(), config)
    trainer.done, seen = 0.5, []
    trainer.generators.test_on_batch = lambda x, **_: seen.append(x) or {}
    real = dict.fromkeys("ab", np.zeros((2, 32, 32, 3), "float32"))
    trainer.train_on_batch({"step": 0, **real, "flat": real["a"][:1]})
    assert float(seen[0]["cycle"]) == pytest.approx(0.6)
    player = GeneratorPlayer(build(), dataclasses.replace(config, cycle_weight=0.0, grain_weight=0.0))
    assert set(player(real)) == {"fake_a", "fake_b"}


@pytest.mark.slow
def test_a_resumed_training_has_the_losses_of_an_uninterrupted_one(tmp_path):
    expected = {report.step: report.losses for report in training(build())}
    for seed in (1, 9):  # a step in the lead and one out of it; what a later build has is not used
        found = {report.step: report.losses for report in training(build(seed=seed), tmp_path, seconds=0.0)}
    assert sorted(found) == [2]
    found = {report.step: report.losses for report in training(build(seed=9), tmp_path)}
    assert sorted(found) == [3, 4]
    for step, losses in found.items():
        assert losses == pytest.approx(expected[step], rel=1e-3, abs=1e-6)


def test_a_loss_that_is_not_finite_stops_it_and_the_last_state_stays(tmp_path):
    list(training(build(), tmp_path, seconds=0.0))
    state = (tmp_path / "state.npz").read_bytes()
    with pytest.raises(TrainingError, match="not a finite number"):
        list(training(poisoned(build()), tmp_path / "other"))
    assert (tmp_path / "state.npz").read_bytes() == state


def poisoned(cyclegan):
    cyclegan.generator_ab.style.assign(np.full(cyclegan.generator_ab.style.shape, np.nan))
    return cyclegan


def test_mean_styles_are_those_of_the_target_domains():
    cyclegan = build()
    red, blue = np.full((40, 40, 3), (250, 0, 0), "uint8"), np.full((40, 40, 3), (0, 0, 250), "uint8")
    set_styles(cyclegan, [red], [blue], 32, count=8)
    generator = cyclegan.generator_ab
    _, code = generator.autoencoder.encode(np.broadcast_to(blue[:32, :32] / 127.5 - 1.0, (1, 32, 32, 3)))
    np.testing.assert_allclose(generator.style, code, atol=1e-4)
    assert not np.allclose(cyclegan.generator_ba.style, generator.style)


def painted_in(colors):
    return [np.full((40, 40, 3), color, "uint8") for color in colors]


def codes_of(generator, pictures):
    return [np.asarray(generator.autoencoder.encode(images.to_batch(picture))[1])[0] for picture in pictures]


def test_a_generator_of_two_styles_paints_with_that_of_a_single_painting_near_in_colour():
    cyclegan = build(dataclasses.replace(CycleGANConfig.tiny(), styles=2, canvas_side=64))
    reds, blues = painted_in([(250, 0, 0), (230, 10, 0)]), painted_in([(0, 0, 250), (0, 10, 230)])
    photos = painted_in([(200, 40, 30), (30, 30, 180)])
    set_domain_styles(cyclegan.generator_ab, [*reds, *blues], photos, 32, count=8)
    generator, batch = cyclegan.generator_ab, np.concatenate([images.to_batch(photo) for photo in photos])
    for code, like in zip(np.asarray(generator.code(batch)), (reds, blues), strict=True):
        at_canvas = codes_of(generator, [images.resize(picture, 64, 64) for picture in like])
        assert min(np.abs(code - one).max() for one in at_canvas) < 1e-4
    together, alone = generator(batch), [generator(batch[index : index + 1]) for index in range(2)]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-3)


def test_each_style_gets_as_many_photos_as_any_other():
    cyclegan = build(dataclasses.replace(CycleGANConfig.tiny(), styles=2, canvas_side=64))
    paintings = painted_in([(255, 255, 255), (0, 0, 0)])
    photos = painted_in([(level, level, level) for level in range(10, 50, 5)])  # all of them dark
    set_domain_styles(cyclegan.generator_ab, paintings, photos, 32, count=8)
    codes = np.concatenate([cyclegan.generator_ab.code(images.to_batch(photo)) for photo in photos])
    light, dark = codes_of(cyclegan.generator_ab, [images.resize(picture, 64, 64) for picture in paintings])
    np.testing.assert_allclose(codes[:4], np.tile(dark, (4, 1)), atol=1e-4)
    np.testing.assert_allclose(codes[4:], np.tile(light, (4, 1)), atol=1e-4)


def test_a_medoid_is_one_of_its_group_and_few_vectors_stand_for_several_groups():
    near, far = np.array([[0.0, 0], [0, 1], [0, 2]]), np.array([[9.0, 8], [9, 9], [9, 10]])
    assert sorted(medoids(np.concatenate([near, far]), 2)) == [1, 4]
    assert sorted(set(medoids(near, 5))) == [0, 1, 2]


def test_a_scan_with_a_tint_lends_no_style(random):
    silk = np.array([180, 160, 130]) + random.normal(0, 6, (30, 3))
    mint, lavender, dark_silk = (150, 220, 190), (150, 120, 200), (90, 80, 65)
    tones = np.pad(np.array([*silk, mint, lavender, dark_silk]) / 127.5 - 1, ((0, 0), (0, 3)))
    assert np.flatnonzero(~not_tinted(tones)).tolist() == [30, 31]
    assert not_tinted(np.zeros((5, 6))).all()


def test_handicaps_share_points_out_evenly(random):
    points, targets = random.normal(size=(600, 6)), random.normal(1.0, 2.0, size=(12, 6))
    distances = np.square(points[:, None] - targets[None]).sum(axis=-1)
    plain = np.bincount(distances.argmin(axis=1), minlength=12)
    shared = np.bincount((distances + even_out(points, targets)).argmin(axis=1), minlength=12)
    assert plain.max() > 100
    assert plain.min() < 10
    assert 35 <= shared.min() <= shared.max() <= 60  # fifty would be even


def test_a_frozen_autoencoder_leaves_the_style_codes_to_learn():
    cyclegan = build(dataclasses.replace(CycleGANConfig.tiny(), styles=3))
    trainer = CycleGANTrainer(cyclegan, CycleGANTrainingConfig(crop_size=32, freeze_autoencoder=True))
    generators, discriminators = trainer.players
    assert {id(variable) for variable in generators.trainable_variables} == {
        id(cyclegan.generator_ab.style),
        id(cyclegan.generator_ba.style),
    }
    of_discriminators = [cyclegan.discriminator_a, cyclegan.discriminator_b]
    assert len(discriminators.trainable_variables) == sum(len(one.trainable_variables) for one in of_discriminators)


def test_each_player_has_only_its_own_variables():
    trainer = CycleGANTrainer(build(), TRAINING)
    for player, own in zip(trainer.players, ("generator", "discriminator"), strict=True):
        networks = [network for name, network in trainer.generators.cyclegan.parts.items() if name.startswith(own)]
        mine = {id(variable): variable.path for network in networks for variable in network.variables}
        assert {id(variable) for variable in player.trainable_variables} <= set(mine)
        frozen = [mine[id(variable)] for variable in player.non_trainable_variables if id(variable) in mine]
        assert all(PIXEL_LAYERS & set(path.split("/")) for path in frozen)
        assert len(player.trainable_variables) + len(frozen) == len(mine)


def test_an_average_lies_between_two_cyclegans_in_the_named_parts_alone():
    old, new = build(), build()
    for network, value in ((old, 1.0), (new, 5.0)):
        network.set_weights([np.full_like(weight, value) for weight in network.get_weights()])
    average(old, new, 0.25, ["generator_ab"])
    found = {name: {float(weight.mean()) for weight in part.get_weights()} for name, part in new.parts.items()}
    others = {name: {5.0} for name in new.parts if name != "generator_ab"}
    assert found == {"generator_ab": {2.0}, **others}
