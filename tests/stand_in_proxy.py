"""A small proxy on loopback, HTTP and SOCKS 5, that brings every call to one server."""

import contextlib
import socket
import socketserver
import threading
from urllib.parse import urlsplit


class StandInProxy:
    """The proxy. `url` is its HTTP address, `socks` its SOCKS one; `asked` is what it was asked for.

    Where `refusal` is a status, it answers with that and calls nobody. Between `cut` and `mend` there is no network:
    what is open breaks, and what is new is refused. `lead_to` brings every new call to another server.
    """

    def __init__(self, target, refusal=""):
        self.asked, self.refusal = [], refusal
        self.is_cut, self.open = False, set()
        self.lead_to(target)
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.socks = self.url.replace("http", "socks5")
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def lead_to(self, target):
        self.target = (urlsplit(target).hostname, urlsplit(target).port)

    def cut(self):
        self.is_cut = True
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.is_cut = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(socketserver.BaseRequestHandler):
    proxy: StandInProxy

    def setup(self):
        self.proxy.open.add(self.request)

    def finish(self):
        self.proxy.open.discard(self.request)

    def handle(self):
        if self.proxy.is_cut:
            return
        first = self.request.recv(65536)
        if not first:
            return
        if self.proxy.refusal:
            self.request.sendall(f"HTTP/1.1 {self.proxy.refusal}\r\nContent-Length: 0\r\n\r\n".encode())
        elif first[0] == 5:
            self._handle_socks()
        else:
            self.proxy.asked.append(first.split(b"\r\n")[0].decode())
            with socket.create_connection(self.proxy.target) as server:
                server.sendall(first)
                self._pump(server)

    def _handle_socks(self):
        self.request.sendall(b"\x05\x00")  # no password
        wish = self.request.recv(512)
        self.proxy.asked.append(wish[5:-2].decode())  # a host's name, not yet an address
        self.request.sendall(b"\x05\x00\x00\x01" + bytes(6))
        with socket.create_connection(self.proxy.target) as server:
            self._pump(server)

    def _pump(self, server):
        thread = threading.Thread(target=_copy, args=(server, self.request), daemon=True)
        thread.start()
        _copy(self.request, server)
        thread.join()


def _copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
