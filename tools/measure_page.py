"""Measure the page on loopback: `python -m tools.measure_page`.

Prints seconds from the start of `python app.py` to the first answer, to the page in a browser, and to the first picture
after one click on an example; what loading the page takes: requests, bytes, seconds; and of fine-tunes, of a style,
a kind of picture and a domain, the seconds from Start to the first preview and from Stop to its end. Start is clicked
ten seconds after the pictures are there, in which a training's process can load, and once more at once.
"""

import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.open_page import ARGUMENTS, LIMIT_SECONDS, browser_path, serving

ROOT = Path(__file__).resolve().parent.parent
LOOK_SECONDS = 10.0
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
        for job, pictures in (("A style", STYLES[:1]), ("A kind of picture", STYLES), ("A domain", STYLES)):
            rows += tune(page, job, pictures)
        seconds = first_preview(page, "A style", STYLES[:1], look_seconds=0)
        rows.append(("fine-tune, a style, Start clicked at once: first preview", f"{seconds:.1f} s"))
        browser.close()
    print("| | |\n| --- | --- |")
    for row in rows:
        print(f"| {row[0]} | {row[1]} |")


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
