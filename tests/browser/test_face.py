"""The page's face: Chinese, keyboard, phone, accessibility, folds, and every control of every tab."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.browser.pages import EXAMPLES, PATIENCE, choose, drop, english_in, expect, file_of, panel, shoot, wait_done

pytestmark = pytest.mark.slow

TABS = ("Style transfer", "Reconstruct", "CycleGAN", "Sound", "Fine-tune")
CHINESE_TABS = ("风格迁移", "重建", "CycleGAN", "微调")


@pytest.fixture
def opened(browser, app):
    """Opens the page as a browser of some width, colour scheme and language would."""
    contexts = []

    def open_page(width=1280, scheme="light", locale="en-US", **keywords):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, locale=locale, **keywords
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        made = context.new_page()
        made.goto(app.url)
        expect(made.locator(".pill.ready")).to_be_visible(timeout=PATIENCE)
        return made

    yield open_page
    for context in contexts:
        context.close()


def test_a_chinese_browser_sees_chinese_in_every_tab_before_and_after(opened):
    page = opened(locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    for tab, button in zip(CHINESE_TABS, ("重绘", "重建", "转换", "开始"), strict=True):
        part = panel(page, tab)
        expect(part.get_by_role("button", name=button, exact=True)).to_be_visible()
        part.get_by_role("button", name="工作原理").click()
        expect(part.locator(".how img")).to_be_visible()
        assert english_in(part) == set()
        shoot(page, f"chinese-{CHINESE_TABS.index(tab)}")
    done = (("猫", "已重绘", "451 × 300"), ("猫", "已重建", "451 × 300"), ("海湾", "已转为绘画", "768 × 512"))
    for tab, (name, verb, size) in zip(CHINESE_TABS, done, strict=False):
        part = panel(page, tab)
        part.get_by_role("button", name=name).click()
        wait_done(part, verb)
        expect(part.get_by_text(f"{size} 像素。", exact=True)).to_be_visible()
        assert english_in(part) == set()
        shoot(page, f"chinese-{CHINESE_TABS.index(tab)}-done")


def test_errors_and_the_notices_of_gradio_are_chinese_too(opened, tmp_path):
    page = opened(locale="zh-CN")
    assert english_in(page.locator("body")) == set()
    for name in ("poem.txt", "poem.png"):
        (tmp_path / name).write_text("roses are red")
    part = panel(page, "重建")
    choose(page, part, tmp_path / "poem.png")
    expect(part.get_by_role("alert")).to_contain_text("无法打开此文件")
    Image.new("RGB", (15, 20)).save(tmp_path / "tiny.png")
    choose(page, part, tmp_path / "tiny.png")
    expect(part.get_by_role("alert")).to_contain_text("图片为 15 × 20 像素：每边至少需要 16 像素。")
    expect(part.get_by_role("button", name="重建", exact=True)).to_be_disabled()
    expect(part.get_by_text("选择一张图片，看看自编码器保留了什么。")).to_be_visible()
    part = panel(page, "声音")
    with (tmp_path / "long.wav").open("wb") as file:
        file.truncate(201 * 2**20)  # more than is taken
    part.locator("input[type=file]").first.set_input_files(tmp_path / "poem.txt")
    expect(page.locator(".toast-body").last).to_contain_text("文件类型不对")
    part.locator("input[type=file]").first.set_input_files(tmp_path / "long.wav")
    expect(page.locator(".toast-body").last).to_contain_text("文件超过了允许的最大大小")
    page.route("**/queue/join*", lambda route: route.fulfill(status=503, json={"detail": "full"}))
    part = panel(page, "风格迁移")
    part.get_by_role("button", name="随机一个").click()
    part.get_by_role("button", name="猫").click()
    expect(page.locator(".toast-body").last).to_contain_text("服务器正忙")
    assert english_in(page.locator(".toast-wrap").last) - {"long.wav"} == set()
    shoot(page, "chinese-notices")


def test_axe_finds_nothing_serious_by_day_and_by_night(opened):
    page, found = opened(), {}
    for tab in TABS:
        part = panel(page, tab)
        if tab in EXAMPLES:
            name, size = EXAMPLES[tab]
            part.get_by_role("button", name=name).click()
            wait_done(part, size)
        part.get_by_role("button", name="How it works").click()
        expect(part.locator(".how .formula").first).to_be_visible()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
            page.wait_for_timeout(500)  # axe measures contrast, and the fold fades in
            # Only colours differ by night.
            options = {"runOnly": ["color-contrast"]} if scheme == "dark" else None
            for violation in Axe().run(page, options=options).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    nodes = [node["html"][:160] for node in violation["nodes"]]
                    found.setdefault(violation["id"], []).append((tab, scheme, nodes))
    assert found == {}


LAST = ("Surprise me", "Rocket", "Hills", "Birds", "Start")  # of the tabs, what is to be reached


def test_every_control_is_reached_and_seen_and_a_photo_is_restyled_with_the_keyboard_alone(page):
    for tab, wanted in zip(TABS, LAST, strict=True):
        part = panel(page, tab)
        expect(part.get_by_role("button", name=wanted).first).to_be_visible()
        names = []
        page.get_by_role("tab", name=tab).focus()
        for _ in range(80):
            page.keyboard.press("Tab")
            name, ring, inside = page.evaluate(FOCUS)
            if inside:
                names.append(name)
                assert ring, f"{name} in {tab} shows no focus"
            elif names:
                break
        assert wanted in names
        assert part.is_visible()
    part = panel(page, "Style transfer")
    part.get_by_role("button", name="Cat").press("Enter")
    wait_done(part, "Restyled 451 × 300")
    part.get_by_role("radio", name="The North Sea").focus()
    page.keyboard.press("Space")
    expect(part.locator(".prose.chosen")).to_contain_text("The North Sea")


FOCUS = """() => {
    const it = document.activeElement;
    const seen = element => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    const ring = [it, it.parentElement, it.closest("label"), it.closest("button")].some(one => one && seen(one));
    return [it.innerText || it.ariaLabel || it.value || it.tagName, ring, !!it.closest("[role=tabpanel]")];
}"""


def test_nothing_jumps_when_a_result_comes(opened):
    page = opened()
    for tab in ("Style transfer", "CycleGAN"):
        part = panel(page, tab)
        slider = part.locator(".result")
        before = slider.bounding_box()
        name, size = EXAMPLES[tab]
        part.get_by_role("button", name=name).click()
        wait_done(part, size)
        after = slider.bounding_box()
        assert (before["y"], before["height"]) == (after["y"], after["height"]), tab


def test_the_before_after_slider_moves(page):
    part = panel(page, "Reconstruct")
    part.get_by_role("button", name="Coffee").click()
    wait_done(part, "Reconstructed")
    images = part.locator(".result img")
    expect(images).to_have_count(2)
    assert images.evaluate_all("all => all.map(one => [one.naturalWidth, one.naturalHeight])") == [[512, 341]] * 2
    box = part.locator(".result").bounding_box()
    before = part.locator(".result").screenshot()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=5)
    page.mouse.up()
    assert part.locator(".result").screenshot() != before


def test_a_dropped_photo_is_taken_in_every_tab(page, photo):
    for tab in TABS[1:3]:
        part = panel(page, tab)
        if tab != TABS[1]:
            expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()  # it went along
            part.get_by_role("button", name="Remove Image").first.click()
        drop(part.get_by_role("button", name="Drop an image file here to upload").first, file_of(page, photo))
        expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()


def test_the_about_fold_tells_models_limits_licences_and_the_cards(page):
    page.get_by_role("button", name="About, limits and credits").click()
    about = page.locator(".about")
    for words in ("MIT licence", "Styles are statistics", "Eileen Collins", "Nobody, 1900; CC0."):
        expect(about.get_by_text(words).first).to_be_visible()
    about.get_by_role("button", name="Model cards").click()
    expect(about.get_by_text("Spearman's rank correlation")).to_be_visible()
    shoot(page, "about")


def test_on_a_phone_all_is_one_column_and_large_enough_to_touch(opened):
    page = opened(width=390, has_touch=True, is_mobile=True)
    for tab in TABS:
        part = panel(page, tab)
        columns = part.locator(".row > .column").filter(visible=True)
        edges = columns.evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().width))")
        assert all(width > 110 for width in edges if width), tab  # the stage is no box there: its parts are
        heights = (
            part.get_by_role("button")
            .filter(visible=True)
            .evaluate_all(
                "all => all.filter(one => one.classList.contains('lg')).map(one => one.getBoundingClientRect().height)"
            )
        )
        assert all(height >= 36 for height in heights), tab
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_colours_brush_and_detail_do_is_seen_at_once(app, page, photo, tmp_path):
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    wait_done(part, "Restyled 104 × 72 pixels")
    shown = part.locator(".result img").last
    for control in ("Colours only", "Keep the photo's"):
        before = shown.get_attribute("src")
        part.get_by_text(control, exact=True).click()
        expect(shown).not_to_have_attribute("src", before, timeout=PATIENCE)
    for name, value in (("Detail", "0.5"), ("Brush", "2"), ("Strength", "0.5")):
        before = shown.get_attribute("src")
        number = part.get_by_label(f"number input for {name}")
        number.fill(value)
        number.press("Enter")
        part.get_by_label(f"range slider for {name}").press("ArrowLeft")
        expect(shown).not_to_have_attribute("src", before, timeout=PATIENCE)
