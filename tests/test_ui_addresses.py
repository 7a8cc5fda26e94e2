"""Where the page listens, and the proxies that its own calls go past and the Hub's go through."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from styleprop import hub
from styleprop.checkpoints import verify_checkpoint
from styleprop.errors import CheckpointError, SettingsError
from styleprop.hub import UnreachableError
from styleprop.server.addresses import bracketed, bypass_proxies
from styleprop.server.options import Options, parse_options
from styleprop.server.uploads import VARIABLE
from styleprop.ui.serve import launch
from tests.serving import LEAKS, SECONDS, running
from tests.stand_in_proxy import StandInProxy

ROOT = Path(__file__).parent.parent
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def taken():
    """A port that somebody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def proxies(monkeypatch):
    """Sets proxies in an environment that has none; what the app adds is gone afterwards."""
    for name in NAMES:
        monkeypatch.setenv(name.upper(), "")
        monkeypatch.setenv(name, "")
    return lambda **values: [monkeypatch.setenv(name, value) for name, value in values.items()]


def test_a_taken_port_is_one_sentence_that_names_the_argument(taken):
    command = [sys.executable, "app.py", "--port", str(taken)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Port {taken} is taken; choose another with --port.\n"


@pytest.mark.parametrize(("port", "words"), [(None, "No port is free"), (7, "is taken")])
def test_a_port_that_is_lost_at_the_last_moment_is_the_same_sentence(taken, monkeypatch, proxies, port, words):
    """Between the look and the server's start, another program may come."""
    monkeypatch.setattr("gradio.http_server.INITIAL_PORT_VALUE", taken)
    monkeypatch.setattr("gradio.http_server.TRY_NUM_PORTS", 1)
    monkeypatch.setattr("styleprop.ui.serve.check_address", lambda host, port: None)
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(SettingsError, match=f"{words}.*choose another with --port"):
        launch(Options(port=port and taken), quiet=True)


@pytest.mark.parametrize("host", ["203.0.113.9", "[2001:db8::1]", "no such host"])
def test_a_host_of_another_computer_is_refused_in_a_sentence(host):
    with pytest.raises(SettingsError, match="is no address of this computer; choose another with --host"):
        launch(Options(host=host))


@pytest.mark.parametrize(
    ("given", "host"),
    [("::1", "[::1]"), ("[::1]", "[::1]"), ("::", "[::]"), ("[::]", "[::]"), ("127.0.0.1", "127.0.0.1"), ("me", "me")],
)
def test_an_ipv6_address_may_come_without_brackets(given, host):
    assert bracketed(given) == host
    assert parse_options(["--host", given], {}).host == host
    assert parse_options([], {"STYLEPROP_HOST": given}).host == host


@pytest.mark.parametrize("host", ["::1", "::"])
def test_the_page_answers_at_an_ipv6_address(styled_checkpoint, host):
    with running(styled_checkpoint, start=False, mcp=True, host=parse_options(["--host", host], {}).host) as (
        page,
        _,
        url,
    ):
        assert url == f"http://[{host}]:{page.server_port}/"
        local = f"http://[::1]:{page.server_port}"
        assert httpx.get(f"{local}/healthz", timeout=SECONDS).text == "ok"
        hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {"Accept": "application/json, text/event-stream"}
        assert httpx.post(f"{local}/mcp", json=hello, headers=headers, timeout=SECONDS).status_code == 200


# --- proxies ---


@pytest.mark.parametrize(
    ("name", "address"), [("http_proxy", "http://127.0.0.1:9"), ("ALL_PROXY", "socks5h://127.0.0.1:9")]
)
def test_the_app_starts_whatever_proxy_is_dead(styled_checkpoint, proxies, name, address):
    proxies(**{name: address})
    with running(styled_checkpoint, start=False, mcp=True) as (_, _, url):
        assert httpx.get(f"{url}healthz", timeout=SECONDS).text == "ok"


def test_the_apps_calls_to_itself_and_its_workers_go_past_a_proxy(styled_checkpoint, proxies):
    with StandInProxy("http://127.0.0.1:9", "503 Service Unavailable") as proxy:
        proxies(http_proxy=proxy.url, NO_PROXY="intranet.example, [::1]")
        with running(styled_checkpoint, start=False, mcp=True) as (_, _, url):
            inherited = [sys.executable, "-c", "import sys, httpx; print(httpx.get(sys.argv[1]).text)", f"{url}healthz"]
            assert subprocess.run(inherited, capture_output=True, text=True, check=True).stdout == "ok\n"
        assert proxy.asked == []
    assert os.environ["no_proxy"] == "intranet.example,::1,localhost,127.0.0.1" == os.environ["NO_PROXY"]


@pytest.mark.parametrize("address", ["socks4://127.0.0.1:1080", "http://proxy:port", "ftp://proxy"])
def test_a_proxy_that_no_client_knows_is_told_in_a_sentence(proxies, address):
    proxies(all_proxy=address)
    with pytest.raises(SettingsError, match=r"^ALL_PROXY names a proxy that cannot be used; write it as http://"):
        bypass_proxies("127.0.0.1")


@pytest.mark.parametrize("kind", ["url", "socks"])
def test_a_pull_goes_through_a_proxy(server, tiny_checkpoint, proxies, monkeypatch, kind):
    server.add("ann/tiny", tiny_checkpoint)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")  # a name that nobody but the proxy finds
    with StandInProxy(server.url) as proxy:
        proxies(all_proxy=getattr(proxy, kind))
        bypass_proxies("127.0.0.1")
        assert verify_checkpoint(hub.pull("ann/tiny")).sha256 == verify_checkpoint(tiny_checkpoint).sha256
    assert any("hub.example" in line for line in proxy.asked)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        ("503 Service Unavailable", "later|A proxy"),
        ("407 Proxy Authentication Required", "^A proxy .* let this through"),
    ],
)
def test_a_proxy_that_refuses_a_pull_is_told_in_a_sentence(server, proxies, monkeypatch, scheme, refusal, sentence):
    monkeypatch.setenv("HF_ENDPOINT", f"{scheme}://hub.example")
    with StandInProxy(server.url, refusal) as proxy:
        proxies(all_proxy=proxy.url)
        with pytest.raises(CheckpointError, match=sentence) as caught:
            hub.pull("ann/tiny")
    assert not any(leak in str(caught.value) for leak in (*LEAKS, "127.0.0.1"))


def test_a_dead_proxy_is_told_in_a_sentence(server, proxies, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    proxies(https_proxy="socks5://127.0.0.1:9")
    with pytest.raises(UnreachableError, match=r"^The Hub (cannot be reached|did not answer)"):
        hub.pull("ann/tiny")
