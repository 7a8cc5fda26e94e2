"""Make the README's pictures of the page from the running app: `python -m tools.make_screenshots`.

Needs requirements-dev.txt and a Chromium (or its path in STYLEPROP_BROWSER). Other screenshots are kept by
`python -m pytest tests/browser`, in test-output/.
"""

import io
from pathlib import Path

from PIL import Image

from tools.open_page import opened, serving

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
QUALITY = 82
PATIENCE = 120_000


def main() -> None:
    """Style transfer by day, CycleGAN by night on a phone's width."""
    with serving() as address:
        with opened(address, 1280, 960) as page:
            run(page, "Style transfer", "Cat")
            save(page, "page-style.webp", 1024)
        with opened(address, 390, 844, "dark") as page:
            run(page, "CycleGAN", "Rocket")
            page.locator(".result").filter(visible=True).scroll_into_view_if_needed()
            save(page, "page-phone.webp", 390)


def run(page, tab: str, example: str) -> None:
    """Open a tab, click an example, and wait for its result."""
    page.get_by_role("tab", name=tab).click()
    part = page.get_by_role("tabpanel").filter(visible=True)
    part.get_by_role("button", name=example).click()
    part.locator(".status").filter(has_text="pixels in").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(800)  # for the slider's pictures to be drawn


def save(page, name: str, width: int) -> None:
    """Write what is in the window."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.thumbnail((width, 4 * width))
    picture.save(DOCS / name, quality=QUALITY, method=6)
    print(f"{name}: {picture.width} x {picture.height}, {(DOCS / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
