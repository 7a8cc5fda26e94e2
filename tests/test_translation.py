"""Translation with a CycleGAN's checkpoint: engine, command line and training runs."""

import json
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pytest

from styleprop import images
from styleprop.checkpoints import find_checkpoint, save_checkpoint, verify_checkpoint, write_sums
from styleprop.config import AutoencoderConfig, CycleGANConfig
from styleprop.engine import Styleprop, tiling
from styleprop.engine.calm import calm
from styleprop.errors import CheckpointError, SettingsError
from styleprop.fringes import Fringes
from styleprop.models.autoencoder import build_autoencoder
from styleprop.training.domain_styles import mean_style
from styleprop.training.plan import new_model, plan_training
from styleprop.training.runs import split_domain
from styleprop.weights import load_autoencoder, load_cyclegan, load_generator
from tests.conftest import make_picture
from tests.test_cyclegan import PAINTER, build
from tests.test_training_runs import save_features

SETTINGS = {"total_steps": 2, "batch_size": 2, "crop_size": 32, "lead_steps": 1, "pool_size": 4, "held_out": 4}


@pytest.fixture(scope="module")
def model(tiny_model):
    return tiny_model


# --- checkpoints ---


def test_a_checkpoint_has_a_file_of_each_network_in_half_precision(tiny_cyclegan):
    cyclegan = load_cyclegan(verify_checkpoint(tiny_cyclegan))
    for found, expected in zip(cyclegan.get_weights(), build().get_weights(), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.astype(np.float16))
    dtypes = set()
    for name in cyclegan.parts:
        with h5py.File(tiny_cyclegan / f"{name}.weights.h5") as file:
            file.visititems(lambda _, item: dtypes.add(str(item.dtype)) if isinstance(item, h5py.Dataset) else None)
    assert dtypes == {"float16"}


def test_a_generator_is_loaded_alone(tiny_cyclegan, tmp_path):
    folder = shutil.copytree(tiny_cyclegan, tmp_path / "half")
    for name in ("generator_ba", "discriminator_a", "discriminator_b"):
        (folder / f"{name}.weights.h5").unlink()
    write_sums(folder)
    checkpoint = verify_checkpoint(folder)
    assert load_generator(checkpoint).name == "generator_ab"
    with pytest.raises(CheckpointError, match="do not fit"):
        load_generator(checkpoint, to_photo=True)


def test_a_generator_of_the_same_config_takes_the_weights_of_another(tiny_cyclegan):
    checkpoint = verify_checkpoint(tiny_cyclegan)
    new, other = load_generator(checkpoint), load_generator(checkpoint, to_photo=True)
    assert load_generator(checkpoint, reuse=other) is other
    for ours, theirs in zip(other.get_weights(), new.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    other.config = replace(other.config, strength=0.9)
    assert load_generator(checkpoint, reuse=other) is not other


def test_one_kind_of_checkpoint_is_not_taken_for_the_other(tiny_cyclegan, tiny_checkpoint):
    with pytest.raises(CheckpointError, match="is not an autoencoder"):
        load_autoencoder(verify_checkpoint(tiny_cyclegan))
    with pytest.raises(CheckpointError, match="is not a CycleGAN"):
        load_generator(verify_checkpoint(tiny_checkpoint))


def test_weights_that_are_not_finite_are_refused(tmp_path):
    from styleprop.checkpoints import save_checkpoint

    cyclegan = build()
    cyclegan.generator_ab.style.assign(np.full(cyclegan.generator_ab.style.shape, np.inf))
    checkpoint = save_checkpoint(tmp_path / "broken", cyclegan)
    with pytest.raises(CheckpointError, match="not finite"):
        load_generator(checkpoint)


# --- the engine ---


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (61, 90)])
def test_a_translation_keeps_the_size_and_tells_the_cycles_error(model, tiny_cyclegan, random, size):
    picture = make_picture(*size, random)
    result = model.translate(picture, str(tiny_cyclegan), round_trip=True)
    assert result.array.shape == result.cycled.shape == picture.shape
    assert result.cycle_l1 == pytest.approx(np.abs(result.cycled.astype(int) - picture).mean())
    assert result.settings["checkpoint"] == "cyclegan-photo-tiny"
    assert (result.settings["job"], result.settings["domain"]) == ("translate", "tiny")


