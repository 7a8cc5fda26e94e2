import copy
import logging
import threading
from pathlib import Path

import gradio as gr
import gradio_client
import httpx
import numpy as np
import pytest

from styleprop import images
from styleprop.engine import Styleprop
from styleprop.errors import CancelledError, CheckpointError
from styleprop.server import outcome
from styleprop.server.texts import say
from tests.conftest import make_picture
from tests.serving import SECONDS, STYLES, connect, error_of, running, send


def test_reconstruct_returns_the_engines_own_pixels_and_figures(app, client, photo):
    path, figures = client.predict(image=send(photo), api_name="/reconstruct")
    expected = app.model.reconstruct(photo)
    np.testing.assert_array_equal(images.load(path).image, expected.array)
    assert figures["psnr_db"] == pytest.approx(expected.psnr_db)
    assert figures["ssim"] == pytest.approx(expected.ssim)
    assert (figures["width"], figures["height"], figures["checkpoint"]) == (104, 72, "tiny")


def test_stylize_needs_only_a_content_and_a_style(app, client, photo):
    path, _ = client.predict(content=send(photo), style="dusk-red", api_name="/stylize")
    np.testing.assert_array_equal(images.load(path).image, app.model.stylize(photo, "dusk-red").array)


def test_stylize_takes_all_settings_and_writes_them_into_the_picture(app, client, photo, painting):
    settings = {"strength": 0.7, "detail": 0.25, "color": "content", "brush": 1.5}
    path, figures = client.predict(content=send(photo), style=send(painting), **settings, api_name="/stylize")
    expected = app.model.stylize(photo, painting, **settings)
    made = images.load(path)
    np.testing.assert_array_equal(made.image, expected.array)
    assert made.settings == expected.settings
    assert settings.items() <= figures.items()


def test_stylize_mixes_names_and_pictures_by_weight(app, client, photo, painting):
    mixed = [["north-sea", 1.0], [send(painting), 3.0]]
    path, figures = client.predict(content=send(photo), style=mixed, api_name="/stylize")
    expected = app.model.stylize(photo, [("north-sea", 1.0), (painting, 3.0)])
    np.testing.assert_array_equal(images.load(path).image, expected.array)
    assert figures["styles"] == [["north-sea", 0.25], [None, 0.75]]


