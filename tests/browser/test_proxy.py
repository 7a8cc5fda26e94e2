"""The page behind a real nginx, at a sub-path, by the README's own lines."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import gradio_client
import httpx
import numpy as np
import pytest

from styleprop import images
from tests.browser.pages import PATIENCE, choose, download, expect, is_stranger, live, panel, wait_done
from tests.serving import SECONDS, running, send, wait_until

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CONFIG = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {lines}
  }}
}}
"""
pytestmark = [pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx)")]


@pytest.fixture(scope="module")
def behind(styled_checkpoint, app, tmp_path_factory):
    """The app at /paint of an nginx: its model and the address there."""
    folder = tmp_path_factory.mktemp("nginx")
    (lines,) = re.findall(r"```nginx\n(.*?)```", README, flags=re.DOTALL)
    assert "--root-path /paint" in README
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(styled_checkpoint, root="/paint", load=lambda _: app.model) as (page, models, _):
        lines = lines.replace("127.0.0.1:7860", f"127.0.0.1:{page.server_port}")
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, lines=lines))
        process = subprocess.Popen([NGINX, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")])
        try:
            there = f"http://127.0.0.1:{port}/paint/"
            wait_until(lambda: answers(there))
            yield models.wait(SECONDS), there
        finally:
            process.terminate()
            process.wait(SECONDS)


def answers(url):
    try:
        return httpx.get(f"{url}healthz", timeout=SECONDS).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_page_at_a_sub_path_uploads_and_paints_pictures_and_a_camera(behind, browser, photo, tmp_path):
    model, url = behind
    page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    strangers, missing = [], []
    page.on("request", lambda request: strangers.append(request.url) if is_stranger(request.url, url) else None)
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.goto(url)
    expect(page.get_by_role("status").filter(has_text="Ready")).to_be_visible(timeout=PATIENCE)
    part = panel(page, "Style transfer")
    choose(page, part, photo)
    expect(part.get_by_text("104 × 72 pixels.")).to_be_visible()
    part.get_by_role("radio", name="Dusk in red").check()
    wait_done(part, "Restyled 104 × 72 pixels")
    download(page, part).save_as(tmp_path / "result.png")
    np.testing.assert_array_equal(images.load(tmp_path / "result.png").image, model.stylize(photo, "dusk-red").array)
    live(panel(page, "Video"))
    page.context.close()
    assert (strangers, missing) == ([], [])


def test_programs_call_it_there_too(behind, photo, tmp_path):
    model, url = behind
    client = gradio_client.Client(url, verbose=False, download_files=str(tmp_path))
    path, _ = client.predict(send(photo), "dusk-red", api_name="/stylize")
    np.testing.assert_array_equal(images.load(path).image, model.stylize(photo, "dusk-red").array)
