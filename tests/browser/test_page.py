"""The real page in a real browser. Needs Playwright for Python and a Chromium; screenshots go to test-output/."""

import re
from pathlib import Path

import numpy as np
import pytest

from styleprop import images
from styleprop.server import gate
from tests.browser.pages import (
    EXAMPLES,
    PATIENCE,
    changes,
    choose,
    download,
    drop,
    expect,
    file_of,
    painted,
    panel,
    shoot,
    wait_done,
)
from tests.conftest import make_picture
from tests.hostile_formats import encoded


def test_a_photo_and_a_built_in_style(app, page, photo, tmp_path):
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    wait_done(part, "Restyled 104 × 72 pixels")
    expect(part.locator(".prose.chosen")).to_contain_text("Nobody, 1900; CC0.")
    shoot(page, "style-built-in")
    started = download(page, part)
    assert started.suggested_filename == "photo-dusk-red.png"
    started.save_as(tmp_path / "result.png")
    made = images.load(tmp_path / "result.png")
    np.testing.assert_array_equal(made.image, app.model.stylize(photo, "dusk-red").array)
    assert made.settings["styles"] == [["dusk-red", 1.0]]


def test_what_is_refused_for_coming_too_often_is_told_in_a_sentence(page, photo, monkeypatch):
    monkeypatch.setattr(gate, "PERIOD_SECONDS", 6000.0)
    monkeypatch.setattr(gate, "POSTS", 1)
    page.set_extra_http_headers({"x-forwarded-for": "203.0.113.20", "accept-language": "en"})
    part = panel(page, "Reconstruct")
    choose(page, part, photo)
    choose(page, part, photo)
    expect(page.get_by_text(gate.TOO_OFTEN, exact=True).first).to_be_visible()
    expect(page.get_by_text("HTTP 429")).to_have_count(0)


def test_a_choice_can_be_taken_back_and_what_is_missing_is_said(page, photo):
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="The North Sea").check()
    expect(part.get_by_role("button", name="Clear choice")).to_be_enabled()
    part.get_by_role("button", name="Clear choice").click()
    expect(part.get_by_text("No built-in style chosen.")).to_be_visible()
    choose(page, part, photo)
    expect(page.get_by_text("Choose one of the built-in styles first")).to_be_visible()
    expect(part.get_by_role("alert")).to_have_count(0)  # nobody did anything wrong yet
    expect(part.get_by_role("button", name="Restyle")).to_be_disabled()
    shoot(page, "style-missing")


def test_a_dropped_photo_and_own_style_pictures(app, page, photo, painting):
    part = panel(page, "Style transfer")
    drop(part.get_by_role("button", name="Drop an image file here to upload").first, file_of(page, photo))
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("radio", name="My pictures").check()
    part.get_by_role("button", name="Add another style picture").click()
    slots = part.locator(".slot").filter(visible=True)
    expect(slots).to_have_count(2)
    for index in range(2):
        choose(page, slots.nth(index), painting)
        expect(slots.nth(index).get_by_text("60 × 48 pixels.")).to_be_visible()
    part.get_by_role("button", name="Restyle").click()
    wait_done(part, "Restyled 104 × 72 pixels")
    shoot(page, "style-own-pictures")


def test_an_example_runs_on_a_click_and_the_sliders_run_again(app, page, tmp_path):
    part = panel(page, "Style transfer")
    part.get_by_role("button", name="Rocket").click()
    wait_done(part, "Restyled 640 × 427 pixels")
    shoot(page, "style-example")
    strength = part.get_by_role("slider", name="Strength")
    box = strength.bounding_box()
    painted = part.locator(".result img").last
    before = painted.get_attribute("src") or ""
    page.mouse.click(box["x"] + 1, box["y"] + box["height"] / 2)
    expect(part.get_by_label("number input for Strength")).to_have_value("0")
    expect(painted).not_to_have_attribute("src", before, timeout=PATIENCE)
    download(page, part).save_as(tmp_path / "made.png")
    made = images.load(tmp_path / "made.png")
    assert made.settings["strength"] == 0
    rocket = images.load(Path(images.__file__).parent.parent / "assets" / "examples" / "rocket.jpg")
    np.testing.assert_array_equal(made.image, rocket.image)