def test_a_translation_is_what_the_generator_makes(model, tiny_cyclegan, picture, monkeypatch):
    monkeypatch.setattr(Fringes, "remove", lambda _self, painted, _amount: painted)
    generator = load_generator(find_checkpoint(tiny_cyclegan), to_photo=True)
    result = model.translate(picture, str(tiny_cyclegan), to_photo=True)
    padded = images.pad_to_multiple((calm(picture) / 127.5 - 1.0)[None], 8)
    expected = images.from_batch(np.array(generator(padded))[:, :72, :104])
    assert np.abs(result.array.astype(int) - expected).max() <= 1


def test_only_the_direction_asked_for_is_loaded(tiny_checkpoint, tiny_cyclegan, picture, tmp_path):
    model = Styleprop.from_pretrained(tiny_checkpoint)
    folder = shutil.copytree(tiny_cyclegan, tmp_path / "half")
    (folder / "generator_ba.weights.h5").unlink()
    write_sums(folder)
    assert model.translate(picture, str(folder)).cycled is None
    with pytest.raises(CheckpointError):
        model.translate(picture, str(folder), to_photo=True)


def test_a_large_picture_is_translated_by_tiles_without_seams(model, tiny_cyclegan, monkeypatch):
    rows, columns = np.mgrid[0:96, 0:640]
    gradient = np.stack([columns * 0.3, 255 - columns * 0.3, rows * 2], axis=2).clip(0, 255).astype(np.uint8)
    calls = []
    monkeypatch.setattr(tiling, "WHOLE_PIXELS", 0)
    monkeypatch.setattr(tiling, "CORE", 128)
    tiled = model.translate(gradient, str(tiny_cyclegan), watch=lambda *call: calls.append(call))
    assert calls[-1][0] == calls[-1][1] > 1
    steps = np.abs(np.diff(tiled.array.astype(int), axis=1)).max(axis=(0, 2))
    assert steps.max() <= np.median(steps) + 12


def test_an_unknown_domain_is_refused_in_a_sentence(model, picture):
    with pytest.raises(SettingsError, match="no domain 'cubism'"):
        model.translate(picture, "cubism")


# --- the command line ---


def test_translate_writes_what_the_model_makes(command, model, tiny_cyclegan, photo, tmp_path):
    code, out, err = command("translate", photo, "--domain", tiny_cyclegan, "--json", "-o", tmp_path / "out.png")
    assert (code, err) == (0, "")
    record = json.loads(out)
    expected = model.translate(photo, str(tiny_cyclegan), round_trip=True)
    np.testing.assert_array_equal(images.load(tmp_path / "out.png").image, expected.array)
    assert record["cycle_psnr_db"] == pytest.approx(expected.cycle_psnr_db, abs=1e-3)
    assert record["checkpoint"] == "cyclegan-photo-tiny"


def test_translate_refuses_an_unknown_domain_before_it_reads_anything(command, photo, tmp_path):
    code, _, err = command("translate", photo, "--domain", "cubism", "-o", tmp_path / "out.png")
    assert code == 2
    assert "There is no domain 'cubism'" in err
    assert not (tmp_path / "out.png").exists()


def test_a_cyclegan_is_verified_with_the_size_of_all_its_files(command, tiny_cyclegan, tmp_path):
    code, out, _ = command("checkpoints", "verify", tiny_cyclegan, "--json")
    record = json.loads(out)
    size = sum(path.stat().st_size for path in tiny_cyclegan.glob("*.weights.h5"))
    assert (code, record["model"], record["styles"]) == (0, "cyclegan", [])
    assert record["megabytes"] == round(size / 1e6, 1)
    folder = shutil.copytree(tiny_cyclegan, tmp_path / "other")
    (folder / "config.json").write_text('{"model": "cyclegan", "wheels": 4}')
    write_sums(folder)
    code, _, err = command("checkpoints", "verify", folder)
    assert code == 1
    assert "no setting named wheels" in err


# --- training runs ---


