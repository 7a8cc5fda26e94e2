"""What comes after a painting: back to an earlier one, one beside another, copies, and other formats."""

import os
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from styleprop.server.uploads import VARIABLE
from tests.browser.pages import DESK, PATIENCE, PHONE, choose, download, expect, painted, panel, shoot, wait_done

pytestmark = pytest.mark.slow


@pytest.fixture
def two(page, photo, other):
    """The tab after two paintings: of two photos, in two styles."""
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    part.get_by_role("radio", name="The North Sea").check()
    expect(part.locator(".status")).to_contain_text("with The North Sea", timeout=PATIENCE)
    expect(part.locator(".strip .thumbnail-item")).to_have_count(2)
    return part


def pictures(part):
    return [image.get_attribute("src") for image in part.locator(".result img").all()]


def test_a_click_on_the_strip_goes_back_with_photo_style_and_settings(page, two, other):
    choose(page, two, other)
    wait_done(two, "Restyled 80 × 64 pixels")
    expect(two.locator(".strip .thumbnail-item")).to_have_count(3)
    shoot(page, "style-strip")
    two.locator(".strip .thumbnail-item").first.click()
    wait_done(two, "Restyled 104 × 72 pixels")
    expect(two.get_by_role("radio", name="Dusk in red")).to_be_checked()
    expect(two.get_by_test_id("image").locator("img").first).to_have_js_property("naturalWidth", 104)
    with page.expect_download() as started:
        two.get_by_role("button", name="JPEG").click()
    assert started.value.suggested_filename == "photo-dusk-red.jpg"
    two.get_by_role("radio", name="The North Sea").check()
    wait_done(two, "with The North Sea")
    marks = (
        "(all) => [...new Set(all.map((one) => getComputedStyle(one).borderColor + getComputedStyle(one).boxShadow))]"
    )
    assert len(two.locator(".strip .thumbnail-item").evaluate_all(marks)) == 1  # none is told to be what is shown


def test_the_line_names_all_that_a_painting_is_of(page, two, other):
    two.get_by_role("radio", name="Both").check()
    choose(page, two.locator(".slot").first, other)
    wait_done(two, "with The North Sea and your pictures")
    two.locator(".slot").first.get_by_role("button", name="Remove Image").click()
    wait_done(two, "with The North Sea.")


def test_two_paintings_are_compared_with_each_other(two):
    _, north_sea = pictures(two)
    two.get_by_role("button", name="Compare others with this").click()
    two.locator(".strip .thumbnail-item").first.click()
    wait_done(two, "with Dusk in red")
    assert pictures(two)[0] == north_sea
    two.get_by_role("button", name="Compare with the photo").click()
    expect(two.locator(".result img").first).not_to_have_attribute("src", north_sea)


def test_all_of_them_come_in_a_zip_at_full_size(page, two, tmp_path):
    with page.expect_download(timeout=PATIENCE) as started:
        two.get_by_role("button", name="Download all (zip)").click()
    started.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["01-photo-dusk-red.png", "02-photo-north-sea.png"]
        sizes = {Image.open(archive.open(name)).size for name in archive.namelist()}
    assert sizes == {(104, 72)}
    expect(two.locator(".status")).to_contain_text("2 paintings are in the zip.")


def test_copy_puts_the_painting_on_the_clipboard(page, two):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    two.get_by_role("button", name="Copy").click()
    expect(two.get_by_text("Copied at the size shown here.")).to_be_visible()
    size = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const bitmap = await createImageBitmap(await item.getType("image/png"));
            return [bitmap.width, bitmap.height];
        }"""
    )
    assert size == [104, 72]


def test_where_the_browser_forbids_a_copy_it_is_said(page, two):
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error()); }")
    two.get_by_role("button", name="Copy").click()
    expect(two.get_by_text("The browser does not let this page copy pictures")).to_be_visible()


def test_a_click_on_a_sheets_picture_paints_its_style(page, two):
    two.get_by_role("button", name="Contact sheet").first.click()
    two.get_by_role("button", name="Make a contact sheet").click()
    sheet = two.get_by_alt_text("Contact sheet")
    expect(sheet).to_be_visible(timeout=PATIENCE)
    box = sheet.bounding_box()
    sheet.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})  # the second of three
    expect(two.locator(".stage .status")).to_contain_text("with Dusk in red", timeout=PATIENCE)
    expect(two.get_by_role("radio", name="Dusk in red")).to_be_checked()


@pytest.fixture
def held(app, monkeypatch):
    """Lets the next painting wait; `begun` and `go` are events."""
    begun, go, paint = threading.Event(), threading.Event(), app.model.paint

    def slow(*arguments, **settings):
        begun.set()
        assert go.wait(PATIENCE / 1000)
        return paint(*arguments, **settings)

    monkeypatch.setattr(app.model, "paint", slow)
    yield SimpleNamespace(begun=begun, go=go)
    go.set()


def test_a_photo_that_is_removed_while_it_is_painted_stays_away(page, two, held):
    two.get_by_role("radio", name="Dusk in red").check()
    assert held.begun.wait(PATIENCE / 1000)
    two.get_by_role("button", name="Remove Image").first.click()
    expect(two.locator(".status")).to_contain_text("Choose a photo and a style")
    held.go.set()
    expect(two.locator(".result .progress-text, .result .eta-bar")).to_have_count(0)
    expect(two.locator(".result img")).to_have_count(0)
    expect(two.get_by_role("button", name="JPEG")).to_be_disabled()


def test_going_back_while_another_is_painted_goes_back(page, two, held):
    two.get_by_label("range slider for Detail").press("ArrowRight")
    assert held.begun.wait(PATIENCE / 1000)
    two.locator(".strip .thumbnail-item").first.click()
    wait_done(two, "with Dusk in red")
    held.go.set()
    expect(two.locator(".result .progress-text, .result .eta-bar")).to_have_count(0)
    wait_done(two, "with Dusk in red")
    expect(two.locator(".strip .thumbnail-item")).to_have_count(2)


def test_going_back_takes_the_photo_along_to_the_other_tabs(page, two, other):
    choose(page, two, other)
    wait_done(two, "Restyled 80 × 64 pixels")
    two.locator(".strip .thumbnail-item").first.click()
    wait_done(two, "Restyled 104 × 72 pixels")
    expect(two.get_by_text("104 × 72 pixels.", exact=True)).to_be_visible()
    wait_done(panel(page, "Reconstruct"), "Reconstructed 104 × 72 pixels")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_first_click_gives_the_file_of_a_photo_that_was_swept(opened, photo, size):
    page = opened(size)
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    for path in Path(os.environ[VARIABLE]).rglob("photo.png"):
        path.unlink()  # as the janitor does after an hour
    assert download(page, part).suggested_filename == "photo-dusk-red.png"
    wait_done(part, "Restyled 104 × 72 pixels")


def test_after_a_zip_without_a_photo_there_is_nothing_to_take(page, two):
    two.get_by_role("button", name="Remove Image").first.click()
    with page.expect_download(timeout=PATIENCE):
        two.get_by_role("button", name="Download all (zip)").click()
    expect(two.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    expect(two.get_by_role("button", name="Download PNG")).to_be_disabled()
