"""The page's pictures painted by two replicas of Ray Serve, on 127.0.0.1, with tiny weights."""

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
from styleprop.cli.terminal import quiet
from styleprop.errors import BusyError, CancelledError, SettingsError
from styleprop.scale.serving import RemotePainting, Service
from styleprop.server.options import parse_options
from tests.conftest import make_picture
from tests.serving import connect, send, wait_until

BACK_SECONDS = 20
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def model(styled_checkpoint):
    from styleprop.engine import Styleprop

    return Styleprop.from_pretrained(styled_checkpoint)


@pytest.fixture(scope="module")
def remote(styled_checkpoint):
    service = Service(replicas=2)
    with quiet():
        with ThreadPoolExecutor(1) as pool:  # as in the page, whose loading thread ends
            loaded = pool.submit(service.load, str(styled_checkpoint)).result()
        yield loaded
        service.close()


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


def test_a_small_painting_is_its_full_size():
    photo = images.Picture(np.zeros((20, 30, 3), np.uint8))
    assert RemotePainting(photo, photo.image, "preview", lambda _: "made").full() == "preview"
    assert RemotePainting(photo, photo.image[:10], "preview", lambda _: "made").full() == "made"


def test_options_of_replicas():
    assert (parse_options([], {}).replicas, parse_options(["--engine", "ray"], {}).replicas) == (0, 2)
    found = parse_options([], {"STYLEPROP_ENGINE": "ray", "STYLEPROP_REPLICAS": "5", "STYLEPROP_ADDRESS": "auto"})
    assert (found.replicas, found.address) == (5, "auto")
    for wrong in (["--replicas", "2"], ["--engine", "ray", "--replicas", "0"]):
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