def test_stylize_takes_a_style_file_that_was_sent_and_no_path(app, client, photo, painting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "my dusk.style.json"
    app.model.make_style(painting, "My dusk").save(file)
    for style in (send(file), [[send(file), 2.0]]):
        path, figures = client.predict(content=send(photo), style=style, api_name="/stylize")
        np.testing.assert_array_equal(images.load(path).image, app.model.stylize(photo, file).array)
        assert figures["styles"][0][2] == "My dusk"
    for style in (file.name, {"path": str(file)}):
        assert error_of(client, content=send(photo), style=style, api_name="/stylize")
    file.write_text("roses are red")
    assert "not a style file" in error_of(client, content=send(photo), style=send(file), api_name="/stylize")


def test_transparency_comes_back(client, tmp_path, picture, random):
    alpha = random.integers(0, 256, picture.shape[:2]).astype("uint8")
    images.save(picture, tmp_path / "clear.png", alpha=alpha)
    path, _ = client.predict(image=send(tmp_path / "clear.png"), api_name="/reconstruct")
    np.testing.assert_array_equal(images.load(path).alpha, alpha)


@pytest.mark.parametrize("direction", ["to painting", "to photo"])
def test_translate_returns_the_engines_own_pixels(app, client, photo, direction):
    path, figures = client.predict(image=send(photo), domain="monet", direction=direction, api_name="/translate")
    expected = app.model.translate(photo, "monet", to_photo=direction == "to photo")
    made = images.load(path)
    np.testing.assert_array_equal(made.image, expected.array)
    assert made.settings == expected.settings
    assert (figures["checkpoint"], figures["width"]) == ("cyclegan-photo-monet", 104)


def test_a_translation_takes_the_settings_of_a_stylization(app, client, photo):
    settings = {"strength": 0.4, "detail": 0.5, "color": "content", "brush": 1.5}
    path, figures = client.predict(image=send(photo), domain="monet", **settings, api_name="/translate")
    np.testing.assert_array_equal(images.load(path).image, app.model.translate(photo, "monet", **settings).array)
    assert {name: figures[name] for name in settings} == settings
    assert "brush must be" in error_of(client, image=send(photo), domain="monet", brush=9, api_name="/translate")


def test_by_plain_http_too_settings_at_the_end_may_be_left_out(app, photo):
    with photo.open("rb") as stream:
        sent = httpx.post(f"{app.url}gradio_api/upload", files={"files": stream}).json()[0]
    picture = {"path": sent, "meta": {"_type": "gradio.FileData"}}
    call = f"{app.url}gradio_api/call/translate"

    def answer(*data):
        event = httpx.post(call, json={"data": data}).json()["event_id"]
        return httpx.get(f"{call}/{event}", timeout=60).text

    assert "event: complete" in answer(picture, "monet", "to painting")
    assert "event: complete" in answer(picture)
    assert "event: error" in answer()


@pytest.mark.parametrize(
    ("domain", "direction", "words"),
    [
        ("cubism", "to painting", "domain must be one of"),
        ("../autoencoder", "to photo", "domain must be one of"),
        ("monet", "sideways", "direction must be"),
    ],
)
def test_translate_refuses_what_is_not_there(client, photo, domain, direction, words):
    arguments = {"image": send(photo), "domain": domain, "direction": direction}
    assert words in error_of(client, **arguments, api_name="/translate")


def test_the_visit_and_tiles_of_ones_own_are_read_by_the_next_server_as_well(app):
    kept = [one["props"] for one in app.page.config["components"] if one["type"] == "browserstate"]
    secrets = {props["storage_key"]: props["secret"] for props in kept}
    for name in ("styleprop-styles", "styleprop-visit", "styleprop-style", "styleprop-translation", "styleprop-video"):
        assert secrets.pop(name) == "styleprop"
    assert "styleprop" not in secrets.values()  # what another server knows nothing of


def test_four_calls_are_public_named_and_documented(client):
    calls = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(calls) == {"/reconstruct", "/stylize", "/translate", "/sound"}
    parameters = {entry["parameter_name"]: entry for entry in calls["/stylize"]["parameters"]}
    assert list(parameters) == ["content", "style", "strength", "detail", "color", "brush"]
    defaults = {
        name: entry["parameter_default"] for name, entry in parameters.items() if entry["parameter_has_default"]
    }
    assert defaults == {"strength": 1.0, "detail": 0.0, "color": "style", "brush": 1.0}
    assert [entry["parameter_name"] for entry in calls["/reconstruct"]["parameters"]] == ["image"]
    assert all(call["description"] for call in calls.values())


def test_all_that_paints_shares_one_queue_sounds_another_and_the_rest_is_private(app):
    events = list(app.page.fns.values())
    public = [event for event in events if event.api_visibility != "private"]
    assert {event.api_name for event in public} == {"reconstruct", "stylize", "translate", "sound"}
    inference = [event for event in events if event.concurrency_id == "inference"]
    assert len(inference) >= 10
    assert {event.concurrency_limit for event in inference} == {1}
    assert all(event.queue for event in inference)
    sounds = {event.api_name: event.concurrency_id for event in events if "sound" in (event.concurrency_id or "")}
    assert sounds["sound"] == "sounds"  # a minute of sound does not hold up pictures


def test_no_call_follows_a_pictures_change_which_comes_again_and_again(app):
    files = [number for number, block in app.page.blocks.items() if isinstance(block, gr.Image | gr.Audio)]
    asking = [event for event in app.page.fns.values() if event.fn]
    assert [event.name for event in asking if any((file, "change") in event.targets for file in files)] == []


def test_the_page_tells_no_paths_and_asks_nobody_else(app, styled_checkpoint):
    text = httpx.get(app.url, timeout=SECONDS).text
    for path in (styled_checkpoint, Path(images.__file__).parent, Path.cwd(), Path.home()):
        assert str(path) not in text
    assert "fonts.googleapis" not in text


def test_our_own_mistakes_show_only_a_number(styled_checkpoint, app, photo, tmp_path, caplog):
    def load(_):
        model = copy.copy(app.model)
        model.reconstruct = lambda *_: (_ for _ in ()).throw(RuntimeError("secret in /tmp/place"))
        return model

    with running(styled_checkpoint, load=load) as (_, _, url), caplog.at_level(logging.ERROR):
        sentence = error_of(connect(url, tmp_path), send(photo), api_name="/reconstruct")
    assert "secret" not in sentence
    number = sentence.split("error ")[-1].rstrip(".")
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


def test_the_page_answers_before_the_models_are_there_and_calls_wait(styled_checkpoint, app, photo, tmp_path):
    gate = threading.Event()

    def load(_):
        assert gate.wait(SECONDS)
        return app.model

    with running(styled_checkpoint, load=load) as (_, models, url):
        assert "The models are loading" in httpx.get(url, timeout=SECONDS).text
        job = connect(url, tmp_path).submit(send(photo), api_name="/reconstruct")
        assert models.status.state == "loading"
        assert not job.done()
        gate.set()
        path, _ = job.result(timeout=SECONDS)
        assert models.status.state == "ready"
    assert Path(path).is_file()


def test_a_model_that_cannot_be_loaded_is_told_in_a_sentence(styled_checkpoint, photo, tmp_path):
    def load(_):
        raise CheckpointError("The weights are torn.")

    with running(styled_checkpoint, load=load) as (_, _, url):
        sentence = error_of(connect(url, tmp_path), send(photo), api_name="/reconstruct")
    assert "The models cannot be loaded here" in sentence
    assert "The weights are torn." in sentence


def test_a_large_picture_is_reconstructed_small_at_first_and_whole_for_the_download(app, random):
    content = images.load(make_picture(40, 40, random).repeat(45, axis=0).repeat(44, axis=1))
    begun = app.model.first_reconstruction(content)
    pair, line = outcome.show_painting(begun, "Reconstructed", "the autoencoder")
    assert [images.load(path).image.shape for path in pair] == [begun.before.shape] * 2 == [(1268, 1240, 3)] * 2
    assert "1240 × 1268 pixels" in line
    assert "The download has all 1760 × 1800 pixels" in line
    done = []
    np.testing.assert_array_equal(begun.full(lambda *n: done.append(n)).array, app.model.reconstruct(content).array)
    assert len(done) > 1
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CancelledError):
        begun.full(cancel=stopped)


