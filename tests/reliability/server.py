"""The app in a process of its own, as the scoreboard watches it from outside."""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 180.0


class Server:
    """`served.py` with arguments of `app.py`; its temporary files lie in a folder of its own.

    Attributes:
        url: address of the page, with a slash at the end.
        place: folder in which the app makes its own.
        fault_file: what stands in it happens to the next training.
    """

    def __init__(self, *argv: str, **environment: str):
        self.place = Path(tempfile.mkdtemp(prefix="reliability-"))
        self.fault_file = self.place / "fault"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.log = (self.place / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.served", "--port", str(port), *argv],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.place), "FAULT_FILE": str(self.fault_file), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self._asking, self._answers = threading.Lock(), queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            if line.startswith("{"):
                self._answers.put(line)

    def wait_until_ready(self) -> "Server":
        """Return once pictures can be made."""
        wait_until(lambda: self.process.poll() is not None or is_ok(f"{self.url}readyz"), START_SECONDS)
        return self

    def ask(self, **wish) -> dict:
        """Set what `served.py` can set, and get what it knows of itself."""
        with self._asking:
            self.process.stdin.write(json.dumps(wish) + "\n")
            self.process.stdin.flush()
            return json.loads(self._answers.get(timeout=60))

    def is_up(self) -> bool:
        """Whether the process lives and answers."""
        return self.process.poll() is None and is_ok(f"{self.url}healthz")

    def memory_mb(self) -> float:
        """Resident memory of the process, without its children."""
        lines = (Path("/proc") / str(self.process.pid) / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def counts(self) -> dict[str, int]:
        """Threads, open files and children of the process."""
        own = Path("/proc") / str(self.process.pid)
        files = {name: len(list((own / place).iterdir())) for name, place in (("threads", "task"), ("files", "fd"))}
        return {**files, "processes": len(children_of(self.process.pid))}

    def trainings(self) -> list[Path]:
        """The folders of its trainings."""
        return list(self.place.glob("styleprop-*/trainings/*"))

    def wait(self, seconds: float) -> int | None:
        """The exit status of the process, or None where it does not end in time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        return None

    def close(self) -> None:
        """End the process in any case, and remove its files."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            with contextlib.suppress(OSError):
                stream.close()
        shutil.rmtree(self.place, ignore_errors=True)


@contextlib.contextmanager
def serving(*argv: str, **environment: str):
    """A ready `Server` that is gone afterwards."""
    server = Server(*argv, **environment)
    try:
        yield server.wait_until_ready()
    finally:
        server.close()


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still live."""
    found: list[int] = []
    for path in (Path("/proc") / str(pid) / "task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, path.read_text().split())
    return [child for child in found if not _is_dead(child)]


def _is_dead(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def is_ok(url: str) -> bool:
    """Whether an address answers with 200."""
    try:
        return httpx.get(url, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(is_so, seconds: float) -> bool:
    """Return once it is so, or the time is over; whether it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return bool(is_so())
