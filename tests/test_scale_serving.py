"""The page's pictures painted by two replicas of Ray Serve, on 127.0.0.1, with tiny weights."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from styleprop import images
from styleprop.checkpoints import save_checkpoint
from styleprop.cli.terminal import quiet
from styleprop.engine import Styleprop
from styleprop.errors import BusyError, CancelledError, SettingsError
from styleprop.scale.serving import RemotePainting, Service
from styleprop.server.options import parse_options
from tests.conftest import make_picture
from tests.serving import add_styles, connect, send, wait_until

BACK_SECONDS = 20
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture(scope="module")
def service():
    service = Service(replicas=(1, 2))
    with quiet():
        yield service
        service.close()


@pytest.fixture(scope="module")
def remote(service, styled_checkpoint):
    with ThreadPoolExecutor(1) as pool:  # as in the page, whose loading thread ends
        return pool.submit(service.load, str(styled_checkpoint)).result()


def replicas():
    import ray

    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    raylet = ray._private.worker._global_node.all_processes["raylet"][0].process.pid
    rows = [line.split(None, 2) for line in found.splitlines()]
    return [int(pid) for pid, parent, name in rows if parent == str(raylet) and "Replica" in name]


@pytest.mark.slow
def test_replicas_make_the_same_bits(model, remote, picture, tiny_cyclegan):
    style = make_picture(40, 56, np.random.default_rng(1))
    assert list(remote.styles) == list(model.styles)
    for made in (
        lambda of: of.reconstruct(picture),
        lambda of: of.first_reconstruction(picture).full(),
        lambda of: of.stylize(picture, style, strength=0.6),
        lambda of: of.paint(picture, next(iter(of.styles))).preview,
        lambda of: of.paint(picture, style).full(),
        lambda of: of.translate(picture, str(tiny_cyclegan), to_photo=True),
        lambda of: of.paint_domain(picture, str(tiny_cyclegan), round_trip=True).preview,
    ):
        ours, theirs = made(model), made(remote)
        assert np.array_equal(ours.array, theirs.array)
        assert theirs.settings == ours.settings
    ours, theirs = (of.make_style([style, "dusk-red"], "Mix") for of in (model, remote))
    assert theirs.to_json() == ours.to_json()
    assert np.array_equal(remote.paint(picture, theirs).preview.array, model.paint(picture, ours).preview.array)
    with pytest.raises(SettingsError, match="strength"):
        remote.stylize(picture, style, strength=3)


@contextlib.contextmanager
def asked(remote, photo):
    """Six who ask without a pause; gives what they have got, and errors."""
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                answers.append(remote.reconstruct(photo).array)
            except Exception as error:  # whatever it is, it is not an answer
                answers.append(error)

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(ask)
        try:
            yield answers
        finally:
            stop.set()


@pytest.mark.slow
def test_where_more_is_asked_more_replicas_paint(model, remote, picture):
    assert len(replicas()) == 1
    with asked(remote, picture) as answers:
        wait_until(lambda: len(replicas()) == 2, 120)
    expected = model.reconstruct(picture).array
    assert [answer for answer in answers if not np.array_equal(answer, expected)] == []


@pytest.mark.slow
def test_a_killed_replica_costs_no_call_and_is_back(model, remote):
    photos = [make_picture(64, 64, np.random.default_rng(number)) for number in range(30)]
    expected = [model.reconstruct(photo).array for photo in photos]
    before = replicas()
    assert len(before) == 2
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(remote.reconstruct, photo) for photo in photos]
        calls[5].result()
        os.kill(before[0], signal.SIGKILL)
        killed = time.monotonic()
        answers = [call.exception() or call.result() for call in calls]
    for answer, wanted in zip(answers, expected, strict=True):
        assert isinstance(answer, BusyError) or np.array_equal(answer.array, wanted)
    assert sum(isinstance(answer, BusyError) for answer in answers) <= 1
    while len(replicas()) < 2 and time.monotonic() < killed + BACK_SECONDS:
        time.sleep(0.2)
    assert len(replicas()) == 2
    assert set(replicas()) != set(before)


@pytest.mark.slow
def test_a_full_size_that_is_not_wanted_any_more_is_not_waited_for(remote):
    photo = images.Picture(make_picture(1600, 1600, np.random.default_rng(3)))
    painting, stop = remote.paint(photo, photo), threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        painting.full(cancel=stop)


@pytest.mark.slow
def test_weights_change_while_pictures_are_painted(model, service, remote, tiny_checkpoint, picture, tmp_path):
    """Each is of the old weights or of the new ones, none is lost, and at the end all are of the new ones."""
    other = darker(tiny_checkpoint, tmp_path)
    old, new = (one.reconstruct(picture).array for one in (model, Styleprop.from_pretrained(other)))
    assert not np.array_equal(old, new)
    with asked(remote, picture) as answers:
        wait_until(lambda: len(answers) > 5, 60)
        after = service.load(str(other))
        count = len(answers)
        wait_until(lambda: len(answers) > count + 20, 60)
    found = [np.array_equal(answer, old) - np.array_equal(answer, new) for answer in answers]
    assert set(found) == {1, -1}
    assert found[-5:] == [-1] * 5
    assert after.checkpoint.sha256 != remote.checkpoint.sha256


def darker(checkpoint, folder):
    """A copy of a checkpoint with other weights, and with styles."""
    network = Styleprop.from_pretrained(checkpoint).networks.network
    network.set_weights([value * np.float32(0.95) for value in network.get_weights()])
    return add_styles(save_checkpoint(folder / "darker", network).folder, folder / "styled")


def test_a_small_painting_is_its_full_size():
    photo = images.Picture(np.zeros((20, 30, 3), np.uint8))
    assert RemotePainting(photo, photo.image, "preview", lambda _: "made").full() == "preview"
    assert RemotePainting(photo, photo.image[:10], "preview", lambda _: "made").full() == "made"


def test_options_of_replicas():
    assert (parse_options([], {}).replicas, parse_options(["--engine", "ray"], {}).replicas) == (None, (2, 2))
    found = parse_options([], {"STYLEPROP_ENGINE": "ray", "STYLEPROP_REPLICAS": "2-5", "STYLEPROP_ADDRESS": "auto"})
    assert (found.replicas, found.address) == ((2, 5), "auto")
    for wrong in (
        ["--replicas", "2"],
        ["--engine", "ray", "--replicas", "0"],
        ["--engine", "ray", "--replicas", "3-2"],
    ):
        with pytest.raises(SystemExit):
            parse_options(wrong, {})


def test_the_page_of_replicas_needs_no_tensorflow():
    code = "import sys, styleprop.scale.serving, styleprop.engine; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.slow
def test_the_page_is_painted_by_replicas_and_ends_in_order(styled_checkpoint, model, photo, tmp_path):
    command = [sys.executable, "app.py", "--engine", "ray", "--checkpoint", str(styled_checkpoint), "--port", "7958"]
    environment = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        url = "http://127.0.0.1:7958"
        wait_until(lambda: is_answered(f"{url}/readyz"), 180)
        client = connect(url, tmp_path)
        made, _ = client.predict(send(photo), "dusk-red", api_name="/stylize")
        np.testing.assert_array_equal(images.load(made).image, model.stylize(photo, "dusk-red").array)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()


def is_answered(url):
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
