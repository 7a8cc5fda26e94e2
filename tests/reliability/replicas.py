"""The crowd before a page whose pictures replicas of Ray paint; one of them is killed meanwhile."""

import os
import signal
import threading
import time
from pathlib import Path

from tests.reliability.board import Plan, Row
from tests.reliability.crowd import Crowd, swapped
from tests.reliability.server import Server, children_of, serving, wait_until

COUNT = 2
BACK_SECONDS = 20.0
KILLED_AFTER = 2.0  # seconds of the crowd


def replica_rows(plan: Plan) -> list[Row]:
    """All users call at once, twice; the second time a replica is killed in the middle."""
    with serving("--engine", "ray", "--replicas", str(COUNT)) as server:
        crowd = Crowd(server.url, plan.users)
        alone = crowd.made_one_by_one()
        rows = [_row(crowd, alone, f"{COUNT} replicas")]
        back: list[float] = []
        killer = threading.Timer(KILLED_AFTER, lambda: back.append(_kill_one(server)))
        killer.start()
        row = _row(crowd, alone, f"{COUNT} replicas, one killed")
        killer.join()
        faults = row.faults if back[0] <= BACK_SECONDS else (*row.faults, f"back after {back[0]:.0f} s")
        result, line = f"{row.result}, back after {back[0]:.0f} s", f"{row.line}; back in {BACK_SECONDS:.0f} s"
        return [*rows, Row(row.measure, row.count, result, line, faults)]


def _row(crowd: Crowd, alone: list, what: str) -> Row:
    before, start = crowd.lost, time.monotonic()
    wrong = swapped(crowd.made(), alone)
    lost, seconds = crowd.lost - before, time.monotonic() - start
    faults = (f"{lost} calls lost, {wrong} results swapped",) if lost or wrong else ()
    result = f"{3 * crowd.users - lost} answered in {seconds:.0f} s, {wrong} swapped"
    return Row(f"users x 3 calls at once, {what}", f"{crowd.users} x 3", result, "none lost, each its own", faults)


def _kill_one(server: Server) -> float:
    """Seconds until there are as many replicas as before."""
    killed = replicas_of(server.process.pid)[0]
    os.kill(killed, signal.SIGKILL)
    start = time.monotonic()
    wait_until(lambda: len(set(replicas_of(server.process.pid)) - {killed}) == COUNT, 3 * BACK_SECONDS)
    return time.monotonic() - start


def replicas_of(pid: int) -> list[int]:
    """The processes below one that are replicas."""
    found: list[int] = []
    for child in children_of(pid):
        found += [child] if _is_replica(child) else replicas_of(child)
    return found


def _is_replica(pid: int) -> bool:
    try:
        return b"ServeReplica" in (Path("/proc") / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
