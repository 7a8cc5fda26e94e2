"""Measure the page on loopback: `python -m tools.measure_page`.

Prints seconds from the start of `python app.py` to the first answer, to the page in a browser, and to the first picture
after one click on an example; what loading the page takes: requests, bytes, seconds; the seconds from a click on an
example of 512 pixels to its painting, on a page just opened, and on a phone from a photo of 12 megapixels that was just
chosen to its painting in a style that is tapped at once, with the taps and how far the page was scrolled; how much the
layout shifted meanwhile; and of fine-tunes, of a style, a kind of picture and a domain, the seconds from Start to the
first preview and from Stop to its end. Start is clicked ten seconds after the pictures are there, in which a training's
process can load, and once more at once. `--photo FILE` takes another photo, `--quick` leaves the fine-tunes out.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.open_page import ARGUMENTS, LIMIT_SECONDS, browser_path, serving

ROOT = Path(__file__).resolve().parent.parent
LOOK_SECONDS = 10.0
TIMES = 5
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
PAINTING = "() => [...document.querySelectorAll('.result img')].at(-1)?.naturalWidth > 0"
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""
SEEN = """() => {
    const { top, bottom } = document.querySelector(".result").getBoundingClientRect();
    return [top >= 0 && bottom <= innerHeight, Math.round(scrollY)];
}"""
STYLES = sorted((ROOT / "styleprop/assets/styles").glob("*.webp"))
TIMING = """() => {
    const page = performance.getEntriesByType("navigation")[0];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const files = performance.getEntriesByType("resource");
    const sum = list => list.reduce((total, one) => total + one.transferSize, 0);
    return {requests: files.length + 1, bytes: sum([page, ...files]), paint: paint ? paint.startTime / 1000 : 0};
}"""


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, help="of a phone (default: an example, enlarged to 12 megapixels)")
    parser.add_argument("--quick", action="store_true", help="leave the fine-tunes out")
    arguments = parser.parse_args()
    start = time.perf_counter()
    rows = []
    with serving("healthz") as address, sync_playwright() as playwright:
        rows.append(("the app answers, from its start", f"{time.perf_counter() - start:.1f} s"))
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(LIMIT_SECONDS * 1000)
        page.goto(address)
        page.get_by_role("button", name="Cat").first.click()
        rows.append(("the page can be used, from the app's start", f"{time.perf_counter() - start:.1f} s"))
        page.locator(".status").filter(has_text="pixels in").first.wait_for()
        page.wait_for_function("document.querySelector('.result img')?.naturalWidth > 0")
        rows.append(("first picture, one click, from the app's start", f"{time.perf_counter() - start:.1f} s"))
        rows += load(browser, address)
        rows += first_painting(browser, address)
        rows += on_a_phone(browser, address, arguments.photo or large_photo())
        if not arguments.quick:
            rows += fine_tunes(page)
        browser.close()
    print("| | |\n| --- | --- |")
    for row in rows:
        print(f"| {row[0]} | {row[1]} |")


def fine_tunes(page) -> list[tuple[str, str]]:
    """Of each kind."""
    rows = []
    for job, pictures in (("A style", STYLES[:1]), ("A kind of picture", STYLES), ("A domain", STYLES)):
        rows += tune(page, job, pictures)
    seconds = first_preview(page, "A style", STYLES[:1], look_seconds=0)
    rows.append(("fine-tune, a style, Start clicked at once: first preview", f"{seconds:.1f} s"))
    return rows


def load(browser, address: str) -> list[tuple[str, str]]:
    """A load with an empty cache, the app being warm."""
    page = browser.new_context().new_page()
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("button", name="Restyle").wait_for()
    seconds = time.perf_counter() - start
    page.wait_for_load_state("load")
    found = page.evaluate(TIMING)
    return [
        ("page load, empty cache: requests", f"{found['requests']}"),
        ("bytes over loopback", f"{found['bytes'] / 1e6:.2f} MB"),
        ("first paint", f"{found['paint']:.2f} s"),
        ("all controls there", f"{seconds:.2f} s"),
    ]


def opened(browser, address: str, **options):
    """A page that was never opened before, and whose layout's shifts are summed."""
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(LIMIT_SECONDS * 1000)
    page.add_init_script(SHIFTS)
    page.goto(address)
    page.locator(".pill.ready").wait_for()
    return page


