"""What somebody meets who is here for the first time: nothing is offered that cannot be done, nothing is cut off."""

import contextlib
import threading

import pytest

from tests.browser.pages import DESK, EXAMPLES, LONG, PATIENCE, PHONE, choose, drop, expect, file_of, panel, wait_done
from tests.serving import wait_until

pytestmark = pytest.mark.slow
# Where no layout plays a part, one of the two is enough.
ON_A_DESK = pytest.mark.parametrize("page", [pytest.param(DESK, id="desk")], indirect=True)
ON_A_PHONE = pytest.mark.parametrize("page", [pytest.param(PHONE, id="phone")], indirect=True)

RUN = {"Style transfer": "Restyle", "Reconstruct": "Reconstruct", "CycleGAN": "Translate", "Sound": "Restyle sound"}
SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true})"""
CHOOSE = """(field, transfer) => {
    field.files = transfer.files;
    field.dispatchEvent(new Event("change", {bubbles: true}));
}"""
CUT = """root => [...root.querySelectorAll("*")].filter((one) => {
    const style = getComputedStyle(one);
    const isShort = style.webkitLineClamp !== "none" && one.scrollHeight > one.clientHeight + 1;
    const isCut = isShort || one.scrollWidth > one.clientWidth + 1;
    return one.clientWidth > 1 && one.children.length === 0 && isCut && style.overflowX !== "visible";
}).map((one) => one.innerText)"""


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, opened):
    """The page on a desk and on a phone."""
    return opened(request.param)


@ON_A_DESK
def test_a_button_is_dead_until_there_is_what_it_works_on_and_after_that_is_gone(page):
    for tab, (example, told) in EXAMPLES.items():
        part = panel(page, tab)
        run = part.get_by_role("button", name=RUN[tab], exact=True)
        if tab in ("Style transfer", "Sound"):  # the others get the photo of the first
            expect(run).to_be_disabled()
        part.get_by_role("button", name=example).click()
        wait_done(part, told)
        expect(run).to_be_enabled()
    part.get_by_role("button", name="Clear").first.click()
    expect(run).to_be_disabled()
    expect(part.get_by_role("img", name="Texture")).to_be_hidden()


@ON_A_DESK
def test_what_is_no_picture_is_told_on_the_input(page, photo, tmp_path):
    (tmp_path / "poem.txt").write_text("roses are red")
    part = panel(page, "Style transfer")
    told = part.get_by_text("poem.txt is not a picture.")
    choose(page, part, tmp_path / "poem.txt")
    expect(told).to_be_visible()
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    choose(page, part, tmp_path / "poem.txt")
    expect(told).to_be_visible()
    expect(page.locator(".toast-body")).to_have_count(0)
    expect(part.get_by_test_id("image").locator("img").first).to_be_visible()


@ON_A_PHONE
def test_a_picture_without_an_ending_is_taken_and_so_is_one_that_the_browser_does_not_know(page, photo):
    part = panel(page, "Style transfer")
    for name in ("photo", "photo.heic"):  # the server looks inside
        files = file_of(page, photo, name, "")
        part.locator("input[type=file]").first.evaluate(CHOOSE, files)
        expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
        part.get_by_role("button", name="Remove Image").first.click()
        expect(part.get_by_text("104 × 72 pixels.")).to_have_count(0)
    drop(part.get_by_role("button", name="Drop an image file here to upload").first, files)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    expect(page.locator(".toast-body")).to_have_count(0)


def test_a_photo_comes_from_the_camera_too(page):
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="Dusk in red").check()
    picture = part.locator(".picture").filter(visible=True).first
    picture.get_by_role("button", name="Capture from camera").click()
    picture.get_by_role("button", name="Click to Access Webcam").click()
    seen = picture.get_by_test_id("webcam-video")
    expect(seen).to_be_visible()
    assert seen.bounding_box()["height"] > 200  # large enough to look at
    page.wait_for_function("one => one.videoWidth > 0", arg=seen.element_handle())
    picture.get_by_role("button", name="capture photo").click()
    wait_done(part, "Restyled")
    panel(page, "CycleGAN")
    expect(page.locator(".picture img").filter(visible=True).first).to_be_visible()  # as any other photo it goes along


def test_a_page_opens_without_a_jump_and_asks_the_server_little(browser, app):
    for size, slowness in ((DESK, 1), (PHONE, 8)):  # of a slow phone
        with contextlib.closing(browser.new_context(**size)) as context:
            page, asked = context.new_page(), []
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowness})
            page.add_init_script(SHIFTS)
            page.on("request", lambda request, to=asked: to.append(request.url) if request.method == "POST" else None)
            page.goto(app.url)
            expect(page.locator(".pill.ready")).to_be_visible(timeout=LONG)
            page.get_by_role("button", name="Cat").first.click()
            wait_done(page, "451 × 300")
            events = [url for url in asked if "/queue/join" in url or "/run/" in url]
            assert len(events) <= 6  # each costs a slow browser a tenth of a second
            assert page.evaluate("window.shifted") < 0.05


def test_the_examples_follow_the_line_that_speaks_of_them(page):
    part = panel(page, "Style transfer")
    hint = part.get_by_text("No picture at hand?").bounding_box()
    example = part.get_by_role("button", name="Cat").bounding_box()
    assert 0 < example["y"] - (hint["y"] + hint["height"]) < 24


@ON_A_DESK
def test_of_two_directions_that_are_clicked_the_newer_one_is_painted(app, page, monkeypatch):
    part = panel(page, "CycleGAN")
    part.get_by_role("button", name="Bay").click()
    wait_done(part, "Translated to painting")
    begun, go, asked, paint = threading.Event(), threading.Event(), [], app.model.paint_domain

    def slow(*arguments, **options):
        if "to_photo" in options:  # unlike the tiles
            asked.append(options["to_photo"])
            begun.set()
            assert go.wait(PATIENCE / 1000)
        return paint(*arguments, **options)

    monkeypatch.setattr(app.model, "paint_domain", slow)
    part.get_by_text("Painting to photo").click()
    assert begun.wait(PATIENCE / 1000)
    part.get_by_text("Photo to painting").click()
    go.set()
    wait_until(lambda: asked == [True, False], PATIENCE / 1000)
    wait_done(part, "Translated to painting")


def test_nothing_is_cut_off(page):
    for tab in (*RUN, "Video", "Fine-tune"):
        part = panel(page, tab)
        expect(part.get_by_role("button").first).to_be_visible()
        cut = {*page.locator("body").evaluate(CUT)} - {"Built-in styles"}  # which is read out alone
        assert cut == set(), tab
