"""The page as an app: the result stays in view, pictures are dropped and pasted anywhere, on a desk and a phone."""

import pytest

from tests.browser.pages import DESK, PHONE, expect, panel, wait_done
from tests.serving import wait_until

pytestmark = pytest.mark.slow

TABS = {"Style transfer": "Restyled", "Reconstruct": "Reconstructed", "CycleGAN": "Translated"}


def drag_onto(page, target, *paths):
    """Drag files from the desktop, as Chromium itself does it."""
    box = target.bounding_box()
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": step, **point, "data": data})


def paste(page, path):
    """Paste a picture as the browser would, where the focus is."""
    script = """bytes => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"}));
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
    }"""
    page.evaluate(script, list(path.read_bytes()))


def in_window(page, element):
    """How much of an element's height is in the window, 0..1."""
    box = element.bounding_box()
    seen = min(box["y"] + box["height"], page.viewport_size["height"]) - max(box["y"], 0)
    return max(seen, 0) / box["height"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_picture_dropped_on_another_or_pasted_takes_its_place_in_every_tab(opened, photo, painting, size):
    page = opened(size)
    for tab in TABS:
        part = panel(page, tab)
        picture = part.locator(".picture").first
        if tab == "Style transfer":
            drag_onto(page, picture, photo)
        else:
            wait_done(part, TABS[tab])  # of the photo that went along
        expect(part.get_by_text("104 × 72 pixels.").first).to_be_visible()
        drag_onto(page, picture, painting)
        expect(part.get_by_text("60 × 48 pixels.").first).to_be_visible()
        expect(picture.locator(".image-frame img")).to_have_js_property("naturalWidth", 60)
        paste(page, photo)
        expect(part.get_by_text("104 × 72 pixels.").first).to_be_visible()
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="My pictures").check()
    part.get_by_text("Drop or click").wait_for()
    paste(page, painting)  # the photo's input is full: the first that is empty takes it
    expect(part.locator(".slot").first.get_by_text("60 × 48 pixels.")).to_be_visible()
    drag_onto(page, page.locator(".masthead"), painting)  # beside every input; a browser would leave the page
    expect(part.locator(".picture").first.locator("img")).to_have_js_property("naturalWidth", 60)


def test_the_clipboard_button_says_what_to_do_where_it_cannot_work(opened):
    page = opened(DESK)
    part = panel(page, "Style transfer")
    button = part.get_by_role("button", name="Paste from clipboard").first
    button.click()  # nobody allows this browser to read the clipboard
    expect(part.get_by_role("alert").filter(has_text="Press Ctrl+V to paste here")).to_be_visible()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as without a secure address
    panel(page, "CycleGAN").get_by_role("button", name="Paste from clipboard").click()
    expect(page.get_by_role("alert").filter(has_text="Press Ctrl+V", visible=True)).to_be_visible()


def test_on_a_desk_the_result_stays_beside_what_is_chosen(opened):
    page = opened(DESK)
    part = panel(page, "Style transfer")
    styles = part.locator(".style-tiles label")
    assert styles.evaluate_all("all => all.every(one => one.getBoundingClientRect().top < 560)")
    part.get_by_role("button", name="Cat").click()
    wait_done(part, "Restyled")
    result = part.locator(".result")
    for control in (part.get_by_role("slider", name="Brush"), part.get_by_role("button", name="Contact sheet").first):
        control.scroll_into_view_if_needed()
        page.evaluate("scrollBy(0, 200)")
        assert in_window(page, result) == 1
        assert in_window(page, part.locator(".status").first) == 1


def test_on_a_phone_the_result_is_on_top_and_styles_are_a_strip(opened):
    page = opened(PHONE)
    part = panel(page, "Style transfer")
    result = part.locator(".result")
    box = result.bounding_box()
    part.get_by_role("button", name="Cat").tap()
    wait_done(part, "Restyled")
    assert (in_window(page, result), result.bounding_box()["y"]) == (1, box["y"])
    tile = part.locator(".style-tiles label").first
    assert page.evaluate("scrollY") == 0
    assert in_window(page, tile) == 1
    assert tile.bounding_box()["y"] + tile.bounding_box()["width"] < part.locator(".actions").bounding_box()["y"]
    assert part.locator(".style-tiles .wrap").last.evaluate("it => getComputedStyle(it).overflowX") == "auto"
    tops = part.locator(".style-tiles label").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    part.get_by_role("slider", name="Brush").scroll_into_view_if_needed()
    assert in_window(page, result) == 1
    for tab in TABS:
        part = panel(page, tab)
        page.evaluate("scrollTo(0, 0)")
        first = part.locator(".result").bounding_box()["y"]
        assert first < part.locator(".picture").first.bounding_box()["y"] < page.viewport_size["height"], tab


