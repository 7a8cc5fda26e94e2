"""The gate in front of the page, over real HTTP."""

import http.server
import re
import threading
import time
from typing import ClassVar

import httpx
import pytest

from styleprop.server import gate as gate_module
from styleprop.server.delivery import FOR_EVER
from styleprop.server.gate import NO_ROOM, OPEN, POSTS, TOO_OFTEN, Gate
from styleprop.server.texts import translate
from tests.serving import SECONDS, running


def post(app, path, **keywords):
    return httpx.post(f"{app.url}{path}", timeout=SECONDS, **keywords)


@pytest.mark.parametrize(
    "path",
    [
        "monitoring",
        "monitoring/summary",
        "docs",
        "redoc",
        "openapi.json",
        "gradio_api/openapi.json",
        "gradio_api/proxy=http://127.0.0.1:1/x",
        "gradio_api/stream/x",
        "gradio_api/component_server",
        "gradio_api/vibe-code",
        "gradio_api/runs",
        "gradio_api/deep_link",
        "gradio_api/process_recording",
        ".env",
        "../etc/passwd",
    ],
)
def test_what_the_page_has_no_use_for_is_closed(app, path):
    for answer in (httpx.get(f"{app.url}{path}", timeout=SECONDS), post(app, path, json={})):
        assert answer.status_code == 404
        assert answer.json() == {"detail": "There is nothing here."}


def test_where_the_disk_is_nearly_full_nothing_is_taken_in(app, monkeypatch):
    monkeypatch.setattr("styleprop.ui.serve.LEAST_FREE_BYTES", 2**80)
    answer = post(app, "gradio_api/upload", files={"files": ("a.png", b"x")})
    assert (answer.status_code, answer.json()) == (507, {"detail": NO_ROOM})


@pytest.mark.parametrize("path", ["/", "/config", "/theme.css", "/assets/index-ab.js", "/gradio_api/queue/join"])
def test_what_the_page_needs_is_open(path):
    assert OPEN.fullmatch(path)


def test_the_page_is_sent_small_and_its_assets_once_for_all(app):
    page, plain = (httpx.get(app.url, headers={"Accept-Encoding": kind}, timeout=SECONDS) for kind in ("gzip", ""))
    assert page.headers["Content-Encoding"] == "gzip"
    assert page.text == plain.text
    assert int(page.headers["Content-Length"]) < 0.6 * int(plain.headers["Content-Length"])
    names = set(re.findall(r"assets/[\w-]+\.(?:js|css)", page.text))
    assert names
    for name in names:
        answer = httpx.get(f"{app.url}{name}", timeout=SECONDS)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == FOR_EVER
    for other in ("", "theme.css", "assets/index-missing1.js", "favicon.ico"):
        assert "Cache-Control" not in httpx.get(f"{app.url}{other}", timeout=SECONDS).headers


def test_a_large_json_body_is_cut_off_whether_or_not_its_size_is_told(app):
    body = b'{"data": ["' + b"x" * 300_000 + b'"]}'
    assert post(app, "gradio_api/queue/join", content=body).status_code == 413
    pieces = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
    answer = post(app, "gradio_api/call/reconstruct", content=pieces)
    assert answer.status_code == 413
    assert answer.json() == {"detail": "This is larger than what can be sent here."}


def test_an_upload_is_counted_while_it_streams(app, monkeypatch):
    monkeypatch.setattr(gate_module, "UPLOAD_BYTES", 1_000_000)

    def pieces():
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(40):
            yield bytes(100_000)
        yield b"\r\n--x--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = post(app, "gradio_api/upload", content=pieces(), headers=headers)
    assert answer.status_code == 413
    told = post(app, "gradio_api/upload", content=bytes(2_000_000), headers=headers)
    assert told.status_code == 413


