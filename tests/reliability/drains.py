"""Starting cold, and ending under load."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

from styleprop.checkpoints import EMBEDDED
from tests.reliability.board import Plan, Row
from tests.reliability.crowd import ARGUMENTS
from tests.reliability.samples import flat, png, scene
from tests.reliability.server import ROOT, Server, children_of, free_port, is_ok, wait_until
from tests.reliability.visitor import Answer, Visitor
from tests.stand_in_hub import StandInHub

PAGE_SECONDS, READY_SECONDS, DRAIN_SECONDS = 7.0, 30.0, 30.0
REPO = "ann/tiny"
LOAD = 6  # visitors whose calls run or wait when the signal comes


def start_rows(plan: Plan) -> list[Row]:
    """`python app.py`, from nothing to ready, with the Hub, without a network, and with a Hub that is dead."""
    hub = StandInHub()
    hub.add(REPO, EMBEDDED / "autoencoder")
    ways = {
        "online": (["--hub", REPO], {"HF_ENDPOINT": hub.url}),
        "offline": ([], {"HF_HUB_OFFLINE": "1"}),
        "dead Hub": (["--hub", REPO], {"HF_ENDPOINT": f"http://127.0.0.1:{free_port()}"}),
    }
    pages, readies, faults, repeated = [], [], [], 0
    try:
        for number in range(plan.starts):
            name = list(ways)[number % len(ways)]
            page, ready = _start_once(*ways[name])
            if not _is_in_time(page, ready):  # something else may have kept the machine busy: once more
                repeated += 1
                page, ready = _start_once(*ways[name])
            pages.append(page)
            readies.append(ready)
            if not _is_in_time(page, ready):
                faults.append(f"{name}: page after {page:.1f} s, ready after {ready:.1f} s")
    finally:
        hub.close()
    result = f"page after {max(pages):.1f} s, ready after {max(readies):.1f} s at most, {repeated} tried twice"
    line = "ready < 30 s, the page itself < 7 s"
    return [Row("cold start: online, offline, dead Hub", str(plan.starts), result, line, tuple(faults))]


def _is_in_time(page: float, ready: float) -> bool:
    return page < PAGE_SECONDS and ready < READY_SECONDS


def _start_once(argv: list[str], environment: dict[str, str]) -> tuple[float, float]:
    port = free_port()
    url, start = f"http://127.0.0.1:{port}/", time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port), *argv],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": place, "HF_HOME": f"{place}/home", **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: is_ok(url), 10 * PAGE_SECONDS)
            page = time.monotonic() - start
            wait_until(lambda: is_ok(f"{url}readyz"), 10 * READY_SECONDS)
            return page, time.monotonic() - start
        finally:
            process.terminate()
            process.wait(60)


def drain_rows(take: Callable[[], Server], plan: Plan) -> list[Row]:
    """SIGTERM while calls run and wait and a training runs; `take` gives a ready server that nobody needs any more."""
    seconds: list[float] = []
    found = [drain_once(take(), seconds) for _ in range(plan.drains)]
    faults = [fault for each in found for fault in each]
    result = f"{found.count([])} of {plan.drains} ended in order, the slowest in {max(seconds):.1f} s"
    line = "exit 0 within 30 s, running calls finished, training stopped, folders gone"
    return [Row("drain under load", str(plan.drains), result, line, tuple(faults))]


def drain_once(server: Server, took: list[float]) -> list[str]:
    """What went wrong when a busy app was told to end; how long it took is added to a list."""
    with closing(server):
        workers = _train(server)
        answers, refused, start = _end_under_load(server)
        status = server.wait(2 * DRAIN_SECONDS)
        took.append(time.monotonic() - start)
        lost = [answer.sentence or "the connection ended" for answer in answers if not answer.values]
        faults = {
            f"exit {status} after {took[-1]:.0f} s": status != 0 or took[-1] >= DRAIN_SECONDS,
            f"{len(lost)} calls lost: {lost[:1]}": bool(lost),
            f"a new call was answered with {refused}": refused not in ("503", "gone"),
            "a training lives on": any(os.path.exists(f"/proc/{worker}") for worker in workers),
            "files are left": any(path.name not in ("log", "fault") for path in server.place.iterdir()),
        }
    return [fault for fault, is_so in faults.items() if is_so]


def _train(server: Server) -> list[int]:
    """Start a training; the ids of its processes."""
    trainer = Visitor(server.url)
    trainer.start_training([trainer.upload(png(flat(1, 3)))], "style", 60.0)
    wait_until(lambda: children_of(server.process.pid), 20)
    return children_of(server.process.pid)


def _end_under_load(server: Server) -> tuple[list[Answer], str, float]:
    """Send the signal while calls run and wait: what became of them, of a new one, and when it was sent."""
    visitors = [Visitor(server.url) for _ in range(LOAD)]
    files = [visitor.upload(png(scene(number, 480, 640))) for number, visitor in enumerate(visitors)]
    with ThreadPoolExecutor(LOAD) as pool:
        pairs = zip(visitors, files, strict=True)
        calls = [pool.submit(visitor.call, "stylize", file, *ARGUMENTS["stylize"]) for visitor, file in pairs]
        wait_until(lambda: server.ask()["busy"] >= LOAD, 10)
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        refused = _refusal(server.url)
        return [call.result(60) for call in calls], refused, start


def _refusal(url: str) -> str:
    """How a new call is answered now."""
    try:
        return str(httpx.post(f"{url}gradio_api/queue/join", json={}, timeout=20).status_code)
    except httpx.HTTPError:
        return "gone"
