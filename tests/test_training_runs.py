import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from styleprop import images
from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.cli import main
from styleprop.cli.train_report import Reporter, duration
from styleprop.config import AutoencoderConfig, TrainingConfig
from styleprop.data import hold_out, is_held_out, list_images
from styleprop.errors import CheckpointError, SettingsError, TrainingError
from styleprop.losses import CONTENT_LAYERS, STYLE_LAYERS, content_loss, style_loss
from styleprop.models.autoencoder import build_autoencoder
from styleprop.training.held_out import SIDE, HeldOutCheck
from styleprop.training.loop import STATE_FILE
from styleprop.training.plan import load_plan, plan_training
from styleprop.training.progress import Progress
from styleprop.training.runs import export_run, load_average, saved_step, start_training
from styleprop.training.state import WeightAverage
from styleprop.training.stop import FileStop
from styleprop.weights import load_autoencoder

pytestmark = pytest.mark.usefixtures("eagerly")

TINY_MODEL = AutoencoderConfig.tiny().to_dict()
SETTINGS = {"total_steps": 4, "batch_size": 2, "crop_size": 32, "warmup_steps": 2}


@pytest.fixture
def folders(tmp_path, random):
    """Six photos and six paintings of 64 x 48 pixels, one of each held out; a config and a feature file beside them."""
    for kind in ("content", "style"):
        names = [f"{number}.png" for number in range(100)]
        held_out = [name for name in names if is_held_out(Path(name))][:1]
        others = [name for name in names if not is_held_out(Path(name))][:5]
        for name in others + held_out:
            images.save(random.integers(0, 256, (48, 64, 3)).astype(np.uint8), tmp_path / kind / name)
    (tmp_path / "config.json").write_text(json.dumps({**SETTINGS, "model": TINY_MODEL}))
    save_features(tmp_path / "features.npz")
    return tmp_path


def save_features(path, blocks=((1, 2), (2, 2), (3, 3), (4, 3), (5, 1))):
    """A random VGG16 with two filters a layer, under Keras' names."""
    random = np.random.default_rng(5)
    arrays, before = {}, 3
    for block, count in blocks:
        for number in range(1, count + 1):
            name = f"block{block}_conv{number}"
            arrays[f"{name}.kernel"] = random.normal(0, 0.2, (3, 3, before, 2)).astype("float32")
            arrays[f"{name}.bias"] = np.full(2, 0.1, "float32")
            before = 2
    np.savez(path, **arrays)


def plan_of(folders, kind="autoencoder", **options):
    data = {"images": [folders / "content"]} if kind == "autoencoder" else None
    data = data or {name: [folders / name] for name in ("content", "style")}
    options = {"model": TINY_MODEL, "training": SETTINGS, "features": str(folders / "features.npz"), **options}
    return plan_training(folders / "run", kind, data=data, **options)


@pytest.mark.slow
def test_a_second_feature_network_judges_the_half_size_pictures(folders):
    save_features(folders / "half.npz", blocks=((1, 2), (2, 2), (3, 3), (4, 3)))
    plan = plan_of(folders, "stylizer", half_features=str(folders / "half.npz"))
    with_second = [report.losses for report in start_training(plan, folders / "run", report_every=1)]
    alone = replace(plan, half_features="")
    without = [report.losses for report in start_training(alone, folders / "other", report_every=1)]
    assert with_second[0]["reconstruction"] == pytest.approx(without[0]["reconstruction"])
    assert with_second[0]["style"] != pytest.approx(without[0]["style"])
    assert load_plan(folders / "run") == plan


# --- the plan ---


def test_a_plan_comes_back_from_its_folder(folders):
    plan = plan_of(folders, "stylizer")
    plan.save(folders / "run")
    assert load_plan(folders / "run") == plan
    assert plan.model == AutoencoderConfig.tiny()
    assert plan.training == TrainingConfig.from_dict(SETTINGS)
    assert plan.data == {name: (str(folders / name),) for name in ("content", "style")}


def test_a_run_is_taken_up_with_what_is_given_changed(folders):
    plan_of(folders).save(folders / "run")
    plan = plan_training(folders / "run", "autoencoder", training={"total_steps": 20})
    assert plan.training.total_steps == 20
    assert plan.training.crop_size == 32
    assert plan.model == AutoencoderConfig.tiny()
    assert plan.data["images"] == (str(folders / "content"),)


