"""Tiles of one's own: kept, found again after a reload, painted with, taken along, removed, loaded by somebody else."""

import json

import numpy as np
import pytest

from styleprop import images
from styleprop.own_styles import load_style
from tests.browser.pages import PATIENCE, PHONE, choose, download, expect, panel, shoot, wait_done, wait_painted
from tests.conftest import make_picture

pytestmark = pytest.mark.slow


def own(part):
    return part.locator(".style-tiles label:has(input[value^='own-'])").filter(visible=True)


def keep(page, part, painting, name):
    part.get_by_role("radio", name="My pictures").check()
    choose(page, part.locator(".slot").first, painting)
    expect(part.get_by_text("60 × 48 pixels.")).to_be_visible()
    part.get_by_placeholder("Name of the tile").fill(name)
    part.get_by_role("button", name="Keep as a tile").click()
    expect(part.get_by_role("radio", name=name)).to_be_checked(timeout=PATIENCE)


def take(page, part, path):
    with page.expect_download() as started:
        part.get_by_role("button", name="Download style").click()
    started.value.save_as(path)
    return started.value.suggested_filename


def test_a_style_is_kept_found_again_taken_along_and_loaded_on_a_phone(app, browser, page, photo, painting, tmp_path):
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    keep(page, part, painting, "My dusk")
    wait_done(part, "with My dusk")  # the loose picture was painted before it
    expect(part.get_by_text("My dusk — a style of your own, kept by this browser alone.")).to_be_visible()
    wait_painted(page, own(part))
    shoot(page, "own-style-desk")

    page.reload()
    part = panel(page, "Style transfer")
    wait_done(part, "with My dusk")
    expect(part.get_by_role("radio", name="My dusk")).to_be_checked()
    part.get_by_role("radio", name="Dusk in red").check()
    expect(part.locator(".status")).to_contain_text("with Dusk in red", timeout=PATIENCE)
    expect(part.get_by_role("button", name="Remove tile")).to_be_hidden()
    part.get_by_role("radio", name="My dusk").check()
    expect(part.locator(".status")).to_contain_text("with My dusk", timeout=PATIENCE)

    file, result = tmp_path / "taken.style.json", tmp_path / "result.png"
    assert take(page, part, file) == "My-dusk.style.json"
    np.testing.assert_array_equal(load_style(file).codes, app.model.make_style(painting, "My dusk").codes)
    started = download(page, part)
    assert started.suggested_filename == "photo-my-dusk.png"
    started.save_as(result)
    np.testing.assert_array_equal(images.load(result).image, app.model.stylize(photo, file).array)
    assert images.load(result).settings["styles"] == [[load_style(file).name, 1.0, "My dusk"]]

    page.set_viewport_size(PHONE["viewport"])
    shoot(page, "own-style-phone")
    part.get_by_role("button", name="Remove tile").click()
    expect(own(part)).to_have_count(0)
    expect(part.get_by_role("button", name="Restyle")).to_be_disabled()
    page.reload()
    part = panel(page, "Style transfer")
    expect(part.get_by_role("radio", name="Dusk in red")).to_be_visible()
    expect(own(part)).to_have_count(0)

    context = browser.new_context(**PHONE)
    other = context.new_page()
    other.goto(app.url)
    part = panel(other, "Style transfer")
    choose(other, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible(timeout=PATIENCE)
    choose(other, part, result)
    expect(part.get_by_text("Its style, 'My dusk', is not among your tiles")).to_be_visible(timeout=PATIENCE)
    part.locator(".own input[type=file]").set_input_files(file)
    expect(part.get_by_role("radio", name="My dusk")).to_be_checked(timeout=PATIENCE)
    expect(part.locator(".status")).to_contain_text("with My dusk", timeout=PATIENCE)
    context.close()


def test_two_tabs_of_one_browser_keep_each_others_tiles(app, page, photo, painting, random, tmp_path):
    images.save(make_picture(48, 60, random), tmp_path / "noise.png")
    other = page.context.new_page()
    other.goto(app.url)
    parts = []
    for one in (page, other):
        parts.append(panel(one, "Style transfer"))
        choose(one, parts[-1], photo)
        expect(parts[-1].get_by_text("104 × 72 pixels.")).to_be_visible(timeout=PATIENCE)
    keep(page, parts[0], painting, "My dusk")
    expect(own(parts[1])).to_have_count(1)
    keep(other, parts[1], tmp_path / "noise.png", "My noise")
    for part in parts:
        expect(own(part)).to_have_count(2)
        expect(part.get_by_role("radio", name="My dusk")).to_be_visible()
    expect(parts[0].get_by_role("radio", name="My dusk")).to_be_checked()
    other.reload()
    expect(own(panel(other, "Style transfer"))).to_have_count(2)
    parts[0].get_by_role("button", name="Remove tile").click()
    expect(own(parts[1])).to_have_count(1)
    expect(parts[1].get_by_role("radio", name="My noise")).to_be_visible()


def test_a_file_of_other_weights_and_one_that_is_none_are_refused(app, page, painting, tmp_path):
    file = tmp_path / "dusk.style.json"
    app.model.make_style(painting, "My dusk").save(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"network": "ab" * 32}))
    (tmp_path / "poem.json").write_text("roses are red")
    part = panel(page, "Style transfer")
    part.locator(".own input[type=file]").set_input_files(file)
    expect(part.get_by_role("alert")).to_contain_text("made with other weights (abababab)", timeout=PATIENCE)
    part.locator(".own input[type=file]").set_input_files(tmp_path / "poem.json")
    expect(part.get_by_role("alert")).to_contain_text("This is not a style file", timeout=PATIENCE)
    expect(own(part)).to_have_count(0)


def test_on_a_phone_the_strip_goes_back_to_a_painting_of_a_tile_that_is_gone(page, photo, painting):
    page.set_viewport_size(PHONE["viewport"])
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    keep(page, part, painting, "My dusk")
    expect(part.locator(".status")).to_contain_text("with My dusk", timeout=PATIENCE)
    part.get_by_role("button", name="Remove tile").click()
    expect(own(part)).to_have_count(0)  # the others move up
    part.get_by_role("radio", name="Dusk in red").check()
    expect(part.locator(".status")).to_contain_text("with Dusk in red", timeout=PATIENCE)
    part.locator(".strip .thumbnail-item").nth(1).click()
    expect(part.get_by_text("The tile that painted this was removed")).to_be_visible(timeout=PATIENCE)
    expect(part.get_by_role("radio", name="Dusk in red")).not_to_be_checked()
    assert download(page, part).suggested_filename == "photo-my-dusk.png"
