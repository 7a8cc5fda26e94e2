"""The mask: painted where the photo is, told beside the result, switched off and on there, a second style outside."""

import re
import threading

import pytest

from styleprop import images
from styleprop.ui.style import history
from styleprop.ui.widgets import mask
from tests.browser.pages import PATIENCE, changes, choose, download, expect, painted, panel, shoot, shown, wait_done
from tests.serving import wait_until

pytestmark = pytest.mark.slow

PHONE_ALONE = pytest.mark.parametrize("opened", ["phone"], indirect=True)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
# A screen of eight pictures a second: for each, without a graphics card, the editor keeps a core busy.
SLOW_SCREEN = """() => {
    const cancel = window.cancelAnimationFrame.bind(window);
    window.requestAnimationFrame = (draw) => -setTimeout(() => draw(performance.now()), 125);
    window.cancelAnimationFrame = (number) => (number < 0 ? clearTimeout(-number) : cancel(number));
}"""


@pytest.fixture(autouse=True)
def each_painting_counts(monkeypatch):
    """However fast: else one within three seconds of another takes its place in the strip, as a slider's does."""
    monkeypatch.setattr(history, "HASTE_SECONDS", 0.0)


@pytest.fixture(params=SIZES)
def opened(request, browser, app):
    """The page on a desk and on a phone, and what that is called."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(app.url)
    expect(page.locator(".pill.ready")).to_be_visible(timeout=PATIENCE)
    yield page, f"mask-{request.param}"
    context.close()


def look_at(page, name):
    """By day and by night."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        shoot(page, f"{name}-{scheme}")


def tells_of_a_mask(request):
    if "queue/join" not in request.url:
        return False
    return any(isinstance(value, str) and '"layers":[{' in value for value in request.post_data_json["data"])


def unfold(page, part):
    """Open the fold, and wait until the photo is under the brush."""
    page.evaluate(SLOW_SCREEN)
    with page.expect_request("**/canvas.png"):
        part.get_by_role("button", name="Only a part of the photo").click()


def paint(page, part, down=0.5):
    """One stroke over the left half of the photo, so far down."""
    canvas = part.locator(".mask canvas").first
    expect(canvas).to_be_visible()
    canvas.evaluate("one => one.scrollIntoView({block: 'center'})")  # from under the buttons of a phone
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] * 0.35, box["y"] + box["height"] * down
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 20, steps=4)
    page.mouse.up()


