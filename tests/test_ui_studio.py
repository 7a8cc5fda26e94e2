"""The mask that an editor, or a stranger in its place, sends; what a picture's settings bring back."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError, SettingsError
from styleprop.own_styles import MAX_TITLE, own_style
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.uploads import VARIABLE
from styleprop.ui.cyclegan.restore import NO_MASK, restored_translation
from styleprop.ui.cyclegan.restore import missing_line as translation_lacks
from styleprop.ui.style.own import KEPT_BYTES, added, file_name
from styleprop.ui.style.restore import NOT_KEPT, missing_line, restored_settings
from styleprop.ui.widgets import mask as mask_fold
from styleprop.ui.widgets.styles import BUILT_IN, KEPT, read_tiles, rules_of
from styleprop.ui.widgets.tiled import AT_A_TIME, NOTHING, paint_tiles
from styleprop.ui.widgets.wish import Wish


@pytest.fixture
def upload(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def layer(folder, name, rows, opacity=153, height=40):
    """A transparent picture with a half transparent stroke over some rows, as the page's brush makes it."""
    pixels = np.zeros((height, 60, 4), np.uint8)
    pixels[rows] = (63, 77, 196, opacity)
    Image.fromarray(pixels).save(folder / name)
    return {"path": str(folder / name)}


def test_a_half_transparent_stroke_counts_in_full_and_layers_add_up(upload):
    layers = [layer(upload, "a.png", slice(0, 10)), layer(upload, "b.png", slice(30, 40))]
    mask = mask_fold.open_layers(json.dumps({"background": None, "layers": layers, "composite": None}))
    assert mask.shape == (40, 60)
    assert mask[:10].min() == mask[30:].min() == 255
    assert not mask[10:30].any()


NO_MASKS = [None, "", "{}", '{"layers": []}', '{"layers": null}', "text", "7", "[" * 99_999, 7, {}]


@pytest.mark.parametrize("payload", NO_MASKS, ids=range(len(NO_MASKS)))
def test_where_nothing_is_painted_there_is_no_mask(upload, payload):
    assert mask_fold.open_layers(payload) is None


@pytest.mark.parametrize(
    "layers",
    ["/etc/passwd", {"path": "/etc/passwd"}, ["/etc/passwd"], [{"path": "/etc/passwd"}], [None], [{}], [[]], [7]],
)
def test_a_mask_is_a_picture_from_the_upload_folder_or_it_is_refused(upload, layers):
    with pytest.raises(ImageError) as caught:
        mask_fold.open_layers(json.dumps({"layers": layers}))
    assert "passwd" not in str(caught.value)


def test_a_mask_that_is_text_or_of_many_layers_is_refused(upload):
    (upload / "poem.png").write_text("roses are red")
    with pytest.raises(ImageError, match="not a picture"):
        mask_fold.open_layers(json.dumps({"layers": [{"path": str(upload / "poem.png")}]}))
    with pytest.raises(ImageError, match="paint it again"):
        mask_fold.open_layers(json.dumps({"layers": [layer(upload, "a.png", slice(0, 10))] * 5}))


def made(**settings):
    return images.Picture(np.zeros((16, 16, 3), np.uint8), settings=settings)


def test_a_translation_brings_its_domain_and_direction_back():
    domains = ["monet", "ukiyo-e"]
    found = restored_translation(made(job="translate", domain="ukiyo-e", to_photo=True, strength=0.4, brush=9), domains)
    assert (found["domain"], found["direction"], found["strength"], found["brush"]) == ("ukiyo-e", TO_PHOTO, 0.4, 1.0)
    found = restored_translation(made(job="translate", domain="monet"), domains)
    assert (found["domain"], found["direction"], found["strength"]) == ("monet", TO_PAINTING, 1.0)
    for settings in ({"job": "stylize", "domain": "monet"}, {"job": "translate", "domain": ["monet"]}, {}):
        assert restored_translation(made(**settings), domains) == {}


def test_a_wish_that_comes_after_a_newer_one_is_late():
    wish = Wish()
    assert [wish.is_late(moment) for moment in (10, 10, 30, 20, None, "31", 31)] == [
        False,
        False,
        False,
        True,
        True,
        True,
        False,
    ]


