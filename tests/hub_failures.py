"""How long the app takes to start, whatever the Hub does: `python -m tests.hub_failures [CASE...]`, a Markdown table.

Real processes, one after the other, against the stand-in Hub on loopback; ends by itself after some minutes.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gradio_client
import httpx

from styleprop.checkpoints import EMBEDDED, write_sums
from tests.stand_in_hub import SPOILS, STATUS_MODES, StandInHub
from tests.test_checkpoints import spoil

REPO = "ann/tiny"
ROOT = Path(__file__).parent.parent
PAGE_SECONDS, READY_SECONDS, LIMIT = 7.0, 20.0, 120.0
GOOD = ["no --hub", "sound"]
CASES = [*GOOD, "hang", "refused", *STATUS_MODES, "page everywhere", "moved", *SPOILS, "cut"]
DAMAGES = ["NaN weights", "wrong shapes"]


def main(cases):
    print("| the Hub | page, s | models, s | who answers | why |\n| --- | --- | --- | --- | --- |")
    wrong = [case for case in (cases or [*CASES, *DAMAGES]) if not measure(case)]
    print(f"\nLimits: page {PAGE_SECONDS:g} s, models {READY_SECONDS:g} s. Over a limit: {', '.join(wrong) or 'none'}.")
    return 1 if wrong else 0


def measure(case):
    """Print a row; tells whether both times keep to their limits and the embedded weights answer."""
    with contextlib.closing(StandInHub()) as server, tempfile.TemporaryDirectory() as name:
        place = Path(name)
        revision = server.add(REPO, damaged(case, place / "tiny"))
        server.mode = "" if case in (*GOOD, "refused", *DAMAGES) else case
        environment = {
            **os.environ,
            "HF_ENDPOINT": "http://127.0.0.1:9" if case == "refused" else server.url,
            "HF_HOME": str(place / "home"),
            "TMPDIR": name,
        }
        arguments = [] if case == "no --hub" else ["--hub", f"{REPO}@{revision}"]
        with serving(arguments, environment, place / "log") as (url, start):
            page = wait_for(url, start)
            ready = wait_for(f"{url}/readyz", start)
            reason = "" if case in GOOD else reason_in(place / "log")
            wanted = "tiny" if case == "sound" else "autoencoder"
            checkpoint = answer(url, place, wanted)
    print(f"| {case} | {page:.1f} | {ready:.1f} | {checkpoint} | {reason} |", flush=True)
    return page < PAGE_SECONDS and ready < READY_SECONDS and checkpoint == wanted


def damaged(case, folder):
    shutil.copytree(EMBEDDED / "autoencoder", folder)
    if case == "NaN weights":
        spoil(folder)
    if case == "wrong shapes":
        config = (folder / "config.json").read_text()
        (folder / "config.json").write_text(config.replace("64", "48"))
        write_sums(folder)
    return folder


@contextlib.contextmanager
def serving(arguments, environment, log):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.monotonic()
    command = [sys.executable, "app.py", "--port", str(port), *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
    try:
        yield f"http://127.0.0.1:{port}", start
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address, start):
    while time.monotonic() - start < LIMIT:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(address, timeout=5).status_code == 200:
                return time.monotonic() - start
        time.sleep(0.05)
    raise SystemExit(f"{address} is not there after {LIMIT:g} s")


def answer(url, place, wanted):
    """The checkpoint that answers, once it is the wanted one or time is up."""
    client = gradio_client.Client(url, verbose=False, analytics_enabled=False, download_files=str(place))
    photo = gradio_client.handle_file(str(ROOT / "styleprop" / "assets" / "examples" / "rocket.jpg"))
    start, checkpoint = time.monotonic(), ""
    while checkpoint != wanted and time.monotonic() - start < LIMIT:
        checkpoint = client.predict(photo, api_name="/reconstruct")[1]["checkpoint"]
    return checkpoint


def reason_in(log):
    """Why the Hub's weights are not used, as the log and the page have it."""
    start = time.monotonic()
    while time.monotonic() - start < LIMIT:
        if found := re.search("the Hub's model was not pulled: (.+)", log.read_text("utf-8", errors="replace")):
            return found[1]
        time.sleep(0.1)
    return "nothing was said"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
