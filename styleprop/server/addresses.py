"""Where the page listens, and that its calls to itself go past any proxy."""

import errno
import ipaddress
import os
import socket
import urllib.request
from contextlib import closing

from styleprop.errors import SettingsError

LOCAL, OWN = "127.0.0.1", ("localhost", "127.0.0.1", "::1")
TAKEN = "Port {port} is taken; choose another with --port."
CLOSED = "Port {port} is not open to this user; choose one above 1023 with --port."
NONE_FREE = "No port is free of those that are tried; choose another with --port."
NO_HOST = "{host} is no address of this computer; choose another with --host."
NO_PROXY = "{name} names a proxy that cannot be used; write it as http://HOST:PORT or socks5://HOST:PORT."


def bracketed(host: str) -> str:
    """A host as it stands in a web address: an IPv6 address, given with or without brackets, in brackets."""
    bare = _bare(host)
    try:
        return f"[{bare}]" if ipaddress.ip_address(bare).version == 6 else bare
    except ValueError:
        return host


def is_local(host: str) -> bool:
    """Whether a host, as `bracketed` gives it, is for this computer alone."""
    return _bare(host) in OWN


def check_address(host: str, port: int | None) -> None:
    """Look whether the server could listen there; where no port is given, Gradio takes the first free one.

    Raises:
        SettingsError: the port is taken, or the host is not of this computer.
    """
    try:
        for name in dict.fromkeys((_bare(host), LOCAL)):  # Gradio asks for the port of 127.0.0.1 too
            _bind(name, port or 0)
    except OSError as error:
        sentences = {errno.EADDRINUSE: TAKEN, errno.EACCES: CLOSED}
        raise SettingsError(sentences.get(error.errno or 0, NO_HOST).format(host=host, port=port)) from error


def bypass_proxies(host: str) -> None:
    """Let no call of this process or its workers to this computer go through a proxy of the environment.

    Raises:
        SettingsError: a proxy of the environment is none that the HTTP client knows.
    """
    import httpx

    for scheme, url in urllib.request.getproxies().items():
        try:
            if scheme in ("http", "https", "all"):
                httpx.Proxy(url if "://" in url else f"http://{url}")
        except (ValueError, httpx.InvalidURL):
            raise SettingsError(NO_PROXY.format(name=f"{scheme}_proxy".upper())) from None
    before = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",")
    names = [_bare(name.strip()) for name in [*before, *OWN, host]]  # the HTTP client cannot read brackets there
    past = ",".join(dict.fromkeys(filter(None, names)))
    os.environ.update(no_proxy=past, NO_PROXY=past)


def _bare(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _bind(name: str, port: int) -> None:
    for family, kind, _, _, address in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
        with closing(socket.socket(family, kind)) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            tried.bind(address)
