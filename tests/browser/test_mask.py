"""The mask: painted where the photo is, told beside the result, switched off and on there, a second style outside."""

import pytest

from styleprop import images
from tests.browser.pages import PATIENCE, changes, download, expect, painted, panel, shoot, wait_done

SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
def opened(request, browser, app):
    """The page on a desk and on a phone, by day and by night, and what that is called."""
    size, scheme = request.param
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(app.url)
    expect(page.locator(".pill.ready")).to_be_visible(timeout=PATIENCE)
    yield page, f"mask-{size}-{scheme}"
    context.close()


def unfold(page, part):
    """Open the fold, and wait for the photo under the brush."""
    with page.expect_response("**/canvas.png"):
        part.get_by_role("button", name="Only a part of the photo").click()


def paint(page, part):
    """One stroke over the left half of the photo."""
    canvas = part.locator(".mask canvas").first
    expect(canvas).to_be_visible()
    canvas.evaluate("one => one.scrollIntoView({block: 'center'})")  # from under the buttons of a phone
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] * 0.35, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 20, steps=4)
    page.mouse.up()


def test_the_mask_is_painted_in_the_photos_place_and_told_beside_the_result(opened, app, photo, painting):
    page, name = opened
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    place = part.get_by_test_id("image").first.bounding_box()
    unfold(page, part)
    canvas = part.locator(".mask canvas").first.bounding_box()
    assert abs(canvas["y"] - place["y"]) < 240  # below the fold's name and a hint
    changes(part, lambda: paint(page, part))
    wait_done(part, "Restyled a part of 104 × 72 pixels")
    shoot(page, f"{name}-painted")
    result = part.locator(".result").bounding_box()
    mask_on = part.get_by_role("checkbox", name="Mask on")
    expect(mask_on).to_be_checked()
    assert mask_on.bounding_box()["y"] - (result["y"] + result["height"]) < 40
    part.get_by_role("button", name="Only a part of the photo").click()
    expect(mask_on).to_be_visible()
    shoot(page, f"{name}-closed")
    changes(part, mask_on.uncheck)
    wait_done(part, "Restyled 104 × 72 pixels")
    changes(part, mask_on.check)
    wait_done(part, "Restyled a part of 104 × 72 pixels")


def test_everywhere_else_takes_an_own_picture_or_a_tile(opened, photo, painting, tmp_path):
    page, name = opened
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    fold = part.locator(".mask-fold")
    unfold(page, part)
    fold.get_by_role("radio", name="My picture").check()
    paint(page, part)
    expect(part.get_by_role("alert")).to_contain_text("Add a picture for everywhere else first.", timeout=PATIENCE)
    shoot(page, f"{name}-own-picture")
    changes(part, lambda: fold.locator(".picture input[type=file]").set_input_files(painting))
    download(page, part).save_as(tmp_path / "made.png")
    assert images.load(tmp_path / "made.png").settings["outside"] == [[None, 1.0]]
    changes(part, fold.get_by_role("radio", name="The North Sea").check)