@pytest.mark.parametrize(
    ("kind", "model", "words"),
    [
        ("stylizer", {}, "a training of kind autoencoder"),
        ("autoencoder", {"filters": [8, 8, 8]}, r"trains a model with filters \[4, 6, 8\], not \[8, 8, 8\]"),
        ("autoencoder", {"architecture": "classic"}, "architecture propagation, not classic"),
    ],
)
def test_a_run_refuses_another_kind_or_model(folders, kind, model, words):
    plan_of(folders).save(folders / "run")
    with pytest.raises(TrainingError, match=words):
        plan_training(folders / "run", kind, model=model)


def test_a_run_accepts_the_model_it_has(folders):
    plan_of(folders).save(folders / "run")
    assert plan_training(folders / "run", "autoencoder", model={"filters": [4, 6, 8]}).model == AutoencoderConfig.tiny()


def test_a_new_run_takes_the_model_of_the_checkpoint_it_starts_from(folders, tiny_checkpoint):
    plan = plan_of(folders, model=None, start=str(tiny_checkpoint))
    assert plan.model == AutoencoderConfig.tiny()
    assert plan.start == str(tiny_checkpoint)


def test_the_classic_architecture_has_its_own_defaults(folders):
    assert plan_of(folders, model={"architecture": "classic"}).model == AutoencoderConfig.classic()
    with pytest.raises(SettingsError, match="no style to train"):
        plan_of(folders, "stylizer", model={"architecture": "classic"})


def test_a_new_run_needs_pictures(tmp_path):
    with pytest.raises(SettingsError, match="--style DIR"):
        plan_training(tmp_path, "stylizer", data={"content": ["x"]})


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "autoencoder"}', '{"model": {"filters": 3}}'])
def test_a_damaged_plan_is_one_sentence(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(TrainingError, match=r"^run\.json of the run folder .* cannot be read"):
        load_plan(tmp_path)


# --- held-out pictures ---


def test_held_out_pictures_are_not_learned_from(folders):
    learned, held_out = hold_out(list_images([folders / "content"]))
    assert len(learned) == 5
    assert len(held_out) == 1
    assert not set(learned) & set(held_out)


def test_where_none_can_be_held_out_all_are_used(folders):
    held_out = hold_out(list_images([folders / "content"]))[1][0]
    held_out.unlink()
    learned, held_out = hold_out(list_images([folders / "content"]))
    assert learned == held_out
    assert len(learned) == 5


class Identity:
    """Stands in for an autoencoder that keeps everything and whose stylization is the style's mean colour."""

    def __call__(self, batch):
        return batch

    def set_weights(self, values):
        self.values = values

    def encode(self, batch):
        return batch, batch.mean(axis=(1, 2), keepdims=True)

    def propagate(self, latent, code, target):
        return latent, target, target - code

    def decoder(self, latent, code, moved):
        return np.zeros_like(latent) + code


def test_the_check_scores_the_averaged_weights(tiny_checkpoint, random, tmp_path):
    trained = load_autoencoder(find_checkpoint(tiny_checkpoint))
    average = WeightAverage(trained, 0.9)
    image = random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    scores, preview = HeldOutCheck(build_autoencoder(AutoencoderConfig.tiny()), [image], folder=tmp_path)(average)
    expected = images.from_batch(keras.ops.convert_to_numpy(trained(images.to_batch(image))))
    assert list(scores) == ["psnr_db"]
    assert np.array_equal(preview[4:260, 264:520], expected)
    assert np.array_equal(images.load(tmp_path / "preview.png").image, preview)


def test_an_average_takes_in_what_it_has_missed_when_somebody_looks(tiny_checkpoint):
    network = load_autoencoder(find_checkpoint(tiny_checkpoint))
    kept, looked = WeightAverage(network, 0.5), WeightAverage(network, 0.5)
    before = network.get_weights()
    network.set_weights([value + 1 for value in before])
    kept.update(7)
    looked.update(7, now=True)
    assert all(np.array_equal(a, b) for a, b in zip(kept.values, before, strict=True))
    assert all(np.allclose(a, b + 1 - 0.5**7) for a, b in zip(looked.values, before, strict=True))
    looked.update(7, now=True)
    looked.update(14)
    assert all(np.allclose(a, b + 1 - 0.5**7) for a, b in zip(looked.values, before, strict=True))


def test_the_preview_shows_content_style_stylized_and_reconstruction(tiny_features, random):
    contents = [random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8) for _ in range(2)]
    style = np.full((SIDE, SIDE, 3), (200, 100, 50), np.uint8)
    check = HeldOutCheck(Identity(), contents, [style], tiny_features)
    average = type("Average", (), {"copy_to": lambda self, network: network.set_weights([])})()
    scores, preview = check(average)
    columns = [preview[264:520, 4 + column * 260 : (column + 1) * 260] for column in range(4)]
    for shown, expected in zip(columns, (contents[1], style, style, contents[1]), strict=True):
        assert np.array_equal(shown, expected)
    assert scores["psnr_db"] == np.inf
    maps = [tiny_features(images.to_batch(style), names=STYLE_LAYERS)] * 2
    assert scores["style"] == pytest.approx(float(style_loss(*maps)))
    pairs = [
        [tiny_features(images.to_batch(image), names=CONTENT_LAYERS) for image in (style, content)]
        for content in contents
    ]
    assert scores["content"] == pytest.approx(np.mean([float(content_loss(*pair)) for pair in pairs]))


