"""The real app on loopback, with the tiny model and two built-in styles, for the tests of the page."""

import contextlib
import os
import shutil
import time
from pathlib import Path

import gradio_client
import numpy as np
import pytest

from styleprop.checkpoints import write_sums
from styleprop.server.models import Models
from styleprop.server.options import Options
from styleprop.server.uploads import VARIABLE
from styleprop.styles import BuiltInStyle, dump_styles
from styleprop.training.desk import Desk
from styleprop.ui.serve import launch
from tests.conftest import make_picture
from tests.reliability.server import free_port

SECONDS = 60
LEAKS = ("Traceback", "/tmp", "site-packages", "Error(", "styleprop/", "checkpoints/", "\n")
STYLES = {"dusk-red": "Dusk in red", "north-sea": "The North Sea"}


def add_styles(source, folder):
    """A copy of a checkpoint with built-in styles."""
    from styleprop.engine import Styleprop

    model = Styleprop.from_pretrained(source)
    shutil.copytree(source, folder)
    made = []
    for number, (name, title) in enumerate(STYLES.items()):
        image = make_picture(64, 64, np.random.default_rng(number)) // (number + 1)
        codes = np.concatenate([np.asarray(model.stylist.encode(image, side)) for side in (32, 64, 128)])
        made.append(BuiltInStyle(name, title, "Nobody, 1900; CC0.", codes))
    (folder / "styles.json").write_text(dump_styles(made), encoding="utf-8")
    write_sums(folder)
    return folder


@contextlib.contextmanager
def running(checkpoint, start=True, training=True, desk=None, host=None, root=None, live=True, **keywords):
    """Serve a checkpoint; yields the page, its `Models` and its address. A process has one upload folder at a time."""
    auth, mcp = keywords.pop("auth", None), keywords.pop("mcp", False)
    before, source = os.environ.get(VARIABLE), checkpoint and str(checkpoint)
    desk = desk or Desk(lambda: Path(os.environ[VARIABLE]) / "trainings")
    options = Options(
        host, free_port(), auth=auth, checkpoint=source, training=training, mcp=mcp, root_path=root, live=live
    )
    try:
        page, models = launch(options, Models(source, **keywords), desk, quiet=True)
        try:
            if start:
                models.start()
            yield page, models, page.local_url
        finally:
            page.close(verbose=False)
    finally:
        desk.close()
        os.environ.update({VARIABLE: before} if before else {})


def connect(url, folder):
    """A client as another program would have it; what it downloads goes into a folder."""
    quick = {"verbose": False, "analytics_enabled": False, "ssl_verify": False}  # no certificates are read for a call
    return gradio_client.Client(url, **quick, download_files=str(folder))


def send(path):
    """A file or an address, as an argument of a call."""
    return gradio_client.handle_file(str(path))


def wait_until(is_so, seconds=SECONDS):
    """Return once it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def error_of(client, *arguments, **keywords):
    """The sentence that a call is refused with; it tells nothing about the inside."""
    with pytest.raises(gradio_client.exceptions.AppError) as caught:
        client.predict(*arguments, **keywords)
    sentence = str(caught.value)
    assert not any(leak in sentence for leak in LEAKS), sentence
    return sentence
