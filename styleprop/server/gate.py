"""The gate in front of the page: what strangers may ask for, how much, and how often."""

import asyncio
import ipaddress
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

JSON_BYTES, MCP_BYTES, UPLOAD_BYTES = 256 * 1024, 28 * 1024 * 1024, 208 * 1024 * 1024
POSTS, PERIOD_SECONDS, WAIT_SECONDS, CLIENTS = 240, 60.0, 4.0, 4096  # clients of ours wait 5 s for an answer
API, MCP, LIVE = "/gradio_api", "/mcp", "/live"
REFUSAL = "styleprop.refusal"  # in a request's scope: why the call that it brings is not to be made
JOIN = f"{API}/queue/join"
OPEN = re.compile(
    rf"/|/(?:config|login|logout|theme\.css|robots\.txt|favicon\.ico|manifest\.json|pwa_icon(?:/\d+)?)/?"
    rf"|/login/(?:huggingface|callback)/?"
    rf"|/(?:assets|static|svelte)/.+"
    rf"|{API}/(?:info|config|user|login_check|token|app_id|theme\.css|startup-events|reset|cancel|upload|upload_progress)/?"
    rf"|{API}/(?:queue/join|queue/data|heartbeat/\w+|(?:run|api)/\w+/?|call/(?:v2/)?\w+(?:/\w+)?/?|file[=/].+)",
    re.DOTALL,
)
TOO_LARGE = "This is larger than what can be sent here."
TOO_OFTEN = "Too many requests from one place; try again in a minute."
CLOSED = "There is nothing here."
NO_ADDRESSES = "Files must be uploaded; addresses are not fetched."
NO_TEXT = "This holds a number or a letter that does not exist."
NO_ROOM = "There is no room left on the disk here; try again later."
DRAINING = "The app is being restarted; try again in a minute."


