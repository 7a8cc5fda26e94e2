"""Tiles of one's own are offered wherever styles are chosen, and show the visitor's photo as the built-in ones do."""

import zipfile

import numpy as np
import pytest

from styleprop import images
from tests.browser.pages import (
    DESK,
    LONG,
    LOOK,
    PATIENCE,
    PHONE,
    changes,
    choose,
    download,
    expect,
    panel,
    wait_another,
    wait_done,
    wait_painted,
)
from tests.browser.test_mask import paint, unfold
from tests.browser.test_own_styles import keep, own
from tests.browser.test_video import send
from tests.clips import counted, write_clip

pytestmark = pytest.mark.slow
ON_A_PHONE = pytest.mark.parametrize("page", [pytest.param(PHONE, id="phone")], indirect=True)


@pytest.fixture
def page(request, opened):
    """The page on a desk, or on a phone."""
    return opened(getattr(request, "param", DESK))


@pytest.fixture
def part(page, photo, painting):
    """The style transfer tab with a photo, painted in a tile of the visitor's own."""
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    keep(page, part, painting, "My dusk")
    wait_done(part, "with My dusk")
    return part


def test_it_shows_the_photo_in_its_style_after_a_new_photo_and_after_a_reload_too(page, part, other):
    tile = own(part).first
    wait_painted(page, tile)
    before = tile.evaluate(LOOK)
    choose(page, part, other)
    wait_done(part, "Restyled 80 × 64 pixels")
    wait_another(page, tile, before)
    page.reload()
    wait_done(panel(page, "Style transfer"), "with My dusk")
    wait_painted(page, own(part).first)


@ON_A_PHONE
def test_everywhere_else_the_sheet_and_several_photos_take_it(app, page, part, photo, other, painting, tmp_path):
    part.get_by_role("radio", name="Dusk in red").first.check()
    wait_done(part, "with Dusk in red")
    unfold(page, part)
    changes(part, lambda: paint(page, part))
    wait_done(part, "Restyled a part of")
    changes(part, lambda: own(part.locator(".mask-fold")).first.click())
    download(page, part).save_as(tmp_path / "made.png")
    assert images.load(tmp_path / "made.png").settings["outside"][0][2] == "My dusk"

    part.get_by_role("button", name="Contact sheet").first.click()
    part.get_by_role("button", name="Make a contact sheet").click()
    sheet = part.get_by_alt_text("Contact sheet")
    expect(sheet).to_be_visible(timeout=PATIENCE)
    box = sheet.bounding_box()
    changes(part, lambda: sheet.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25}))
    expect(part.get_by_role("radio", name="My dusk").last).to_be_checked()

    part.get_by_role("button", name="Several photos at once").click()
    page.locator("input[type=file][multiple]").first.set_input_files([other])
    part.get_by_role("button", name="Restyle all").click()
    expect(part.get_by_text("Restyled 1 of 1 photo.")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as started:
        part.get_by_role("link", name="Download (zip)").or_(part.get_by_role("button", name="Download (zip)")).click()
    started.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["01-other-one-my-dusk.png"]
        made = images.load(archive.read("01-other-one-my-dusk.png")).image
    style = app.model.make_style(painting, "My dusk")
    np.testing.assert_array_equal(made, app.model.stylize(other, style).array)


def test_a_clip_and_the_camera_take_it_and_a_removed_one_is_not_offered(page, part, tmp_path):
    clip = write_clip(
        tmp_path / "clip.webm", (counted(n, 96, 128) for n in range(9)), rate=30, codec="libvpx", options={}
    )
    video = panel(page, "Video")
    send(video, clip)
    expect(video.get_by_text("128 × 96 pixels")).to_be_visible()
    video.get_by_role("radio", name="My dusk").check()
    expect(video.get_by_text("This is the first frame.")).to_be_visible(timeout=LONG)
    video.get_by_role("button", name="Live: your camera").click()
    video.get_by_role("button", name="Start the camera").click()
    expect(video.locator(".live p")).to_contain_text("a second", timeout=LONG)
    video.get_by_role("button", name="Stop the camera").click()
    part = panel(page, "Style transfer")
    part.get_by_role("button", name="Remove tile").click()
    expect(own(part)).to_have_count(0)
    video = panel(page, "Video")
    expect(video.get_by_role("radio", name="Dusk in red")).to_be_visible()
    expect(own(video)).to_have_count(0)