def swipe(page, x, y, distance):
    """A finger goes up by some pixels."""
    session = page.context.new_cdp_session(page)
    touches = [("touchStart", [0]), *[("touchMove", [part / 10]) for part in range(1, 11)], ("touchEnd", [])]
    for kind, parts in touches:
        points = [{"x": x, "y": y - distance * part} for part in parts]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_swipe_or_the_wheel_over_the_result_scrolls_the_page(opened):
    for size in (DESK, PHONE):
        page = opened(size)
        part = panel(page, "Reconstruct")
        part.get_by_role("button", name="Coffee").click()
        wait_done(part, "Reconstructed")
        shown = part.locator(".result img").first
        expect(shown).to_have_js_property("complete", True)
        for share in (0.25, 0.5):  # the picture, and the handle
            page.evaluate("scrollTo(0, 0)")
            box = part.locator(".result").bounding_box()
            point = box["x"] + box["width"] * share, box["y"] + box["height"] / 2 + 30 * (share == 0.25)
            if size is PHONE:
                swipe(page, *point, 200)
            else:
                page.mouse.move(*point)
                page.mouse.wheel(0, 200)
            wait_until(lambda page=page: page.evaluate("scrollY") > 50, 60)
        assert "scale(1)" in shown.get_attribute("style")
        if size is DESK:
            page.keyboard.down("Control")
            page.mouse.wheel(0, -200)
            page.keyboard.up("Control")
            expect(shown).not_to_have_attribute("style", "scale(1)")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_full_screen_a_picture_fills_the_window_and_nothing_lies_over_it(opened, size):
    page = opened(size)
    part = panel(page, "Style transfer")
    part.get_by_role("button", name="Cat").click()
    wait_done(part, "Restyled")
    window = page.viewport_size
    for block in (part.locator(".result"), part.locator(".picture").first):
        block.get_by_role("button", name="Fullscreen").click()
        wait_until(lambda block=block: block.bounding_box()["height"] >= window["height"] - 1, 60)
        assert block.bounding_box() == {"x": 0, "y": 0, **window}
        assert max(block.locator("img").first.bounding_box()[side] / window[side] for side in window) > 0.85
        assert page.evaluate(STRANGERS) == []
        block.get_by_role("button", name="Exit").or_(block.get_by_role("button", name="Fullscreen")).first.click()
        expect(page.locator(".block.fullscreen")).to_have_count(0)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_browsers_back_leaves_the_full_screen_and_not_the_page(opened, size):
    page = opened(size)
    part = panel(page, "Style transfer")
    part.get_by_role("button", name="Cat").click()
    wait_done(part, "Restyled")
    entries, address = page.evaluate("history.length"), page.url
    for leave in (page.go_back, lambda: page.keyboard.press("Escape"), page.go_back):
        part.locator(".result").get_by_role("button", name="Fullscreen").click()
        expect(page.locator(".block.fullscreen")).to_have_count(1)
        wait_until(lambda: page.evaluate("history.state?.full === true"), 60)
        leave()
        expect(page.locator(".block.fullscreen")).to_have_count(0)
        wait_until(lambda: not page.evaluate("history.state?.full === true"), 60)
        expect(part.locator(".status")).to_contain_text("Restyled")
    assert page.url == address
    assert page.evaluate("history.length") <= entries + 1


STRANGERS = """() => {
    const found = new Set();
    for (let x = 10; x < innerWidth; x += 20) for (let y = 10; y < innerHeight; y += 20) {
        const top = document.elementFromPoint(x, y);
        if (!top.closest(".block.fullscreen")) found.add(top.outerHTML.slice(0, 80));
    }
    return [...found];
}"""