def test_surprise_me_chooses_a_style_and_runs(page, photo):
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("button", name="Surprise me").click()
    wait_done(part, "Restyled 104 × 72 pixels")
    expect(part.locator(".prose.chosen")).to_contain_text("Nobody, 1900; CC0.")


@pytest.mark.slow
def test_what_a_browser_cannot_show_is_shown_as_well(page, picture, tmp_path):
    part = panel(page, "Reconstruct")
    for width, (ending, kind) in enumerate({"tiff": "TIFF", "heic": "HEIF", "jp2": "JPEG2000"}.items(), start=90):
        (tmp_path / f"photo.{ending}").write_bytes(encoded(picture[:, :width], kind))
        choose(page, part, tmp_path / f"photo.{ending}")
        expect(part.get_by_text(f"{width} × 72 pixels.")).to_be_visible()
        shown = part.get_by_test_id("image").locator("img").first
        expect(shown).to_have_attribute("src", re.compile(r"converted\.png"))
        expect(shown).to_have_js_property("naturalWidth", width)


def test_a_picture_made_here_brings_its_settings_back(app, page, photo, tmp_path):
    app.model.stylize(photo, "north-sea", strength=0.35, detail=0.6, brush=0.75).save(tmp_path / "made.png")
    part = panel(page, "Style transfer")
    choose(page, part, tmp_path / "made.png")
    expect(part.get_by_text("Its settings are restored.")).to_be_visible()
    for name, value in (("Strength", "0.35"), ("Detail", "0.6"), ("Brush", "0.75")):
        expect(part.get_by_label(f"number input for {name}")).to_have_value(value)
    expect(part.locator(".prose.chosen")).to_contain_text("The North Sea")


@pytest.mark.slow
def test_a_text_file_named_png_is_answered_beside_the_input(page, tmp_path):
    (tmp_path / "poem.png").write_text("roses are red")
    for tab in ("Style transfer", "Reconstruct", "CycleGAN"):
        part = panel(page, tab)
        choose(page, part, tmp_path / "poem.png")
        expect(part.get_by_role("alert")).to_contain_text("This is not a picture that can be opened")
        shoot(page, f"refused-{tab.split()[0].lower()}")


def test_reconstruct_shows_what_was_lost(app, page, photo, tmp_path):
    part = panel(page, "Reconstruct")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("button", name="Reconstruct").click()
    wait_done(part, "Reconstructed 104 × 72 pixels")
    result = app.model.reconstruct(photo)
    expect(part.locator(".cards")).to_contain_text(f"{result.psnr_db:.1f} dB")
    expect(part.locator(".cards")).to_contain_text(f"{result.ssim:.3f}")
    expect(part.locator(".channels img")).to_have_count(min(16, result.latent.shape[2]))
    last, frame = (part.locator(name).last.bounding_box() for name in (".channels .thumbnail-item", ".channels"))
    assert last["y"] + last["height"] <= frame["y"] + frame["height"]
    expect(part.locator(".lost")).not_to_be_empty()
    shoot(page, "reconstruct")
    download(page, part).save_as(tmp_path / "made.png")
    np.testing.assert_array_equal(images.load(tmp_path / "made.png").image, result.array)


