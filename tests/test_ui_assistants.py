"""The tools for AI assistants, through the Model Context Protocol's own client."""

import asyncio
import base64
import io
import json
from types import SimpleNamespace

import httpx
import jsonschema
import numpy as np
import pytest
import soundfile
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from styleprop import images
from styleprop.checkpoints import list_domains
from styleprop.server.gate import MCP_BYTES
from styleprop.ui.serve import open_tools
from tests.serving import LEAKS, SECONDS, running


@pytest.fixture(scope="module")
def assisted(styled_checkpoint, app):
    """The real app with its tools: `model` and `url`."""
    with running(styled_checkpoint, mcp=True, load=lambda _: app.model) as (_, models, url):
        yield SimpleNamespace(model=models.wait(SECONDS), url=url.rstrip("/"))


def talk(app, talks):
    """What a coroutine function returns that is given an open session."""

    async def run():
        client = streamable_http_client(f"{app.url}/mcp")
        async with client as (receive, send, _), ClientSession(receive, send) as session:
            await session.initialize()
            return await talks(session)

    return asyncio.run(run())


def use(app, tool, **arguments):
    """A tool's picture and figures."""
    made = talk(app, lambda session: session.call_tool(tool, arguments))
    assert not made.isError, made.content
    shown, figures = made.content
    assert shown.mimeType == "image/webp"
    picture = Image.open(io.BytesIO(base64.b64decode(shown.data))).convert("RGB")
    return np.asarray(picture), json.loads(figures.text)


def inside(path):
    """A picture file as a message carries it."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def upload(app, path):
    """Upload a file; its path there."""
    with path.open("rb") as stream:
        return httpx.post(f"{app.url}/gradio_api/upload", files={"files": stream}).json()[0]


def whole(figures):
    """The picture at the address that a tool gives."""
    return images.load(httpx.get(figures["address"]).content).image


def test_the_tools_are_the_public_calls_and_say_what_they_take(assisted):
    tools = {tool.name: tool.inputSchema for tool in talk(assisted, lambda session: session.list_tools()).tools}
    assert set(tools) == {"reconstruct", "stylize", "translate", "sound"}
    settings = ["strength", "detail", "color", "brush"]
    assert list(tools["stylize"]["properties"]) == ["content", "style", *settings]
    assert list(tools["translate"]["properties"]) == ["image", "domain", "direction", *settings]
    assert list(tools["sound"]["properties"]) == ["content", "style", "strength"]
    assert all(about["description"] for tool in tools.values() for about in tool["properties"].values())


def every(kind, schema):
    """All parts of a schema that are of a kind."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    found = [schema] if isinstance(schema, dict) and schema.get("type") == kind else []
    return found + [one for part in parts for one in every(kind, part)]


def test_what_the_tools_take_is_a_schema_that_strict_clients_accept(assisted):
    tools = {tool.name: tool.inputSchema for tool in talk(assisted, lambda session: session.list_tools()).tools}
    for schema in tools.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    arrays = every("array", list(tools.values()))
    assert len(arrays) == 2
    assert all(array.get("items") and "prefixItems" not in array for array in arrays)
    for style in ("dusk-red", "data:image/png;base64,AAAA", [["dusk-red", 1], ["north-sea", 0.5]]):
        jsonschema.validate({"content": "data:", "style": style}, tools["stylize"])
    for style in (7, ["dusk-red"], [["dusk-red"]], [["dusk-red", 1, 2]]):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"content": "data:", "style": style}, tools["stylize"])


def test_names_of_styles_and_domains_and_choices_are_enums(assisted):
    tools = {tool.name: tool.inputSchema["properties"] for tool in talk(assisted, ClientSession.list_tools).tools}
    assert tools["stylize"]["style"]["anyOf"][0] == {"type": "string", "enum": ["dusk-red", "north-sea"]}
    assert tools["stylize"]["color"]["enum"] == ["style", "content", "only"]
    assert tools["translate"]["direction"]["enum"] == ["to painting", "to photo"]
    domains = tools["translate"]["domain"]["enum"]
    assert "monet" in domains
    assert domains == list(list_domains())


@pytest.mark.parametrize("start", ["", "data:image/png;base64,"])
def test_base64_may_be_broken_into_lines_and_stand_alone(assisted, photo, start):
    printed = start + base64.encodebytes(photo.read_bytes()).decode()  # as `base64 photo.png` prints it
    assert printed.count("\n") > 10
    _, figures = use(assisted, "stylize", content=printed, style=[[printed.replace("\n", ""), 1]])
    np.testing.assert_array_equal(whole(figures), assisted.model.stylize(photo, photo).array)


