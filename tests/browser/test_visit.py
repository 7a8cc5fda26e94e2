"""A visit: whatever is changed is painted, nothing is lost, and the photo goes along and comes back."""

import io
import os
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from styleprop import images
from styleprop.server.uploads import VARIABLE
from styleprop.ui.widgets import photo as widget
from tests.browser.pages import (
    LOOK,
    PATIENCE,
    changes,
    choose,
    download,
    expect,
    painted,
    panel,
    shoot,
    shown,
    wait_another,
    wait_done,
    wait_painted,
)
from tests.serving import wait_until

pytestmark = pytest.mark.slow


def test_all_that_a_painting_depends_on_paints_by_itself(page, photo, painting, other):
    part = panel(page, "Style transfer")
    expect(part.get_by_role("button", name="Restyle")).to_be_disabled()
    painted(page, part, photo)
    expect(part.get_by_role("button", name="Restyle")).to_be_enabled()
    strength = part.get_by_label("number input for Strength")
    strength.fill("0.5")
    changes(part, lambda: strength.press("Enter"))
    changes(part, lambda: part.get_by_label("range slider for Detail").press("ArrowRight"))
    part.get_by_role("radio", name="My pictures").check()
    expect(part.get_by_role("alert")).to_contain_text("Add a style picture first")
    expect(shown(part)).to_be_visible()  # the picture stays
    changes(part, lambda: choose(page, part.locator(".slot").first, painting))
    changes(part, lambda: part.get_by_role("radio", name="Built-in", exact=True).check())
    choose(page, part, other)
    assert "with Dusk in red" in wait_done(part, "Restyled 80 × 64 pixels")


def test_of_two_photos_chosen_in_haste_the_newer_one_stays(page, photo, other, monkeypatch):
    begun, go, check = threading.Event(), threading.Event(), widget.check

    def slow(payload):
        if not begun.is_set():
            begun.set()
            assert go.wait(PATIENCE / 1000)
        return check(payload)

    part = panel(page, "Style transfer")
    monkeypatch.setattr(widget, "check", slow)
    choose(page, part, photo)
    assert begun.wait(PATIENCE / 1000)
    choose(page, part, other)
    go.set()
    expect(part.locator(".note").first).to_have_text("80 × 64 pixels.")
    expect(panel(page, "CycleGAN").locator(".note").first).to_have_text("80 × 64 pixels.")


def test_an_example_keeps_the_style_that_is_chosen(page):
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="The North Sea").check()
    part.get_by_role("button", name="Cat").click()
    wait_done(part, "Restyled 451 × 300 pixels")
    expect(part.get_by_role("radio", name="The North Sea")).to_be_checked()
    started = download(page, part)
    assert started.suggested_filename == "chelsea-north-sea.png"


def test_a_result_goes_with_its_photo(page, photo):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    part.get_by_role("button", name="Remove Image").first.click()
    expect(part.locator(".status")).to_contain_text("Choose a photo and a style")
    expect(part.get_by_role("button", name="Download PNG")).to_be_disabled()
    expect(part.locator(".result img")).to_have_count(0)


def test_what_is_no_picture_does_not_take_the_photo_away(page, photo, tmp_path):
    (tmp_path / "poem.png").write_text("roses are red")
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    choose(page, part, tmp_path / "poem.png")
    expect(part.get_by_role("alert")).to_contain_text("This is not a picture that can be opened")
    expect(part.get_by_text("104 × 72 pixels.", exact=True)).to_be_visible()  # of the photo that stays
    expect(part.get_by_test_id("image").locator("img").first).to_have_js_property("naturalWidth", 104)
    expect(shown(part)).to_be_visible()


def test_a_painting_dropped_over_a_photo_brings_its_settings_alone(app, page, photo, other, tmp_path):
    app.model.stylize(other, "north-sea", strength=0.35).save(tmp_path / "made.png")
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    choose(page, part, tmp_path / "made.png")
    expect(part.get_by_text("its settings are restored, and your photo stays")).to_be_visible()
    expect(part.get_by_label("number input for Strength")).to_have_value("0.35")
    expect(part.locator(".status")).to_contain_text("with The North Sea")
    download(page, part).save_as(tmp_path / "again.png")
    want = app.model.stylize(photo, "north-sea", strength=0.35).array
    np.testing.assert_array_equal(images.load(tmp_path / "again.png").image, want)