class Canary(http.server.BaseHTTPRequestHandler):
    """Notes who comes."""

    visits: ClassVar[list] = []

    def do_GET(self):
        self.visits.append(self.path)
        self.send_error(404)

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture
def canary():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Canary.visits.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_address_in_the_place_of_a_picture_is_never_fetched(app, canary):
    address = f"{canary}/a.png"
    for picture in (
        {"path": address, "meta": {"_type": "gradio.FileData"}},
        {"path": address, "url": address, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}},
        {"path": address.replace("http", "HTTP", 1), "meta": {"_type": "gradio.FileData"}},
    ):
        answer = post(app, "gradio_api/call/reconstruct", json={"data": [picture]})
        assert answer.status_code == 400
        assert answer.json() == {"detail": "Files must be uploaded; addresses are not fetched."}
    assert Canary.visits == []


def test_an_address_too_deep_to_look_for_is_refused(app):
    body = b'{"data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    assert post(app, "gradio_api/call/reconstruct", content=body).status_code == 400


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", r'"\ud800"', "[1e400]"])
@pytest.mark.parametrize("path", ["queue/join", "call/reconstruct", "cancel"])
def test_what_no_answer_could_repeat_is_refused_and_the_connection_lives(app, value, path):
    headers = {"content-type": "application/json"}
    with httpx.Client(base_url=app.url, timeout=SECONDS) as client:
        answer = client.post(f"gradio_api/{path}", content=f'{{"data": {value}}}', headers=headers)
        assert answer.status_code in (400, 422)
        assert client.get("healthz").status_code == 200


def test_a_client_that_posts_too_often_is_refused_and_others_are_not(app, monkeypatch):
    monkeypatch.setattr(gate_module, "PERIOD_SECONDS", 600.0)
    monkeypatch.setattr(gate_module, "POSTS", 5)
    stranger = {"x-forwarded-for": "203.0.113.9"}
    answers = [post(app, "gradio_api/reset", json={}, headers=stranger) for _ in range(6)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 5 + [True]
    assert answers[-1].json() == {"detail": TOO_OFTEN}
    chinese = post(app, "gradio_api/reset", json={}, headers=stranger | {"accept-language": "zh-CN"})
    assert chinese.json() == {"detail": translate(TOO_OFTEN)}
    assert post(app, "gradio_api/reset", json={}, headers={"x-forwarded-for": "203.0.113.10"}).status_code != 429
    assert post(app, "gradio_api/reset", json={}).status_code != 429  # the computer's own user


def test_beyond_240_posts_each_waits_for_its_turn_and_too_many_have_none():
    now = [0.0]
    gate = Gate(None, clock=lambda: now[0])
    waits = [gate._seconds_to_wait("someone") for _ in range(POSTS + 18)]
    assert waits[:POSTS] == [0.0] * POSTS
    assert waits[POSTS:] == pytest.approx([0.25 * number for number in range(1, 17)] + [4.25, 4.25])
    now[0] = 4.0
    assert gate._seconds_to_wait("someone") == pytest.approx(0.25)
    now[0] = 65.0
    assert [gate._seconds_to_wait("someone") for _ in range(POSTS)] == [0.0] * POSTS


def test_a_post_that_comes_too_early_is_answered_later(app, monkeypatch):
    monkeypatch.setattr(gate_module, "PERIOD_SECONDS", 0.2)
    monkeypatch.setattr(gate_module, "POSTS", 1)
    start = time.monotonic()
    stranger = {"x-forwarded-for": "203.0.113.11"}
    assert [post(app, "gradio_api/reset", json={}, headers=stranger).status_code for _ in range(3)].count(429) == 0
    assert time.monotonic() - start > 0.4


def test_health_and_readiness(styled_checkpoint):
    with running(styled_checkpoint, start=False) as (_, models, url):
        assert httpx.get(f"{url}healthz", timeout=SECONDS).status_code == 200
        assert httpx.get(f"{url}readyz", timeout=SECONDS).status_code == 503
        models.start()
        models.wait(SECONDS)
        assert httpx.get(f"{url}readyz", timeout=SECONDS).text == "ok"