def test_base64_of_a_jpeg_is_not_taken_for_a_path(assisted, photo, tmp_path):
    Image.open(photo).convert("RGB").save(tmp_path / "photo.jpg")
    printed = base64.b64encode((tmp_path / "photo.jpg").read_bytes()).decode()
    assert printed.startswith("/9j/")
    use(assisted, "reconstruct", image=printed)


def test_a_picture_in_the_message_comes_back_restyled(assisted, photo):
    shown, figures = use(assisted, "stylize", content=inside(photo), style="dusk-red", strength=0.7)
    expected = assisted.model.stylize(photo, "dusk-red", strength=0.7).array
    np.testing.assert_array_equal(whole(figures), expected)
    greys = [np.asarray(Image.fromarray(picture).convert("L")).ravel() for picture in (shown, expected)]
    assert np.corrcoef(greys)[0, 1] > 0.9  # WebP makes little of the tiny network's loud colours
    assert figures["strength"] == 0.7


def test_an_upload_may_be_given_by_path_or_by_address(assisted, photo, painting):
    content, style = upload(assisted, photo), f"{assisted.url}/gradio_api/file={upload(assisted, painting)}"
    _, figures = use(assisted, "stylize", content=content, style=[["north-sea", 1], [style, 3]])
    expected = assisted.model.stylize(photo, [("north-sea", 1.0), (painting, 3.0)])
    np.testing.assert_array_equal(whole(figures), expected.array)


def test_the_other_tools_do_as_the_engine_does(assisted, photo):
    _, figures = use(assisted, "reconstruct", image=inside(photo))
    expected = assisted.model.reconstruct(photo)
    assert figures["psnr_db"] == pytest.approx(expected.psnr_db)
    _, figures = use(assisted, "translate", image=inside(photo), direction="to photo")
    np.testing.assert_array_equal(whole(figures), assisted.model.translate(photo, "monet", to_photo=True).array)
    _, figures = use(assisted, "translate", image=inside(photo), strength=0.0)
    np.testing.assert_array_equal(whole(figures), images.load(photo).image)


@pytest.fixture
def hum(tmp_path):
    """Half a second of a tone, as a file and as samples of 16 bits."""
    made = (0.3 * np.sin(2 * np.pi * 300 * np.arange(11_025) / 22_050) * 32_767).astype("int16")
    soundfile.write(tmp_path / "hum.wav", made, 22_050)
    return SimpleNamespace(path=tmp_path / "hum.wav", samples=made)


def hear(app, **arguments):
    """What the tool for sounds lets hear, what is at its address, and its figures."""
    made = talk(app, lambda session: session.call_tool("sound", arguments))
    assert not made.isError, made.content
    heard, figures = made.content
    assert heard.mimeType == "audio/mpeg"
    figures = json.loads(figures.text)
    whole, _ = soundfile.read(io.BytesIO(httpx.get(figures["address"]).content), dtype="int16")
    return soundfile.read(io.BytesIO(base64.b64decode(heard.data))), whole, figures


def test_a_sound_in_the_message_comes_back_in_a_texture_and_at_strength_0_as_it_was(assisted, hum):
    (heard, rate), whole, figures = hear(
        assisted, content=inside(hum.path), style=upload(assisted, hum.path), strength=0
    )
    np.testing.assert_array_equal(whole, hum.samples)
    assert len(heard) / rate == pytest.approx(0.5, abs=0.1)
    assert np.abs(np.fft.rfft(heard)).argmax() * rate / len(heard) == pytest.approx(300, abs=5)
    _, whole, figures = hear(assisted, content=inside(hum.path), style="rain")
    assert len(whole) == len(hum.samples)
    assert np.abs(whole - hum.samples).max() > 1000
    assert (figures["style"], figures["strength"]) == ("rain", 1)