def test_held_out_pictures_that_cannot_be_read_are_left_out(tmp_path, random):
    (tmp_path / "bad.png").write_bytes(b"nothing")
    image = random.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert len(HeldOutCheck(None, [tmp_path / "bad.png", image]).contents) == 1
    with pytest.raises(TrainingError, match="None of the held-out pictures"):
        HeldOutCheck(None, [tmp_path / "bad.png"])


# --- runs and export ---


def test_a_stop_ends_a_run_after_the_step_under_way_with_scores_and_state(folders):
    stop, steps = threading.Event(), []
    for report in start_training(plan_of(folders), folders / "run", stop=stop, report_every=1, evaluate_every=100):
        steps.append(report.step)
        if report.step == 2:
            stop.set()
    assert steps == [1, 2, 3]
    assert report.scores
    assert saved_step(folders / "run") == 3


def test_a_stop_from_another_process_is_a_file_or_the_end_of_the_parent(tmp_path):
    stop = FileStop(tmp_path / "stop")
    assert not stop.is_set()
    (tmp_path / "stop").touch()
    assert stop.is_set()
    orphan = FileStop(tmp_path / "other")
    orphan.parent += 1
    assert orphan.is_set()


def test_the_export_has_the_averaged_weights(folders):
    reports = list(start_training(plan_of(folders), folders / "run", report_every=2, evaluate_every=2))
    checkpoint = export_run(folders / "run", folders / "out", reports[-1].scores)
    network = build_autoencoder(AutoencoderConfig.tiny())
    load_average(folders / "run", network)
    exported = load_autoencoder(checkpoint).get_weights()
    assert all(map(np.array_equal, exported, network.get_weights()))
    assert saved_step(folders / "run") == 4
    assert [bool(report.scores) for report in reports] == [True, True]
    card = (folders / "out" / "README.md").read_text()
    assert "4 of 4 steps" in card
    assert str(folders) not in card
    assert sorted(os.listdir(folders / "run")) == ["log.csv", "preview.png", "run.json", "scores.csv", "state.npz"]


def test_an_export_takes_the_place_of_a_checkpoint_only(folders):
    list(start_training(plan_of(folders, training={**SETTINGS, "total_steps": 1}), folders / "run"))
    with pytest.raises(CheckpointError, match="'content' exists and is not a checkpoint"):
        export_run(folders / "run", folders / "content")
    assert len(os.listdir(folders / "content")) == 6
    (folders / "empty").mkdir()
    export_run(folders / "run", folders / "empty")
    export_run(folders / "run", folders / "empty")


