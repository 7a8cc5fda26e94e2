import platform
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from styleprop import images
from styleprop.errors import BusyError, CheckpointError
from styleprop.images import Picture
from styleprop.server.memory import share_arenas
from styleprop.server.models import Models
from styleprop.server.options import Options, parse_options
from styleprop.styles import BuiltInStyle
from styleprop.ui.serve import launch_settings, offered_styles
from styleprop.ui.style.form import BUILT_IN
from styleprop.ui.style.restore import restored_settings
from styleprop.ui.widgets import figures, photo, tiles


def test_without_arguments_the_page_is_for_this_computer_alone():
    assert parse_options([], {}) == Options(host=None, port=None, share=False, auth=None, checkpoint=None)
    assert not parse_options(["--no-training"], {}).training
    assert not parse_options([], {"STYLEPROP_NO_TRAINING": "1"}).training


def test_each_argument_has_a_variable_and_the_argument_wins():
    variables = {"STYLEPROP_PORT": "8000", "STYLEPROP_HOST": "0.0.0.0", "STYLEPROP_AUTH": "ann:secret:word"}
    options = parse_options(["--port", "9000"], {**variables, "STYLEPROP_SHARE": "1", "STYLEPROP_CHECKPOINT": "other"})
    assert options == Options("0.0.0.0", 9000, True, ("ann", "secret:word"), "other", False, False, live=False)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--share"], "add --auth USER:PASSWORD"),
        (["--port", "0"], "whole number from 1 to 65535"),
        (["--port", "many"], "whole number"),
        (["--auth", "ann"], "USER:PASSWORD"),
        (["--auth", ":x"], "USER:PASSWORD"),
        (["--mcp", "--auth", "ann:x"], "do not go together"),
        (["--root-path", "paint"], "write it as /PATH or https://HOST/PATH"),
        (["--root-path", "/"], "write it as /PATH"),
        (["--root-path", "/paint?x"], "write it as /PATH"),
        (["--colour"], "unrecognized"),
    ],
)
def test_arguments_that_make_no_sense_end_with_a_sentence(capsys, argv, sentence):
    with pytest.raises(SystemExit) as left:
        parse_options(argv, {})
    assert left.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "path"),
    [("/paint", "/paint"), ("/a/paint/", "/a/paint"), ("https://x.example/paint/", "https://x.example/paint")],
)
def test_the_path_at_which_a_proxy_shows_the_page_goes_to_gradio(given, path):
    assert parse_options(["--root-path", given], {}).root_path == path
    options = parse_options([], {"STYLEPROP_ROOT_PATH": given})
    assert launch_settings(options, Path("own"))["root_path"] == path


def test_tools_for_assistants_need_their_package(capsys, monkeypatch):
    assert parse_options(["--mcp"], {}).mcp
    assert parse_options([], {"STYLEPROP_MCP": "1"}).mcp
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(SystemExit):
        parse_options(["--mcp"], {})
    assert "pip install 'mcp==" in capsys.readouterr().err


def test_a_share_may_be_opened_on_purpose():
    assert parse_options(["--share", "--share-open"], {}).share


def test_nothing_is_shared_unless_it_is_said():
    assert not parse_options([], {}).share
    assert launch_settings(Options(), Path("own"))["share"] is False


@pytest.mark.parametrize(
    ("words", "training", "pushing"),
    [
        ("", True, True),
        ("--no-training", False, False),
        ("--share --auth ann:x", False, False),
        ("--share --share-open", False, False),
        ("--share --share-open --share-push", False, False),
        ("--share --auth ann:x --share-training", True, False),
        ("--share --auth ann:x --share-training --share-push", True, True),
        ("--share --auth ann:x --share-training --no-training", False, False),
    ],
)
def test_a_share_has_no_training_and_no_push_unless_they_are_allowed(words, training, pushing):
    options = parse_options(words.split(), {})
    assert (options.training, options.pushing) == (training, pushing)


def test_the_server_keeps_to_itself():
    settings = launch_settings(Options(), Path("own"))
    assert not settings["share"]
    assert not settings["show_error"]
    assert not settings["enable_monitoring"]
    assert settings["strict_cors"]
    assert settings["max_file_size"] == "200mb"
    assert settings["state_session_capacity"] <= 50


def test_threads_share_two_heaps_where_the_c_library_can():
    assert share_arenas() == (platform.libc_ver()[0] == "glibc")


def test_styles_are_read_without_the_network_and_none_is_no_error(styled_checkpoint, tiny_checkpoint):
    assert [style.name for style in offered_styles(str(styled_checkpoint))] == ["dusk-red", "north-sea"]
    assert offered_styles(str(tiny_checkpoint)) == []