def test_a_large_result_is_shown_smaller(assisted, tmp_path, random):
    path = tmp_path / "large.png"
    images.save(np.full((96, 1400, 3), random.integers(0, 256, 3), "uint8"), path)
    shown, figures = use(assisted, "stylize", content=inside(path), style="dusk-red")
    assert shown.shape[1] == 1024
    assert whole(figures).shape == (96, 1400, 3)


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("reconstruct", {"image": "data:image/png;base64,AAAA"}, "not a picture"),
        ("reconstruct", {"image": "data:image/png;base64,*"}, "not base64"),
        ("reconstruct", {"image": "A" * 100}, "not a picture"),
        ("reconstruct", {"image": "A" * 101}, "not base64"),
        ("reconstruct", {"image": "my cat"}, "data: URL"),
        ("reconstruct", {"image": "photos/cat.jpg"}, "data: URL"),
        ("reconstruct", {"image": "/home/ann/cat.jpg"}, "not of a picture that was uploaded here. Give a picture as"),
        ("stylize", {"content": "PHOTO", "style": [["/home/ann/cat.jpg", 1]]}, "uploaded here. Give a picture as"),
        ("stylize", {"content": "PHOTO", "style": [["dusk-red", "much"]]}, "weight must be a number"),
        ("stylize", {"content": "PHOTO", "style": [[1, 1]]}, "style must be the name"),
        ("stylize", {"content": "PHOTO", "style": "dusk-red", "color": "red"}, "color must be one of"),
        ("translate", {"image": "PHOTO", "direction": "up"}, "direction must be"),
        ("reconstruct", {"image": "http://127.0.0.1:1/cat.png"}, "addresses are not fetched"),
        ("sound", {"content": "http://127.0.0.1:1/cat.wav", "style": "rain"}, "addresses are not fetched"),
        ("sound", {"content": "my cat", "style": "rain"}, "Give a sound as a data: URL"),
        (
            "sound",
            {"content": "/etc/passwd", "style": "rain"},
            "not of a sound that was uploaded here. Give a sound as",
        ),
        ("sound", {"content": "A" * 101, "style": "rain"}, "This sound is not base64"),
        ("sound", {"content": "PHOTO", "style": "rain"}, "not a sound that can be opened"),
        ("reconstruct", {"image": "/etc/passwd"}, "not of a picture that was uploaded here"),
        (
            "reconstruct",
            {"image": "https://other.example/gradio_api/file=/etc/passwd"},
            "not of a picture that was uploaded",
        ),
        ("translate", {"image": "PHOTO", "domain": "cubism"}, "domain must be one of"),
        ("stylize", {"content": "PHOTO", "style": "dusk-red", "strength": 5}, "strength must be"),
        ("stylize", {"content": "PHOTO", "style": "<none>"}, "<none>"),
        ("stylize", {"content": "PHOTO", "style": []}, "one to four"),
    ],
)
def test_a_refusal_is_a_sentence(assisted, photo, tool, arguments, words):
    given = {name: inside(photo) if value == "PHOTO" else value for name, value in arguments.items()}
    made = talk(assisted, lambda session: session.call_tool(tool, given))
    (said,) = made.content
    assert made.isError
    assert words in said.text
    assert not any(leak in said.text for leak in LEAKS), said.text


def test_the_door_is_closed_without_the_flag_and_to_what_is_no_message(app, assisted):
    assert httpx.post(f"{app.url.rstrip('/')}/mcp", json={}).status_code == 404
    assert httpx.get(f"{assisted.url}/mcp").status_code == 405
    assert httpx.post(f"{assisted.url}/mcp", content=b" " * (MCP_BYTES + 1)).status_code == 413


def test_a_web_page_elsewhere_cannot_reach_an_app_of_this_computer(assisted):
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    codes = [
        httpx.post(f"{assisted.url}/mcp", json=hello, headers=accept | headers).status_code
        for headers in ({}, {"Host": "page.example"}, {"Origin": "http://page.example"})
    ]
    assert codes == [200, 421, 403]


@pytest.mark.parametrize(
    ("variables", "settings", "code"),
    [({}, {}, 421), ({}, {"host": "0.0.0.0"}, 200), ({}, {"share": True}, 200), ({"GRADIO_SERVER_NAME": "x"}, {}, 200)],
)
def test_an_app_for_others_goes_by_any_name(monkeypatch, variables, settings, code):
    from styleprop.server.options import Options

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    tools = open_tools(Options(mcp=True, **settings), list, list)

    async def ask():
        transport = httpx.ASGITransport(tools.app)
        async with tools.lifespan(None), httpx.AsyncClient(transport=transport, base_url="http://else.where") as client:
            hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            return await client.post("/mcp", json=hello, headers={"Accept": "application/json, text/event-stream"})

    assert asyncio.run(ask()).status_code == code
