"""Training of a domain's style codes alone, by the spread of features."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from styleprop.areas import local_deviation
from styleprop.config import CycleGANConfig, CycleGANTrainingConfig
from styleprop.errors import SettingsError
from styleprop.metrics import frechet_distance
from styleprop.models.cyclegan import build_cyclegan
from styleprop.training.codes import KEPT, CodesTrainer, Domain, train_codes
from styleprop.training.plan import plan_training
from styleprop.translation_losses import flat_grain, frechet_loss, moments

pytestmark = pytest.mark.usefixtures("eagerly")

MODEL = dataclasses.replace(CycleGANConfig.tiny(), styles=3, canvas_side=64, strength=1.0)
TRAINING = dataclasses.replace(CycleGANTrainingConfig.codes(), total_steps=4, batch_size=2, lead_steps=1)


def build():
    """A CycleGAN with three style codes that differ, each of which some photos get."""
    keras.utils.set_random_seed(1)
    cyclegan = build_cyclegan(MODEL)
    random = np.random.default_rng(1)
    cyclegan.set_weights([value + random.normal(0, 0.05, value.shape) for value in cyclegan.get_weights()])
    cyclegan.generator_ab.style.assign(random.normal(0.5, 0.3, cyclegan.generator_ab.style.shape))
    return cyclegan


def pictures(seed, level, count=6):
    random = np.random.default_rng(seed)
    return [random.normal(level, 40, (72, 80, 3)).clip(0, 255).astype("uint8") for _ in range(count)]


def training(cyclegan, features, folder=None, config=TRAINING):
    pair = pictures(1, 90), pictures(2, 160)
    return train_codes(cyclegan, *pair, config, features, folder=folder, report_every=1, evaluate_every=1)


# --- losses ---


def spread_of(x):
    mean, second = (np.asarray(part) for part in moments(x))
    values, vectors = np.linalg.eigh(second - np.outer(mean, mean))
    return mean, (vectors * np.sqrt(values.clip(0))) @ vectors.T


def test_the_frechet_loss_is_the_distance_and_its_gradient_takes_a_batch_there(random):
    x, y = (random.normal(size=(2, 12, 10, 5)) @ random.normal(size=(5, 5)) + shift for shift in (0.0, 0.7))
    x, y = x.astype("float32"), y.astype("float32")
    target = spread_of(y)

    def loss(values):
        found = moments(values)
        return frechet_loss(found, found, target)

    def distance(values):
        return frechet_distance(values.reshape(-1, 5), y.reshape(-1, 5))

    assert float(loss(x)) == pytest.approx(distance(x), rel=0.01)  # covariances of n and of n - 1
    variable = keras.Variable(x)
    gradient = gradient_of(loss, variable)
    step = 0.05 * gradient / np.linalg.norm(gradient)
    rise = distance(x + step) - distance(x - step)
    assert rise == pytest.approx(2 * np.sum(gradient * step), rel=0.02)
    for _ in range(60):
        variable.assign(variable - 30.0 * gradient_of(loss, variable))
    assert distance(np.asarray(variable)) < 0.05 * distance(x)


def gradient_of(loss, variable):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss(variable.value)
    return np.asarray(tape.gradient(value, variable.value))


def test_the_gradient_of_the_frechet_loss_is_at_the_moments_that_are_known(random):
    """Those of a batch alone would pull every picture to the mean of all."""
    batch, target = (
        random.normal(2.0, 1.0, (1, 8, 8, 3)).astype("float32"),
        spread_of(random.normal(size=(1, 40, 40, 3))),
    )
    mean, root = (np.asarray(part, "float32") for part in target)
    known = mean, root @ root + np.outer(mean, mean)
    variable = keras.Variable(batch)
    there = gradient_of(lambda x: frechet_loss(moments(x), known, (mean, root)), variable)
    far = gradient_of(lambda x: frechet_loss(moments(x), moments(x), (mean, root)), variable)
    assert np.abs(there).max() < 1e-3 * np.abs(far).max()


def test_flat_grain_is_the_local_deviation_where_it_should_be_flat(random):
    image = random.integers(0, 256, (64, 48, 3)).astype("uint8")
    flat = (random.random((8, 6)) < 0.3).astype("float32")
    found = flat_grain(image[None].astype("float32") / 127.5 - 1, flat[None])
    assert float(found) == pytest.approx(local_deviation(image)[flat > 0].mean(), rel=1e-4)


# --- training ---


def values_of(network):
    return {variable.path: np.array(variable) for variable in network.variables}


def test_only_the_codes_of_the_way_to_a_painting_move_and_paintings_come_nearer(tiny_features):
    cyclegan = build()
    before = values_of(cyclegan)
    config = dataclasses.replace(TRAINING, total_steps=24, batch_size=4, learning_rate=0.1)
    found = [report.losses["frechet"] for report in training(cyclegan, tiny_features, config=config)]
    after = values_of(cyclegan)
    changed = [path for path, value in before.items() if not np.array_equal(value, after[path])]
    assert changed == [cyclegan.generator_ab.style.path]
    assert found[0] == found[0] > 0
    assert np.mean(found[-4:]) < 0.8 * np.mean(found[:4])


def test_a_step_of_the_lead_only_looks(tiny_features):
    cyclegan = build()
    before = np.array(cyclegan.generator_ab.style)
    next(training(cyclegan, tiny_features))
    np.testing.assert_allclose(cyclegan.generator_ab.style, before, atol=1e-6)


def test_a_generator_gets_part_of_the_way_that_its_codes_went(tiny_features, random):
    cyclegan, squares = build(), [random.integers(0, 256, (256, 256, 3)).astype("uint8") for _ in range(2)]
    start = np.array(cyclegan.generator_ab.style)
    trainer = CodesTrainer(cyclegan.generator_ab, Domain(tiny_features, squares, squares[::-1]), TRAINING)
    trainer.player.single.assign(ops.ones_like(trainer.player.single))
    batch = {"step": 0, "photo": random.uniform(-1, 1, (1, 64, 64, 3)).astype("float32")}
    trainer.train_on_batch({**batch, "flat": np.ones((1, 32, 32), "float32")})
    moved = (np.asarray(trainer.player.codes) - start, np.asarray(cyclegan.generator_ab.style) - start)
    np.testing.assert_allclose(moved[1], KEPT * moved[0], rtol=1e-3)
    assert np.abs(moved[0]).min() > 0.01


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(tiny_features, tmp_path):
    through = [report.losses for report in training(build(), tiny_features)]
    begun = training(build(), tiny_features, tmp_path)
    found = [next(begun).losses, next(begun).losses]
    begun.close()
    cyclegan = build()
    cyclegan.generator_ab.style.assign(0 * cyclegan.generator_ab.style)  # the folder knows better
    found += [report.losses for report in training(cyclegan, tiny_features, tmp_path)]
    assert len(found) == 4
    for ours, theirs in zip(found, through, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)


def test_what_the_engine_takes_out_is_no_grain_and_no_feature_of_a_painting(tiny_features, random):
    cyclegan, squares = build(), [random.integers(0, 256, (256, 256, 3)).astype("uint8") for _ in range(2)]
    player = CodesTrainer(cyclegan.generator_ab, Domain(tiny_features, squares, squares[::-1]), TRAINING).player
    photo = np.zeros((1, 64, 64, 3), "float32")
    x = {"photo": photo, "flat": np.ones((1, 32, 32), "float32")}
    painted = np.asarray(player(x))
    for fringes, name, is_nothing in ((painted, "grain", True), (0 * painted, "grain", False)):
        player.reset_metrics()
        player.compute_loss({**x, "fringes": fringes}, y_pred=ops.convert_to_tensor(painted))
        assert (float(player.means[name].result()) < 0.01) == is_nothing


# --- plans ---


def test_a_domain_that_starts_from_an_autoencoder_trains_its_codes(tmp_path):
    data = {"content": ["a"], "style": ["b"]}
    plan = plan_training(tmp_path / "run", "cyclegan", start="autoencoder", data=data)
    assert (plan.training.game, plan.features, plan.model.styles) == ("codes", "features", 64)
    other = plan_training(
        tmp_path / "other", "cyclegan", start="autoencoder", data=data, training={"game": "adversarial"}
    )
    assert (other.training.game, other.features) == ("adversarial", "")
    one = plan_training(tmp_path / "one", "cyclegan", start="autoencoder", data=data, model={"styles": 1})
    assert (one.training.game, one.features) == ("adversarial", "")


def test_codes_cannot_be_trained_without_features_and_a_game_is_one_of_two(tmp_path):
    data = {"content": ["a"], "style": ["b"]}
    with pytest.raises(SettingsError, match="Training style codes needs a feature network"):
        plan_training(tmp_path / "run", "cyclegan", data=data, training={"game": "codes"})
    with pytest.raises(SettingsError, match="game must be adversarial or codes, not 'chess'"):
        CycleGANTrainingConfig(game="chess")