def test_a_photo_becomes_a_painting_of_a_domain_and_comes_back(app, page, photo, tmp_path):
    part = panel(page, "CycleGAN")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("button", name="Translate").click()
    wait_done(part, "Translated to painting")
    first = part.get_by_role("radio").first.get_attribute("value")
    result = app.model.translate(photo, first, round_trip=True)
    expect(part.get_by_text(f"PSNR {result.cycle_psnr_db:.1f} dB")).to_be_hidden()
    part.get_by_role("button", name="Round trip").click()
    expect(part.get_by_text(f"PSNR {result.cycle_psnr_db:.1f} dB")).to_be_visible()
    download(page, part).save_as(tmp_path / "made.png")
    np.testing.assert_array_equal(images.load(tmp_path / "made.png").image, result.array)
    painted = part.locator(".result img").last
    before = painted.get_attribute("src") or ""
    strength = part.get_by_label("number input for Strength")
    strength.fill("0")
    strength.press("Enter")
    expect(painted).not_to_have_attribute("src", before, timeout=PATIENCE)
    download(page, part).save_as(tmp_path / "photo.png")
    np.testing.assert_array_equal(images.load(tmp_path / "photo.png").image, images.load(photo).image)
    part.get_by_text("Painting to photo").click()
    expect(part.get_by_text("This way is the weak one")).to_be_visible()
    wait_done(part, "Translated to photo")
    shoot(page, "cyclegan")


@pytest.mark.slow
def test_a_number_that_is_typed_is_seen_whole_and_kept_within_its_range(page, photo):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    for name, typed, fitted in (
        ("Strength", "7", "1"),
        ("Brush", "0", "0.5"),
        ("Detail", "", "0"),
        ("Brush", "", "0.5"),
    ):
        number = part.get_by_label(f"number input for {name}")
        number.fill(typed)
        number.press("Enter")
        number.blur()
        expect(number).to_have_value(fitted)
    changes(part, lambda: part.get_by_label("number input for Strength").fill("0.94"))
    expect(part.locator(".status")).to_contain_text("Restyled 104 × 72 pixels")
    boxes = "[...document.querySelectorAll('.settings .head input')].filter((one) => one.offsetWidth)"
    assert page.evaluate(f"{boxes}.every((one) => one.scrollWidth <= one.clientWidth)")


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(browser, app, width):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(app.url)
    part = panel(page, "Fine-tune")
    expect(part.get_by_role("button", name="Start")).to_be_visible()
    look_at(page, f"fine-tune-{width}", width)
    for tab, (name, size) in EXAMPLES.items():
        part = panel(page, tab)
        part.get_by_role("button", name=name).click()
        wait_done(part, size)
        look_at(page, f"{tab.split()[0].lower()}-{width}", width)
    context.close()


def look_at(page, name, width):
    """By day and by night: nothing is wider than this."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(page, f"{name}-{scheme}")


@pytest.mark.slow
def test_a_large_photo_is_whole_in_the_download(app, page, random, tmp_path):
    large = make_picture(60, 80, random).repeat(30, axis=0).repeat(30, axis=1)
    images.save(large, tmp_path / "large.png")
    part = panel(page, "Reconstruct")
    choose(page, part, tmp_path / "large.png")
    expect(part.get_by_text("2400 × 1800 pixels.")).to_be_visible()
    part.get_by_role("button", name="Reconstruct").click()
    wait_done(part, "Reconstructed 1448 × 1086 pixels")
    started = download(page, part)
    started.save_as(tmp_path / "made.png")
    assert images.load(tmp_path / "made.png").image.shape == large.shape
    wait_done(part, "Reconstructed 2400 × 1800 pixels")


@pytest.mark.slow
def test_a_large_photo_is_looked_at_at_once_and_whole_in_the_download(app, page, random, tmp_path):
    large = make_picture(60, 80, random).repeat(40, axis=0).repeat(40, axis=1)
    images.save(large, tmp_path / "large.png")
    part = panel(page, "Style transfer")
    choose(page, part, tmp_path / "large.png")
    expect(part.get_by_text("3200 × 2400 pixels.")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    wait_done(part, "Restyled 1024 × 768 pixels")
    expect(part.locator(".status")).to_contain_text("The download has all 3200 × 2400 pixels of the photo.")
    started = download(page, part)
    assert started.suggested_filename == "large-dusk-red.png"
    started.save_as(tmp_path / "made.png")
    np.testing.assert_array_equal(images.load(tmp_path / "made.png").image, app.model.stylize(large, "dusk-red").array)
    wait_done(part, "Restyled 3200 × 2400 pixels")
    expect(part.get_by_role("button", name="Stop")).to_have_count(0)
    shoot(page, "style-large")
