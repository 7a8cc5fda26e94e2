"""The camera, painted as one watches: a browser sends its newest picture, gets it back painted, and sends the next.

So none waits in a line, an older picture is never painted, and what passes through a proxy is a plain POST.
"""

import asyncio
import io
import json
import math
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from styleprop import images
from styleprop.errors import BusyError, StylepropError
from styleprop.server.gate import LIVE
from styleprop.server.texts import spoken

SEATS, IDLE_SECONDS = 2, 10.0
FRAME_BYTES, MAX_SIDE = 256 * 1024, 1024
MEMORY = 0.5  # seconds after which a third of the content's statistics is left
QUALITY = 85
FULL = "The camera is in use by others; try again in a minute."
OVER = "The camera has been idle; start it again."
NO_FRAME = "This is not a picture of a camera."
Paint = Callable[[np.ndarray, float], np.ndarray]


@dataclass
class _Seat:
    paint: Paint
    touched: float
    last: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)


class Live:
    """An ASGI app behind `/live/TOKEN`: a JPEG comes in, its painting goes out; without a body, the seat is left.

    At most two may watch at a time; who sends nothing for ten seconds loses the seat.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._seats: dict[str, _Seat] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()

    def open(self, paint: Paint) -> str:
        """A token for one who watches, 32 hexadecimal digits. Raises BusyError where all seats are taken."""
        now = self._clock()
        with self._lock:
            self._seats = {token: seat for token, seat in self._seats.items() if now - seat.touched < IDLE_SECONDS}
            if len(self._seats) >= SEATS:
                raise BusyError(FULL)
            token = secrets.token_hex(16)
            self._seats[token] = _Seat(paint, now)
            return token

    def change(self, token: Any, paint: Paint) -> None:
        """Paint in another manner from now on; nothing where the seat is lost."""
        with self._lock:
            if isinstance(token, str) and token in self._seats:
                self._seats[token].paint = paint

    def leave(self, token: str) -> None:
        """Let another have the seat."""
        with self._lock:
            self._seats.pop(token, None)

    def paint(self, token: str, frame: bytes) -> bytes | None:
        """Paint a JPEG to another one; None where the seat is lost. Raises StylepropError where it is no small JPEG."""
        with self._lock:
            seat, now = self._seats.get(token), self._clock()
            if seat is None or now - seat.touched >= IDLE_SECONDS:
                return None
            seat.touched = now
        image = _read(frame)
        with seat.lock, self._turn:
            kept = math.exp(-(now - seat.last) / MEMORY)
            seat.last = now
            painted = seat.paint(image, kept)
        stream = io.BytesIO()
        Image.fromarray(painted).save(stream, "JPEG", quality=QUALITY)
        return stream.getvalue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        token = scope["path"].removeprefix(f"{LIVE}/")
        if scope["method"] != "POST" or not re.fullmatch("[0-9a-f]{32}", token):
            return await _refuse(scope, send, 404, OVER)
        body, more = bytearray(), True
        while more and len(body) <= FRAME_BYTES:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if not body:
            self.leave(token)
            return await _answer(send, 204, b"", b"text/plain")
        if len(body) > FRAME_BYTES:
            return await _refuse(scope, send, 413, NO_FRAME)
        try:
            painted = await asyncio.to_thread(self.paint, token, bytes(body))
        except StylepropError as error:
            return await _refuse(scope, send, 400, error.sentence)
        if painted is None:
            return await _refuse(scope, send, 404, OVER)
        await _answer(send, 200, painted, b"image/jpeg")


def _read(frame: bytes) -> np.ndarray:
    """A small JPEG as uint8 (H, W, 3); its size is looked at before it is decoded."""
    try:
        with Image.open(io.BytesIO(frame), formats=["JPEG"]) as found:
            is_small = max(found.size) <= MAX_SIDE
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        is_small = False
    if not is_small:
        raise StylepropError(NO_FRAME)
    return images.load(frame).image


async def _refuse(scope: Any, send: Any, status: int, sentence: str) -> None:
    wished = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    told = spoken(sentence, {"accept-language": wished})
    await _answer(send, status, json.dumps({"detail": told}).encode(), b"application/json")


async def _answer(send: Any, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
