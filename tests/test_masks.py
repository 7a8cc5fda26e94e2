"""Masks: in the arithmetic of pictures, in the engine, on the command line."""

import json

import numpy as np
import pytest

from styleprop import images
from styleprop.engine import enlarging, scale
from styleprop.engine.settings import EMPTY_MASK, STRETCHED_MASK
from styleprop.errors import SettingsError
from tests.conftest import make_picture


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture
def left():
    """A mask of the left half of a 72 x 104 picture."""
    mask = np.zeros((72, 104), np.uint8)
    mask[:, :52] = 255
    return mask


def test_black_stays_black_and_white_is_reached_at_the_feathers_width(left):
    soft = images.fit_mask(left.repeat(10, axis=0).repeat(10, axis=1), 720, 1040, 0.05)  # 36 pixels
    assert not soft[:, 520:].any()
    assert soft[360, 520 - 1] < 30
    assert soft[:, : 520 - 36].min() > 245
    assert soft[:, : 520 - 72].min() == 255
    assert (np.diff(soft[360].astype(int)) <= 0).all()


def test_without_a_feather_a_mask_stays_as_it_is_and_greys_are_kept(left):
    left[:10] = 128
    np.testing.assert_array_equal(images.fit_mask(left, 72, 104, 0.0), left)
    assert images.fit_mask(left, 72, 104, 0.05)[:5, :20].max() == 128


def test_a_line_thinner_than_the_feather_is_not_lost():
    mask = np.zeros((200, 200), np.uint8)
    mask[98:102] = 255
    assert images.fit_mask(mask, 200, 200, 0.2).max() >= 250


def test_what_jpeg_makes_of_black_is_black(left):
    noise = np.random.default_rng(1).integers(0, 7, left.shape, dtype=np.uint8)
    np.testing.assert_array_equal(images.fit_mask(np.where(left > 0, left - noise, noise), 72, 104, 0.0), left)


def test_a_blend_is_exact_at_both_ends_and_in_the_middle(random):
    outside, inside = random.integers(0, 256, (2, 300, 20, 3), dtype=np.uint8)
    mask = np.zeros((300, 20), np.uint8)
    mask[100:], mask[200:] = 51, 255
    blended = images.blend(outside, inside, mask)
    np.testing.assert_array_equal(blended[:100], outside[:100])
    np.testing.assert_array_equal(blended[200:], inside[200:])
    expected = outside[100:200] * 0.8 + inside[100:200] * 0.2
    assert np.abs(blended[100:200] - expected).max() <= 0.5


