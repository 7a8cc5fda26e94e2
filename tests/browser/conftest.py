"""One browser for these tests, and pages in it."""

import contextlib

import pytest
from playwright.sync_api import sync_playwright

from styleprop import images
from tests.browser.pages import ARGUMENTS, BROWSER, PATIENCE, expect, is_stranger
from tests.conftest import make_picture


@pytest.fixture(scope="package")  # not the session: while Playwright runs, nobody else may have an event loop
def browser():
    """Chromium; without one the test is skipped."""
    if BROWSER is None:
        pytest.skip("no Chromium found; name one in STYLEPROP_BROWSER")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, app):
    """The page, ready; the test fails where it asked anybody else, or the console has an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    strangers, errors = [], []
    page.on("request", lambda request: strangers.append(request.url) if is_stranger(request.url, app.url) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app.url)
    expect(page.get_by_role("status").filter(has_text="Ready")).to_be_visible(timeout=PATIENCE)
    yield page
    context.close()
    assert strangers == []
    assert errors == []


@pytest.fixture
def opened(browser, app):
    """Opens the page in a window of some size; the test fails where a script of it fails."""
    with contextlib.ExitStack() as stack:
        errors = []

        def open_page(size, url=app.url):
            context = browser.new_context(**size)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(url)
            expect(page.locator(".pill.ready")).to_be_visible(timeout=PATIENCE)
            return page

        yield open_page
        assert errors == []


@pytest.fixture
def other(tmp_path, random):
    """Another photo of another size."""
    images.save(make_picture(64, 80, random), tmp_path / "other one.png")
    return tmp_path / "other one.png"
