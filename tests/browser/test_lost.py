"""A connection that is lost: the page waits, loses nothing and goes on; only another server means a new page."""

import math
from threading import Event

import numpy as np
import pytest

from styleprop import images
from styleprop.ui.style import history
from styleprop.ui.theme import TOLD
from tests.browser.pages import LONG, PATIENCE, changes, choose, expect, painted, panel, shown, wait_done
from tests.browser.test_video import send
from tests.clips import counted, write_clip
from tests.conftest import make_picture
from tests.serving import running, wait_until
from tests.stand_in_proxy import StandInProxy

pytestmark = pytest.mark.slow

# The word that a stream is closed arrives late, once it is to be held and until it is let go. An answer to a call with
# pictures to train on, if it is to be late, comes after its outcome, or after the end of the stream that brought it.
LATE = """const ask = window.fetch;
Object.assign(window, { begun: 0, ended: 0, seen: "" });
const isHere = { outcome: () => window.seen.includes(window.held), end: () => window.begun === window.ended };
window.fetch = async (...sent) => {
    const answer = await ask(...sent), url = String(sent[0].url ?? sent[0]);
    if (window.late && String(sent[1]?.body).startsWith('{"data":["style",[{')) {
        const isDue = isHere[window.late];
        window.late = null;
        window.held = (await answer.clone().json()).event_id;
        while (!isDue()) await new Promise((done) => setTimeout(done, 20));
    }
    if (!url.includes("/queue/data")) return answer;
    window.begun += 1;
    const transform = async (piece, target) => {
        const text = new TextDecoder().decode(piece);
        if (window.hold === "next" && text.includes("close_stream"))
            await new Promise((done) => { window.hold = done });
        window.ended += text.includes("close_stream");
        window.seen += text.includes("process_completed") ? text : "";
        target.enqueue(piece);
    };
    return new Response(answer.body.pipeThrough(new TransformStream({ transform })), answer);
}"""

ALL_ENDED = """() => window.begun === performance.getEntriesByType("resource").filter(
    (one) => one.name.includes("/queue/data")).length"""


@pytest.fixture
def network(app):
    """What lies between the browser and the app, and can be cut."""
    with StandInProxy(app.url) as proxy:
        yield proxy


@pytest.fixture
def page(network, browser):
    """The page over the network, marked, so that it is known again."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(LATE)
    page = context.new_page()
    page.goto(network.url)
    expect(page.get_by_role("status").filter(has_text="Ready")).to_be_visible(timeout=PATIENCE)
    page.evaluate("window.mark = 'the same page'")
    yield page
    context.close()


def is_same(page):
    return page.evaluate("window.mark") == "the same page"


def away(page):
    return page.get_by_role("alert").filter(has_text=TOLD["away"])


def test_after_a_short_loss_all_is_there_and_what_was_clicked_meanwhile_is_painted(network, page, photo, monkeypatch):
    monkeypatch.setattr(history, "HASTE_SECONDS", math.inf)  # a slider's painting takes the last one's place
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    network.cut()
    before = shown(part).get_attribute("src")
    part.get_by_role("radio", name="The North Sea").check()
    expect(away(page)).to_be_visible()
    expect(shown(part)).to_be_visible()
    assert shown(part).get_attribute("src") == before
    network.mend()
    expect(away(page)).to_be_hidden()
    wait_done(part, "with The North Sea")
    expect(part.get_by_test_id("image").locator("img").first).to_have_js_property("naturalWidth", 104)
    changes(part, lambda: part.get_by_label("range slider for Detail").press("ArrowRight"))
    expect(part.locator(".strip .thumbnail-item")).to_have_count(2)  # what the server remembers of this page
    assert is_same(page)


def test_a_call_that_crosses_with_the_end_of_a_stream_is_answered(page, tmp_path):
    frames = (counted(n, 96, 128) for n in range(9))
    clip = write_clip(tmp_path / "clip.webm", frames, rate=30, codec="libvpx", options={})
    page.evaluate("window.hold = 'next'")
    part = panel(page, "Video")
    page.wait_for_function("typeof window.hold === 'function'")
    with page.expect_response("**/queue/join*"):
        send(part, clip)
    page.evaluate("window.hold()")
    expect(part.get_by_text("128 × 96 pixels")).to_be_visible()
    page.wait_for_function(ALL_ENDED)


@pytest.mark.parametrize("late", ["outcome", "end"])
def test_a_stream_ends_also_where_an_outcome_is_here_before_its_call_is_answered(app, page, photo, monkeypatch, late):
    paint, begun, go_on = app.model.paint, Event(), Event()

    def paint_late(*arguments, **settings):
        begun.set()
        assert go_on.wait(LONG / 1000)
        return paint(*arguments, **settings)

    monkeypatch.setattr(app.model, "paint", paint_late)
    part = panel(page, "Style transfer")
    part.get_by_role("radio", name="Dusk in red").check()
    choose(page, part, photo)
    wait_until(begun.is_set)
    page.wait_for_function("window.begun > window.ended")
    page.evaluate("late => window.late = late", late)
    choose(page, panel(page, "Fine-tune"), photo)
    page.wait_for_function("window.held && window.seen.includes(window.held)")
    go_on.set()
    expect(page.get_by_text("1 picture.")).to_be_visible()
    wait_done(panel(page, "Style transfer"), "Restyled 104 × 72 pixels")
    page.wait_for_function(ALL_ENDED)


def test_what_is_under_way_when_the_connection_breaks_arrives(app, network, page, random, tmp_path):
    large = make_picture(60, 80, random).repeat(40, axis=0).repeat(40, axis=1)
    images.save(large, tmp_path / "large.png")
    part = panel(page, "Style transfer")
    choose(page, part, tmp_path / "large.png")
    part.get_by_role("radio", name="Dusk in red").check()
    wait_done(part, "Restyled 1024 × 768 pixels")
    with page.expect_download(timeout=LONG) as started:
        part.get_by_role("button", name="Download PNG").click()
        expect(part.get_by_role("button", name="Stop")).to_be_visible()
        network.cut()
        expect(away(page)).to_be_visible()
        network.mend()
    started.value.save_as(tmp_path / "made.png")
    np.testing.assert_array_equal(images.load(tmp_path / "made.png").image, app.model.stylize(large, "dusk-red").array)
    assert is_same(page)


def test_another_server_means_a_new_page_with_the_photo_and_the_settings(app, network, page, photo, styled_checkpoint):
    part = panel(page, "Style transfer")
    painted(page, part, photo)
    strength = part.get_by_label("number input for Strength")
    strength.fill("0.6")
    changes(part, lambda: strength.press("Enter"))
    with running(styled_checkpoint, load=lambda _: app.model) as (_, _, url):
        network.cut()
        network.lead_to(url)
        network.mend()
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_function("window.mark === undefined")
        assert "with Dusk in red" in wait_done(part, "Restyled 104 × 72 pixels")
        expect(part.get_by_label("number input for Strength")).to_have_value("0.6")
        page.goto("about:blank")
