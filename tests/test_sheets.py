"""Contact sheets: in the arithmetic of pictures, in the engine, on the command line."""

import json

import numpy as np
import pytest

from styleprop import images
from styleprop.engine import make_sheet
from styleprop.engine.sheets import CELL_SIDE, SheetCell, strength_cells, style_cells
from styleprop.images.sheets import MARGIN, TEXT_HEIGHT
from styleprop.ui.style.sheet import Grid


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


def cell(sheet, row, column, height, width):
    top, left = MARGIN + row * (height + TEXT_HEIGHT + MARGIN), MARGIN + column * (width + MARGIN)
    return sheet[top : top + height, left : left + width]


def test_a_labelled_sheet_holds_each_picture_whole_with_ink_below(random):
    pictures = random.integers(0, 256, (5, 30, 40, 3), dtype=np.uint8)
    sheet = images.labelled_sheet([(image, "x" * 90) for image in pictures])
    for number, image in enumerate(pictures):
        np.testing.assert_array_equal(cell(sheet, number // 2, number % 2, 30, 40), image)
    below = sheet[MARGIN + 30 : MARGIN + 30 + TEXT_HEIGHT, : MARGIN + 40 + MARGIN]
    assert below.min() < 80
    assert below[:, -MARGIN + 2 :].min() > 240  # the label is cut to the picture's width


def test_a_place_on_the_sheet_is_the_picture_that_is_seen_there(random):
    pictures = random.integers(0, 256, (5, 30, 40, 3), dtype=np.uint8)
    sheet = images.labelled_sheet([(image, "") for image in pictures])
    columns = images.sheet_columns(5, 30, 40)
    grid = Grid(sheet.shape[1::-1], columns, 3, ["a", "b", "c", "d"])
    middles = [(MARGIN + 20 + number % 2 * (40 + MARGIN), MARGIN + 15 + number // 2 * 68) for number in range(6)]
    assert [grid.at(x, y) for x, y in middles] == [None, "a", "b", "c", "d", None]


def test_a_sheet_of_styles_is_the_photo_and_each_style(model, picture):
    made = make_sheet(model, picture, style_cells(model), strength=0.5)
    height, width = picture.shape[:2]
    np.testing.assert_array_equal(cell(made.array, 0, 0, height, width), picture)
    expected = model.stylize(picture, "dusk-red", strength=0.5).array
    np.testing.assert_array_equal(cell(made.array, 0, 1, height, width), expected)
    assert made.settings["job"] == "sheet"


def test_a_sheet_of_strengths_ends_with_the_full_style_and_is_watched(model, picture):
    seen = []
    made = make_sheet(model, picture, strength_cells("north-sea", [0.0, 1.0]), lambda *counts: seen.append(counts))
    height, width = picture.shape[:2]
    np.testing.assert_array_equal(cell(made.array, 0, 1, height, width), picture)
    np.testing.assert_array_equal(cell(made.array, 1, 0, height, width), model.stylize(picture, "north-sea").array)
    assert seen == [(1, 2), (2, 2)]


def test_large_photos_are_shrunk_and_transparent_ones_lie_on_white(model):
    content = images.Picture(np.zeros((600, 800, 3), np.uint8), np.zeros((600, 800), np.uint8))
    sheet = make_sheet(model, content, [SheetCell("one", "dusk-red", {"strength": 0.0})]).array
    assert max(sheet.shape) < 2 * (CELL_SIDE + TEXT_HEIGHT + 2 * MARGIN)
    assert cell(sheet, 0, 0, 300, 400).min() == 255


def test_the_command_line_makes_sheets(command, model, photo, tmp_path):
    code, out, _ = command("sheet", photo, "-o", tmp_path / "sheet.png", "--json")
    assert code == 0
    assert json.loads(out)["cells"] == ["Dusk in red", "The North Sea"]
    expected = make_sheet(model, images.load(photo), style_cells(model), detail=0.0).array
    np.testing.assert_array_equal(images.load(tmp_path / "sheet.png").image, expected)
    styles = ["--style", "dusk-red", "--strengths", "0.25,1"]
    code, out, _ = command("sheet", photo, *styles, "-o", tmp_path / "two.png", "--json")
    assert json.loads(out)["cells"] == ["Strength 0.25", "Strength 1"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--strengths", "0.5"], "--strengths needs exactly one --style."),
        (["--style", "dusk-red", "--strengths", "0.5,2"], "numbers from 0 to 1"),
        (["--style", "dusk-red"] * 41, "Give at most 40 styles, not 41."),
    ],
)
def test_sheets_that_make_no_sense_are_wrong_usage(command, photo, tmp_path, options, sentence):
    code, _, err = command("sheet", photo, *options, "-o", tmp_path / "sheet.png")
    assert code == 2
    assert sentence in err
