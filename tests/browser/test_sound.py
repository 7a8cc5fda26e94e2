"""The Sound tab in a real browser: a clip in, a result that plays."""

import numpy as np
import pytest

from styleprop.sound.files import Sound, load, save
from tests.browser.pages import PATIENCE, PHONE, expect, panel, shoot

pytestmark = pytest.mark.slow


@pytest.fixture
def clip(tmp_path):
    """Two seconds of a tone that swells."""
    at = np.arange(88_200) / 44_100
    made = 0.4 * np.sin(2 * np.pi * 500 * at) * np.sin(np.pi * at) ** 2
    save(Sound(made.astype("float32")[:, None], 44_100), tmp_path / "My clip.wav")
    return tmp_path / "My clip.wav"


def test_a_clip_in_a_texture_is_heard_seen_and_downloaded(page, clip, tmp_path):
    part = panel(page, "Sound")
    part.get_by_role("radio", name="Bells").check()
    part.locator("input[type=file]").first.set_input_files(clip)
    expect(part.locator(".status")).to_contain_text("2.0 s of sound in", timeout=PATIENCE)
    expect(part.locator("img")).to_have_count(3, timeout=PATIENCE)
    with page.expect_download() as started:
        part.get_by_role("link", name="Download WAV").or_(part.get_by_role("button", name="Download WAV")).first.click()
    assert started.value.suggested_filename == "my-clip-bells.wav"
    started.value.save_as(tmp_path / "result.wav")
    found, before = load(tmp_path / "result.wav"), load(clip)
    assert (found.rate, found.samples.shape) == (44_100, before.samples.shape)
    assert np.abs(found.samples - before.samples).max() > 0.1
    shown = part.get_by_text("0:02")  # the length that the player found
    expect(shown.first).to_be_visible()
    shoot(page, "sound")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, "sound-phone")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


def test_an_example_a_refusal_and_a_texture_of_ones_own(page, clip):
    part = panel(page, "Sound")
    part.get_by_role("button", name="Drums").click()
    expect(part.locator(".status")).to_contain_text("6.0 s of sound in", timeout=PATIENCE)
    part.get_by_role("radio", name="My own").check()
    expect(part.get_by_role("alert")).to_contain_text("Add a sound whose texture to take", timeout=PATIENCE)
    part.locator("input[type=file]").last.set_input_files(clip)
    expect(part.locator(".status")).to_contain_text("6.0 s of sound in", timeout=PATIENCE)


def test_on_a_phone_the_result_is_on_top_and_stays_there(opened):
    page = opened(PHONE)
    part = panel(page, "Sound")
    part.get_by_role("button", name="Drums").tap()
    expect(part.locator(".status")).to_contain_text("6.0 s of sound in", timeout=PATIENCE)
    result = part.locator(".heard")
    for text in (result.get_by_text("0:06"), part.locator(".status")):
        expect(text).to_be_in_viewport(ratio=1)
    part.get_by_role("slider", name="Strength").scroll_into_view_if_needed()
    expect(result).to_be_in_viewport(ratio=1)