class Gate:
    """ASGI middleware: answers for its own account, or hands the request on.

    `/healthz` says that the process lives, `/readyz` whether it can make pictures. Routes that the page has no use for
    are closed (404); JSON bodies of more than 256 KB and uploads of more than 208 MB are cut off (413); a client may
    send 240 POSTs, and four a second from then on: one that comes too early waits for its turn, at most 4 s (else 429).
    File descriptions with an address in the place of a path are refused (400), as Gradio would fetch it, and so are
    NaN, Infinity and half a surrogate pair, which Gradio's answer could not repeat. Where such a call comes to the
    queue, it is handed on without its values, and with the sentence that refuses it in the scope.

    Args:
        app: what lies behind.
        is_ready: whether the models are there.
        is_draining: whether the process is about to end; new POSTs are refused then (503).
        tools: the ASGI app behind `/mcp`, to which a message may bring a picture within it (28 MB); or None.
        live: the ASGI app behind `/live`, which counts by itself; or None.
        is_full: whether there is no room for an upload (507).
        clock: seconds.
    """

    def __init__(
        self,
        app,
        is_ready: Callable[[], bool] = lambda: True,
        is_draining: Callable[[], bool] = lambda: False,
        tools: Any = None,
        live: Any = None,
        is_full: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.app = app
        self.is_ready = is_ready
        self.is_draining = is_draining
        self.tools = tools
        self.live = live
        self.is_full = is_full
        self.clock = clock
        self._posts: OrderedDict[str, float] = OrderedDict()  # when each client would have all its POSTs again

    async def __call__(self, scope, receive, send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path, method = scope["path"], scope["method"]
        if path in ("/healthz", "/readyz"):
            return await self._tell_health(scope, send)
        app = self._app_of(path)
        if app is None or (app is self.tools and method != "POST"):
            return await answer(scope, send, 404 if app is None else 405, CLOSED)
        if method != "POST" or app is self.live:
            return await app(scope, receive, send)
        if self.is_draining():
            return await answer(scope, send, 503, DRAINING)
        wait = self._seconds_to_wait(_client(scope))
        if wait > WAIT_SECONDS:
            return await answer(scope, send, 429, TOO_OFTEN)
        await asyncio.sleep(wait)
        if path.rstrip("/") == f"{API}/upload":
            return await self._pass_upload(scope, receive, send)
        return await self._pass_json(app, scope, receive, send)

    def _app_of(self, path: str) -> Any:
        """What answers at a path; None where nothing does."""
        if path.startswith(f"{LIVE}/"):
            return self.live
        return self.tools if path.rstrip("/") == MCP else self.app if OPEN.fullmatch(path) else None

    async def _tell_health(self, scope, send) -> None:
        ready = scope["path"] == "/healthz" or (self.is_ready() and not self.is_draining())
        await answer(scope, send, 200 if ready else 503, "ok" if ready else "not ready")

    def _seconds_to_wait(self, client: str | None) -> float:
        """Seconds until the turn of a client's next POST; where that is too long, it has none."""
        if client is None:
            return 0.0
        now, pause = self.clock(), PERIOD_SECONDS / POSTS
        full = max(self._posts.get(client, now), now) + pause
        wait = max(0.0, full - now - PERIOD_SECONDS)
        if wait <= WAIT_SECONDS:
            self._posts[client] = full
        self._posts.move_to_end(client)
        while len(self._posts) > CLIENTS:
            self._posts.popitem(last=False)
        return wait

    async def _pass_upload(self, scope, receive, send) -> None:
        """Hand an upload on piece by piece, as long as it is not too large."""
        counted, answered = 0, False

        async def count() -> dict[str, Any]:
            nonlocal counted, answered
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > UPLOAD_BYTES and not answered:
                answered = True
                await answer(scope, send, 413, TOO_LARGE)
            return {"type": "http.disconnect"} if answered else message

        async def reply(message: dict[str, Any]) -> None:
            if not answered:
                await send(message)

        if _length(scope) > UPLOAD_BYTES or self.is_full():
            return await answer(scope, send, *((507, NO_ROOM) if self.is_full() else (413, TOO_LARGE)))
        try:
            await self.app(scope, count, reply)
        except Exception:
            if not answered:
                raise

    async def _pass_json(self, app, scope, receive, send) -> None:
        """Read a whole small body, look at it, and hand it on."""
        most = JSON_BYTES if app is self.app else MCP_BYTES
        if _length(scope) > most:
            return await answer(scope, send, 413, TOO_LARGE)
        body, more = bytearray(), True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > most:
                return await answer(scope, send, 413, TOO_LARGE)
        whole = bytes(body)
        refusal = _refusal(whole)
        if refusal and scope["path"].rstrip("/") == JOIN:
            whole, scope[REFUSAL] = _without_values(whole), refusal
        elif refusal:
            return await answer(scope, send, 400, refusal)
        replayed = iter([{"type": "http.request", "body": whole, "more_body": False}])

        async def replay() -> dict[str, Any]:
            return next(replayed, None) or await receive()

        await app(scope, replay, send)


def _length(scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _client(scope) -> str | None:
    """Who asks; None for the computer itself. Behind a proxy of this network, whom the proxy names last."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not (address.is_loopback or address.is_private):
        return host
    named = dict(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1").split(",")[-1].strip()
    return named or (None if address.is_loopback else host)


def _refusal(body: bytes) -> str:
    """Why not to hand a JSON body on, or nothing; what cannot be read is for Gradio to refuse."""
    try:
        value = json.loads(body or b"null")
        if _names_address(value):
            return NO_ADDRESSES
    except RecursionError:
        return NO_ADDRESSES
    except ValueError:
        return ""
    return "" if _can_be_repeated(value) else NO_TEXT


def _can_be_repeated(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def _names_address(value: Any) -> bool:
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and "://" in path) or any(map(_names_address, value.values()))
    return isinstance(value, list) and any(map(_names_address, value))


def _without_values(body: bytes) -> bytes:
    """The body of a refused call: which call and whose, and nothing that could be fetched or repeated."""
    try:
        value = json.loads(body)
    except RecursionError:
        value = {}
    named = {name: value.get(name) for name in ("fn_index", "session_hash")} if isinstance(value, dict) else {}
    known = {name: item for name, item in named.items() if isinstance(item, int | str) and _can_be_repeated(item)}
    return json.dumps({"data": [], **known}).encode()


async def answer(scope, send, status: int, sentence: str) -> None:
    """Answer a request with a sentence, in the language that it wishes; as JSON from status 400 on."""
    from styleprop.server.texts import spoken

    wished = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    said = spoken(sentence, {"accept-language": wished})
    body = json.dumps({"detail": said}).encode() if status >= 400 else said.encode()
    kind = b"application/json" if status >= 400 else b"text/plain"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