def test_a_run_starts_from_a_checkpoint_of_equal_shapes(folders, tiny_checkpoint):
    settings = {**SETTINGS, "total_steps": 1, "learning_rate": 1e-9}
    list(start_training(plan_of(folders, start=str(tiny_checkpoint), training=settings), folders / "run"))
    network = build_autoencoder(AutoencoderConfig.tiny())
    load_average(folders / "run", network)
    start = load_autoencoder(find_checkpoint(tiny_checkpoint))
    for trained, before in zip(network.get_weights(), start.get_weights(), strict=True):
        assert trained == pytest.approx(before, abs=1e-6)


def test_a_checkpoint_of_other_shapes_is_refused(folders, tiny_checkpoint):
    plan = plan_of(folders, start=str(tiny_checkpoint), model={**TINY_MODEL, "filters": [4, 6, 12]})
    with pytest.raises(CheckpointError, match="have other shapes"):
        next(start_training(plan, folders / "run"))
    assert not (folders / "run").exists()


def test_a_run_goes_on_without_the_checkpoint_it_started_from(folders):
    network = build_autoencoder(AutoencoderConfig.tiny())
    start = save_checkpoint(folders / "start", network).folder
    list(start_training(plan_of(folders, start=str(start)), folders / "run", seconds=0.0))
    for path in start.iterdir():
        path.unlink()
    plan = plan_training(folders / "run", "autoencoder")
    assert [report.step for report in start_training(plan, folders / "run")] == [4]


def test_a_folder_without_a_state_cannot_be_exported(folders):
    with pytest.raises(TrainingError, match="is not the folder of a training run"):
        export_run(folders / "none", folders / "out")
    plan_of(folders).save(folders / "run")
    with pytest.raises(TrainingError, match="has no state"):
        export_run(folders / "run", folders / "out")
    (folders / "run" / STATE_FILE).write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="has no state that can be read"):
        saved_step(folders / "run")


# --- the command ---


@pytest.fixture
def command(folders, capsys):
    def run(kind, *argv):
        data = {"autoencoder": ("--images", "content"), "stylizer": ("--content", "content", "--style", "style")}[kind]
        data = [str(folders / word) if not word.startswith("-") else word for word in data]
        options = ["--run", str(folders / "run"), "--config", str(folders / "config.json")]
        if kind == "stylizer":
            options += ["--features", str(folders / "features.npz")]
        code = main(["train", kind, *data, *options, *map(str, argv)])
        return (code, *capsys.readouterr())

    return run


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["autoencoder", "stylizer"])
def test_train_runs_exports_and_goes_on(command, folders, kind):
    code, out, err = command(kind, "-o", folders / "out", "--evaluate-every", 4)
    assert (code, out) == (0, "")
    assert [line.split(";")[0] for line in err.splitlines()] == [
        "step 2 of 4",
        "step 4 of 4",
        "Wrote the checkpoint 'out'.",
    ]
    assert "held out: psnr_db" in err
    assert find_checkpoint(folders / "out").config.filters == (4, 6, 8)
    code, out, _ = command(kind, "--steps", 5, "--json")
    record = json.loads(out)
    assert (code, record["step"], record["total_steps"]) == (0, 5, 5)
    assert "psnr_db" in record["scores"]
    assert load_plan(folders / "run").training.total_steps == 5


def test_train_trains_the_classic_architecture(command, folders):
    (folders / "config.json").write_text(json.dumps({**SETTINGS, "model": {"filters": [4, 4, 4]}}))
    code, _, _ = command("autoencoder", "--architecture", "classic", "--steps", 1, "-o", folders / "out")
    assert code == 0
    assert find_checkpoint(folders / "out").config.architecture == "classic"