def test_a_picture_that_is_refused_takes_neither_mask_nor_rest_with_it(page, photo, tmp_path):
    (tmp_path / "half.png").write_bytes(photo.read_bytes()[: photo.stat().st_size // 2])
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    unfold(page, part)
    changes(part, lambda: paint(page, part))
    wait_done(part, "Restyled a part of 104 × 72 pixels")
    before = shown(part).get_attribute("src")
    choose(page, part, tmp_path / "half.png")
    expect(part.get_by_text("damaged or incomplete")).to_be_visible()
    expect(part.get_by_test_id("image").locator("img").first).to_have_attribute("src", re.compile("photo"))
    assert shown(part).get_attribute("src") == before
    expect(part.get_by_role("checkbox", name="Mask on")).to_be_checked()
    expect(part.locator(".strip .thumbnail-item")).to_have_count(2)
    changes(part, part.get_by_role("checkbox", name="Mask on").uncheck)
    changes(part, part.get_by_role("checkbox", name="Mask on").check)
    wait_done(part, "Restyled a part of 104 × 72 pixels")


def test_stroke_after_stroke_is_a_mask(page, photo):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    unfold(page, part)
    for number in range(7):
        with page.expect_response("**/component_server/"):  # by which the editor would tell it to Gradio alone
            changes(part, lambda down=0.2 + 0.1 * number: paint(page, part, down))
        wait_done(part, "Restyled a part of 104 × 72 pixels")
        expect(part.get_by_role("checkbox", name="Mask on")).to_be_checked()


def test_a_painting_dropped_over_a_photo_leaves_the_photo_under_the_brush(page, photo, other, tmp_path, monkeypatch):
    part, laid, go, is_readable = panel(page, "Style transfer"), [], threading.Event(), mask._is_readable
    page.on("response", lambda answer: laid.append(answer.url) if "canvas.png" in answer.url else None)

    def size(url):
        return images.load(page.request.get(url).body()).image.shape

    part.get_by_role("radio", name="Dusk in red").check()
    choose(page, part, other)
    wait_done(part, "Restyled 80 × 64 pixels")
    download(page, part).save_as(tmp_path / "made.png")
    choose(page, part, photo)
    wait_done(part, "Restyled 104 × 72 pixels")
    unfold(page, part)
    changes(part, lambda: paint(page, part))

    def slow(payload):  # where it is the painting: the photo may still be on its way under the brush
        return ("made" not in str(payload) or go.wait(PATIENCE / 1000)) and is_readable(payload)

    monkeypatch.setattr(mask, "_is_readable", slow)
    choose(page, part, tmp_path / "made.png")
    expect(part.get_by_text("your photo stays")).to_be_visible()  # before it was laid under the brush
    go.set()
    wait_until(lambda: size(laid[-1]) == size(laid[0]) and len(set(laid)) > 2)  # what was dropped, and the photo again


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
    expect(part.locator(".strip .thumbnail-item")).to_have_count(2)  # the fold that opened painted nothing again
    look_at(page, f"{name}-painted")
    result = part.locator(".result").bounding_box()
    mask_on = part.get_by_role("checkbox", name="Mask on")
    expect(mask_on).to_be_checked()
    assert mask_on.bounding_box()["y"] - (result["y"] + result["height"]) < 40
    part.get_by_role("button", name="Only a part of the photo").click()
    expect(mask_on).to_be_visible()
    look_at(page, f"{name}-closed")
    changes(part, mask_on.uncheck)
    wait_done(part, "Restyled 104 × 72 pixels")
    changes(part, mask_on.check)
    wait_done(part, "Restyled a part of 104 × 72 pixels")
    for number, is_part in ((0, False), (1, True)):  # gone back to, a painting brings its mask's switch along
        part.locator(".strip .thumbnail-item").nth(number).click()
        expect(mask_on).to_be_checked(checked=is_part)
        wait_done(part, "Restyled a part of" if is_part else "Restyled 104 × 72 pixels")


def test_a_stroke_that_is_sent_after_a_newer_choice_does_not_win(page, photo):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    unfold(page, part)
    held = []

    def hold(route):
        if held or not tells_of_a_mask(route.request):
            return route.continue_()
        return held.append(route)

    page.route("**/gradio_api/queue/join**", hold)
    with page.expect_request(tells_of_a_mask):
        paint(page, part)
    part.locator("#built-in-panel").get_by_role("radio", name="The North Sea").check()
    wait_done(part, "with The North Sea")
    with page.expect_response("**/gradio_api/queue/join**"):
        held[0].continue_()
    page.wait_for_timeout(500)
    assert "with The North Sea" in part.locator(".status").inner_text()


@PHONE_ALONE  # the place of the editor is that of the test above
def test_everywhere_else_takes_an_own_picture_or_a_tile(opened, photo, painting, tmp_path):
    page, name = opened
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    fold = part.locator(".mask-fold")
    unfold(page, part)
    fold.get_by_role("radio", name="My picture").check()
    paint(page, part)
    expect(part.get_by_role("alert")).to_contain_text("Add a picture for everywhere else first.", timeout=PATIENCE)
    look_at(page, f"{name}-own-picture")
    changes(part, lambda: fold.locator(".picture input[type=file]").set_input_files(painting))
    download(page, part).save_as(tmp_path / "made.png")
    assert images.load(tmp_path / "made.png").settings["outside"] == [[None, 1.0]]
    changes(part, fold.get_by_role("radio", name="The North Sea").check)


@PHONE_ALONE  # the place of the editor is that of the test above
def test_a_domain_paints_a_part_alone_too(opened, photo, tmp_path):
    page, name = opened
    part = panel(page, "CycleGAN")
    choose(page, part, photo)
    wait_done(part, "Translated to painting: 104 × 72 pixels")
    unfold(page, part)
    changes(part, lambda: paint(page, part))
    wait_done(part, "A part of it translated to painting: 104 × 72 pixels")
    look_at(page, f"{name}-domain")
    download(page, part).save_as(tmp_path / "made.png")
    made, before = images.load(tmp_path / "made.png"), images.load(photo).image
    is_kept = (made.image == before).all(axis=2)
    assert is_kept[:, 80:].all()
    assert 20 < (~is_kept).sum() < is_kept.size / 2
    assert made.settings["masked"]
    part.get_by_role("radio", name="Painting to photo").check()
    wait_done(part, "A part of it translated to photo: 104 × 72 pixels")
    changes(part, part.get_by_role("checkbox", name="Mask on").uncheck)
    wait_done(part, "Translated to photo: 104 × 72 pixels")
