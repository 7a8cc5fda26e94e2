"""The enlarger: the network, its losses, what it learns from, its training and the figures that judge it."""

import json
from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from PIL import Image

from styleprop import images
from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.cli import main
from styleprop.config import AutoencoderConfig, EnlargerConfig, EnlargerTrainingConfig
from styleprop.engine import enlarging
from styleprop.errors import CheckpointError, SettingsError
from styleprop.hub.files import check_whole
from styleprop.images.colors import LUMA
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.enlarger import build_enlarger, plan_steps
from styleprop.outlines import flat_pattern, leak, outline_energy, overshoot
from styleprop.training.enlarger import (
    LOSSES,
    beside_loss,
    flat_loss,
    leak_loss,
    low_loss,
    outline_loss,
    train_enlarger,
)
from styleprop.training.enlarger_check import EnlargerCheck, enlarge_painting, refine
from styleprop.training.painted import EnlargerSampler, PaintedPictures, degrade, stylize
from styleprop.weights import load_autoencoder, load_enlarger
from tests.conftest import make_picture
from tests.test_backends import features_file
from tools import patterns

pytestmark = pytest.mark.usefixtures("eagerly")

TINY = EnlargerTrainingConfig(
    total_steps=2, batch_size=1, crop_size=48, picture_size=192, pictures=2, learning_rate=1e-3, warmup_steps=0
)


def build(config=None, seed=1):
    """An enlarger whose every weight has some effect."""
    keras.utils.set_random_seed(seed)
    network = build_enlarger(config or EnlargerConfig.tiny())
    noise = np.random.default_rng(seed)
    network.set_weights([value + noise.normal(0, 0.1, value.shape) for value in network.get_weights()])
    return network


def inputs(random, height=32, width=48, count=1):
    code_size = EnlargerConfig.tiny().code_size
    batches = [random.uniform(-1, 1, (count, height, width, 3)).astype("float32") for _ in range(2)]
    return [*batches, random.normal(0, 1, (count, code_size)).astype("float32")]


def pictures(seed, count=3, side=200):
    random = np.random.default_rng(seed)
    return [make_picture(side, side + 8, random) for _ in range(count)]


def painter(checkpoint):
    return load_autoencoder(find_checkpoint(checkpoint))


# --- the network ---


def test_a_new_enlarger_changes_nothing(random):
    enlarged, photo, code = inputs(random)
    np.testing.assert_array_equal(build_enlarger(EnlargerConfig.tiny())(enlarged, photo, code), enlarged)


def test_height_and_width_need_not_be_known(random):
    tf.config.run_functions_eagerly(False)
    network = build()
    batch = tf.TensorSpec((1, None, None, 3), tf.float32)
    code = tf.TensorSpec((1, network.config.code_size), tf.float32)
    compiled = tf.function(network.__call__, input_signature=[batch, batch, code])
    for height, width in ((8, 8), (12, 40), (64, 20)):
        arguments = inputs(random, height, width)
        np.testing.assert_allclose(compiled(*arguments), network(*arguments), atol=1e-5)
    assert compiled.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_a_tile_with_its_margin_comes_out_as_the_whole_does(random, blocks):
    network = build(replace(EnlargerConfig.tiny(), blocks=blocks))
    margin, core = network.margin, 16
    side = 2 * margin + core
    enlarged, photo, code = inputs(random, side + 24, side + 40)
    whole = np.array(network(enlarged, photo, code))
    part = np.s_[:, 12 : 12 + side, 20 : 20 + side]
    tile = np.array(network(enlarged[part], photo[part], code))
    inner = np.s_[:, margin : margin + core, margin : margin + core]
    np.testing.assert_allclose(tile[inner], whole[part][inner], atol=2e-5)


def test_of_the_photo_its_luminance_alone_is_seen(random):
    network = build()
    enlarged, photo, code = inputs(random)
    grey = np.broadcast_to((photo @ np.float32([0.299, 0.587, 0.114]))[..., None], photo.shape)
    np.testing.assert_allclose(network(enlarged, photo, code), network(enlarged, grey, code), atol=1e-5)


def test_the_style_code_has_a_say(random):
    network = build()
    enlarged, photo, code = inputs(random)
    assert np.abs(network(enlarged, photo, code) - network(enlarged, photo, 0 * code)).max() > 1e-3


