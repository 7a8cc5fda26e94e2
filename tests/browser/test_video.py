"""The Video tab in a real browser: a clip is painted, stopped and played; the camera is a made-up one of Chromium's."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from styleprop.server.clips import Clips
from styleprop.video import open_clip
from tests.browser.pages import DESK, LONG, PATIENCE, PHONE, english_in, expect, live, panel, shoot
from tests.clips import counted, write_clip

pytestmark = pytest.mark.slow

LASTING = 900  # frames: nobody has painted them before somebody presses Stop
PLAYED = "all => all.map(one => [one.currentTime, one.paused])"


@pytest.fixture
def clip(tmp_path):
    """Three seconds of VP8, as a camera's recorder writes it."""
    return recorded(tmp_path, 90)


def recorded(folder, count):
    frames = (counted(n % 20, 96, 128) for n in range(count))
    return write_clip(folder / "clip.webm", frames, rate=30, codec="libvpx", options={})


def send(part, path):
    part.locator(".clip input[type=file]").set_input_files(path)


def times_of(part):
    return part.locator(".players video").evaluate_all(PLAYED)


def test_a_clip_is_sent_painted_stopped_played_and_there_after_a_reload_on_a_phone(opened, tmp_path, monkeypatch):
    page, submit, begun = opened(PHONE), Clips.submit, []
    monkeypatch.setattr(Clips, "submit", lambda *all_of_it: begun.append(1) or submit(*all_of_it))
    part = panel(page, "Video")
    send(part, recorded(tmp_path, LASTING))
    expect(part.get_by_text("128 × 96 pixels")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    expect(part.get_by_text("This is the first frame.")).to_be_visible(timeout=LONG)
    expect(part.locator(".result .slider-wrap img").first).to_be_visible()
    shoot(page, "video-first-390")
    part.get_by_role("button", name="Start").dblclick()
    expect(part.get_by_text("left.")).to_be_visible(timeout=LONG)
    page.reload()
    chip = page.get_by_role("button", name="A clip is being painted")
    chip.click()  # told in every tab
    part = page.get_by_role("tabpanel").filter(visible=True)
    expect(part.get_by_text("left.")).to_be_visible(timeout=LONG)
    part.get_by_role("button", name="Stop", exact=True).click()
    expect(part.get_by_text("Stopped: the clip ends after")).to_be_visible(timeout=LONG)
    expect(chip).to_be_hidden()
    assert len(begun) == 1
    with page.expect_download() as started:
        part.get_by_role("link", name="Download MP4").or_(part.get_by_role("button", name="Download MP4")).first.click()
    assert started.value.suggested_filename == "clip-dusk-red.mp4"
    started.value.save_as(tmp_path / "out.mp4")
    with open_clip(tmp_path / "out.mp4") as made:
        assert 0 < len(list(made.frames())) < LASTING
    expect(part.locator(".players video")).to_have_count(2)
    shoot(page, "video-stopped-390")
    page.reload()
    part = panel(page, "Video")
    expect(part.get_by_text("Stopped: the clip ends after")).to_be_visible(timeout=PATIENCE)
    expect(part.locator(".players video")).to_have_count(2)


def test_a_reload_brings_the_clip_its_style_and_its_settings_back(opened, clip):
    page = opened(DESK)
    part = panel(page, "Video")
    send(part, clip)
    expect(part.get_by_text("128 × 96 pixels")).to_be_visible()
    part.get_by_text("Fast", exact=True).click()
    part.get_by_text("720", exact=True).click()
    part.get_by_role("radio", name="The North Sea").check()
    expect(part.get_by_text("This is the first frame.")).to_be_visible(timeout=LONG)
    page.reload()
    part = panel(page, "Video")
    expect(part.get_by_text("128 × 96 pixels")).to_be_visible(timeout=PATIENCE)
    expect(part.get_by_text("This is the first frame.")).to_be_visible(timeout=LONG)
    for name in ("The North Sea", "Fast", "720"):
        expect(part.get_by_role("radio", name=name)).to_be_checked()
    expect(part.locator(".clip video")).to_have_count(1)
    part.get_by_role("button", name="Start").click()
    expect(part.get_by_text("Done: 90 frames")).to_be_visible(timeout=LONG)
    page.reload()
    part = panel(page, "Video")
    expect(part.get_by_text("Done: 90 frames")).to_be_visible(timeout=LONG)
    expect(part.locator(".players video")).to_have_count(2)
    expect(part.locator(".clip video")).to_have_count(1)
    expect(part.get_by_text("Done: 90 frames")).to_be_visible()


def test_before_and_after_are_in_step(opened, clip):
    page = opened(DESK)
    part = panel(page, "Video")
    send(part, clip)
    part.get_by_role("radio", name="The North Sea").check()
    expect(part.get_by_text("This is the first frame.")).to_be_visible(timeout=LONG)
    part.get_by_role("button", name="Start").click()
    expect(part.get_by_text("Done: 90 frames")).to_be_visible(timeout=LONG)
    after = part.locator(".after video")
    after.evaluate("it => new Promise(done => { it.onseeked = done; it.currentTime = 1 })")
    page.wait_for_function("Math.abs(document.querySelector('.before video').currentTime - 1) < 0.1")
    after.evaluate("it => it.play()")
    page.wait_for_function("document.querySelector('.after video').currentTime > 1.3")
    (one, is_paused), (other, is_other_paused) = times_of(part)
    assert abs(one - other) < 0.3
    assert (is_paused, is_other_paused) == (False, False)
    part.locator(".before video").evaluate("it => it.pause()")
    page.wait_for_function("document.querySelector('.after video').paused")


def test_what_is_no_clip_is_told_and_the_picture_stays(opened, photo):
    page = opened(DESK)
    part = panel(page, "Video")
    send(part, {"name": "poem.mp4", "mimeType": "video/mp4", "buffer": b"roses are red"})
    expect(part.get_by_role("alert").filter(has_text="This is not a clip that can be opened")).to_be_visible()
    expect(part.locator(".clip input[type=file]")).to_have_count(1)


def test_the_camera_is_painted_until_the_page_is_out_of_sight(opened):
    page = opened(DESK)
    part = panel(page, "Video")
    told, canvas = live(part), part.locator(".live canvas")
    width, height = canvas.evaluate("it => [it.width, it.height]")
    assert 256 <= min(width, height) <= 384
    shown = canvas.evaluate("it => it.toDataURL()")
    page.wait_for_function("before => document.querySelector('.live canvas').toDataURL() !== before", arg=shown)
    shoot(page, "video-live")
    part.get_by_role("button", name="Stop the camera").click()
    expect(told).to_have_text("")
    part.get_by_role("button", name="Start the camera").click()
    expect(told).to_contain_text("pictures a second", timeout=LONG)
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', {value: true});"
        " document.dispatchEvent(new Event('visibilitychange')) }"
    )
    expect(told).to_have_text("The camera was stopped, as the page was out of sight.")
    assert not part.locator(".live video").evaluate("it => it.srcObject.active")


