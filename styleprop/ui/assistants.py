"""The HTTP calls as tools for AI assistants, by the Model Context Protocol: `python app.py --mcp`.

A tool is the call of its name: the same queue, limits and refusals. Gradio can offer its calls as tools itself, but
gives the paths of the results in the place of pictures where a call returns more than one thing.
"""

import base64
import binascii
import contextlib
import html
import io
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import gradio_client
from anyio.to_thread import run_sync
from gradio_client.exceptions import AppError
from mcp.server.fastmcp import Context, FastMCP, Image
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from PIL import Image as PillowImage
from pydantic import Field

from styleprop.errors import ImageError
from styleprop.ui.gate import API, MCP, NO_ADDRESSES
from styleprop.ui.uploads import checked, write_result

SHOWN_SIDE = 1024  # pixels; assistants take about a megabyte
FILE = f"{API}/file="
NOT_READY = "The app is still starting; try again in a few seconds."
NO_BASE64 = "This data: URL is not base64."
NO_PICTURE = (
    f"Give a picture as a data: URL in base64, or POST it to {API}/upload and give the path or the address "
    f"(…{FILE}PATH) that stands for it here."
)
INSTRUCTIONS = f"Restyle pictures. {NO_PICTURE}"

Picture = Annotated[str, Field(description=f"A picture. {NO_PICTURE}")]
Style = Annotated[
    str | list[tuple[str, float]],
    Field(description="A built-in style's name, a picture as above, or one to four of them as [[name, weight], …]."),
]


class Tools:
    """The three tools and the ASGI app that serves them.

    Args:
        is_local: whether the app is for this computer alone; then other names than localhost's are refused, under
            which a web page elsewhere could reach it (DNS rebinding).

    Attributes:
        app: the ASGI app, for what is sent to `/mcp`.
    """

    def __init__(self, is_local: bool):
        names = ["127.0.0.1:*", "localhost:*"]
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=is_local,
            allowed_hosts=names,
            allowed_origins=[f"http://{name}" for name in names],
        )
        self._server: FastMCP = FastMCP(
            "styleprop", INSTRUCTIONS, stateless_http=True, json_response=True, transport_security=security
        )
        self._server.streamable_http_app()
        self._client: gradio_client.Client | None = None
        for tool in (self.reconstruct, self.stylize, self.translate):
            self._server.tool(structured_output=False)(tool)

    async def app(self, scope, receive, send) -> None:
        """Handle one request."""
        await self._server.session_manager.handle_request(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app):
        """Serve while the page's server runs."""
        async with self._server.session_manager.run():
            yield

    def connect(self, url: str, quiet: bool = False) -> None:
        """Call the page at this address from now on."""
        self._client = gradio_client.Client(url, verbose=False, analytics_enabled=False, download_files=False)
        if not quiet:
            print(f"* MCP server: {url.rstrip('/')}{MCP}")

    async def reconstruct(self, image: Picture, context: Context) -> list[Any]:
        """Encode and decode a picture with an autoencoder; tells PSNR and SSIM."""
        return await self._call(context, "/reconstruct", image=_picture(image))

    async def stylize(
        self,
        content: Picture,
        style: Style,
        context: Context,
        strength: Annotated[float, Field(description="0 gives back the content, 1 the full style.")] = 1.0,
        detail: Annotated[float, Field(description="0 to 1: how much of the content's fine detail comes back.")] = 0.0,
        color: Annotated[str, Field(description='"style", "content" or "only" (nothing but colours).')] = "style",
        brush: Annotated[float, Field(description="0.5 (finer strokes) to 2 (coarser).")] = 1.0,
    ) -> list[Any]:
        """Put the style of a built-in style, or of one to four pictures, into a content picture."""
        styles = [[_style(source), weight] for source, weight in ([(style, 1.0)] if isinstance(style, str) else style)]
        settings = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        return await self._call(context, "/stylize", content=_picture(content), style=styles, **settings)

    async def translate(
        self,
        image: Picture,
        context: Context,
        domain: Annotated[str, Field(description='A domain of paintings, such as "monet".')] = "monet",
        direction: Annotated[str, Field(description='"to painting" or "to photo".')] = "to painting",
    ) -> list[Any]:
        """Translate a photo to a painting of a domain, or a painting to a photo, with a CycleGAN."""
        return await self._call(context, "/translate", image=_picture(image), domain=domain, direction=direction)

    async def _call(self, context: Context, name: str, **arguments: Any) -> list[Any]:
        """The result within 1024 pixels as WebP, the address of the whole of it, and the figures."""
        if self._client is None:
            raise ToolError(NOT_READY)
        call: Callable[[], Any] = partial(self._client.predict, api_name=name, **arguments)
        try:
            made, figures = await run_sync(call)
        except AppError as error:
            raise ToolError(html.unescape(str(error))) from None
        request: Any = context.request_context.request
        base = str(request.base_url).rstrip("/")
        return [await run_sync(_shown, made["path"]), {"address": f"{base}{FILE}{made['path']}", **figures}]


def _shown(path: str) -> Image:
    stored = io.BytesIO()
    with PillowImage.open(path) as picture:
        picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        picture.save(stored, "WEBP", quality=90)
    return Image(data=stored.getvalue(), format="webp")


def _picture(text: str) -> Any:
    """What stands for a picture in a call; ToolError where it is none of ours."""
    source = _style(text)
    if isinstance(source, str):
        raise ToolError(NO_PICTURE)
    return source


def _style(text: str) -> Any:
    if text.startswith("data:"):
        return gradio_client.handle_file(write_result(_decode(text), "picture"))
    _, is_own, path = text.partition(FILE)
    if text.startswith(("http://", "https://")):
        if not is_own:
            raise ToolError(NO_ADDRESSES)
        text = unquote(urlsplit(path).path)
    if not text.startswith("/"):
        return text
    try:
        return gradio_client.handle_file(str(checked(text)))
    except ImageError as error:
        raise ToolError(str(error)) from None


def _decode(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise ToolError(NO_BASE64) from None