@pytest.fixture
def folders(tmp_path, random):
    for kind in ("content", "style"):
        for number in range(9):
            images.save(make_picture(48, 64, random), tmp_path / kind / f"{number}.png")
    images.save(make_picture(48, 64, random), tmp_path / "alone" / "only.png")
    model = {**CycleGANConfig.tiny().to_dict()}
    (tmp_path / "config.json").write_text(json.dumps({**SETTINGS, "model": model}))
    return tmp_path


def train(command, folders, *more, style="style"):
    argv = ["--content", folders / "content", "--style", folders / style, "--run", folders / "run"]
    return command("train", "cyclegan", "--config", folders / "config.json", *argv, *more)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_folder_of_photos_and_one_of_paintings_become_a_usable_domain(command, folders, photo, model):
    """The experiment that this project began with: train on two folders, then make new pictures in that style."""
    code, out, err = train(command, folders, "--json", "-o", folders / "cyclegan-photo-mine")
    assert code == 0, err
    scores = json.loads(out.splitlines()[-1])["scores"]
    assert set(scores) == {"cycle_psnr_db"}
    made = folders / "made.png"
    assert command("translate", photo, "--domain", folders / "cyclegan-photo-mine", "-o", made)[0] == 0
    assert images.load(made).image.shape == images.load(photo).image.shape
    card = (folders / "cyclegan-photo-mine" / "README.md").read_text()
    assert "train cyclegan" in card
    named = (folders / "cyclegan-photo-mine" / "held_out.txt").read_text().split()
    expected = [path.name for kind in ("content", "style") for path in split_domain([folders / kind], 4)[1]]
    assert named == sorted(expected)
    assert images.load(folders / "run" / "preview.png").image.shape[0] > 100


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_domain_that_paints_without_a_style_code_keeps_its_paintings_code_all_the_same(command, folders):
    settings = {**json.loads((folders / "config.json").read_text()), "model": PAINTER.to_dict()}
    (folders / "config.json").write_text(json.dumps(settings))
    code, _, err = train(command, folders, "--minutes", "0", "-o", folders / "mine")
    assert code == 0, err
    generator = load_generator(find_checkpoint(folders / "mine"))
    paintings = split_domain([folders / "style"], 4)[0]
    expected = mean_style(generator.autoencoder, paintings, settings["crop_size"], 128)
    np.testing.assert_allclose(generator.style, expected, atol=0.02)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_pictures_that_were_learnt_from_are_not_called_set_aside(command, folders):
    settings = {**json.loads((folders / "config.json").read_text()), "held_out": 0}
    (folders / "config.json").write_text(json.dumps(settings))
    train(command, folders, "--minutes", "0", "-o", folders / "mine")
    assert (folders / "mine" / "held_out.txt").read_text() == ""


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_domain_is_scored_on_what_it_set_aside_alone(command, folders):
    train(command, folders, "--minutes", "0", "-o", folders / "mine")
    save_features(folders / "features.npz")
    options = ["--domain", folders / "mine", "--content", folders / "content", "--features", folders / "features.npz"]
    code, out, err = command("evaluate", *options, "--style", folders / "style", "--json", "--sheet", folders / "s.png")
    assert code == 0, err
    scores = [json.loads(line) for line in out.splitlines()]
    assert [(score["checkpoint"], score["side"]) for score in scores] == [("mine", 256), ("mine", 1024)]
    names = ("frechet_ratio", "real_ratio", "palette_ratio", "flat_grain", "gradient_grain", "cycle_psnr_db", "seconds")
    assert all(score[name] > 0 for score in scores for name in names)
    assert images.load(folders / "s.png").image.shape[2] == 3
    code, _, err = command("evaluate", *options, "--style", folders / "alone")
    assert code == 1
    assert "none of the pictures that mine set aside" in err


def test_a_sheet_shows_photos_beside_what_a_domain_makes_of_them(command, folders, tiny_cyclegan):
    out = folders / "sheet.png"
    options = ["--domain", tiny_cyclegan, "--side", 64, "-o", out]
    code, _, err = command("domain-sheet", folders / "content", *options)
    assert code == 0, err
    sheet = images.load(out).image
    assert sheet.shape == (3 * 68 + 4, 8 * 68 + 4, 3)  # nine pairs, four in a row
    photo = images.center_square(images.load(folders / "content" / "0.png").image, 64)
    np.testing.assert_array_equal(sheet[4:68, 4:68], photo)
    assert not np.array_equal(sheet[4:68, 72:136], photo)


