"""Streams that outlive a short loss of the network."""

import asyncio
import json

import httpx
import pytest

from styleprop.server import lasting
from styleprop.server.lasting import PATH, Lasting
from tests.serving import SECONDS, connect, send


class Told:
    """An app that tells one piece whenever it is let, and notices when its reader is gone."""

    def __init__(self, *pieces):
        self.pieces, self.go, self.is_left, self.calls = pieces, asyncio.Semaphore(0), False, 0

    async def __call__(self, scope, receive, send):
        self.calls += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        leaving = asyncio.ensure_future(receive())
        for piece in self.pieces:
            going = asyncio.ensure_future(self.go.acquire())
            await asyncio.wait({going, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                self.is_left = True
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        leaving.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Reader:
    """One request for a stream."""

    def __init__(self, door, name="one", start=0, method="GET"):
        self.status, self.body, self.gone, self.news = None, b"", asyncio.Event(), asyncio.Condition()
        query = f"session_hash=me&stream={name}&from={start}".encode()
        scope = {"type": "http", "path": PATH, "method": method, "query_string": query, "headers": []}
        self.task = asyncio.create_task(door(scope, self._receive, self._send))

    async def _receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        async with self.news:
            self.news.notify_all()

    async def until(self, body):
        async with self.news, asyncio.timeout(SECONDS):
            await self.news.wait_for(lambda: self.body == body)

    async def leave(self):
        self.gone.set()
        await self.task


def test_a_reader_who_lost_a_stream_gets_the_rest_of_it():
    async def story():
        app = Told(b"once ", b"upon ", b"a time")
        door = Lasting(app)
        first = Reader(door)
        app.go.release()
        await first.until(b"once ")
        await first.leave()
        app.go.release()  # while nobody reads
        second = Reader(door, start=3)
        await second.until(b"e upon ")
        app.go.release()
        await second.task
        third = Reader(door)
        await third.task
        return app.calls, app.is_left, second.body, third.body

    assert asyncio.run(story()) == (1, False, b"e upon a time", b"once upon a time")


@pytest.mark.parametrize("way", ["grace", "leave"])
def test_a_stream_that_nobody_comes_back_to_is_ended_and_is_gone(way):
    async def story():
        app = Told(b"once ", b"upon ")
        door = Lasting(app, grace=0 if way == "grace" else SECONDS)
        first = Reader(door)
        app.go.release()
        await first.until(b"once ")
        await first.leave()
        if way == "leave":
            await Reader(door, method="POST").task
        async with asyncio.timeout(SECONDS):
            while not app.is_left:
                await asyncio.sleep(0)
        second = Reader(door, start=5)
        await second.task
        return second.status

    assert asyncio.run(story()) == 410


def test_what_is_too_far_back_or_finished_or_unknown_is_gone(monkeypatch):
    monkeypatch.setattr(lasting, "KEPT_BYTES", 6)

    async def story():
        app = Told(b"once ", b"upon ")
        door = Lasting(app, is_known=lambda session: app.calls == 0)
        app.go.release()
        app.go.release()
        await Reader(door).task
        late = [Reader(door, start=start) for start in (0, 5, 10)] + [Reader(door, "another")]
        await asyncio.gather(*(one.task for one in late))
        return [(one.status, one.body if one.status == 200 else b"") for one in late]

    assert asyncio.run(story()) == [(410, b""), (200, b"upon "), (410, b""), (410, b"")]


def test_a_session_that_reads_again_is_not_closed(app, photo, tmp_path):
    client = connect(app.url, tmp_path)
    client.predict(send(photo), "dusk-red", api_name="/stylize")
    holder = app.page.state_holder
    session = holder[client.session_hash]
    session.is_closed = True  # as Gradio sets it when a connection breaks
    url = f"{app.url.rstrip('/')}{PATH}?session_hash={client.session_hash}&stream=x"
    with httpx.stream("GET", url, timeout=SECONDS) as answer:
        assert (answer.status_code, session.is_closed) == (200, False)
    assert httpx.post(url, timeout=SECONDS).text == "ok"


def test_a_stream_that_is_not_here_any_more_says_so(app):
    answer = httpx.get(f"{app.url.rstrip('/')}{PATH}?session_hash=nobody&stream=x", timeout=SECONDS)
    assert (answer.status_code, json.loads(answer.text)) == (410, {"detail": "There is nothing here."})
