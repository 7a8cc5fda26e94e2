"""A small Hub on loopback, for the real client: info, files, create, preupload, large files, commit, tag, sign-in.

It can misbehave.
"""

import base64
import hashlib
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from tests import stand_in_login

TOKEN = "hf_secretsecretsecret"
LARGE = (".h5", ".webp", ".jpg", ".png", ".npz")  # what a repository's .gitattributes names
STATUS_MODES = {"401": 401, "403": 403, "404": 404, "429": 429, "503": 503}


@dataclass
class Repo:
    """Commits of files, and names that point to commits; `gated` is "", "open" to the token, or "closed" to it too."""

    private: bool = False
    gated: str = ""
    commits: dict = field(default_factory=dict)
    branches: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)

    def commit(self, files, branch="main"):
        old = self.commits.get(self.branches.get(branch), {})
        text = repr((len(self.commits), sorted(files)))
        oid = hashlib.sha1(text.encode()).hexdigest()
        self.commits[oid] = {**old, **files}
        self.branches[branch] = oid
        return oid

    def find(self, revision):
        commit = self.branches.get(revision) or self.tags.get(revision) or revision
        return commit if commit in self.commits else None


class StandInHub:
    """The server. `mode` says how it misbehaves; `requests` is what it was asked: (method, path, authorization).

    `delay` is how many seconds the second half of a large file takes.
    """

    def __init__(self):
        self.repos, self.requests, self.mode, self.delay, self.large = {}, [], "", 0.0, {}
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def add(self, name, folder):
        """A repository with the files of a folder; gives the commit."""
        repo = self.repos.setdefault(name, Repo())
        return repo.commit({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: StandInHub

    def log_message(self, *_):
        pass

    def _any(self):
        hub, path = self.hub, urlsplit(self.path).path
        hub.requests.append((self.command, path, self.headers.get("Authorization")))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if hub.mode == "hang":
            hub.released.wait(30)
        elif hub.mode in STATUS_MODES:
            self._send(STATUS_MODES[hub.mode], b"{}")
        elif hub.mode == "page everywhere":
            self._send(200, b"<html>welcome</html>", {"Content-Type": "text/html"})
        else:
            self._route([unquote(part) for part in path.strip("/").split("/")], body)

    do_GET = do_HEAD = do_POST = do_PUT = _any  # noqa: N815

    def _route(self, parts, body):
        match parts:
            case ["api", "models", owner, name, *rest]:
                self._route_model(f"{owner}/{name}", rest, body)
            case ["api", "spaces", owner, name, *rest]:
                self._write(self.hub.repos[f"{owner}/{name}"], rest, body)
            case ["api", "repos", "create"]:
                self._create(json.loads(body))
            case ["api", "validate-yaml"]:
                self._json({"errors": [], "warnings": []})
            case [owner, name, "resolve", revision, file]:
                self._file(f"{owner}/{name}", revision, file)
            case _:
                self._route_aside(parts, body)

    def _route_model(self, name, rest, body):
        match rest:
            case []:
                self._info(name, "main")
            case ["revision", revision]:
                self._info(name, revision)
            case ["refs"]:
                self._refs(self.hub.repos[name])
            case _:
                self._write(self.hub.repos[name], rest, body)

    def _route_aside(self, parts, body):
        match parts:
            case ["oauth" | ".well-known", word]:
                self._sign_in(word, body)
            case ["large", digest]:
                self._keep_large(digest, body)
            case [*_, "info", "lfs", "objects", "batch"]:
                self._plan_large(json.loads(body))
            case _:
                self._send(404, b"{}")

    def _info(self, name, revision):
        repo = self.hub.repos.get(name)
        if repo is None or (repo.private and not self._knows()):
            return self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        commit = repo.find(revision)
        if commit is None:
            return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        siblings = [{"rfilename": file, "size": len(data)} for file, data in repo.commits[commit].items()]
        if self.hub.mode == "moved":
            commit = "f" * 40
        return self._json({"id": name, "sha": commit, "private": repo.private, "siblings": siblings})

    def _sign_in(self, word, body):
        url = self.hub.url
        if word == "authorize":
            self._send(302, b"", {"Location": stand_in_login.agree(self.path)})
        elif word == "token":
            self._json(stand_in_login.grant(url, body, TOKEN))
        else:
            self._json(stand_in_login.keys() if word == "jwks" else stand_in_login.configuration(url))

    def _plan_large(self, asked):
        """Where the client is to send large files to; the address is the right to."""
        if not self._knows():
            return self._send(401, b"{}")
        objects = [
            {**file, "actions": {"upload": {"href": f"{self.hub.url}/large/{file['oid']}", "header": {}}}}
            for file in asked["objects"]
        ]
        return self._json({"transfer": "basic", "objects": objects})

    def _keep_large(self, digest, body):
        assert hashlib.sha256(body).hexdigest() == digest
        self.hub.large[digest] = body
        self._send(200, b"")

    def _refs(self, repo):
        tags = [{"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": oid} for tag, oid in repo.tags.items()]
        self._json({"branches": [], "converts": [], "tags": tags})

    def _file(self, name, revision, file):
        repo = self.hub.repos[name]
        if repo.private and not self._knows():
            return self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        if repo.gated and not (repo.gated == "open" and self._knows()):
            return self._send(403 if self._knows() else 401, b"{}", {"X-Error-Code": "GatedRepo"})
        commit = repo.find(revision)
        data = self.hub.repos[name].commits[commit][file]
        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": commit}
        spoil = SPOILS.get(self.hub.mode) if file.endswith(".h5") else None
        if self.hub.mode == "cut" and self.command == "GET" and file.endswith(".h5"):
            return self._cut(data, headers)
        if self.hub.delay and self.command == "GET" and file.endswith(".h5"):
            return self._drip(data, headers)
        return self._send(200, spoil(data) if spoil else data, headers)

    def _drip(self, data, headers):
        self.send_response(200)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        with suppress(OSError):  # the client may have given up
            self.wfile.write(data[: len(data) // 2])
            self.hub.released.wait(self.hub.delay)
            self.wfile.write(data[len(data) // 2 :])

    def _cut(self, data, headers):
        self.send_response(200)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def _create(self, wanted):
        name = f"{wanted['organization']}/{wanted['name']}"
        if not self._knows():
            return self._send(401, b'{"error": "Invalid credentials"}')
        if name in self.hub.repos:
            return self._send(409, json.dumps({"url": f"{self.hub.url}/{name}"}).encode())
        self.hub.repos[name] = Repo(private=wanted.get("visibility") == "private")
        return self._json({"url": f"{self.hub.url}/{name}"})

    def _write(self, repo, rest, body):
        if not self._knows():
            return self._send(403, b"{}")
        if rest[0] == "preupload":
            return self._json({"files": _modes(json.loads(body))})
        if rest[0] == "commit":
            lines = [json.loads(line) for line in body.splitlines()]
            files = {
                line["value"]["path"]: base64.b64decode(line["value"]["content"])
                if line["key"] == "file"
                else self.hub.large[line["value"]["oid"]]
                for line in lines
                if line["key"] in ("file", "lfsFile")
            }
            oid = repo.commit(files)
            return self._json({"commitUrl": f"{self.hub.url}/o/n/commit/{oid}", "commitOid": oid})
        repo.tags[json.loads(body)["tag"]] = rest[1]
        return self._json({})

    def _knows(self):
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _json(self, value):
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status, body, headers=None):
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _modes(asked):
    """How each file is to be sent, and whether `.gitignore` leaves it out."""
    left_out = [line.rstrip("/") for line in (asked.get("gitIgnore") or "").splitlines() if line]

    def is_left_out(path):
        return any(fnmatch(part, pattern) for part in path.split("/") for pattern in left_out)

    return [
        {
            "path": file["path"],
            "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
            "shouldIgnore": is_left_out(file["path"]),
        }
        for file in asked["files"]
    ]


SPOILS = {
    "wrong bytes": lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
    "page": lambda data: b"<!DOCTYPE html><title>404</title>",
    "pointer": lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    "half": lambda data: data[: len(data) // 2],
}