def test_the_enlarger_costs_at_most_ten_thousand_products_a_pixel():
    config = EnlargerConfig()
    half, quarter = config.filters
    at_half = 9 * (16 * half + half * half + 12 * half) / 4
    at_quarter = (9 * half * quarter + 18 * config.blocks * quarter**2 + 5 * half * quarter) / 16
    assert at_half + at_quarter < 10_000


def test_an_enlarger_comes_back_from_its_checkpoint(random, tmp_path, tiny_checkpoint):
    network = build()
    checkpoint = save_checkpoint(tmp_path / "enlarger", network)
    arguments = inputs(random)
    np.testing.assert_allclose(load_enlarger(checkpoint)(*arguments), network(*arguments), atol=2e-2)
    with pytest.raises(CheckpointError, match="is not an enlarger"):
        load_enlarger(find_checkpoint(tiny_checkpoint))


def test_an_enlarger_from_afar_is_checked_whole(tmp_path):
    checkpoint = save_checkpoint(tmp_path / "enlarger", build())
    assert check_whole(checkpoint.folder) == checkpoint
    (checkpoint.folder / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="SHA-256"):
        check_whole(checkpoint.folder)


@pytest.mark.parametrize("values", [{"filters": (4,)}, {"filters": (0, 4)}, {"blocks": -1}, {"code_size": 0}])
def test_dimensions_that_make_no_enlarger_are_refused(values):
    with pytest.raises(SettingsError):
        replace(EnlargerConfig.tiny(), **values)


# --- the losses, with known answers ---