def test_a_camera_that_is_allowed_after_stop_is_let_go(opened):
    page = opened(DESK)
    part = panel(page, "Video")
    page.evaluate(
        "() => { const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);"
        " window.asked = new Promise((asked) => media.getUserMedia = async (wish) => {"
        " window.stream = await open(wish); asked(); await new Promise((go) => { window.allow = go });"
        " return window.stream }) }"
    )
    part.get_by_role("radio", name="Dusk in red").check()
    part.get_by_role("button", name="Live: your camera").click()
    part.get_by_role("button", name="Start the camera").click()
    page.evaluate("window.asked")
    part.get_by_role("button", name="Stop the camera").click()
    page.evaluate("window.allow()")
    page.wait_for_function("!window.stream.active")
    expect(part.locator(".live p")).to_have_text("")


def test_the_tab_is_chinese_and_axe_finds_nothing_serious(browser, app, clip):
    context = browser.new_context(**DESK, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(app.url)
    part = panel(page, "视频")
    part.get_by_role("button", name="工作原理").click()
    part.get_by_role("button", name="实时").click()
    send(part, clip)
    expect(part.get_by_text("128 × 96 像素，每秒 30 帧，3.0 秒。")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    expect(part.get_by_text("这是第一帧。")).to_be_visible(timeout=LONG)
    assert english_in(part) == set()
    page.wait_for_timeout(500)  # axe measures contrast, and the folds fade in
    serious = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in serious] == []
    context.close()
