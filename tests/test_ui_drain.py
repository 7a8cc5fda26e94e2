"""How the process ends: SIGTERM and SIGHUP, real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.serving import SECONDS, connect, send, wait_until

ROOT = Path(__file__).parent.parent
SERVE = """
import os
import sys
import time
from pathlib import Path
from styleprop.training.desk import Desk
from styleprop.training.job import FineTuning
from styleprop.server import drain
from styleprop.server import models
from styleprop.ui import serve

release, drain.FINISH_SECONDS, picture = Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])

def load(source):
    model = models.load_model(source)
    paint = model.paint
    def slow(*arguments, **keywords):
        print("working", flush=True)
        while not release.exists():
            time.sleep(0.05)
        return paint(*arguments, **keywords)
    model.paint = slow
    return model

class Busy(Desk):
    def __init__(self, make_root):
        super().__init__(make_root, (sys.executable, "-c", "import time; time.sleep(600)"))
        for _ in range(2):
            self.submit(FineTuning("style", (picture,), (picture,)))
        while self._process is None:
            time.sleep(0.05)
        print("training", self._process.pid, flush=True)

serve.load_model = load
serve.Desk = Busy
sys.exit(serve.main(sys.argv[4:]))
"""


@pytest.fixture
def serve(styled_checkpoint, photo, tmp_path):
    """Starts the app with pictures that take until there is a file "release", and a training that never ends."""
    processes = []

    def start(finish=25.0):
        environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-c", SERVE, str(tmp_path / "release"), str(finish), str(photo)]
        command += ["--checkpoint", str(styled_checkpoint)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        training = int(words_after(process, "training")[0])
        url = words_after(process, "http://")[-1].rstrip("/") + "/"
        wait_until(lambda: httpx.get(f"{url}readyz", timeout=SECONDS).status_code == 200, 3 * SECONDS)
        return process, url, training

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def words_after(process, start):
    for line in process.stdout:
        if start in line:
            return line.removeprefix(start).split()
    raise AssertionError("the app did not start")


def is_closing(url):
    try:
        return httpx.get(f"{url}readyz", timeout=SECONDS).status_code == 503
    except httpx.HTTPError:
        return True


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def left_in(folder):
    return [path for path in folder.iterdir() if path.name.startswith(("styleprop-", "__autograph"))]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_a_closed_terminal_let_running_calls_finish_and_leave_nothing(serve, photo, tmp_path, number):
    process, url, training = serve(finish=SECONDS)
    job = connect(url, tmp_path).submit(send(photo), "dusk-red", api_name="/stylize")
    words_after(process, "working")
    process.send_signal(number)
    wait_until(lambda: httpx.get(f"{url}readyz", timeout=SECONDS).status_code == 503)
    refused = httpx.post(f"{url}gradio_api/queue/join", json={}, timeout=SECONDS)
    assert refused.status_code == 503
    assert "being restarted" in refused.json()["detail"]
    (tmp_path / "release").touch()
    path, _ = job.result(timeout=SECONDS)
    assert Path(path).is_file()
    assert process.wait(30) == 0
    assert is_gone(training)
    assert left_in(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("signals", [1, 2])
def test_a_call_that_takes_too_long_does_not_hold_the_end(serve, photo, tmp_path, signals):
    """A second signal does not wait at all."""
    process, url, training = serve(finish=1.0 if signals == 1 else 2 * SECONDS)
    connect(url, tmp_path).submit(send(photo), "dusk-red", api_name="/stylize")
    words_after(process, "working")
    start = time.monotonic()
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_closing(url))
    assert process.wait(SECONDS) == 0
    assert time.monotonic() - start < SECONDS
    assert is_gone(training)
    assert left_in(tmp_path) == []


HEAR = """
import signal, sys
from styleprop.server.drain import Drain, leave
drain = Drain()
drain.listen()
print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, flush=True)
sys.stdin.readline()
print("nobody reads this", end="")
leave(3)
"""


def test_nohup_is_respected():
    command = ["sh", "-c", 'trap "" HUP; exec "$0" -c "$1"', sys.executable, HEAR]
    done = subprocess.run(command, cwd=ROOT, input="\n", capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.splitlines()[0] == "True"


def test_a_terminal_that_is_gone_does_not_hold_the_end():
    """What is written to it fails."""
    ours, theirs = os.openpty()
    buffered, said = {**os.environ, "PYTHONUNBUFFERED": ""}, b""
    command = [sys.executable, "-c", HEAR]
    process = subprocess.Popen(command, cwd=ROOT, env=buffered, stdin=subprocess.PIPE, stdout=theirs)
    os.close(theirs)
    while b"\n" not in said:
        said += os.read(ours, 100)
    assert said.startswith(b"False")
    os.close(ours)
    process.stdin.close()
    assert process.wait(SECONDS) == 3