def finished(models):
    models.start()
    try:
        return models.wait(10)
    except CheckpointError:
        return None


def test_models_fall_back_to_the_embedded_checkpoint_and_say_so():
    def load(source):
        if source == "torn":
            raise CheckpointError("Checkpoint 'torn' is damaged.")
        return "embedded model"

    models = Models("torn", load)
    assert finished(models) == "embedded model"
    assert models.status.sentence == "Ready, with the embedded weights. Checkpoint 'torn' is damaged."
    assert models.status.state == "ready"


def test_models_that_fail_for_a_reason_of_ours_show_only_its_number():
    def load(_):
        raise RuntimeError("/secret/place")

    models = Models(None, load)
    assert finished(models) is None
    assert models.status.state == "failed"
    assert "/secret" not in models.status.sentence


def test_waiting_for_models_ends():
    with pytest.raises(BusyError, match="still loading"):
        Models(None).wait(0.01)


@pytest.fixture
def form():
    settings = {name: name for name in ("strength", "detail", "color", "brush")}
    return SimpleNamespace(settings=settings, color="color", source="source", built_in="built_in")


def restored(form, **settings):
    return restored_settings(
        Picture(np.zeros((16, 16, 3), "uint8"), settings={"job": "stylize", **settings}), form, {"dusk-red"}
    )


def test_settings_of_a_picture_come_back(form):
    found = restored(form, strength=0.5, detail=1, color="only", brush=2.0, styles=[["dusk-red", 1.0]])
    chosen = {"source": BUILT_IN, "built_in": "dusk-red"}
    assert found == {"strength": 0.5, "detail": 1, "color": "only", "brush": 2.0, **chosen}


@pytest.mark.parametrize(
    "settings",
    [
        {"strength": 2},
        {"strength": True},
        {"strength": "0.5"},
        {"color": ["style"]},
        {"brush": None},
        {"styles": [["unknown", 1]]},
        {"styles": [[None, 1]]},
        {"styles": [["own-0123456789abcdef", 1, "My dusk"]]},
        {"styles": [["own-0123456789abcdef", 1, ["My dusk"]]]},
        {"styles": [["dusk-red", 0.5], ["dusk-red", 0.5]]},
        {"styles": "dusk-red"},
        {"styles": [[["dusk-red"], 1]]},
        {"job": "reconstruct", "strength": 0.5},
    ],
)
def test_settings_that_are_not_valid_are_left_alone(form, settings):
    assert restored(form, **settings) == {}


def test_the_error_of_flat_noise_lies_anywhere_and_of_a_blurred_edge_at_the_edge(random):
    flat = np.full((100, 100, 3), 128, "uint8")
    edge = flat.copy()
    edge[:, 50:] = 10
    blurred = edge.copy()
    blurred[:, 49:51] = 70
    assert figures.busy_error_share(edge, blurred) == 1.0
    assert figures.busy_error_share(flat, flat) == 0.0
    noise = random.integers(0, 256, (100, 100, 3), dtype="uint8")
    assert figures.busy_error_share(noise, noise ^ 1) < 0.2


def test_an_exact_reconstruction_has_an_infinite_psnr(picture):
    config = SimpleNamespace(stride=8, multiple=8)
    result = SimpleNamespace(array=picture, psnr_db=float("inf"), ssim=1.0, latent=np.zeros((9, 13, 8), "float32"))
    text = figures.figures(result, config)
    assert "∞" in text
    assert "13 × 9 × 8 against 104 × 72 × 3" in text


def test_a_style_without_a_thumbnail_or_with_a_strange_name_gets_no_picture(tmp_path, random):
    images.save(random.integers(0, 256, (32, 32, 3), dtype="uint8"), tmp_path / "dusk-red.webp")
    names = ("dusk-red", "missing", '../x"]{}', "")
    styles = [BuiltInStyle(name, name, "", np.zeros((3, 4), "float32")) for name in names]
    rules = tiles.style_tiles(styles, tmp_path)
    assert rules.count("background-image") == 1
    assert 'value="dusk-red"' in rules


@pytest.mark.parametrize(
    ("name", "told"),
    [("notes.png", "notes.png: "), ("<b>.png", "&lt;b&gt;.png: "), ("x" * 60, "x" * 40 + "…: "), (None, ""), (7, "")],
)
def test_a_file_that_is_refused_is_named(name, told):
    value, line, picture = photo.check({"path": "/elsewhere.png", "orig_name": name})
    assert (value, picture) == (None, None)
    sentence = photo.check("/elsewhere.png")[1]
    assert line == sentence.replace('role="alert">', f'role="alert">{told}')
