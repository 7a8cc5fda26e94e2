"""Styles that people keep: the file, what a hostile one is refused with, the command, and the same bits."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.cli import main
from styleprop.cli.terminal import quiet
from styleprop.engine import Styleprop
from styleprop.errors import ImageError, SettingsError, StyleError
from styleprop.own_styles import (
    DAMAGED,
    MAX_BYTES,
    MAX_TITLE,
    MAX_VALUE,
    NO_STYLE_FILE,
    THUMB_SIDE,
    TOO_LARGE,
    TOO_NEW,
    clean_title,
    load_style,
    mosaic,
    own_style,
)
from styleprop.scale import cluster
from styleprop.styles import SIDES
from tests.conftest import make_picture


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture(scope="module")
def dusk(model):
    return model.make_style(make_picture(90, 120, np.random.default_rng(1)), "My dusk")


@pytest.fixture
def file(dusk, tmp_path):
    dusk.save(tmp_path / "my-dusk.style.json")
    return tmp_path / "my-dusk.style.json"


def large(random, short=SIDES[-1]):
    return make_picture(short, short + 60, random)


# --- painting with one ---


@pytest.mark.parametrize("settings", [{}, {"brush": 2.0}, {"brush": 1.5, "strength": 0.7}, {"color": "content"}])
def test_where_the_style_is_read_at_a_stored_side_the_bits_are_those_of_the_picture(model, random, tmp_path, settings):
    painting, content = images.Picture(make_picture(90, 120, random)), large(random)
    model.make_style(painting, "Waves").save(tmp_path / "waves.style.json")
    own = model.paint(content, str(tmp_path / "waves.style.json"), **settings).preview.array
    np.testing.assert_array_equal(own, model.paint(content, painting, **settings).preview.array)


def test_a_mix_of_pictures_and_styles_is_kept_as_it_is_painted(model, random):
    mix = [(make_picture(90, 120, random), 2.0), ("dusk-red", 1.0)]
    content = large(random, SIDES[1])
    kept = model.make_style(mix, "Mix")
    np.testing.assert_array_equal(model.paint(content, kept).preview.array, model.paint(content, mix).preview.array)


def test_other_weights_refuse_it_in_a_sentence(tiny_checkpoint, styled_checkpoint, picture, file, dusk, tmp_path):
    made = json.loads(file.read_text()) | {"network": "0" * 64}
    file.write_text(json.dumps(made))
    with pytest.raises(StyleError, match=r"'My dusk' was made with other weights \(00000000\)"):
        Styleprop.from_pretrained(tiny_checkpoint).stylize(picture, file)


def test_a_file_that_lies_about_its_weights_is_damaged(model, picture, dusk, file):
    made = json.loads(file.read_text())
    made["codes"] = [base64.b64encode(bytes(8)).decode()] * 3
    file.write_text(json.dumps(made))
    with pytest.raises(StyleError, match=DAMAGED):
        model.stylize(picture, file)


def test_the_largest_codes_that_are_read_paint_something_finite(model, picture, dusk, file):
    made = json.loads(file.read_text())
    code = np.where(np.arange(dusk.codes.shape[1]) % 2, -MAX_VALUE, MAX_VALUE).astype("<f4")
    made["codes"] = [base64.b64encode(code.tobytes()).decode()] * 3
    assert model.stylize(picture, load_style(json.dumps(made).encode())).array.shape == picture.shape


# --- the file ---


def test_a_saved_style_comes_back_exactly(dusk, file):
    back = load_style(file)
    np.testing.assert_array_equal(back.codes, dusk.codes)
    assert (back.name, back.title, back.network) == (dusk.name, dusk.title, dusk.network)
    assert (back.jpeg, back.to_json()) == (dusk.jpeg, dusk.to_json())  # nothing is lost by being read and written
    assert back.thumbnail.shape == (THUMB_SIDE, THUMB_SIDE, 3)
    assert file.stat().st_size < MAX_BYTES


def test_the_shipped_networks_style_is_a_small_file(random):
    noise = random.integers(0, 256, (THUMB_SIDE, THUMB_SIDE, 3)).astype(np.uint8)  # the worst of thumbnails
    made = own_style("x" * MAX_TITLE, random.normal(size=(3, 512)).astype("f4"), "0" * 64, noise)
    assert len(made.to_json()) < 20_000


def test_a_thumbnail_has_a_strip_of_each_picture():
    red, blue = (np.full((40, 60, 3), color, np.uint8) for color in ([255, 0, 0], [0, 0, 255]))
    made = mosaic([red, blue])
    assert made.shape == (THUMB_SIDE, THUMB_SIDE, 3)
    assert made[:, 0].tolist() == [[255, 0, 0]] * THUMB_SIDE
    assert made[:, -1].tolist() == [[0, 0, 255]] * THUMB_SIDE
    assert mosaic([]) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  My \n dusk\t", "My dusk"),
        ("\u202egnp\u200b.exe\x00", "gnp.exe"),
        ("x" * 200, "x" * MAX_TITLE),
        ("我的黄昏 🎨", "我的黄昏 🎨"),
        ("\x00\u200e ", ""),
    ],
)
def test_titles_are_cleaned(text, title):
    assert clean_title(text) == title


def test_a_style_without_a_name_is_refused(model, picture):
    with pytest.raises(SettingsError, match="Give the style a name"):
        model.make_style(picture, " \x00")


def jpeg(side):
    stream = io.BytesIO()
    Image.new("RGB", (side, side)).save(stream, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def code_of(value, count=8):
    return base64.b64encode(np.full(count, value, "<f4").tobytes()).decode()


def png():
    return "data:image/jpeg;base64," + base64.b64encode(images.encode_png(np.zeros((32, 32, 3), np.uint8))).decode()


CHANGES = [
    {"name": ""},
    {"name": "\u202e"},
    {"network": "ab"},
    {"network": 7},
    {"network": "G" * 64},
    {"sides": [192, 384]},
    {"sides": None},
    {"format": 0},
    {"format": True},
    {"format": 1.0},
    {"format": "1"},
    {"more": 1},
    {"codes": []},
    {"codes": {}},
    {"codes": ["!!!!"] * 3},
    {"codes": ["AAA"] * 3},
    {"codes": ["AAAA"] * 3},
    {"codes": [""] * 3},
    {"codes": [7] * 3},
    {"codes": ["\u00e9"] * 3},
    {"codes": [[0.0] * 8] * 3},
    {"codes": [code_of(0), code_of(0), code_of(0, 4)]},
    {"codes": [code_of(0, 5000)] * 3},
    {"codes": [code_of(float("nan"))] * 3},
    {"codes": [code_of(float("inf"))] * 3},
    {"codes": [code_of(MAX_VALUE * 2)] * 3},
    {"thumbnail": None},
    {"thumbnail": "javascript:alert(1)"},
    {"thumbnail": "data:image/svg+xml;base64,PHN2Zy8+"},
    {"thumbnail": "data:image/jpeg;base64,"},
    {"thumbnail": "data:image/jpeg;base64,/9j/4AAQ"},
    {"thumbnail": 'data:image/jpeg;base64,"></style><script>'},
    {"thumbnail": jpeg(300)},
    {"thumbnail": jpeg(8)},
    {"thumbnail": png()},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change)[:40])
def test_a_file_with_one_thing_wrong_is_damaged(file, change):
    made = json.loads(file.read_text()) | change
    with pytest.raises(StyleError) as caught:
        load_style(json.dumps(made).encode())
    assert str(caught.value) == DAMAGED


@pytest.mark.parametrize("name", ["name", "network", "sides", "codes", "format"])
def test_a_file_that_lacks_something_is_damaged(file, name):
    made = {key: value for key, value in json.loads(file.read_text()).items() if key != name}
    with pytest.raises(StyleError, match=DAMAGED):
        load_style(json.dumps(made).encode())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", NO_STYLE_FILE),
        (b"roses are red", NO_STYLE_FILE),
        (b"\xff\xfe{}", NO_STYLE_FILE),
        (b"null", NO_STYLE_FILE),
        (b"[]", NO_STYLE_FILE),
        (b"{}", NO_STYLE_FILE),
        (b'{"styleprop": ["style"]}', NO_STYLE_FILE),
        (b"[" * (MAX_BYTES - 1), NO_STYLE_FILE),
        (b'{"a":' * 20_000, NO_STYLE_FILE),
        (b"9" * 20_000, NO_STYLE_FILE),
        (b"\x80\x04]q\x00.", NO_STYLE_FILE),  # a pickle
        (b"\x89PNG\r\n\x1a\n" + bytes(90), NO_STYLE_FILE),
        (b'{"styleprop": NaN}', DAMAGED),
        (b'{"styleprop": "style", "format": -Infinity}', DAMAGED),
        (b'{"styleprop": "other", "styleprop": "style"}', DAMAGED),
        (b'{"styleprop": "style", "format": 2}', TOO_NEW),
        (b" " * (MAX_BYTES + 1), TOO_LARGE),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_style_file_is_refused_in_a_sentence(data, sentence, tmp_path):
    (tmp_path / "some.style.json").write_bytes(data)
    for source in (data, tmp_path / "some.style.json"):
        with pytest.raises(StyleError) as caught:
            load_style(source)
        assert str(caught.value) == sentence


def test_only_ordinary_files_are_read(tmp_path):
    (tmp_path / "folder.style.json").mkdir()
    for name in ("folder.style.json", "missing.style.json"):
        with pytest.raises(ImageError):
            load_style(tmp_path / name)
    with pytest.raises(ImageError, match="Only ordinary files"):
        load_style("/dev/zero")


def test_a_style_is_saved_under_its_ending_or_not_at_all(dusk, tmp_path):
    with pytest.raises(StyleError, match=r"saved as \.style\.json"):
        dusk.save(tmp_path / "dusk.json")
    (tmp_path / "folder").write_text("")
    with pytest.raises(ImageError, match="cannot be written"):
        dusk.save(tmp_path / "folder" / "dusk.style.json")


# --- the command line ---


def test_the_command_makes_a_style_that_paints_like_the_picture(command, model, painting, random, tmp_path):
    photo, own, out = (tmp_path / name for name in ("large.png", "dusk.style.json", "out.png"))
    images.save(large(random), photo)
    code, said, err = command("style", painting, "--name", "My dusk", "-o", own)
    assert (code, err) == (0, "")
    assert said == f"{painting} -> {own} (My dusk)\n"
    for style in (own, f"{own}:2"):
        assert command("stylize", photo, "--style", style, "-o", out)[0] == 0
        np.testing.assert_array_equal(images.load(out).image, model.stylize(photo, painting).array)
    assert images.load(out).settings["styles"] == [[load_style(own).name, 1.0, "My dusk"]]


def test_a_style_is_mixed_of_others_and_named_after_its_file(command, model, painting, file, tmp_path):
    out = tmp_path / "mix.style.json"
    code, said, _ = command("style", f"{painting}:2", "dusk-red", file, "-o", out, "--json")
    assert code == 0
    assert json.loads(said) == {"output": str(out), "name": "mix", "network": model.checkpoint.sha256}
    expected = model.make_style([(painting, 2.0), ("dusk-red", 1.0), (file, 1.0)], "mix")
    np.testing.assert_array_equal(load_style(out).codes, expected.codes)


def test_a_sheet_is_labelled_with_its_name(command, photo, file, tmp_path):
    code, said, _ = command("sheet", photo, "--style", file, "-o", tmp_path / "sheet.png", "--json")
    assert code == 0
    assert json.loads(said)["cells"] == ["My dusk"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["PAINTING", "-o", "OUT.json"], 2, "must end in .style.json"),
        (["PAINTING"] * 5 + ["-o", "OUT.style.json"], 2, "Give one to 4 styles, not 5."),
        (["PAINTING:0", "-o", "OUT.style.json"], 2, "weight above 0"),
        (["FILE", "-o", "FILE"], 2, "one of the inputs"),
        (["PAINTING", "--name", "", "-o", "OUT.style.json"], 2, "Give the style a name."),
        (["nothing.style.json", "-o", "OUT.style.json"], 1, "neither a file nor a built-in style"),
        (["BAD", "-o", "OUT.style.json"], 1, "bad.style.json: This is not a style file"),
    ],
)
def test_what_cannot_become_a_style_is_said(command, painting, file, tmp_path, arguments, code, sentence):
    (tmp_path / "bad.style.json").write_text("roses are red")
    places = {"PAINTING": str(painting), "OUT": str(tmp_path / "out"), "FILE": str(file)}
    places["BAD"] = str(tmp_path / "bad.style.json")
    for name, place in places.items():
        arguments = [word.replace(name, place) for word in arguments]
    made, _, err = command("style", *arguments)
    assert made == code
    assert sentence in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.style.json").exists()


@pytest.mark.slow
def test_ray_paints_with_one_and_its_manifest_knows_it_by_its_content(
    photo, painting, styled_checkpoint, model, file, tmp_path, capsys
):
    job = ["stylize", str(photo), "--style", str(file), "--checkpoint", str(styled_checkpoint)]
    job += ["--engine", "ray", "--workers", "1", "-o", str(tmp_path / "made")]
    with quiet(), cluster.connected(cores=1):  # one Ray for the three of them
        assert main([*job]) == 0
        made = images.load(tmp_path / "made" / "photo.png").image
        np.testing.assert_array_equal(made, model.stylize(photo, file).array)
        before = (tmp_path / "made" / "results.jsonl").read_text()
        assert main([*job]) == 0
        assert (tmp_path / "made" / "results.jsonl").read_text() == before
        model.make_style(painting, "My dusk").save(file)
        assert main([*job]) == 0
        made = images.load(tmp_path / "made" / "photo.png").image
        np.testing.assert_array_equal(made, model.stylize(photo, file).array)
