"""The fine-tune tab in a real browser, with real trainings of the tiny model."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.own_styles import load_style
from styleprop.server.uploads import VARIABLE
from tests.browser.pages import PATIENCE, choose, expect, panel, shoot
from tests.conftest import make_picture
from tests.reliability.server import children_of
from tests.serving import wait_until

pytestmark = pytest.mark.slow

LONG = 300_000  # trainings give way to everything else, so that beside other tests they are slow
GAINED = " → "  # what the weights were and are, as soon as they are better


@pytest.fixture
def visitor(browser, app):
    """Opens the page as another person would."""
    contexts = []

    def open_page():
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True))
        contexts[-1].set_default_timeout(PATIENCE)
        opened = contexts[-1].new_page()
        opened.goto(app.url)
        expect(opened.get_by_role("status").filter(has_text="Ready")).to_be_visible(timeout=PATIENCE)
        return opened

    yield open_page
    for context in contexts:
        context.close()


def status(part):
    return part.locator("#tuning-status")


def start(page, paths, kind="A style", rate=None):
    part = panel(page, "Fine-tune")
    part.get_by_text(kind, exact=True).click()
    if rate:
        part.get_by_role("button", name="Advanced").click()
        part.get_by_label("Learning rate").fill(rate)
    choose(page, part, paths)
    expect(part.get_by_text("1 picture." if len(paths) == 1 else f"{len(paths)} pictures.")).to_be_visible()
    part.get_by_role("button", name="Start").dblclick()
    return part


def stop(part):
    expect(part.locator("#tuning-preview img").first).to_be_visible(timeout=LONG)
    expect(status(part)).to_contain_text(GAINED, timeout=LONG)
    part.get_by_role("button", name="Stop").click()
    expect(status(part)).to_contain_text("The best weights are kept.", timeout=PATIENCE)


def reconstruct(page, photo):
    """The line that tells which weights a reconstruction is made with."""
    part = panel(page, "Reconstruct")
    choose(page, part, photo)
    expect(part.locator(".status")).to_contain_text("Reconstructed", timeout=PATIENCE)
    return part.locator(".status details")


def trainings():
    return sorted((Path(os.environ[VARIABLE]) / "trainings").iterdir())


def workers():
    """The processes of trainings."""
    return [child for child in children_of(os.getpid()) if b"styleprop.training.worker" in command_of(child)]


def command_of(process):
    """Its command line; empty where it has ended."""
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(process) / "cmdline").read_bytes()
    return b""


def test_opening_the_tab_makes_a_training_start_sooner(app, page):
    for worker in workers():  # of the tests before
        os.kill(worker, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # the desk was first to hear of its end
            os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)  # until it does, the desk counts on it
    panel(page, "Fine-tune")
    wait_until(workers)


def test_a_style_is_learnt_reloaded_stopped_resumed_used_compared_taken_home_and_deleted(app, page, painting, photo):
    part = start(page, [painting])
    expect(part.locator("#tuning-preview img").first).to_be_visible(timeout=LONG)
    expect(part.locator(".captions p")).to_have_text(["Not learnt from", "Before", "Now"])
    page.reload()
    page.get_by_role("button", name="A training is running").click()  # told in every tab
    expect(page.get_by_role("tab", name="Fine-tune")).to_have_attribute("aria-selected", "true")
    part = page.get_by_role("tabpanel").filter(visible=True)
    stop(part)
    expect(page.get_by_role("button", name="A training is running")).to_be_hidden()
    shoot(page, "fine-tune-stopped")
    part.get_by_role("button", name="Resume").click()
    expect(status(part)).to_contain_text("s left", timeout=LONG)
    stop(part)
    with page.expect_download() as taken:
        part.get_by_role("link", name="Download (zip)").or_(part.get_by_role("button", name="Download (zip)")).click()
    assert taken.value.suggested_filename == "styleprop-style.zip"
    part.get_by_role("button", name="Use in the other tabs").click()
    expect(page.get_by_text("Your own style is in use in Style transfer and Reconstruct.")).to_be_visible()
    expect(page.get_by_role("tab", name="Style transfer")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("radio", name="Mine")).to_be_checked()
    choose(page, panel(page, "Style transfer"), photo)
    expect(page.get_by_text("pixels in").first).to_contain_text("with Mine", timeout=PATIENCE)
    shoot(page, "style-mine")
    page.get_by_placeholder("Name of the tile").fill("Taught")
    page.get_by_role("button", name="Keep as a tile").click()
    expect(page.get_by_text("pixels in").first).to_contain_text("with Taught", timeout=PATIENCE)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download style").click()
    own = find_checkpoint(trainings()[-1] / "tuned")
    assert load_style(taken.value.path()).network == own.sha256
    is_new = own.sha256 != app.model.checkpoint.sha256  # a few steps may have found nothing better
    expect(page.get_by_text("It works with your own weights alone")).to_have_count(int(is_new))
    expect(reconstruct(page, photo)).to_contain_text(f"tuned ({own.sha256[:8]})", timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text("Your own style is in use in Style transfer and Reconstruct.")).to_be_visible()
    part = panel(page, "Fine-tune")
    part.get_by_role("button", name="Cat").click()
    expect(part.get_by_text("Left: restyled by the base. Right: by yours.")).to_be_visible(timeout=PATIENCE)
    shoot(page, "fine-tune-compared")
    page.get_by_role("button", name="Use the base again").first.click()
    expect(page.get_by_text("Your own style is in use in Style transfer and Reconstruct.")).to_be_hidden()
    expect(reconstruct(page, photo)).to_contain_text("tiny (", timeout=PATIENCE)
    part = panel(page, "Style transfer")
    expect(part.get_by_role("radio", name="Mine")).to_have_count(0)
    expect(part.get_by_role("radio", name="Taught")).to_be_checked()
    part.get_by_role("button", name="Restyle", exact=True).click()
    expect(part.get_by_text("made with other weights")).to_have_count(int(is_new), timeout=PATIENCE)
    part = panel(page, "Fine-tune")
    part.get_by_role("button", name="Delete").click()
    part.get_by_role("button", name="Keep").click()  # asked first
    part.get_by_role("button", name="Delete").click()
    part.get_by_role("button", name="Delete for good").click()
    expect(status(page)).to_contain_text("Add pictures and press Start")
    assert not own.folder.parent.exists()


def test_two_visitors_wait_for_each_other_and_see_their_own_weights_alone(app, visitor, photo, tmp_path, random):
    base = find_checkpoint(app.model.checkpoint.folder).sha256
    pages, parts = [visitor(), visitor()], []
    for number, opened in enumerate(pages):
        paths = [tmp_path / f"color-{number}-{one}.png" for one in range(2)]
        for path in paths:
            picture = make_picture(160, 160, random)
            picture[:, :, number] //= 4
            images.save(picture, path)
        parts.append(start(opened, paths, "A kind of picture", "0.005"))
        expect(status(parts[-1])).to_contain_text(("Starting", "Waiting: 1 training or clip is before yours.")[number])
    for number in range(2):
        expect(status(parts[number])).to_contain_text("→", timeout=LONG)  # better than the base
        stop(parts[number])
        parts[number].get_by_role("button", name="Use in the other tabs").click()
    lines = [reconstruct(opened, photo) for opened in pages]
    for line in lines:
        expect(line).to_contain_text("tuned (", timeout=PATIENCE)
    shas = {line.text_content().split("tuned (")[1][:8] for line in lines}
    tuned = [run / "tuned" for run in trainings() if (run / "tuned").is_dir()]  # other tests leave folders there
    assert shas == {find_checkpoint(folder).sha256[:8] for folder in tuned}
    assert len(shas) == 2
    shoot(pages[1], "fine-tune-own-weights")
    stranger = visitor()
    expect(reconstruct(stranger, photo)).to_contain_text("tiny (", timeout=PATIENCE)
    expect(status(panel(stranger, "Fine-tune"))).to_contain_text("Add pictures and press Start")
    assert find_checkpoint(app.model.checkpoint.folder).sha256 == base


def test_what_cannot_be_learnt_from_is_said_beside_the_files(page, photo, tmp_path):
    (tmp_path / "text.png").write_text("not a picture")
    part = panel(page, "Fine-tune")
    part.locator("input[type=file]").first.set_input_files([photo, tmp_path / "text.png"])
    expect(part.get_by_text("'text.png' was left out")).to_be_visible()
    expect(part.get_by_text("1 picture.")).to_be_visible()
    part.get_by_text("A kind of picture").click()
    part.get_by_role("button", name="Start").click()
    expect(page.get_by_text("needs at least 2 pictures, not 1.")).to_be_visible()
    part.get_by_label("Clear").first.click()
    part.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Add at least one picture first.")).to_be_visible()