def test_train_in_mixed_precision_keeps_float32_weights(command, folders):
    assert command("stylizer", "--steps", 1, "--precision", "mixed_bfloat16", "-o", folders / "out")[0] == 0
    assert keras.config.dtype_policy().name == "float32"
    weights = load_autoencoder(find_checkpoint(folders / "out")).get_weights()
    assert {weight.dtype for weight in weights} == {np.dtype("float32")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_the_state_and_exports(command, folders, monkeypatch, number):
    tell = Reporter.tell

    def tell_and_interrupt(self, progress):
        tell(self, progress)
        if progress.step == 2:
            signal.raise_signal(number)

    monkeypatch.setattr(Reporter, "tell", tell_and_interrupt)
    before = signal.getsignal(number)
    code, _, err = command("autoencoder", "--evaluate-every", 2, "-o", folders / "out")
    assert code == 130
    assert err.endswith("styleprop: Stopped after step 3; the same command goes on from there.\n")
    assert saved_step(folders / "run") == 3
    assert find_checkpoint(folders / "out")
    assert signal.getsignal(number) is before


def test_a_time_limit_ends_the_run_with_its_state(command, folders):
    code, out, _ = command("autoencoder", "--minutes", 0, "--json")
    assert code == 0
    assert json.loads(out)["step"] == saved_step(folders / "run") == 1


@pytest.mark.slow
def test_cool_down_lets_the_rate_fall_by_the_time_limit(command, folders):
    def first_step(*argv):
        assert command("autoencoder", "--minutes", 1e-9, *argv, "--overwrite", "-o", folders / "out")[0] == 0
        with np.load(folders / "run" / "state.npz") as state:
            weights = [state[name] for name in state.files if name.startswith("weight_")]
        shutil.rmtree(folders / "run")
        return weights

    cooled, whole, again = first_step("--cool-down"), first_step(), first_step()
    assert all(np.array_equal(*pair) for pair in zip(whole, again, strict=True))
    keras.utils.set_random_seed(TrainingConfig().seed)
    start = build_autoencoder(AutoencoderConfig.tiny())

    def moved(weights):
        return max(np.abs(x - y).max() for x, y in zip(weights, start.get_weights(), strict=True))

    assert moved(cooled) < 0.02 * moved(whole)


def test_cool_down_needs_a_time_limit(command):
    assert command("autoencoder", "--cool-down") == (2, "", "styleprop: --cool-down needs --minutes, above 0.\n")


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--config", "missing.json"], 2, "cannot be read as JSON"),
        (["--crop-size", "20"], 2, "crop_size must be a multiple of 16"),
        (["--images", "missing"], 1, "There is no folder named missing."),
        (["--start", "missing"], 1, "There is no checkpoint 'missing'"),
        (["--steps", "0"], 2, "must be a whole number from 1"),
    ],
)
def test_what_is_wrong_with_a_training_is_one_line(command, folders, argv, code, words):
    found, out, err = command("autoencoder", *argv)
    assert (found, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (folders / "run").exists()


def test_an_export_over_something_else_is_refused_before_the_training(command, folders):
    code, _, err = command("autoencoder", "-o", folders / "content")
    assert code == 1
    assert "choose a new folder" in err
    assert not (folders / "run").exists()


def test_features_without_the_layers_of_the_losses_are_refused(command, folders):
    save_features(folders / "features.npz", blocks=((1, 2), (2, 2)))
    code, _, err = command("stylizer")
    assert (code, err) == (1, "styleprop: features.npz has no layer relu3_1, which the losses need.\n")


@pytest.mark.slow
def test_jax_trains_the_same_run(folders, tiny_checkpoint, on_jax):
    command = [sys.executable, "-m", "styleprop", "train", "autoencoder", "--run", folders / "run", "--steps", "1"]
    command += ["--images", folders / "content", "--start", tiny_checkpoint, "--config", folders / "config.json"]
    command += ["-o", folders / "out", "--json"]
    done = subprocess.run(list(map(str, command)), env=on_jax, capture_output=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, b"Wrote the checkpoint 'out'.\n")
    theirs = json.loads(done.stdout)
    tf.config.run_functions_eagerly(False)
    plan = plan_of(folders, training={**SETTINGS, "total_steps": 1}, start=str(tiny_checkpoint))
    ours = list(start_training(plan, folders / "other"))[-1]
    assert theirs["losses"] == pytest.approx(ours.losses, rel=1e-3)
    assert theirs["scores"] == pytest.approx(ours.scores, rel=1e-3)


# --- the report ---


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (99, "99 s"), (120, "2 min"), (3599, "1 h 0 min"), (12_000, "3 h 20 min")]
)
def test_durations_are_words(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(("limit", "left"), [(float("inf"), 160), (60.0, 40)])
def test_the_estimate_counts_the_steps_of_this_run_and_the_time_limit(limit, left, capsys):
    Reporter(first=50, seconds=limit, as_json=True).tell(Progress(60, 140, {"loss": 1.0}, 20.0))
    assert json.loads(capsys.readouterr().out)["seconds_left"] == left
