import json
import os
from dataclasses import replace
from pathlib import Path

import gradio_client
import httpx
import numpy as np
import pytest

from styleprop import images
from styleprop.server.gate import NO_ADDRESSES, NO_TEXT
from tests.hostile import generate
from tests.serving import LEAKS, SECONDS, error_of, send

PLAIN = {"_type": "gradio.FileData"}


BAD_SETTINGS = [
    ({"strength": 1.5}, "strength must be a number from 0 to 1"),
    ({"strength": "1"}, "strength must be a number"),
    ({"strength": None}, "strength must be a number"),
    ({"detail": True}, "detail must be a number"),
    ({"brush": 0.1}, "brush must be a number from 0.5 to 2"),
    ({"color": "<b>red</b>"}, "&lt;b&gt;red"),
    ({"color": ["style"]}, "color must be one of"),
    ({"style": "/etc/passwd"}, "There is no built-in style '/etc/passwd'; there are: dusk-red, north-sea."),
    ({"style": None}, "style must be the name"),
    ({"style": []}, "style must be the name"),
    ({"style": ["dusk-red"]}, "style must be the name"),
    ({"style": [["dusk-red", 1]] * 5}, "style must be the name"),
    ({"style": [["dusk-red", 0]]}, "At least one style must have a weight above 0."),
    ({"style": [["dusk-red", "much"]]}, "A style's weight must be a number"),
    ({"style": {"no": "path"}}, "Choose a picture first."),
    ({"style": 7}, "style must be the name"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD_SETTINGS, ids=lambda value: str(value)[:40])
def test_bad_settings_get_a_sentence(client, photo, change, sentence):
    arguments = {"content": send(photo), "style": "dusk-red", **change}
    assert sentence in error_of(client, **arguments, api_name="/stylize")


def test_no_picture_and_no_true_picture_get_a_sentence(client, tmp_path):
    (tmp_path / "poem.png").write_text("roses are red")
    assert "This is not a picture" in error_of(client, send(tmp_path / "poem.png"), api_name="/reconstruct")
    assert "Choose a picture first." in error_of(client, None, api_name="/reconstruct")


@pytest.mark.parametrize("address", ["https://pictures.example/cat.png", "http://127.0.0.1:9/cat.png"])
def test_an_address_gets_a_sentence_that_the_client_shows(client, photo, address):
    assert error_of(client, send(address), api_name="/reconstruct") == NO_ADDRESSES
    assert error_of(client, send(photo), [[send(address), 1]], api_name="/stylize") == NO_ADDRESSES


def test_a_number_that_does_not_exist_gets_a_sentence_that_the_client_shows(client, photo, monkeypatch):
    encode = httpx._content.json_dumps
    monkeypatch.setattr("httpx._content.json_dumps", lambda value, **more: encode(value, **{**more, "allow_nan": True}))
    assert error_of(client, send(photo), "dusk-red", float("nan"), api_name="/stylize") == NO_TEXT


def test_a_path_that_stands_for_a_file_gets_a_sentence(client, photo):
    for path in (str(photo), "photo.png", "https://pictures.example/cat.png"):
        assert 'handle_file("photo.jpg")' in error_of(client, path, api_name="/reconstruct")
        assert 'handle_file("photo.jpg")' in error_of(client, path, "dusk-red", api_name="/stylize")
    assert "There is no built-in style" in error_of(client, send(photo), "photo.png", api_name="/stylize")


def test_what_programs_are_told_speaks_of_files_and_of_no_addresses(client):
    told = client.view_api(return_format="dict")["named_endpoints"]
    pictures = [
        taken["type"] for call in told.values() for taken in call["parameters"] if taken["component"] == "Image"
    ]
    assert len(pictures) == 3
    for picture in pictures:
        assert "addresses are not fetched" in picture["additional_description"]
        assert "url" not in json.dumps(picture).lower()
    assert told["/reconstruct"]["parameters"][0]["python_type"]["type"] == "filepath"


def call_by_hand(url, name, data):
    """What a client of another make would send; returns what the event stream says in the end."""
    started = httpx.post(f"{url}gradio_api/call/{name}", json={"data": data}, timeout=SECONDS)
    if started.status_code != 200:
        return started.text
    return httpx.get(f"{url}gradio_api/call/{name}/{started.json()['event_id']}", timeout=SECONDS).text


def outside_paths(folder, tmp_path):
    upload = Path(os.environ["GRADIO_TEMP_DIR"])
    link = upload / "link.png"
    if not link.is_symlink():
        images.save(np.zeros((20, 20, 3), "uint8"), tmp_path / "private.png")
        link.symlink_to(tmp_path / "private.png")
    return [
        "/etc/passwd",
        str(folder / "model.weights.h5"),
        str(upload),
        str(upload / ".." / "x.png"),
        str(link),
        "~/x.png",
        "\0",
        "",
        "file:///etc/passwd",
        str(images.__file__),
    ]


def test_paths_outside_the_upload_folder_are_refused(app, styled_checkpoint, tmp_path):
    for path in outside_paths(styled_checkpoint, tmp_path):
        for payload in (
            {"path": path, "meta": PLAIN},
            {"path": path},
            {"path": path, "url": path, "meta": PLAIN},
            path,
        ):
            answer = call_by_hand(app.url, "reconstruct", [payload])
            assert "event: complete" not in answer
            assert not any(leak in answer for leak in LEAKS[:-1]), answer
            assert not path or path == "~/x.png" or path not in answer


MALFORMED = [
    [],
    [None],
    [1],
    [[]],
    [{"path": 1, "meta": PLAIN}],
    [{"path": None, "meta": PLAIN}],
    [{"url": "data:image/png;base64,AAAA", "meta": PLAIN}],
    [{"path": {"path": "x"}, "unknown": "field", "meta": {"_type": "x"}}],
    ["x", "y", "z"],
]


@pytest.mark.parametrize("data", MALFORMED, ids=lambda data: json.dumps(data)[:30])
def test_malformed_calls_are_refused_without_a_word_about_the_inside(app, data):
    answer = call_by_hand(app.url, "reconstruct", data)
    assert "event: complete" not in answer
    assert not any(leak in answer for leak in LEAKS[:-1]), answer


@pytest.mark.slow
def test_every_hostile_file_is_answered_rightly_or_with_one_sentence(app, client, tmp_path, photo):
    golden = app.model.reconstruct(photo).array
    for index, case in enumerate(case for case in generate(tmp_path / "hostile") if case.can_be_sent):
        check_hostile(client, case)
        if index % 25 == 0:
            path, _ = client.predict(send(photo), api_name="/reconstruct")
            np.testing.assert_array_equal(images.load(path).image, golden)


def check_hostile(client, case):
    made, sentence = restyle(client, case.path)
    if case.expected == "refused":
        assert sentence, case.name
        assert not any(leak in sentence for leak in LEAKS), sentence
        return
    assert made, f"{case.name}: {sentence}"
    assert case.check is None or case.check(made), case.name


def restyle(client, path):
    """At strength 0 the content's own pixels come back: (Picture, "") or (None, sentence)."""
    try:
        made, figures = client.predict(send(path), "dusk-red", 0.0, api_name="/stylize")
    except gradio_client.exceptions.AppError as error:
        return None, str(error)
    except ValueError:  # the client itself will not send a file over the limit
        return None, "The file is too large to be sent."
    return replace(images.load(made), notes=tuple(figures["notes"]), settings=images.load(path).settings), ""


@pytest.mark.slow
def test_an_upload_over_the_limit_is_cut_off(app):
    enormous = {"files": ("enormous.mp4", bytes(201 * 1024 * 1024))}
    answer = httpx.post(f"{app.url}gradio_api/upload", files=enormous, timeout=SECONDS)
    assert answer.status_code == 413
    assert not any(leak in answer.text for leak in LEAKS)


def test_files_of_ours_cannot_be_fetched(app, styled_checkpoint):
    upload = Path(os.environ["GRADIO_TEMP_DIR"])
    own = [
        styled_checkpoint / "config.json",
        Path(images.__file__),
        Path.cwd() / "pyproject.toml",
        upload,
        upload.parent,
    ]
    for path in [*own, "/etc/passwd", f"{upload}/../x", f"{upload}/..%2f..%2fetc%2fpasswd"]:
        for place in ("file=", "file/"):
            assert httpx.get(f"{app.url}gradio_api/{place}{path}", timeout=SECONDS).status_code in (403, 404)