def test_the_photo_goes_along_and_a_reload_brings_all_back(page, photo, other):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    strength = part.get_by_label("number input for Strength")
    strength.fill("0.6")
    changes(part, lambda: strength.press("Enter"))
    wait_done(panel(page, "Reconstruct"), "Reconstructed 104 × 72 pixels")
    part = panel(page, "CycleGAN")
    wait_done(part, "Translated to painting: 104 × 72 pixels")
    choose(page, part, other)
    wait_done(part, "Translated to painting: 80 × 64 pixels")
    domain = part.get_by_role("radio").nth(1)
    changes(part, domain.check)
    part.get_by_label("number input for Strength").fill("0.75")
    part.get_by_text("Painting to photo").click()
    wait_done(part, "Translated to photo: 80 × 64 pixels")
    page.reload()
    part = panel(page, "Style transfer")
    wait_done(part, "Restyled 80 × 64 pixels")
    expect(part.get_by_label("number input for Strength")).to_have_value("0.6")
    expect(part.get_by_role("radio", name="Dusk in red")).to_be_checked()
    part = panel(page, "CycleGAN")
    wait_done(part, "Translated to photo: 80 × 64 pixels")
    expect(part.get_by_role("radio").nth(1)).to_be_checked()
    expect(part.get_by_label("number input for Strength")).to_have_value("0.75")


def test_what_is_chosen_comes_back_without_a_painting_too(page, photo):
    def keeps(act):
        before = page.evaluate("localStorage.getItem('styleprop-style')")
        act()
        page.wait_for_function("before => localStorage.getItem('styleprop-style') !== before", arg=before)

    part = panel(page, "Style transfer")
    chosen, strength = part.get_by_role("radio", name="Dusk in red"), part.get_by_label("number input for Strength")
    keeps(chosen.check)
    keeps(lambda: strength.fill("0.6"))
    page.reload()
    expect(chosen).to_be_checked()
    expect(strength).to_have_value("0.6")
    choose(page, part, photo)
    wait_done(part, "Restyled 104 × 72 pixels")
    keeps(part.get_by_role("button", name="Clear choice").click)
    page.reload()
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    expect(chosen).not_to_be_checked()


def hold_what_comes_back(app, page, which=0):
    """Hold back the call that brings back what the browser kept of a tab's form; its route, once it is made."""
    numbers = [index for index, one in app.page.fns.items() if one.name == "come_back" and one.queue]
    return hold_back(page, [numbers[which]])


def hold_back(page, numbers):
    """Hold back the calls of some functions; the routes of those that are made."""
    held = []

    def hold(route):
        is_one = route.request.post_data_json["fn_index"] in numbers
        held.append(route) if is_one else route.continue_()

    page.route("**/gradio_api/queue/join**", hold)
    return held


def test_a_style_that_comes_back_later_than_the_photo_is_painted_all_the_same(app, page, photo):
    painted(page, panel(page, "Style transfer"), photo)
    held = hold_what_comes_back(app, page)
    page.reload()
    part = panel(page, "Style transfer")
    expect(page.locator(".pill.ready")).to_be_visible()
    wait_until(lambda: page.wait_for_timeout(1000) or held)  # meanwhile the photo is back
    expect(part.get_by_role("alert")).to_have_count(0)
    held[0].continue_()
    wait_done(part, "Restyled 104 × 72 pixels")
    expect(part.get_by_role("radio", name="Dusk in red")).to_be_checked()


def test_a_tab_opened_before_its_form_is_back_waits_for_it(app, page, photo):
    painted(page, panel(page, "Style transfer"), photo)
    part = panel(page, "CycleGAN")
    wait_done(part, "Translated to painting: 104 × 72 pixels")
    changes(part, part.get_by_text("Painting to photo").click)
    held = hold_what_comes_back(app, page, which=1)
    page.reload()
    wait_done(panel(page, "Style transfer"), "Restyled 104 × 72 pixels")
    part = panel(page, "CycleGAN")
    wait_until(lambda: page.wait_for_timeout(1000) or held)
    expect(part.get_by_text("Translated to")).to_have_count(0)
    held[0].continue_()
    wait_done(part, "Translated to photo: 104 × 72 pixels")


