"""Tables of colours: read and written, measured, and used by a domain."""

import shutil

import numpy as np
import pytest

from styleprop import images
from styleprop.areas import palette_distance
from styleprop.checkpoints import PALETTE_FILE, write_sums
from styleprop.engine import Styleprop
from styleprop.errors import CheckpointError, SettingsError
from styleprop.images.colors import from_lab, to_lab
from styleprop.images.palettes import Palette
from styleprop.training.palettes import fit_palette
from tests.conftest import make_picture

SEPIA = np.array([0.9, 0.7, 0.5], np.float32)


@pytest.fixture(scope="module")
def model(tiny_checkpoint):
    return Styleprop.from_pretrained(tiny_checkpoint)


@pytest.fixture
def picture(random):
    return make_picture(40, 56, random)


def sepia(size=5):
    grey = Palette.unchanged(size).table.mean(axis=-1, keepdims=True)
    return Palette(grey * SEPIA)


def domain(folder, tiny_cyclegan, text):
    shutil.copytree(tiny_cyclegan, folder)
    (folder / PALETTE_FILE).write_text(text)
    write_sums(folder)
    return str(folder)


def test_a_table_is_the_same_after_it_was_written(picture):
    again = Palette.from_cube('# a comment\nTITLE "sepia"\n' + sepia().to_cube())
    np.testing.assert_allclose(again.table, sepia().table, atol=1e-4)
    assert np.abs(again.paint(picture).astype(int) - sepia().paint(picture)).max() <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LUT_3D_SIZE 2\n0 0 0\n",
        "LUT_3D_SIZE 99\n",
        sepia(2).to_cube().replace("0.0000", "nan", 1),
        sepia(2).to_cube().replace("0.0000", "7", 1),
        sepia(2).to_cube().replace("0.0000", "0 0", 1),
        sepia(2).to_cube().replace("SIZE 2", "SIZE 3"),
    ],
)
def test_what_is_no_table_is_refused(text):
    with pytest.raises(ValueError, match="colours"):
        Palette.from_cube(text)


def test_red_green_and_blue_are_each_where_they_belong(picture):
    np.testing.assert_array_equal(Palette.unchanged(9).paint(picture), picture)
    gray = picture.astype(np.float32).mean(axis=-1, keepdims=True) * SEPIA
    assert np.abs(sepia().paint(picture) - gray).max() <= 1
    half = sepia().towards(0.5).paint(picture)
    assert np.abs(half - (picture + gray) / 2).max() <= 1.5


def test_lab_goes_there_and_back(random):
    colors = random.integers(0, 256, (100, 3))
    np.testing.assert_allclose(from_lab(to_lab(colors)), colors, atol=1e-6)
    np.testing.assert_allclose(to_lab(np.array([255, 255, 255])), [100, 0, 0], atol=0.02)


@pytest.mark.slow
def test_a_measured_table_takes_the_colours_of_one_set_to_those_of_another(random):
    photos = [make_picture(48, 48, random) for _ in range(6)]
    paintings = [sepia().paint(make_picture(48, 48, random)) for _ in range(6)]
    painted = [fit_palette(photos[:3], paintings[:3]).paint(photo) for photo in photos[3:]]
    assert palette_distance(painted, paintings[3:]) < 0.35 * palette_distance(photos[3:], paintings[3:])


def test_a_domain_paints_in_its_colours_and_its_opposite_does_not(model, tiny_cyclegan, picture, tmp_path):
    plain = model.translate(picture, str(tiny_cyclegan))
    name = domain(tmp_path / "cyclegan-photo-sepia", tiny_cyclegan, sepia().to_cube())
    made = model.translate(picture, name).array
    assert np.abs(made.astype(int) - sepia().paint(plain.array)).max() <= 1  # a file has four decimals
    back = model.translate(picture, name, to_photo=True).array
    np.testing.assert_array_equal(back, model.translate(picture, str(tiny_cyclegan), to_photo=True).array)
    assert np.abs(model.domain_frame_painter(name)(picture, 0.0).astype(int) - made).max() <= 1
    options = {"strength": 0.5, "detail": 0.4, "color": "content"}
    half = model.translate(picture, name, **options).array.astype(int)
    assert np.abs(model.domain_frame_painter(name, **options)(picture, 0.0) - half).max() <= 1
    assert np.abs(half - made).mean() > 2


def test_a_damaged_table_is_told_in_a_sentence(model, tiny_cyclegan, picture, tmp_path):
    name = domain(tmp_path / "cyclegan-photo-sepia", tiny_cyclegan, "LUT_3D_SIZE 2\n")
    with pytest.raises(CheckpointError, match=r"palette\.cube cannot be read"):
        model.translate(picture, name)


# --- strength, brush and mask of a translation ---


def test_a_translation_of_no_strength_is_the_photo_itself(model, tiny_cyclegan, picture, tmp_path):
    name = domain(tmp_path / "cyclegan-photo-sepia", tiny_cyclegan, sepia().to_cube())
    result = model.translate(picture, name, strength=0)
    np.testing.assert_array_equal(result.array, picture)
    nearly = model.translate(picture, name, strength=1e-4)
    assert np.abs(nearly.array.astype(int) - picture).max() <= 1
    assert result.settings["strength"] == 0


def test_a_translation_grows_with_its_strength(model, tiny_cyclegan, picture):
    made = [model.translate(picture, str(tiny_cyclegan), strength=share).array for share in (0.25, 0.5, 1)]
    far = [np.abs(array.astype(int) - picture).mean() for array in made]
    assert 0 < far[0] < far[1] < far[2]
    np.testing.assert_array_equal(made[-1], model.translate(picture, str(tiny_cyclegan)).array)


def test_a_coarse_brush_translates_a_smaller_canvas(model, tiny_cyclegan, picture):
    painting = model.paint_domain(picture, str(tiny_cyclegan), brush=2)
    assert painting.canvas.shape == (20, 28, 3)
    assert painting.full().array.shape == picture.shape


def test_outside_its_mask_a_translation_is_the_photo(model, tiny_cyclegan, picture):
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[:, :28] = 255
    result = model.translate(picture, str(tiny_cyclegan), mask=mask, feather=0)
    np.testing.assert_array_equal(result.array[:, 28:], picture[:, 28:])
    assert np.abs(result.array[:, :28].astype(int) - picture[:, :28]).mean() > 1
    assert result.settings["masked"]


def test_a_setting_out_of_range_is_refused(model, tiny_cyclegan, picture):
    with pytest.raises(SettingsError, match="strength must be a number from 0 to 1"):
        model.translate(picture, str(tiny_cyclegan), strength=2)


def test_the_command_takes_the_settings(command, tiny_cyclegan, picture, tmp_path):
    images.save(picture, tmp_path / "in.png")
    options = "--domain", tiny_cyclegan, "--strength", "0", "-o", tmp_path / "out.png"
    assert command("translate", tmp_path / "in.png", *options)[0] == 0
    np.testing.assert_array_equal(images.load(tmp_path / "out.png").image, picture)