@pytest.mark.parametrize("start", [True, False])
def test_layers_that_write_pixels_learn_where_there_was_nothing_to_start_from(folders, start, tiny_cyclegan):
    data = {name: [folders / name] for name in ("content", "style")}
    plan = plan_training(folders / "new", "cyclegan", data=data, start=str(tiny_cyclegan) if start else None)
    assert plan.training.freeze_pixels is start


def test_a_domain_that_starts_from_an_autoencoder_has_its_network_and_the_styles_of_many_paintings():
    origin = find_checkpoint("autoencoder")
    model = new_model("cyclegan", {}, origin)
    assert (model.autoencoder, model.styles, model.strength) == (origin.config, 64, 1.0)
    assert model.canvas_side > 0
    changed = new_model("cyclegan", {"styles": 1, "autoencoder": {"smoothing": "none"}}, origin)
    assert (changed.styles, changed.autoencoder.smoothing) == (1, "none")


@pytest.mark.slow
def test_without_a_step_a_domain_is_made_of_the_style_codes_alone(command, folders, tmp_path):
    """So a domain is a folder and a command, in a minute or two and without a GPU."""
    start = save_checkpoint(tmp_path / "start", build_autoencoder(AutoencoderConfig.tiny()), "# start\n").folder
    data = [f"--{name}={folders / name}" for name in ("content", "style")]
    (tmp_path / "settings.json").write_text('{"model": {"styles": 3, "canvas_side": 64}}')
    options = ["--config", tmp_path / "settings.json", "--steps", 0, "-o", tmp_path / "made"]
    code, _, err = command("train", "cyclegan", "--start", start, *data, "--run", tmp_path / "run", *options)
    assert code == 0, err
    made = load_generator(find_checkpoint(str(tmp_path / "made")))
    for got, had in zip(made.autoencoder.weights, load_autoencoder(find_checkpoint(str(start))).weights, strict=True):
        np.testing.assert_array_equal(got, np.asarray(had).astype(np.float16))
    assert len(np.unique(np.asarray(made.style), axis=0)) == 3
    painted = images.load(folders / "content" / "0.png").image
    assert Styleprop.from_pretrained().translate(painted, str(tmp_path / "made")).array.shape == painted.shape


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_the_same_command_goes_on_and_a_new_run_can_start_from_the_result(command, folders):
    train(command, folders, "--minutes", "0", "-o", folders / "first")
    assert json.loads((folders / "run" / "run.json").read_text())["kind"] == "cyclegan"
    code, out, _ = command("train", "cyclegan", "--run", folders / "run", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["step"] == 2
    argv = ["--content", folders / "content", "--style", folders / "style", "--run", folders / "second"]
    code, _, err = command("train", "cyclegan", *argv, "--start", folders / "first", "--steps", 1, "--crop-size", 32)
    assert code == 0, err
    plan = json.loads((folders / "second" / "run.json").read_text())
    assert plan["model"] == json.loads(json.dumps(CycleGANConfig.tiny().to_dict()))


@pytest.mark.parametrize(
    ("style", "words"), [("alone", "at least 4 pictures"), ("nowhere", "no folder named nowhere"), ("empty", "No pic")]
)
def test_folders_that_cannot_be_learnt_from_are_refused_before_any_time_is_spent(command, folders, style, words):
    (folders / "empty").mkdir()
    code, _, err = train(command, folders, style=style)
    assert code == 1
    assert words in err
    assert not (folders / "run" / "run.json").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_pictures_of_mixed_modes_are_learnt_from_and_a_broken_one_is_passed_over(command, folders, random):
    from PIL import Image

    picture = Image.fromarray(make_picture(48, 64, random))
    for mode in ("L", "1", "CMYK", "P", "RGBA"):
        ending = "tif" if mode == "CMYK" else "png"
        picture.convert(mode).save(folders / "style" / f"{mode}.{ending}")
    (folders / "style" / "poem.png").write_text("roses are red")
    code, _, err = train(command, folders)
    assert code == 0, err
