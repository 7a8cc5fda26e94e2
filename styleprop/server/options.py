"""What `python app.py` is told: arguments, and where one is missing the environment variable `STYLEPROP_<NAME>`."""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from styleprop.hub import is_source
from styleprop.server.addresses import bracketed

PREFIX = "STYLEPROP_"
NO_MCP = "--mcp needs a package that is not installed: pip install 'mcp==1.30.0'."
NO_ENGINE = "--replicas and --address need --engine ray."
MCP_AUTH = "--mcp and --auth do not go together: programs have no way to sign in."
OPEN_SHARE = "--share gives anyone with the link this app: add --auth USER:PASSWORD, or --share-open to allow it."


@dataclass(frozen=True)
class Options:
    """How to serve the page.

    Attributes:
        host: address to listen on, IPv6 in brackets; None for this computer alone, or what GRADIO_SERVER_NAME says.
        port: port to listen on; None for the first free one from 7860.
        share: open a public link.
        auth: user and password that visitors must give, or None.
        checkpoint: name or folder of the checkpoint; None for the embedded one.
        training: whether visitors may fine-tune.
        pushing: whether visitors may push what they have trained to the Hub.
        mcp: offer the HTTP calls as tools of the Model Context Protocol too.
        hub: repository of the checkpoint that takes the place of the embedded one, once it has come; or None.
        root_path: the path, or the whole address, at which a proxy shows the page; or None.
        live: whether visitors may have their cameras painted as they watch.
        replicas: of Ray that paint, at least and at most; None where the page's own process does.
        address: of the Ray cluster, or None for one that is started on this computer.
    """

    host: str | None = None
    port: int | None = None
    share: bool = False
    auth: tuple[str, str] | None = None
    checkpoint: str | None = None
    training: bool = True
    pushing: bool = True
    hub: str | None = None
    mcp: bool = False
    root_path: str | None = None
    live: bool = True
    replicas: tuple[int, int] | None = None
    address: str | None = None


def parse_options(argv: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> Options:
    """Read the arguments; None for those of the process. Prints one line and exits with 2 where they make no sense."""
    parser = _build_parser(environment)
    found = parser.parse_args(argv)
    if found.share and not (found.auth or found.share_open):
        parser.error(OPEN_SHARE)
    if found.mcp and (found.auth or find_spec("mcp") is None):
        parser.error(MCP_AUTH if found.auth else NO_MCP)
    training = not found.no_training and (not found.share or found.share_training)
    pushing = training and (not found.share or found.share_push)
    serving = (found.host, found.port, found.share, found.auth, found.checkpoint)
    live = not found.no_live and (not found.share or found.live)
    if found.engine != "ray" and (found.address or found.replicas):
        parser.error(NO_ENGINE)
    replicas = (found.replicas or (2, 2)) if found.engine == "ray" else None
    return Options(*serving, training, pushing, found.hub, found.mcp, found.root_path, live, replicas, found.address)


def _build_parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    def value_of(name: str) -> str | None:
        return environment.get(PREFIX + name) or None

    def is_on(name: str) -> bool:
        return (value_of(name) or "").lower() in ("1", "true", "yes", "on")

    parser = argparse.ArgumentParser(
        prog="python app.py", description="Serve the styleprop page.", epilog=f"Each has a variable: {PREFIX}PORT …"
    )
    parser.add_argument(
        "--host", type=bracketed, default=value_of("HOST"), help="address to listen on; 0.0.0.0 for the whole network"
    )
    parser.add_argument(
        "--port", type=_port, default=value_of("PORT"), help="port; the first free one from 7860 if not given"
    )
    parser.add_argument(
        "--root-path",
        type=_root_path,
        default=value_of("ROOT_PATH"),
        metavar="/PATH",
        help="where a proxy shows the page, if not at its root",
    )
    parser.add_argument("--share", action="store_true", default=is_on("SHARE"), help="open a public link; needs --auth")
    parser.add_argument(
        "--share-open", action="store_true", default=is_on("SHARE_OPEN"), help="allow --share without a password"
    )
    parser.add_argument(
        "--share-training",
        action="store_true",
        default=is_on("SHARE_TRAINING"),
        help="with --share: let visitors fine-tune too",
    )
    parser.add_argument(
        "--share-push",
        action="store_true",
        default=is_on("SHARE_PUSH"),
        help="with --share-training: let visitors push their weights to the Hub too",
    )
    parser.add_argument(
        "--auth", type=_auth, default=value_of("AUTH"), metavar="USER:PASSWORD", help="ask visitors for these"
    )
    parser.add_argument(
        "--checkpoint", default=value_of("CHECKPOINT"), help="name or folder; the embedded one if not given"
    )
    parser.add_argument(
        "--hub", type=_source, default=value_of("HUB"), metavar="REPO[@REVISION]", help="use this one of the Hub's"
    )
    parser.add_argument(
        "--no-training", action="store_true", default=is_on("NO_TRAINING"), help="let nobody fine-tune in the page"
    )
    parser.add_argument(
        "--no-live", action="store_true", default=is_on("NO_LIVE"), help="let nobody have a camera painted"
    )
    parser.add_argument(
        "--live",
        action="store_true",
        default=is_on("LIVE"),
        help="with --share: let visitors have their cameras painted",
    )
    parser.add_argument(
        "--mcp", action="store_true", default=is_on("MCP"), help="offer the calls as tools to AI assistants, by MCP"
    )
    parser.add_argument(
        "--engine", choices=("here", "ray"), default=value_of("ENGINE") or "here", help="who paints: this, or replicas"
    )
    parser.add_argument(
        "--replicas",
        type=_replicas,
        default=value_of("REPLICAS"),
        metavar="N|LEAST-MOST",
        help="with --engine ray: processes; 2 if not given",
    )
    parser.add_argument(
        "--address", default=value_of("ADDRESS"), metavar="HOST:PORT", help="with --engine ray: a cluster, or auto"
    )
    return parser


def _replicas(text: str) -> tuple[int, int]:
    least, _, most = text.partition("-")
    numbers = [int(word) if word.isdecimal() else 0 for word in (least, most if "-" in text else least)]
    if not 1 <= numbers[0] <= numbers[1] <= 1000:
        raise argparse.ArgumentTypeError("replicas are a whole number from 1 to 1000, or a range of them such as 2-8")
    return numbers[0], numbers[1]


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a whole number from 1 to 65535")
    return int(text)


def _root_path(text: str) -> str:
    if not re.fullmatch(r"(https?://[^/?#\s]+)?(/[^/?#\s]+)+/?|https?://[^/?#\s]+/?", text):
        raise argparse.ArgumentTypeError("write it as /PATH or https://HOST/PATH")
    return text.rstrip("/")


def _source(text: str) -> str:
    if not is_source(text):
        raise argparse.ArgumentTypeError("write it as OWNER/NAME or OWNER/NAME@REVISION")
    return text


def _auth(text: str) -> tuple[str, str]:
    user, _, password = text.partition(":")
    if not user or not password:
        raise argparse.ArgumentTypeError("write it as USER:PASSWORD, neither of them empty")
    return user, password
