"""The camera painted as one watches, over HTTP without a browser."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.errors import BusyError, StylepropError
from styleprop.server.live import FULL, IDLE_SECONDS, NO_FRAME, OVER, Live
from styleprop.server.options import parse_options
from tests.serving import SECONDS, running
from tests.test_ui_gate import post


class Clock:
    """Seconds that pass when it is said."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def jpeg(level=90, height=48, width=64):
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (level,) * 3).save(stream, "JPEG")
    return stream.getvalue()


def lighter(frame, kept):
    return frame + np.uint8(20)


def test_a_frame_comes_back_painted_and_the_statistics_follow_the_time(clock):
    kept = []
    live = Live(clock)
    token = live.open(lambda frame, share: kept.append(share) or lighter(frame, share))
    for clock.now in (0.0, 0.5, 0.6):
        made = images.load(live.paint(token, jpeg())).image
        assert made.shape == (48, 64, 3)
        assert abs(int(made.mean()) - 110) < 3
    np.testing.assert_allclose(kept, [0.0, np.exp(-1), np.exp(-0.2)])


def test_two_may_watch_and_who_sends_nothing_loses_the_seat(clock):
    live = Live(clock)
    one, two = live.open(lighter), live.open(lighter)
    with pytest.raises(BusyError, match=FULL):
        live.open(lighter)
    clock.now = IDLE_SECONDS - 1
    live.paint(two, jpeg())
    clock.now = IDLE_SECONDS
    assert live.paint(one, jpeg()) is None
    three = live.open(lighter)
    live.leave(two)
    assert live.paint(two, jpeg()) is None
    assert live.paint(three, jpeg())
    live.open(lighter)


def test_another_style_is_used_from_the_next_frame_on(clock):
    live = Live(clock)
    token = live.open(lighter)
    live.change(token, lambda frame, kept: frame)
    assert abs(int(images.load(live.paint(token, jpeg())).image.mean()) - 90) < 3
    for stranger in ("0" * 32, None, {"token": token}):
        live.change(stranger, lighter)


@pytest.mark.parametrize("frame", [b"roses are red", jpeg()[:200], jpeg(height=20, width=2000), b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_small_jpeg_is_refused(clock, frame):
    live = Live(clock)
    with pytest.raises(StylepropError):
        live.paint(live.open(lighter), frame)


@pytest.fixture
def watched(monkeypatch, styled_checkpoint):
    """The app, its `Live`, and a token."""
    made = []
    opened = Live.__init__
    monkeypatch.setattr(Live, "__init__", lambda self: made.append(self) or opened(self))
    with running(styled_checkpoint, start=False) as (_, _, url):
        yield url, made[0], made[0].open(lighter)


def test_frames_go_through_the_gate_and_are_not_counted_with_other_requests(watched, monkeypatch):
    url, _, token = watched
    monkeypatch.setattr("styleprop.server.gate.POSTS", 1)
    headers = {"x-forwarded-for": "203.0.113.77", "accept-language": "zh-CN"}
    with httpx.Client(timeout=SECONDS, headers=headers) as client:
        for _ in range(8):
            answer = client.post(f"{url}live/{token}", content=jpeg())
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert client.post(f"{url}live/{token}", content=bytes(300_000)).status_code == 413
        refused = client.post(f"{url}live/{token}", content=b"roses are red")
        assert (refused.status_code, refused.json()) == (400, {"detail": "这不是摄像头的画面。"})
        for path in ("0" * 32, "...", "", token.upper()):
            assert client.post(f"{url}live/{path}", content=jpeg()).status_code == 404
        assert client.get(f"{url}live/{token}").status_code == 404
        assert client.post(f"{url}live/{token}").status_code == 204  # the seat is left
        assert client.post(f"{url}live/{token}", content=jpeg()).status_code == 404


def test_without_live_there_is_no_door_and_no_fold(styled_checkpoint):
    with running(styled_checkpoint, start=False, live=False) as (page, _, url):
        assert post(type("App", (), {"url": url}), "live/" + "0" * 32, content=jpeg()).status_code == 404
        assert "begin_live" not in {event.name for event in page.fns.values()}


@pytest.mark.parametrize(
    ("words", "live"),
    [
        ("", True),
        ("--no-live", False),
        ("--share --auth ann:x", False),
        ("--share --auth ann:x --live", True),
        ("--share --share-open --live --no-live", False),
    ],
)
def test_a_camera_is_painted_for_strangers_only_where_it_is_asked_for(words, live):
    assert parse_options(words.split(), {}).live is live
    assert not parse_options([], {"STYLEPROP_NO_LIVE": "1"}).live


def test_the_sentences_are_plain():
    assert all(sentence.endswith(".") for sentence in (FULL, OVER, NO_FRAME))
