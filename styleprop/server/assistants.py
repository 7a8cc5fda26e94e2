"""The HTTP calls as tools for AI assistants, by the Model Context Protocol: `python app.py --mcp`.

A tool is the call of its name: the same queue, limits and refusals. Gradio can offer its calls as tools itself, but
gives the paths of the results in the place of pictures where a call returns more than one thing.
"""

import contextlib
import html
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import gradio_client
from anyio.to_thread import run_sync
from gradio_client.exceptions import AppError
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import Tool
from pydantic import Field

from styleprop.config import StyleOptions
from styleprop.config.sound import TEXTURES
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.enclosed import FILE, HOW, file_of, file_or_name, small_picture, small_sound
from styleprop.server.gate import MCP

NOT_READY = "The app is still starting; try again in a few seconds."
NO_PICTURE, NO_SOUND = (HOW.format(kind=kind) for kind in ("picture", "sound"))
INSTRUCTIONS = f"Restyle pictures and sounds. {NO_PICTURE} A sound is given in the same ways."

Picture = Annotated[str, Field(description=f"A picture. {NO_PICTURE}")]
Pair = Annotated[list[str | float], Field(min_length=2, max_length=2)]
Style = Annotated[
    str | list[Pair],
    Field(description="A built-in style's name, a picture as above, or one to four of them as [[name, weight], …]."),
]
SoundFile = Annotated[str, Field(description=f"WAV, FLAC, OGG or MP3, at most 60 s. {NO_SOUND}")]
Texture = Annotated[str, Field(description=f"A sound as above, or the name of a texture: {', '.join(TEXTURES)}.")]
Names = Callable[[], list[str]]
COLORS = StyleOptions.choices("color")
STRENGTH, DETAIL, BRUSH = (StyleOptions.range(name).default for name in ("strength", "detail", "brush"))


def _number(name: str, description: str) -> Any:
    """A setting with its range in the schema; what lies outside is refused by the call, in our words."""
    span = StyleOptions.range(name)
    return Field(description=description, json_schema_extra={"minimum": span.low, "maximum": span.high})


def _one_of(names: list[Any], description: str) -> Any:
    return Field(description=description, json_schema_extra={"enum": names})


Strength = Annotated[float, _number("strength", "0 gives back the picture, 1 the full style.")]
Detail = Annotated[float, _number("detail", "How much of the picture's fine detail comes back.")]
Color = Annotated[str, _one_of(list(COLORS), "The style's colours, the picture's, or \"only\" colours.")]
BrushSize = Annotated[float, _number("brush", "From finer strokes to coarser.")]


class _Server(FastMCP):
    """Adds the names of styles and domains as they are now to what it tells of its tools."""

    def __init__(self, styles: Names, domains: Names, security: TransportSecuritySettings):
        self._styles, self._domains = styles, domains
        super().__init__(
            "styleprop", INSTRUCTIONS, stateless_http=True, json_response=True, transport_security=security
        )

    async def list_tools(self) -> list[Tool]:
        """The tools, each with a schema that needs no others."""
        tools = [tool.model_copy(deep=True) for tool in await super().list_tools()]
        taken = {tool.name: tool.inputSchema["properties"] for tool in tools}
        if self._styles():  # an empty enum is none
            taken["stylize"]["style"]["anyOf"].insert(0, {"type": "string", "enum": self._styles()})
        if self._domains():
            taken["translate"]["domain"]["enum"] = self._domains()
        return tools


class Tools:
    """The four tools and the ASGI app that serves them.

    Args:
        is_local: whether the app is for this computer alone; then other names than localhost's are refused, under
            which a web page elsewhere could reach it (DNS rebinding).
        styles: the names of the built-in styles.
        domains: the names of the domains.

    Attributes:
        app: the ASGI app, for what is sent to `/mcp`.
    """

    def __init__(self, is_local: bool, styles: Names, domains: Names):
        names = ["127.0.0.1:*", "localhost:*", "[::1]:*"]
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=is_local,
            allowed_hosts=names,
            allowed_origins=[f"http://{name}" for name in names],
        )
        self._server = _Server(styles, domains, security)
        self._server.streamable_http_app()
        self._client: gradio_client.Client | None = None
        for tool in (self.reconstruct, self.stylize, self.translate, self.sound):
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
        return await self._call(context, "/reconstruct", image=file_of(image, "picture"))

    async def stylize(
        self,
        content: Picture,
        style: Style,
        context: Context,
        strength: Strength = STRENGTH,
        detail: Detail = DETAIL,
        color: Color = COLORS[0],
        brush: BrushSize = BRUSH,
    ) -> list[Any]:
        """Put the style of a built-in style, or of one to four pictures, into a content picture."""
        pairs = [[style, 1.0]] if isinstance(style, str) else style
        styles = [[file_or_name(name, "picture") if isinstance(name, str) else name, weight] for name, weight in pairs]
        settings: dict[str, Any] = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        return await self._call(context, "/stylize", content=file_of(content, "picture"), style=styles, **settings)

    async def translate(
        self,
        image: Picture,
        context: Context,
        domain: Annotated[str, Field(description="A domain of paintings.")] = "monet",
        direction: Annotated[str, _one_of([TO_PAINTING, TO_PHOTO], "Which way.")] = TO_PAINTING,
        strength: Strength = STRENGTH,
        detail: Detail = DETAIL,
        color: Color = COLORS[0],
        brush: BrushSize = BRUSH,
    ) -> list[Any]:
        """Translate a photo to a painting of a domain, or a painting to a photo, with a CycleGAN."""
        settings: dict[str, Any] = {"strength": strength, "detail": detail, "color": color, "brush": brush}
        settings |= {"domain": domain, "direction": direction}
        return await self._call(context, "/translate", image=file_of(image, "picture"), **settings)

    async def sound(
        self,
        content: SoundFile,
        style: Texture,
        context: Context,
        strength: Annotated[float, _number("strength", "0 gives back the content, 1 the whole texture.")] = 1.0,
    ) -> list[Any]:
        """Put a sound into the texture of another sound, or of a built-in one; its loudness over time stays."""
        files = {"content": file_of(content, "sound"), "style": file_or_name(style, "sound")}
        return await self._call(context, "/sound", small_sound, **files, strength=strength)

    async def _call(
        self, context: Context, name: str, shown: Callable[[str], Any] = small_picture, **arguments: Any
    ) -> list[Any]:
        """The result, small enough for a message, the address of the whole of it, and the figures."""
        if self._client is None:
            raise ToolError(NOT_READY)
        call: Callable[[], Any] = partial(self._client.predict, api_name=name, **arguments)
        try:
            made, figures = await run_sync(call)
        except AppError as error:
            raise ToolError(html.unescape(str(error))) from None
        request: Any = context.request_context.request
        base = str(request.base_url).rstrip("/")
        return [await run_sync(shown, made["path"]), {"address": f"{base}{FILE}{made['path']}", **figures}]
