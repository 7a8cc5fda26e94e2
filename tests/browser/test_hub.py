"""The Hub in a real browser: a domain that comes on first use, and a push with the visitor's own login."""

import json
import shutil

import pytest

from styleprop.server.models import load_model
from tests.browser.pages import choose, expect, panel, shoot
from tests.serving import running
from tests.stand_in_hub import TOKEN
from tests.test_hub_push import OneRun, files_with

pytestmark = pytest.mark.slow

LONG = 120_000


@pytest.fixture
def visit(browser):
    """Opens an address as somebody would who was never there."""
    contexts = []

    def go(url):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        contexts[-1].set_default_timeout(LONG)
        opened = contexts[-1].new_page()
        opened.goto(url)
        return opened

    yield go
    for context in contexts:
        context.close()


def test_a_domain_of_the_hub_is_offered_and_comes_when_it_is_chosen(
    server, visit, app, styled_checkpoint, tiny_cyclegan, photo, tmp_path
):
    folder = shutil.copytree(styled_checkpoint, tmp_path / "all")
    entry = {
        "title": "Tiny school",
        "repo": "ann/cyclegan-tiny",
        "revision": server.add("ann/cyclegan-tiny", tiny_cyclegan),
    }
    (folder / "registry.json").write_text(json.dumps({"domains": {"tiny": entry}}))
    commit = server.add("ann/all", folder)

    def load(source):
        return load_model(source) if source else app.model

    with running(None, load=load, hub="ann/all") as (_, models, url):
        page = visit(url)
        expect(page.get_by_role("status").filter(has_text=f"Ready, with ann/all at {commit[:7]}")).to_be_visible(
            timeout=LONG
        )
        part = panel(page, "CycleGAN")
        expect(part.get_by_label("Tiny school")).to_be_visible(timeout=LONG)
        assert models.domains.remote == {"tiny": "Tiny school"}
        choose(page, part, photo)
        expect(part.get_by_text("104 × 72 pixels.")).to_be_visible(timeout=LONG)
        server.delay = 3.0
        part.get_by_label("Tiny school").click()
        expect(part.get_by_text("Downloading Tiny school").first).to_be_visible(timeout=LONG)
        shoot(page, "domain-on-its-way")
        expect(part.locator(".status")).to_contain_text("with Tiny school", timeout=LONG)
        shoot(page, "domain-of-the-hub")
        server.mode = "hang"
        part.get_by_role("button", name="Translate").click()
        expect(part.locator(".status")).to_contain_text("Translated", timeout=LONG)


def test_own_weights_are_pushed_with_the_visitors_login(
    as_space, server, visit, styled_checkpoint, tiny_checkpoint, painting, tmp_path
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "runs" / "tuned")
    with running(styled_checkpoint, desk=OneRun(folder)) as (_, _, url):
        page = visit(url)
        part = panel(page, "Fine-tune")
        choose(page, part, painting)
        expect(part.get_by_text("1 picture.")).to_be_visible(timeout=LONG)
        part.get_by_role("button", name="Start").click()
        part.get_by_role("button", name="To your account on the Hugging Face Hub").click()
        part.get_by_role("button", name="Push to the Hub").click()
        expect(page.get_by_text("Sign in first, with the button beside this one.")).to_be_visible(timeout=LONG)
        shoot(page, "push-sign-in")
        with page.expect_navigation(url=url):
            part.get_by_role("button", name="Sign in with Hugging Face").click()
        part = panel(page, "Fine-tune")
        part.get_by_role("button", name="To your account on the Hugging Face Hub").click()
        expect(part.get_by_role("button", name="Logout (ann)")).to_be_visible(timeout=LONG)
        part.get_by_label("Repository").fill("my-style")
        part.get_by_role("button", name="Push to the Hub").click()
        expect(part.get_by_text("Uploaded as")).to_be_visible(timeout=LONG)
        shoot(page, "pushed")
        assert TOKEN not in page.content()
        assert TOKEN not in page.evaluate(
            "JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie"
        )
    repo = server.repos["ann/my-style"]
    assert repo.private
    pushed = repo.commits[repo.find("main")]
    assert pushed["model.weights.h5"] == (folder / "model.weights.h5").read_bytes()
    assert files_with(TOKEN, tmp_path) == []
