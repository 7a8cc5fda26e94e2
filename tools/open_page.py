"""The real app in a process of its own, and its page in Chromium, for the tools that look at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
POLL_SECONDS, LIMIT_SECONDS = 0.05, 120.0


@contextlib.contextmanager
def serving(wait: str = "readyz") -> Iterator[str]:
    """Start `python app.py` on a free port; yields its address once `wait` is answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/"
        await_answer(address + wait)
        yield address
    finally:
        app.terminate()
        app.wait(40)


def await_answer(url: str) -> None:
    """Ask until the answer is 200. Raises TimeoutError."""
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"no answer from {url}")


def browser_path() -> str:
    """Chromium's path, or what STYLEPROP_BROWSER says."""
    return os.environ.get("STYLEPROP_BROWSER") or next(filter(None, map(shutil.which, NAMES)))


@contextlib.contextmanager
def opened(address: str, size: tuple[int, int], scheme: str = "light", locale: str = "en") -> Iterator:
    """The page in a window; yields Playwright's page."""
    viewport: Any = {"width": size[0], "height": size[1]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page(viewport=viewport, color_scheme=cast(Any, scheme), locale=locale)
        page.goto(address)
        page.locator(".pill.ready").wait_for(timeout=LIMIT_SECONDS * 1000)
        yield page
        browser.close()
