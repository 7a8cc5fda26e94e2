"""How the tests find their way on the page, in Chromium; screenshots go to test-output/."""

import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = os.environ.get("STYLEPROP_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a clock, which nobody is asked about
    "--use-fake-ui-for-media-stream",
]
OUTPUT = Path(__file__).parent.parent.parent / "test-output"
PATIENCE = 60_000
# By tab: an example, and what the status line says of it.
CAT, BAY, DRUMS = ("Cat", "451 × 300"), ("Bay", "768 × 512"), ("Drums", "6.0 s of sound")
EXAMPLES = {"Style transfer": CAT, "Reconstruct": CAT, "CycleGAN": BAY, "Sound": DRUMS}
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STYLES = ("Dusk in red", "The North Sea")  # of the tests, whose names stay
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})+")
CJK = re.compile("[\u4e00-\u9fff]")
# What is not written on the page but read out, shown under the pointer, or put there by the style sheet.
UNWRITTEN = """root => [...root.querySelectorAll("*")].filter((one) => one.getClientRects().length).flatMap((one) => [
    ...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name) ?? ""),
    ...["::before", "::after"].map((part) => getComputedStyle(one, part).content.match(/^"(.*)"$/)?.[1] ?? ""),
])"""
LONG = 120_000
LOOK = "one => getComputedStyle(one, '::before').backgroundImage"  # of a tile

expect.set_options(timeout=PATIENCE)


def is_stranger(url, own):
    return not url.startswith((own, "data:", "blob:"))


def shoot(page, name):
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


def panel(page, tab):
    """The visible content of a tab."""
    page.get_by_role("tab", name=tab).click()
    return page.get_by_role("tabpanel").filter(visible=True)


def choose(page, part, path):
    """Choose a file for the first picture input of a part of the page."""
    part.locator("input[type=file]").first.set_input_files(path)


def wait_done(part, verb):
    """Wait for what the status line is to say, and for the pictures that come with it; the line."""
    status = part.locator(".status")
    expect(status).to_contain_text(verb, timeout=PATIENCE)
    status.page.wait_for_function("[...document.querySelectorAll('.result img')].every(one => one.naturalWidth)")
    return status.inner_text()


def download(page, part):
    with page.expect_download() as started:
        part.get_by_role("link", name="Download PNG").or_(part.get_by_role("button", name="Download PNG")).first.click()
    return started.value


def file_of(page, path, name="dropped.png", kind="image/png"):
    """What a hand drags: a real DataTransfer with a real File."""
    script = """([bytes, name, type]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name, {type}));
        return transfer;
    }"""
    return page.evaluate_handle(script, [list(path.read_bytes()), name, kind])


def drop(target, transfer):
    """Drop it."""
    target.dispatch_event("drop", {"dataTransfer": transfer})


def english_in(part):
    unwritten = {text for text in part.evaluate(UNWRITTEN) if re.search(r"[A-Za-z]{3}", text) and not CJK.search(text)}
    return (set(ENGLISH.findall(part.inner_text())) | unwritten) - {*STYLES, "CycleGAN"}


def shown(part):
    return part.locator(".result img").last


def wait_painted(page, tile):
    """Wait until a tile shows the photo in its style: what it showed before that is a JPEG."""
    page.wait_for_function(f"one => ({LOOK})(one).includes('image/webp')", arg=tile.element_handle())


def wait_another(page, tile, before):
    """Wait until a tile looks otherwise than it did."""
    page.wait_for_function(f"([one, before]) => ({LOOK})(one) !== before", arg=[tile.element_handle(), before])


def changes(part, act):
    """Whether the picture shown is another one after an action."""
    before = shown(part).get_attribute("src")
    act()
    expect(shown(part)).not_to_have_attribute("src", before, timeout=PATIENCE)


def painted(page, part, photo):
    part.get_by_role("radio", name="Dusk in red").check()
    choose(page, part, photo)
    wait_done(part, "Restyled 104 × 72 pixels")


def live(part):
    """Start the camera, and wait for a painting; the line below it."""
    part.get_by_role("radio", name="Dusk in red").check()
    part.get_by_role("button", name="Live: your camera").click()
    part.get_by_role("button", name="Start the camera").click()
    told = part.locator(".live p")
    expect(told).to_contain_text("pictures a second", timeout=LONG)
    return told