def test_a_small_picture_is_reconstructed_once(app, photo):
    begun = app.model.first_reconstruction(photo)
    assert begun.full() is begun.preview
    np.testing.assert_array_equal(begun.preview.array, app.model.reconstruct(photo).array)


def test_the_styles_of_the_checkpoint_are_offered(app):
    radios = [block for block in app.page.blocks.values() if getattr(block, "label", None) == say("Built-in styles")]
    assert radios[0].choices == [(say(title), name) for name, title in STYLES.items()]


def test_the_models_come_from_one_loading(app):
    assert isinstance(app.model, Styleprop)
    assert app.model.networks.trace_counts() == {"encode": 1, "decode": 1, "decode_part": 1}


def test_with_a_password_nothing_works_without_it(styled_checkpoint, app, photo, tmp_path):
    with running(styled_checkpoint, auth=("ann", "secret"), load=lambda _: app.model) as (_, _, url):
        assert httpx.get(f"{url}config", timeout=SECONDS).status_code == 401
        assert httpx.post(f"{url}gradio_api/upload", files={"files": b"x"}, timeout=SECONDS).status_code == 401
        client = gradio_client.Client(url, auth=("ann", "secret"), verbose=False, download_files=str(tmp_path))
        path, _ = client.predict(send(photo), api_name="/reconstruct")
    assert Path(path).is_file()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("照片 2.JPG", "照片-2"),
        ("Cafe\u0301_Noir.png", "café-noir"),
        ('a<b>"c" & 100%.jpg', "a-b-c-100"),
        ("...", "picture"),
        ("x" * 90 + ".png", "x" * 40),
    ],
)
def test_a_download_keeps_the_letters_of_its_photos_name_in_any_script(name, slug):
    assert outcome.slug({"orig_name": name, "path": "/nowhere/else.png"}) == slug