def test_a_photo_stays_where_an_older_one_arrives_late_and_makes_way_for_a_newer_one(app, page, photo, other, tmp_path):
    painted(page, panel(page, "Style transfer"), photo)
    held = hold_back(page, [index for index, one in app.page.fns.items() if one.name == "arrive"])
    part = panel(page, "CycleGAN")
    wait_until(lambda: page.wait_for_timeout(100) or held)
    part.locator(".example-bay").click()
    wait_done(part, "Translated to painting: 768 × 512 pixels")
    held.pop().continue_()
    changes(part, part.get_by_role("button", name="Translate").click)  # takes longer than an arrival
    wait_done(part, "Translated to painting: 768 × 512 pixels")
    expect(part.locator(".note").first).to_have_text("768 × 512 pixels.")
    part = panel(page, "Reconstruct")
    wait_until(lambda: page.wait_for_timeout(100) or held)
    choose(page, part, other)
    wait_done(part, "Reconstructed 80 × 64 pixels")
    held.pop().continue_()
    changes(part, part.get_by_role("button", name="Reconstruct").click)
    expect(part.locator(".note").first).to_have_text("80 × 64 pixels.")
    page.unroute("**/gradio_api/queue/join**")
    for name, done in (("Style transfer", "Restyled"), ("CycleGAN", "Translated to painting:")):
        wait_done(panel(page, name), f"{done} 80 × 64 pixels")
    part = panel(page, "Style transfer")
    images.save(images.load(photo).image[:70, :100], tmp_path / "shown-as-another.tiff")
    choose(page, part, tmp_path / "shown-as-another.tiff")
    wait_done(part, "Restyled 100 × 70 pixels")
    part = panel(page, "Reconstruct")
    wait_done(part, "Reconstructed 100 × 70 pixels")
    choose(page, part, photo)
    wait_done(part, "Reconstructed 104 × 72 pixels")
    wait_done(panel(page, "Style transfer"), "Restyled 104 × 72 pixels")


def test_a_newer_photo_arrives_where_an_older_painting_was_looked_at_again(page, photo, other):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    choose(page, part, other)
    wait_done(part, "Restyled 80 × 64 pixels")
    part.locator(".strip .thumbnail-item").first.click()
    wait_done(part, "Restyled 104 × 72 pixels")
    part = panel(page, "Reconstruct")
    wait_done(part, "Reconstructed 104 × 72 pixels")
    choose(page, part, other)
    wait_done(part, "Reconstructed 80 × 64 pixels")
    wait_done(panel(page, "Style transfer"), "Restyled 80 × 64 pixels")


def test_where_the_browser_kept_nothing_nothing_comes_back_late(app, page, photo):
    held = hold_what_comes_back(app, page)
    page.reload()
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="Dusk in red").check()
    choose(page, part, photo)
    wait_done(part, "Restyled 104 × 72 pixels")
    expect(part.get_by_role("radio", name="Dusk in red")).to_be_checked()
    assert held == []


def test_a_stranger_sees_nothing_of_it(browser, app, page, photo):
    painted(page, panel(page, "Style transfer"), photo)
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(app.url)
    expect(opened.locator(".pill.ready")).to_be_visible(timeout=PATIENCE)
    expect(opened.locator(".result img")).to_have_count(0)
    context.close()


def test_the_tiles_are_painted_on_the_photo(page, photo):
    part = panel(page, "Style transfer")
    tile = part.locator(".style-tiles label").first
    assert "image/webp" not in tile.evaluate(LOOK)
    choose(page, part, photo)
    wait_painted(page, tile)
    shoot(page, "style-tiles-of-the-photo")


def test_several_photos_are_restyled_and_one_that_fails_is_named(app, page, photo, other, tmp_path):
    (tmp_path / "poem.png").write_text("roses are red")
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="Dusk in red").check()
    part.get_by_role("button", name="Several photos at once").click()
    files = page.locator("input[type=file][multiple]").first
    files.set_input_files([photo, tmp_path / "poem.png", other])
    part.get_by_role("button", name="Restyle all").click()
    expect(part.get_by_text("Restyled 2 of 3 photos.")).to_be_visible(timeout=PATIENCE)
    expect(part.get_by_text("'poem.png' was left out")).to_be_visible()
    expect(part.get_by_role("button", name="Restyle all")).to_be_enabled()
    with page.expect_download() as started:
        part.get_by_role("link", name="Download (zip)").or_(part.get_by_role("button", name="Download (zip)")).click()
    started.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["01-photo-dusk-red.png", "02-other-one-dusk-red.png"]
        made = images.load(io.BytesIO(archive.read("02-other-one-dusk-red.png")))
    np.testing.assert_array_equal(made.image, app.model.stylize(other, "dusk-red").array)
    shoot(page, "style-several")


def test_a_photo_that_was_swept_is_sent_again_by_the_browser(page, photo):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    for path in Path(os.environ[VARIABLE]).rglob("photo.png"):
        path.unlink()  # as the janitor does after an hour
    changes(part, lambda: part.get_by_label("range slider for Detail").press("ArrowRight"))
    expect(part.get_by_text("it was sent again")).to_be_visible()
    wait_done(part, "Restyled 104 × 72 pixels")


def test_the_domains_show_what_they_make_of_the_photo(page, photo):
    part = panel(page, "CycleGAN")
    tile = part.locator(".style-tiles label").first
    before = tile.evaluate(LOOK)
    part.get_by_role("button", name="Fjord").click()
    wait_done(part, "Translated to painting: 768 × 512 pixels")
    wait_another(page, tile, before)
