import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from styleprop.config import AutoencoderConfig, TrainingConfig
from styleprop.errors import TrainingError
from styleprop.models.autoencoder import build_autoencoder
from styleprop.training.autoencoder import train_autoencoder
from styleprop.training.stylizer import LOSSES, train_stylizer
from tools.graft import graft

pytestmark = pytest.mark.usefixtures("eagerly")

TINY = TrainingConfig(total_steps=4, batch_size=2, crop_size=32, learning_rate=1e-3, warmup_steps=2)


def pictures(seed, count=4):
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (40, 48, 3)).astype("uint8") for _ in range(count)]


PICTURES = {"content": pictures(1), "style": pictures(2)}


def stylizer(features, folder=None, config=TINY, architecture="propagation", **options):
    keras.utils.set_random_seed(config.seed)
    network = build_autoencoder(AutoencoderConfig.tiny(architecture))
    options = {"report_every": 1, **options}
    return network, train_stylizer(network, features, PICTURES, config, folder=folder, **options)


def test_training_reports_every_loss_and_changes_the_network(tiny_features, tmp_path):
    network, run = stylizer(tiny_features, tmp_path, dataclasses.replace(TINY, total_steps=2))
    before = network.get_weights()
    reports = list(run)
    assert [report.step for report in reports] == [1, 2]
    assert set(reports[0].losses) == {"loss", *LOSSES}
    assert any(np.any(a != b) for a, b in zip(before, network.get_weights(), strict=True))
    assert (tmp_path / "log.csv").read_text().count("\n") == 3


def test_a_training_that_leaves_the_encoder_alone_changes_the_decoder(tiny_features):
    network, run = stylizer(tiny_features, config=dataclasses.replace(TINY, freeze_encoder=True, total_steps=2))
    encoder, decoder = network.encoder.get_weights(), network.decoder.get_weights()
    list(run)
    assert all(np.array_equal(a, b) for a, b in zip(encoder, network.encoder.get_weights(), strict=True))
    assert any(np.any(a != b) for a, b in zip(decoder, network.decoder.get_weights(), strict=True))


def test_a_grafted_network_has_the_old_ones_weights_where_names_and_shapes_agree():
    old = build_autoencoder(AutoencoderConfig.tiny())
    new, count = graft(old, AutoencoderConfig.tiny("modulated"))
    known = {weight.path: weight.numpy() for weight in old.weights}
    same = [weight for weight in new.weights if np.array_equal(known.get(weight.path), weight.numpy())]
    assert count == len(old.encoder.weights) + len(old.decoder.detail.weights) <= len(same)
    assert {weight.path for weight in new.encoder.weights} <= {weight.path for weight in same}


def test_a_stylizer_without_norms_learns_on_scenes_as_well(tiny_features):
    config = dataclasses.replace(
        TINY, batch_size=4, scene_share=0.5, halo_weight=1.0, overshoot_weight=1.0, calm_weight=1.0, tone_weight=1.0
    )
    config = dataclasses.replace(config, similarity_weight=1.0, total_steps=2)
    network, run = stylizer(tiny_features, config=config, architecture="modulated")
    before = network.get_weights()
    reports = list(run)
    assert set(reports[-1].losses) == {"loss", *LOSSES}
    assert all(np.isfinite(list(reports[-1].losses.values())))
    assert any(np.any(a != b) for a, b in zip(before, network.get_weights(), strict=True))


@pytest.mark.slow
def test_a_resumed_training_has_the_losses_of_an_uninterrupted_one(tiny_features, tmp_path):
    _, whole = stylizer(tiny_features)
    expected = {report.step: report.losses for report in whole}
    _, first = stylizer(tiny_features, tmp_path, seconds=0.0)
    assert [report.step for report in first] == [1]
    _, rest = stylizer(tiny_features, tmp_path)
    found = {report.step: report.losses for report in rest}
    assert sorted(found) == [2, 3, 4]
    for step, losses in found.items():
        assert losses == pytest.approx(expected[step], rel=1e-4)


@pytest.mark.slow
def test_a_training_that_is_killed_between_evaluations_goes_on_from_what_it_saved(tiny_features, tmp_path):
    _, whole = stylizer(tiny_features)
    expected = {report.step: report.losses for report in whole}
    _, first = stylizer(tiny_features, tmp_path, save_seconds=0.0, evaluate_every=100, report_every=2)
    assert next(iter(first)).step == 2  # and never asked again, as after a kill
    _, rest = stylizer(tiny_features, tmp_path)
    found = {report.step: report.losses for report in rest}
    assert sorted(found) == [3, 4]
    assert found[4] == pytest.approx(expected[4], rel=1e-4)


def test_a_loss_that_is_not_finite_stops_it_and_the_last_state_stays(tiny_features, tmp_path):
    _, first = stylizer(tiny_features, tmp_path, seconds=0.0)
    list(first)
    state = (tmp_path / "state.npz").read_bytes()
    config = dataclasses.replace(TINY, style_weight=float("nan"))
    _, run = stylizer(tiny_features, tmp_path, config)
    with pytest.raises(TrainingError, match="not a finite number"):
        list(run)
    assert (tmp_path / "state.npz").read_bytes() == state


def test_a_state_of_another_network_is_refused(tiny_features, tmp_path):
    _, run = stylizer(tiny_features, tmp_path, seconds=0.0)
    list(run)
    other = build_autoencoder(AutoencoderConfig(architecture="classic", filters=(4, 4, 4)))
    with pytest.raises(TrainingError, match="does not fit"):
        list(train_autoencoder(other, pictures(1), TINY, folder=tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize(
    "config", [AutoencoderConfig.tiny(), AutoencoderConfig(architecture="classic", filters=(8, 8, 8))]
)
def test_the_autoencoder_learns_a_picture(config):
    tf.config.run_functions_eagerly(False)  # of sixty steps each would take longer than to trace one
    keras.utils.set_random_seed(0)
    network = build_autoencoder(config)
    settings = TrainingConfig(total_steps=60, batch_size=2, crop_size=16, learning_rate=3e-3, warmup_steps=5)
    flat = [np.full((16, 16, 3), (200, 40, 90), "uint8")]
    losses = [report.losses["loss"] for report in train_autoencoder(network, flat, settings, report_every=10)]
    assert losses[-1] < 0.2 * losses[0]


def test_averaged_weights_follow_and_evaluation_sees_them(tiny_features):
    seen = []

    def evaluate(average):
        seen.append([value.copy() for value in average.values])
        return {"score": float(len(seen))}, None

    _, run = stylizer(tiny_features, evaluate=evaluate, evaluate_every=2)
    scores = [report.scores for report in run if report.scores]
    assert scores == [{"score": 1.0}, {"score": 2.0}]