def half_dark(side=48, low=-0.5, high=0.5):
    batch = np.full((1, side, side, 3), high, "float32")
    batch[:, :, : side // 2] = low
    return batch


def blurred(batch, side=9):
    return np.array(ops.average_pool(batch, side, 1, "same"))


def test_the_low_loss_is_a_change_of_colour():
    batch = half_dark()
    assert float(low_loss(batch + 0.25, batch)) == pytest.approx(0.25)
    assert float(low_loss(batch, batch)) == 0


def test_the_outline_loss_is_what_lacks_of_a_share_of_the_photos_gradient():
    photo = half_dark()  # three gradients across, of 1/6, 1/3 and 1/3 and so on once averaged over 3 pixels
    assert float(outline_loss(blurred(photo, 3), photo, 1.0)) == pytest.approx(0, abs=1e-5)
    nothing = float(outline_loss(0 * photo, photo, 1.0))
    assert nothing > 0.1
    assert float(outline_loss(0 * photo, photo, 0.5)) == pytest.approx(nothing / 2)
    assert float(outline_loss(-blurred(photo, 3), photo, 1.0)) == pytest.approx(0, abs=1e-5)  # dark for light will do
    assert float(outline_loss(photo.swapaxes(1, 2), photo, 1.0)) > 0.9 * nothing  # an outline across it will not


def test_the_outline_loss_asks_for_nothing_where_the_photo_has_no_outline(random):
    assert float(outline_loss(half_dark(), 0 * half_dark(), 1.0)) == 0


def test_the_beside_loss_sees_slopes_and_second_outlines_but_not_the_outline_itself():
    photo = half_dark()
    assert float(beside_loss(photo, photo)) == pytest.approx(0.001, abs=1e-4)  # next to nothing: the root of TINY
    assert float(beside_loss(blurred(photo, 15), photo)) > 0.03
    second = photo.copy()
    second[:, :, 30:32] = -0.5  # six columns from the outline
    assert float(beside_loss(second, photo)) > 0.03


def test_the_flat_loss_sees_new_patterns_in_flat_parts_alone(random):
    flat, noise = np.zeros((1, 48, 48, 3), "float32"), random.normal(0, 0.1, (1, 48, 48, 1)).astype("float32")
    in_sky = float(flat_loss(flat + noise, flat, flat))
    assert in_sky > 0.03
    assert float(flat_loss(flat + noise, flat, flat + noise)) < 1e-6  # the painting's own
    texture = np.repeat(random.normal(0, 0.5, (1, 48, 48, 1)), 3, axis=-1).astype("float32")
    assert float(flat_loss(flat + noise, texture, flat)) < 0.2 * in_sky


def test_the_leak_loss_is_the_squared_correlation_with_the_photos_texture(random):
    flat, other = np.zeros((1, 64, 64, 3), "float32"), random.normal(0, 0.1, (1, 64, 64, 1)).astype("float32")
    texture = np.repeat(random.normal(0, 0.05, (1, 64, 64, 1)), 3, axis=-1).astype("float32")
    assert float(leak_loss(flat - 0.5 * texture, texture, flat)) > 0.95
    assert float(leak_loss(flat + other, texture, flat)) < 0.05
    assert float(leak_loss(flat, texture, flat)) == 0


# --- what it learns from ---


def sampler(checkpoint, folder=None, config=TINY):
    return EnlargerSampler(PaintedPictures(painter(checkpoint), pictures(1), pictures(2), config, folder))


def test_a_batch_has_three_kinds_of_rows_and_depends_on_seed_and_step_alone(tiny_checkpoint):
    samplers = [sampler(tiny_checkpoint) for _ in range(2)]
    samplers[0].batch(0)
    batch, again = (one.batch(1) for one in samplers)
    assert {name: array.shape for name, array in batch.items()} == {
        **dict.fromkeys(("enlarged", "photo", "target", "reference"), (3, 48, 48, 3)),
        "code": (3, AutoencoderConfig.tiny().code_size),
    }
    for name, array in batch.items():
        np.testing.assert_array_equal(array, again[name])
        assert array.dtype == np.float32
    np.testing.assert_array_equal(batch["target"][:2], batch["reference"][:2])
    assert np.any(batch["target"][2] != batch["reference"][2])


def test_painted_pictures_are_kept_in_the_folder(tiny_checkpoint, tmp_path):
    first = sampler(tiny_checkpoint, tmp_path).batch(3)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept
    assert set(kept) <= {"0000.npz", "0001.npz"}
    again = sampler(tiny_checkpoint, tmp_path)
    again.painted.network = None  # nothing is left to paint
    np.testing.assert_array_equal(again.batch(3)["enlarged"], first["enlarged"])


def test_a_picture_is_painted_whole_at_both_sizes(tiny_checkpoint):
    made = PaintedPictures(painter(tiny_checkpoint), pictures(1), pictures(2), TINY).read(0)
    assert made.photo.shape == made.style.shape == made.painting.shape == (192, 192, 3)
    assert made.canvas.shape == (192 // made.factor, 192 // made.factor, 3)
    assert made.codes.shape == (2, AutoencoderConfig.tiny().code_size)


def test_a_painting_grows_by_about_two_a_step_to_the_photos_own_size():
    assert plan_steps((768, 1024), (3000, 4000)) == [(1518, 2024), (3000, 4000)]
    assert plan_steps((768, 768), (768, 768)) == [(768, 768)]
    for factor in (1.1, 1.7, 2.5, 3.3, 5.0, 6.5, 11.0):
        sizes = [(768, 1000), *plan_steps((768, 1000), (round(768 * factor), round(1000 * factor)))]
        assert sizes[-1] == (round(768 * factor), round(1000 * factor))
        assert all(after[0] / before[0] < 2.9 for before, after in pairwise(sizes))


def test_a_new_enlarger_only_enlarges(random):
    photo, canvas = make_picture(61, 93, random), make_picture(61, 93, random)[:16, :24]
    code = np.zeros((1, EnlargerConfig.tiny().code_size), "float32")
    made = enlarge_painting(build_enlarger(EnlargerConfig.tiny()), canvas, photo, code)
    assert made.shape == photo.shape
    once = np.array(Image.fromarray(canvas).resize((93, 61), Image.Resampling.BICUBIC))
    assert np.abs(made.astype(int) - once).mean() < 3


def test_without_moves_a_degraded_picture_is_a_reduced_one(random):
    image = make_picture(48, 48, random)
    small = images.resize(image, 24, 24)
    expected = np.array(Image.fromarray(small).resize((48, 48), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(degrade(image, 2, 0.0, random), expected)
    assert np.any(degrade(image, 2, 2.0, random) != expected)


# --- the training ---


def train(features, checkpoint, folder=None, **options):
    network = build()
    found = {"content": pictures(1), "style": pictures(2)}
    options = {"folder": folder, "report_every": 1, **options}
    return network, train_enlarger(network, painter(checkpoint), features, found, TINY, **options)


def test_training_reports_every_loss_and_changes_the_enlarger_alone(tiny_features, tiny_checkpoint, tmp_path):
    network, reports = train(tiny_features, tiny_checkpoint, tmp_path)
    before = network.get_weights()
    reports = list(reports)
    assert [set(report.losses) for report in reports] == [{"loss", *LOSSES}] * 2
    assert any(np.any(a != b) for a, b in zip(before, network.get_weights(), strict=True))


def test_a_resumed_training_has_the_losses_of_an_uninterrupted_one(tiny_features, tiny_checkpoint, tmp_path):
    whole = [report.losses for report in train(tiny_features, tiny_checkpoint)[1]]
    first = [report.losses for report in train(tiny_features, tiny_checkpoint, tmp_path, seconds=0.0)[1]]
    rest = [report.losses for report in train(tiny_features, tiny_checkpoint, tmp_path)[1]]
    assert len(first) == 1
    for found, expected in zip(first + rest, whole, strict=True):
        assert found == pytest.approx(expected, rel=1e-3)


@pytest.fixture
def folders(tmp_path):
    for kind, seed in (("content", 1), ("style", 2)):
        for number, image in enumerate(pictures(seed)):
            images.save(image, tmp_path / kind / f"{number}.png")
    settings = {"batch_size": 1, "crop_size": 48, "picture_size": 192, "pictures": 2, "total_steps": 1}
    model = EnlargerConfig.tiny().to_dict()
    (tmp_path / "config.json").write_text(json.dumps({**settings, "model": model}))
    features_file(tmp_path)
    return tmp_path


def test_one_command_trains_exports_and_goes_on(folders, tiny_checkpoint, capsys):
    command = ["train", "enlarger", "--run", folders / "run", "-o", folders / "out"]
    new = ["--start", tiny_checkpoint, "--content", folders / "content", "--style", folders / "style"]
    new += ["--features", folders / "features.npz", "--config", folders / "config.json"]
    assert main([str(word) for word in command + new]) == 0
    assert find_checkpoint(folders / "out").kind == "enlarger"
    assert (folders / "run" / "preview.png").exists()
    capsys.readouterr()
    assert main([str(word) for word in [*command, "--steps", 2, "--json"]]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 2
    other = ["train", "enlarger", "--run", folders / "other", "--enlarger", folders / "out", "--steps", 1, *new]
    assert main(list(map(str, other))) == 0


def test_an_enlarger_needs_what_paints(folders, capsys):
    command = ["train", "enlarger", "--run", folders / "run", "--content", folders / "content"]
    command += ["--style", folders / "style", "--features", folders / "features.npz"]
    assert main(list(map(str, command))) == 2
    assert "needs the autoencoder that paints: --start NAME" in capsys.readouterr().err


def test_the_check_shows_photo_enlargement_and_refinement(tiny_checkpoint):
    network = build_enlarger(EnlargerConfig.tiny())
    average = type("Average", (), {"copy_to": lambda self, network: None})()
    check = EnlargerCheck(network, painter(tiny_checkpoint), pictures(1, 1), pictures(2, 1), 192)
    scores, preview = check(average)
    assert preview.shape == (200, 3 * 196 + 4, 3)
    smooth, refined = preview[4:196, 200:392].astype(int), preview[4:196, 396:588].astype(int)
    assert np.corrcoef(refined.ravel(), smooth.ravel())[0, 1] > 0.95  # a new network only enlarges, in two steps
    assert set(scores) <= {"energy", "overshoot", "flat", "leak"}


def test_a_painting_has_the_photos_size_whatever_it_is(tiny_checkpoint, random):
    photo = make_picture(61, 43, random)
    assert stylize(painter(tiny_checkpoint), photo, photo)[0].shape == photo.shape
    code = np.zeros((1, EnlargerConfig.tiny().code_size), "float32")
    np.testing.assert_array_equal(refine(build_enlarger(EnlargerConfig.tiny()), photo, photo, code), photo)


# --- the figures ---


def step_edge(side=64, low=60, high=180):
    image = np.full((side, side, 3), high, np.uint8)
    image[:, : side // 2] = low
    return image


def test_the_photo_has_all_of_its_outline_energy_and_a_blurred_one_little():
    photo = step_edge()
    assert outline_energy(photo, photo) == 1
    assert outline_energy(255 - photo, photo) == pytest.approx(1)
    soft = np.array(Image.fromarray(photo).resize((16, 16)).resize((64, 64), Image.Resampling.BICUBIC))
    assert outline_energy(soft, photo) < 0.4
    assert np.isnan(outline_energy(photo, np.full_like(photo, 9)))


def test_overshoot_is_what_lies_outside_the_paintings_range():
    photo = step_edge()
    assert overshoot(photo, photo, photo) == 0
    ring = photo.copy()
    ring[:, 32:35] += 30
    assert overshoot(ring, photo, photo) == pytest.approx(30 * 3 / 8, abs=1e-3)  # three of eight columns


def test_a_flat_sky_has_no_pattern_and_noise_has_its_deviation(random):
    sky = np.full((64, 64, 3), 150, np.uint8)
    assert flat_pattern(sky, sky) < 1e-4
    noise = sky + random.choice(np.array([0, 20], np.uint8), (64, 64, 1))
    assert flat_pattern(noise, sky) == pytest.approx(10, rel=0.05)
    assert np.isnan(flat_pattern(sky, random.integers(0, 256, (64, 64, 3)).astype(np.uint8)))


def test_leak_is_the_correlation_with_the_photos_texture(random):
    photo, other = (np.repeat(random.integers(100, 140, (64, 64, 1)), 3, axis=2).astype(np.uint8) for _ in range(2))
    assert leak(photo, photo) == pytest.approx(1)
    assert leak(255 - photo, photo) == pytest.approx(-1)
    assert abs(leak(other, photo)) < 0.1
    assert np.isnan(leak(photo, np.full_like(photo, 100)))


def test_a_new_autoencoder_has_the_code_size_that_a_new_enlarger_expects():
    assert EnlargerConfig().code_size == AutoencoderConfig().code_size
    assert build_autoencoder(AutoencoderConfig.tiny()).config.code_size == EnlargerConfig.tiny().code_size


# --- the shipped weights ---


def street(side=384):
    """A detailed scene: a sky of faint noise, a house with windows, a pole and a striped awning."""
    random = np.random.default_rng(4)
    image = np.full((side, side, 3), (150, 180, 210), np.uint8)
    image[side // 3 :, side // 4 :] = (120, 70, 60)
    image[side // 6 :, side // 8 : side // 8 + 6] = (40, 40, 45)
    for row in range(side // 3 + 20, side - 40, 48):
        for column in range(side // 4 + 20, side - 30, 44):
            image[row : row + 26, column : column + 18] = (235, 225, 190)
    stripes = (np.arange(side - side // 4) // 8 % 2 * 150 + 60).astype(np.uint8)
    image[side // 3 - 12 : side // 3, side // 4 :] = stripes[:, None]
    return np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def shipped():
    """The street's photo, and by style its canvas at a third of the size, and what becomes of it."""
    network, shipped_painter = load_enlarger(find_checkpoint("enlarger")), painter("autoencoder")
    photo, made = street(), {}
    for paint in (patterns.woven_strokes, patterns.marble, patterns.ink_hatching):
        style = images.resize(paint(), 128, 128)
        canvas, code = stylize(shipped_painter, images.resize(photo, 128, 128), style)
        made[paint.__name__] = (canvas, enlarge_painting(network, canvas, photo, code))
    return photo, made


def test_outlines_are_crisp_where_the_photos_are(shipped):
    photo, made = shipped
    assert np.median([outline_energy(refined, photo) for _, refined in made.values()]) >= 0.6


def test_flat_skies_have_no_more_of_a_pattern_than_their_canvases(shipped):
    photo, made = shipped
    small = images.resize(photo, 128, 128)
    patterns = [(flat_pattern(refined, photo), flat_pattern(canvas, small)) for canvas, refined in made.values()]
    assert np.sum(patterns, axis=0)[0] <= np.sum(patterns, axis=0)[1]


def test_colours_stay_the_paintings(shipped):
    for canvas, refined in shipped[1].values():
        small, expected = (images.resize(image, 24, 24).astype(int) for image in (refined, canvas))
        assert np.abs(small - expected).mean() < 6


def test_of_what_the_network_adds_the_lightness_stays_and_the_colours_in_part():
    added = np.array([0.2, -0.1, 0.05], np.float32)

    class Coloring:
        margin = 0
        call = staticmethod(lambda smooth, photo, code: smooth + added)

    grey = np.full((1, 8, 8, 3), 128, np.uint8)
    made = enlarging._compile(Coloring, 4)(grey, grey, np.zeros((1, 4), np.float32)).numpy()
    change, light = 127.5 * added, 127.5 * added @ LUMA
    np.testing.assert_allclose(made[0, 0, 0] - 128.0, light + enlarging.COLORED * (change - light), atol=0.51)