def test_what_a_picture_does_not_hold_is_said(in_english):
    assert missing_line(made(styles=[["dusk-red", 1.0]])) == ""
    assert missing_line(made(styles=[[None, 1.0]])) == NOT_KEPT
    assert missing_line(made(masked=True)) == NOT_KEPT
    assert translation_lacks(made(job="translate", masked=True)) == NO_MASK
    assert translation_lacks(made(job="translate")) == ""


def test_a_kept_style_that_is_not_here_is_named_and_one_that_is_comes_back():
    name = "own-0123456789abcdef"
    picture = made(job="stylize", styles=[[name, 1.0, "My\u202e dusk" + "x" * 99]])
    assert "Its style, 'My duskxxx" in missing_line(picture)
    assert "x" * MAX_TITLE not in missing_line(picture)
    assert missing_line(picture, {name}) == ""
    form = SimpleNamespace(settings={}, source="source", built_in="built_in")
    assert restored_settings(picture, form, {name}) == {"source": BUILT_IN, "built_in": name}
    assert restored_settings(picture, form, {"dusk-red"}) == {}


def kept(title, value=0.0, count=8):
    return own_style(title, np.full((3, count), value, "float32"), "0" * 64)


def test_what_the_browser_kept_is_read_and_the_rest_left_out():
    texts = [kept(title, number).to_json() for number, title in enumerate("ab")]
    strange = [None, 7, {}, "roses are red", "\ud800", texts[0][:-9], [texts[0]]]
    assert [style.title for style in read_tiles([texts[0], *strange, texts[1]])] == ["a", "b"]
    assert len(read_tiles(texts * 9)) == KEPT
    for stranger in (None, "text", 7, {}, {"0": texts[0]}):
        assert read_tiles(stranger) == ()


def test_a_new_tile_comes_first_and_has_a_title_of_its_own():
    tiles = added(added((), kept("Dusk", 1)), kept("Dusk", 2))
    assert [style.title for style in tiles] == ["Dusk 2", "Dusk"]
    renamed = added(tiles, kept("Dawn", 1))
    assert [style.title for style in renamed] == ["Dawn", "Dusk 2"]


def test_there_is_room_for_a_dozen_tiles_or_for_as_much_as_the_gate_takes():
    tiles = ()
    for number in range(KEPT):
        tiles = added(tiles, kept(str(number), number))
    assert KEPT_BYTES < 256 * 1024 * 0.8
    with pytest.raises(SettingsError, match="no room"):
        added(tiles, kept("one more", 50))
    large = [kept(str(number), number, 4096) for number in range(4)]
    with pytest.raises(SettingsError, match="no room"):
        added(tuple(large[:3]), large[3])


@pytest.mark.parametrize(
    ("title", "name"),
    [("My dusk", "My-dusk"), ("../etc/passwd", "etc-passwd"), ("我的黄昏", "我的黄昏"), ("🎨", "my"), ("CON.", "CON")],
)
def test_a_file_is_named_after_the_title_and_can_lie_anywhere(title, name):
    assert file_name(kept(title)) == f"{name}.style.json"


def test_thumbnails_are_in_the_style_sheet_and_titles_are_not():
    style = own_style("</style><script>", np.zeros((3, 8), "float32"), "0" * 64, np.zeros((96, 96, 3), "uint8"))
    sheet = rules_of((style, kept("without one")))
    assert sheet.count("{background-image:url(data:image/jpeg;base64,") == 1
    assert "script" not in sheet


def test_tiles_of_the_same_photo_stay_until_they_are_painted_anew(upload, picture):
    first, second = upload / "first.png", upload / "second.png"
    for path in (first, second):
        images.save(picture, path)
    names = [f"style-{number}" for number in range(AT_A_TIME + 2)]

    def tiles(path, before, brightness):
        painters = [(name, lambda square: np.full_like(square, brightness)) for name in names]
        return [made.rules for made in paint_tiles({"path": str(path)}, before, lambda: painters, lambda: False)]

    *_, whole = paint_tiles({"path": str(first)}, NOTHING, lambda: [("kept", lambda square: square)], lambda: False)
    half, done = tiles(first, whole, 0)
    assert half["kept"] == done["kept"] == whole.rules["kept"]  # and so are those of the styles that come last
    assert [len(half), len(done)] == [1 + AT_A_TIME, 1 + len(names)]
    assert "kept" not in tiles(second, whole, 0)[0]
    assert [made.rules for made in paint_tiles(None, whole, lambda: [], lambda: False)] == [{}]