def test_a_masks_brightness_counts_times_its_opacity():
    white = np.full((16, 16, 3), 255, np.uint8)
    alpha = np.full((16, 16), 100, np.uint8)
    assert images.to_mask(images.Picture(white)).min() == 255
    assert images.to_mask(images.Picture(white, alpha)).max() == 100
    assert images.to_mask(images.Picture(white // 255 * 0, alpha)).max() == 0


@pytest.mark.parametrize("color", [(0, 0, 0), (0, 0, 90), (255, 255, 255)])
def test_a_shape_that_stands_in_the_alpha_alone_is_the_mask(left, color):
    drawn = np.full((*left.shape, 3), color, np.uint8)
    np.testing.assert_array_equal(images.to_mask(images.Picture(drawn, left)), left)


def test_where_colors_differ_they_count_even_if_there_is_alpha(left):
    drawn = np.zeros((*left.shape, 3), np.uint8)
    drawn[:36] = 255
    expected = left.copy()
    expected[36:] = 0
    np.testing.assert_array_equal(images.to_mask(images.Picture(drawn, left)), expected)


def test_a_black_shape_on_nothing_is_no_empty_mask(model, picture, left, tmp_path):
    images.save(np.zeros((*left.shape, 3), np.uint8), tmp_path / "mask.png", alpha=left)
    made = model.stylize(picture, "dusk-red", mask=tmp_path / "mask.png", feather=0.0)
    assert made.notes == ()
    np.testing.assert_array_equal(made.array, model.stylize(picture, "dusk-red", mask=left, feather=0.0).array)


@pytest.mark.parametrize("color", ["style", "content", "only"])
def test_outside_the_mask_every_pixel_is_the_contents_own(model, picture, left, color):
    made = model.stylize(picture, "dusk-red", mask=left, color=color).array
    np.testing.assert_array_equal(made[:, 52:], picture[:, 52:])
    assert np.abs(made[:, :40].astype(int) - picture[:, :40]).mean() > 1


def test_outside_the_mask_every_pixel_is_the_contents_own_also_by_tiles(model, random, monkeypatch):
    monkeypatch.setattr(scale, "CANVAS_SIDE", 64)
    monkeypatch.setattr(enlarging, "CORE", 64)
    content = make_picture(150, 210, random)
    mask = np.zeros((15, 21), np.uint8)
    mask[5:, 9:] = 255
    made = model.stylize(content, "dusk-red", mask=mask).array
    outside = images.fit_mask(mask, 150, 210, 0.0) == 0
    np.testing.assert_array_equal(made[outside], content[outside])
    assert (made != content).any()


def test_a_white_mask_is_no_mask_and_a_black_one_gives_the_photo_and_says_so(model, picture):
    white, black = np.full((72, 104), 255, np.uint8), np.zeros((72, 104), np.uint8)
    whole = model.stylize(picture, "dusk-red").array
    np.testing.assert_array_equal(model.stylize(picture, "dusk-red", mask=white).array, whole)
    empty = model.stylize(picture, "dusk-red", mask=black)
    np.testing.assert_array_equal(empty.array, picture)
    assert empty.notes == (EMPTY_MASK,)


def test_a_second_style_goes_outside(model, picture, left):
    made = model.stylize(picture, "dusk-red", mask=left, outside="north-sea", feather=0.0)
    other = model.stylize(picture, "north-sea", mask=255 - left, feather=0.0).array
    np.testing.assert_array_equal(made.array[:, 52:], other[:, 52:])
    one = model.stylize(picture, "dusk-red", mask=left, feather=0.0).array
    np.testing.assert_array_equal(made.array[:, :52], one[:, :52])
    assert made.settings["outside"] == [["north-sea", 1.0]]


def test_inside_a_mask_lies_what_is_painted_everywhere(model, random):
    """A sky alone, with statistics of its own, would become all squiggles."""
    content = make_picture(120, 320, random)
    mask = np.zeros((120, 320), np.uint8)
    mask[:, :60] = 255
    made = model.stylize(content, "dusk-red", mask=mask, feather=0.0).array
    np.testing.assert_array_equal(made[:, :60], model.stylize(content, "dusk-red").array[:, :60])


def test_a_mask_of_another_size_is_stretched_and_of_another_shape_it_is_said(model, picture):
    assert model.stylize(picture, "dusk-red", mask=np.full((36, 52), 255, np.uint8)).notes == ()
    assert model.stylize(picture, "dusk-red", mask=np.full((36, 36), 255, np.uint8)).notes == (STRETCHED_MASK,)


@pytest.mark.parametrize("mask", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros((0, 4), np.uint8)])
def test_an_array_that_is_no_mask_is_refused(model, picture, mask):
    with pytest.raises(SettingsError, match="A mask must be uint8"):
        model.stylize(picture, "dusk-red", mask=mask)


def test_an_outside_without_a_mask_and_a_feather_out_of_range_are_refused(model, picture, left):
    with pytest.raises(SettingsError, match="needs a mask"):
        model.stylize(picture, "dusk-red", outside="north-sea")
    with pytest.raises(SettingsError, match="feather must be a number"):
        model.stylize(picture, "dusk-red", mask=left, feather=0.3)


# --- on the command line ---


@pytest.fixture
def mask_file(tmp_path, left):
    images.save(np.repeat(left[:, :, None], 3, axis=2), tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_the_command_line_takes_a_mask_an_outside_and_their_settings(command, model, photo, mask_file, left, tmp_path):
    options = [
        "--style",
        "dusk-red",
        "--mask",
        mask_file,
        "--invert-mask",
        "--feather",
        "0.1",
        "--outside",
        "north-sea",
    ]
    code, out, _ = command("stylize", photo, *options, "-o", tmp_path / "out.png", "--json")
    expected = model.stylize(photo, "dusk-red", mask=255 - left, feather=0.1, outside="north-sea")
    record = json.loads(out)
    assert code == 0
    np.testing.assert_array_equal(images.load(tmp_path / "out.png").image, expected.array)
    assert (record["mask"], record["invert_mask"], record["feather"]) == (str(mask_file), True, 0.1)
    assert record["outside"] == [["north-sea", 1.0]]


def test_a_translation_takes_a_mask_too(command, model, tiny_cyclegan, photo, mask_file, left, tmp_path):
    options = ["--domain", tiny_cyclegan, "--mask", mask_file, "--invert-mask", "--feather", "0.1"]
    code, _, _ = command("translate", photo, *options, "-o", tmp_path / "out.png")
    expected = model.translate(photo, str(tiny_cyclegan), mask=255 - left, feather=0.1)
    assert code == 0
    np.testing.assert_array_equal(images.load(tmp_path / "out.png").image, expected.array)
    assert (expected.array[:, :40] == images.load(photo).image[:, :40]).all()
    code, _, err = command("translate", photo, "--domain", tiny_cyclegan, "--outside", "x", "-o", tmp_path / "out.png")
    assert code == 2  # a domain has no other side
    assert "--outside" in err


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--outside", "north-sea"], 2, "--outside needs --mask FILE."),
        (["--invert-mask"], 2, "--invert-mask needs --mask FILE."),
        (["--mask", "missing.png"], 1, "missing.png: The file does not exist."),
        (["--feather", "3"], 2, "must be a number from 0 to 0.2"),
    ],
)
def test_a_mask_that_makes_no_sense_is_one_line(command, photo, tmp_path, options, code, sentence):
    found, _, err = command("stylize", photo, "--style", "dusk-red", *options, "-o", tmp_path / "out.png")
    assert found == code
    assert sentence in err
    assert err.count("\n") == 1


def test_a_mask_is_never_written_over(command, photo, mask_file, tmp_path):
    code, _, err = command("stylize", photo, "--style", "dusk-red", "--mask", mask_file, "-o", mask_file)
    assert code == 2
    assert "is one of the inputs" in err
