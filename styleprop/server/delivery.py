"""How the parts of the page are sent: small, and those whose names change with their content once for all."""

import re
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware

PAGE = re.compile(r"/(config)?")
NAMED_BY_HASH = re.compile(r"/assets/[^/]+-[\w-]{8,}\.(js|css|woff2?)")
FOR_EVER = "public, max-age=31536000, immutable"
LEVEL, LEAST_BYTES = 5, 1000


class Delivery:
    """ASGI middleware: the page and its configuration, a megabyte of text, are sent as gzip; assets are kept.

    Gradio compresses its scripts and style sheets alone, and has a browser ask for each of a hundred at every visit.
    """

    def __init__(self, app):
        self.app = app
        self.zipped = GZipMiddleware(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope, receive, send) -> None:
        """Answer one request."""
        path = scope["path"] if scope["type"] == "http" else ""
        if PAGE.fullmatch(path):
            return await self.zipped(scope, receive, send)

        async def keep(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["cache-control"] = FOR_EVER
            await send(message)

        return await self.app(scope, receive, keep if NAMED_BY_HASH.fullmatch(path) else send)