def first_painting(browser, address: str) -> list[tuple[str, str]]:
    """One click on a page just opened; the median of a few."""
    seconds, shifts = [], []
    for _ in range(TIMES):
        page = opened(browser, address, viewport={"width": 1280, "height": 800})
        start = time.perf_counter()
        page.get_by_role("button", name="Astronaut").first.click()
        page.wait_for_function(PAINTING)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(1000)
        shifts.append(page.evaluate("window.shifted"))
        page.context.close()
    return [
        ("a page just opened, one click: a painting of 512 pixels", f"{median(seconds):.2f} s"),
        ("its layout's shift", f"{max(shifts):.3f}"),
    ]


def on_a_phone(browser, address: str, photo: Path) -> list[tuple[str, str]]:
    """The visitor's own photo: a tap on the input, one on the photo in the phone's own list, one on a style."""
    seconds, shifts, places = [], [], []
    for _ in range(TIMES):
        page = opened(browser, address, **PHONE)
        with page.expect_file_chooser() as chooser:
            page.locator(".picture button").first.tap()
        start = time.perf_counter()
        chooser.value.set_files(photo)
        page.locator(".style-tiles label").filter(visible=True).nth(1).tap()
        page.wait_for_function(PAINTING)
        seconds.append(time.perf_counter() - start)
        places.append(tuple(page.evaluate(SEEN)))
        page.wait_for_timeout(1000)
        shifts.append(page.evaluate("window.shifted"))
        page.context.close()
    is_seen, scrolled = all(seen for seen, _ in places), max(far for _, far in places)
    where = f"{'in' if is_seen else 'out of'} sight, scrolled by {scrolled} px"
    return [
        (f"a phone, three taps: a photo of {megapixels(photo):.0f} megapixels in a style", f"{median(seconds):.2f} s"),
        ("where its painting is", where),
        ("its layout's shift", f"{max(shifts):.3f}"),
    ]


def large_photo() -> Path:
    """An example as a camera's file would be: 12 megapixels."""
    path = Path(tempfile.mkdtemp()) / "photo.jpg"
    with Image.open(ROOT / "styleprop/assets/examples/coffee.jpg") as photo:
        photo.resize((4000, 3000), Image.Resampling.BICUBIC).save(path, quality=92)
    return path


def megapixels(path: Path) -> float:
    """Of a picture."""
    with Image.open(path) as photo:
        return photo.width * photo.height / 1e6


def tune(page, job: str, pictures: list[Path]) -> list[tuple[str, str]]:
    """A fine-tune that is stopped as soon as it has learnt a little."""
    preview = first_preview(page, job, pictures, LOOK_SECONDS)
    part = page.get_by_role("tabpanel").filter(visible=True)
    part.locator("#tuning-status").filter(has_text="s left").wait_for()
    start = time.perf_counter()
    part.get_by_role("button", name="Stop").click()
    part.locator("#tuning-status").filter(has_text="the best weights are kept").wait_for()
    stopped = time.perf_counter() - start
    part.get_by_role("button", name="Delete").click()
    part.get_by_role("button", name="Delete for good").click()
    part.locator("#tuning-preview img").wait_for(state="hidden")
    part.get_by_label("Clear").first.click()
    return [
        (f"fine-tune, {job.lower()}: first preview, from Start", f"{preview:.1f} s"),
        (f"fine-tune, {job.lower()}: its end, from Stop", f"{stopped:.1f} s"),
    ]


def first_preview(page, job: str, pictures: list[Path], look_seconds: float) -> float:
    """Seconds from Start, clicked after a look at the uploaded pictures."""
    page.get_by_role("tab", name="Fine-tune").click()
    part = page.get_by_role("tabpanel").filter(visible=True)
    part.get_by_text(job, exact=True).click()
    part.locator("input[type=file]").first.set_input_files(pictures)
    part.get_by_text(f"{len(pictures)} picture").wait_for()
    page.wait_for_timeout(1000 * look_seconds)
    start = time.perf_counter()
    part.get_by_role("button", name="Start").click()
    part.locator("#tuning-preview img").first.wait_for()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
