"""A stream of the page's queue that outlives a short loss of the network: the browser reads on where it broke."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from styleprop.server.gate import API, CLOSED, answer

PATH = f"{API}/queue/data"
GRACE_SECONDS = 60.0  # that a stream waits for its reader
KEPT_BYTES, STREAMS = 2**20, 256  # of a stream, for a reader who comes back; more streams than that wait for nobody
log = logging.getLogger(__name__)


class Lasting:
    """ASGI middleware: keeps each stream that the page names (`?stream=NAME`) for readers who lose it and come back.

    A reader who comes back says how many bytes it has (`&from=BYTES`) and gets the rest; the work goes on meanwhile. A
    stream that nobody has read for a minute is ended, as is one that its page has left (POST). Of what is not here any
    more the reader is told so (410). Streams without a name, those of programs, end with their reader.

    Args:
        app: what lies behind.
        is_known: whether a session has something to tell.
        reopen: told of a session that reads, as Gradio takes one whose connection broke for closed.
        grace: seconds that a stream waits for its reader.
    """

    def __init__(
        self,
        app,
        is_known: Callable[[str], bool] = lambda session: True,
        reopen: Callable[[str], None] = lambda session: None,
        grace: float = GRACE_SECONDS,
    ):
        self.app = app
        self.is_known = is_known
        self.reopen = reopen
        self.grace = grace
        self._streams: dict[tuple[str, str], _Stream] = {}

    async def __call__(self, scope, receive, send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].rstrip("/") != PATH:
            return await self.app(scope, receive, send)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        session, name, place = (query.get(key, [""])[0] for key in ("session_hash", "stream", "from"))
        self.reopen(session)
        if not name:
            return await self.app(scope, receive, send)
        if scope["method"] == "POST":
            self._end((session, name))
            return await answer(scope, send, 200, "ok")
        offset = int(place) if place.isdecimal() else 0
        stream = self._streams.get((session, name)) or self._opened(session, name, offset, scope)
        if stream is None or not stream.has(offset):
            return await answer(scope, send, 410, CLOSED)
        try:
            await stream.show(offset, receive, send)
        finally:
            if not stream.readers:
                loop = asyncio.get_running_loop()
                stream.end = loop.call_later(self.grace, self._end, (session, name))

    def _opened(self, session: str, name: str, offset: int, scope) -> "_Stream | None":
        if offset or not self.is_known(session):
            return None
        if len(self._streams) >= STREAMS:
            self._end(next((key for key, one in self._streams.items() if not one.readers), ("", "")))
        stream = self._streams[session, name] = _Stream()
        stream.run(self.app, scope)
        return stream

    def _end(self, key: tuple[str, str]) -> None:
        stream = self._streams.pop(key, None)
        if stream is not None:
            stream.is_left.set()


class _Stream:
    """What an app answers, piece by piece.

    Attributes:
        readers: how many read it now.
        is_left: set once nobody will come back.
        end: the call that will end it, while it has no reader.
    """

    def __init__(self) -> None:
        self.readers = 0
        self.is_left = asyncio.Event()
        self.end: asyncio.TimerHandle | None = None
        self._head: dict[str, Any] | None = None
        self._pieces: deque[bytes] = deque()
        self._first, self._next, self._is_over = 0, 0, False  # bytes: where the pieces begin, and where they end
        self._news = asyncio.Event()

    def run(self, app, scope) -> None:
        """Let the app answer, in a task of its own."""
        self._task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app, scope) -> None:
        try:
            await app(scope, self._receive, self._take)
        except Exception:
            log.exception("a stream broke")
        self._is_over = True
        self._wake()

    async def _receive(self) -> dict[str, Any]:
        await self.is_left.wait()
        return {"type": "http.disconnect"}

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._head = message
        elif piece := message.get("body"):
            self._pieces.append(piece)
            self._next += len(piece)
            while self._next - self._first > KEPT_BYTES and len(self._pieces) > 1:
                self._first += len(self._pieces.popleft())
        self._wake()

    def _wake(self, *_: object) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def has(self, offset: int) -> bool:
        """Whether there is, or will be, something from a byte on."""
        return self._first <= offset < self._next + (not self._is_over)

    async def show(self, offset: int, receive, send) -> None:
        """Hand it on from a byte on, until it is over or the reader is gone."""
        left = asyncio.create_task(_until_left(receive))
        left.add_done_callback(self._wake)
        if self.end is not None:
            self.end.cancel()
        self.readers += 1
        try:
            await self._show(offset, left, send)
        finally:
            self.readers -= 1
            left.cancel()

    async def _show(self, offset: int, left: asyncio.Task, send) -> None:
        is_begun = False
        while not left.done():
            news, rest = self._news, self._since(offset)
            if self._head is not None and not is_begun:
                is_begun = True
                await send(self._head)
            elif rest:
                offset += len(rest)
                await send({"type": "http.response.body", "body": rest, "more_body": True})
            elif self._is_over:
                break
            else:
                await news.wait()
        if is_begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _since(self, offset: int) -> bytes:
        return b"".join(self._pieces)[max(0, offset - self._first) :]


async def _until_left(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
