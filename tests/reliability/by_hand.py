"""Requests that no browser would make."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.reliability.board import Row
from tests.reliability.golden import golden_fault
from tests.reliability.pictures import LEAKS
from tests.reliability.server import Server

API = "gradio_api/"
META = {"_type": "gradio.FileData"}
CLOSED = (
    "monitoring",
    "docs",
    "openapi.json",
    f"{API}proxy=http://127.0.0.1:1/x",
    f"{API}component_server",
    f"{API}vibe-code",
    f"{API}runs",
    f"{API}deep_link",
    f"{API}process_recording",
    f"{API}stream/x",
    ".env",
    "%2e%2e/etc/passwd",
)
FETCHED = (
    "/etc/passwd",
    "checkpoints/autoencoder/config.json",
    "styleprop/__init__.py",
    "/proc/self/environ",
    "/",
    "..",
)
OUTSIDE = (
    "/etc/passwd",
    "/proc/self/environ",
    "checkpoints/autoencoder/README.md",
    "~/x.png",
    "\0",
    "",
    "file:///etc/passwd",
)
ADDRESSES = (
    "http://127.0.0.1:1/a.png",
    "HTTP://127.0.0.1:1/a.png",
    "https://example.invalid/a.png",
    "ftp://127.0.0.1/a",
)
NONSENSE: tuple[Any, ...] = ([], [1], [[]], [{"path": 1, "meta": META}], ["x", "y", "z"], [{"path": {"path": "x"}}])
BODIES = (b"", b"{", b"[" * 60_000, b"\xff\xfe", b"null", b'{"data": NaN}', b'{"data": "\\ud800"}')


@dataclass(frozen=True)
class Request:
    """One request; `follow` reads the event that it starts."""

    kind: str
    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    allowed: tuple[int, ...] = (400, 403, 404, 405, 413, 422)


def requests() -> list[Request]:
    """All of them, the kinds mixed."""
    kinds = [list(make()) for make in (_closed, _fetched, _outside, _addresses, _nonsense, _bodies, _floods, _skipped)]
    mixed = []
    while any(kinds):
        mixed += [kind.pop(0) for kind in kinds if kind]
    return mixed


def _closed() -> Iterator[Request]:
    for number, path in enumerate(CLOSED):
        yield Request("closed route", ("GET", "POST")[number % 2], path, {"json": {}} if number % 2 else {}, (404,))


def _fetched() -> Iterator[Request]:
    for path in FETCHED:
        yield Request("a file of ours", "GET", f"{API}file={path}", allowed=(403, 404))


def _outside() -> Iterator[Request]:
    for path in OUTSIDE:
        for picture in ({"path": path, "meta": META}, {"path": path}):
            yield Request(
                "path outside", "POST", f"{API}call/reconstruct", {"json": {"data": [picture]}}, (200, 400, 422)
            )


def _addresses() -> Iterator[Request]:
    for address in ADDRESSES:
        picture = {"path": address, "url": address, "meta": META}
        yield Request("an address", "POST", f"{API}call/reconstruct", {"json": {"data": [picture]}}, (400,))


def _nonsense() -> Iterator[Request]:
    for data in NONSENSE:
        yield Request("nonsense", "POST", f"{API}call/reconstruct", {"json": {"data": data}}, (200, 400, 422, 500))


def _bodies() -> Iterator[Request]:
    headers = {"content-type": "application/json"}
    for body in BODIES:
        yield Request("a broken body", "POST", f"{API}queue/join", {"content": body, "headers": headers}, (400, 422))


def _floods() -> Iterator[Request]:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    yield Request("a flood", "POST", f"{API}queue/join", {"content": b'{"data": "' + b"x" * 400_000 + b'"}'}, (413,))
    yield Request("a flood", "POST", f"{API}upload", {"content": part + bytes(210 << 20), "headers": headers}, (413,))
    yield Request("a flood", "POST", f"{API}call/reconstruct", {"content": _pieces(b"x" * 10_000, 100)}, (413,))
    yield Request("a flood", "POST", f"{API}upload", {"files": {"files": ("a.png", bytes(201 << 20))}}, (413,))


def _pieces(piece: bytes, count: int) -> Callable[[], Iterator[bytes]]:
    return lambda: (piece for _ in range(count))


def _skipped() -> Iterator[Request]:
    for place in ("run", "api"):
        for name in ("reconstruct", "stylize", "translate", "start"):
            yield Request("a skipped queue", "POST", f"{API}{place}/{name}", {"json": {"data": [None]}}, (404, 422))


def by_hand_rows(server: Server) -> list[Row]:
    """Each request is closed or clear, and the app lives on."""
    asked, faults = requests(), []
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for request in asked:
            fault = _send(client, request)
            faults += [f"{request.kind} {request.method} {request.path}: {fault}"] if fault else []
    faults += [fault for fault in [golden_fault(server.url, 30.0)] if fault]
    kinds = len({request.kind for request in asked})
    result = f"{len(asked) - len(faults)} of {len(asked)} refused, {kinds} kinds"
    return [Row("requests made by hand", str(len(asked)), result, "closed or clear; the app lives", tuple(faults))]


def _send(client: httpx.Client, request: Request) -> str:
    options = dict(request.options)
    if callable(options.get("content")):
        options["content"] = options["content"]()
    try:
        answer = client.request(request.method, request.path, **options)
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    if answer.status_code not in request.allowed:
        return f"answered with {answer.status_code}"
    text = answer.text
    if answer.status_code == 200:
        text = client.get(f"{request.path}/{answer.json()['event_id']}").text
        if "event: complete" in text:
            return "it was done"
    text = text.replace(request.path.partition("=")[2] or "\n", "")  # what was sent may be said again
    return f"it leaks: {text[:80]}" if LEAKS.search(text) else ""
