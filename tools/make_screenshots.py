"""Make the README's pictures of the page from the running app: `python -m tools.make_screenshots`.

`python -m tools.make_screenshots --all FOLDER` shoots every tab instead, with a result in it, in a window and on a
phone, by day and by night, in both languages; a sheet of each. Needs requirements-dev.txt and a Chromium (or its path
in STYLEPROP_BROWSER).
"""

import argparse
import io
from itertools import product
from pathlib import Path

from PIL import Image

from tools.open_page import opened, serving

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
QUALITY = 82
PATIENCE = 120_000
DESK, PHONE = (1280, 800), (390, 844)
RESTS = "part => !part.querySelector('.progress-text, .eta-bar')"
TABS = ("style", "reconstruct", "cyclegan", "video", "sound", "fine-tune")
EXAMPLES = {
    "style": ".example-chelsea",
    "reconstruct": ".example-coffee",
    "cyclegan": ".example-bay",
    "sound": ".sound-examples button >> nth=0",
}


def main() -> None:
    """Style transfer by day, CycleGAN by night on a phone; or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="shoot every tab in every manner into this folder")
    arguments = parser.parse_args()
    with serving() as address:
        if arguments.all:
            arguments.all.mkdir(parents=True, exist_ok=True)
            for size, scheme, locale in product((DESK, PHONE), ("light", "dark"), ("en", "zh-CN")):
                shoot_all(address, size, scheme, locale, arguments.all)
            return
        with opened(address, (1280, 960)) as page:
            run(page, "style")
            save(shot(page), DOCS / "page-style.webp", 1024)
        with opened(address, PHONE, "dark") as page:
            run(page, "cyclegan")
            page.locator(".result").filter(visible=True).scroll_into_view_if_needed()
            save(shot(page), DOCS / "page-phone.webp", 390)


def shoot_all(address: str, size: tuple[int, int], scheme: str, locale: str, folder: Path) -> None:
    """Every tab from top to bottom, side by side."""
    with opened(address, size, scheme, locale) as page:
        shots = []
        for tab in TABS:
            run(page, tab)
            shots.append(shot(page, full_page=True))
    sheet = Image.new("RGB", (size[0] * len(shots), max(one.height for one in shots)))
    for number, one in enumerate(shots):
        sheet.paste(one, (number * size[0], 0))
    save(sheet, folder / f"{size[0]}-{scheme}-{locale}.webp", sheet.width)


def run(page, tab: str) -> None:
    """Open a tab, click an example where it has some, and wait for its result."""
    page.get_by_role("tab").nth(TABS.index(tab)).click()
    part = page.get_by_role("tabpanel").filter(visible=True)
    part.wait_for()
    if tab in EXAMPLES:
        page.wait_for_timeout(1500)  # for a photo that comes along from another tab
        page.wait_for_function(RESTS, arg=part.element_handle(), timeout=PATIENCE)
        before = part.locator(".status").first.inner_text()
        part.locator(EXAMPLES[tab]).click()
        changed = "([part, before]) => part.querySelector('.status').innerText !== before"
        page.wait_for_function(changed, arg=[part.element_handle(), before], timeout=PATIENCE)
        page.wait_for_function(RESTS, arg=part.element_handle(), timeout=PATIENCE)
    page.wait_for_timeout(1500)  # for pictures to be drawn


def shot(page, full_page: bool = False) -> Image.Image:
    """What is in the window, or the whole page."""
    return Image.open(io.BytesIO(page.screenshot(full_page=full_page))).convert("RGB")


def save(picture: Image.Image, path: Path, width: int) -> None:
    """Write a picture that is at most so wide."""
    picture.thumbnail((width, 4 * width))
    picture.save(path, quality=QUALITY, method=6)
    print(f"{path.name}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
