"""`python -m tests.reliability [--quick | --full] [--only NAME …]`: run the rows and print the table.

Everything happens on 127.0.0.1, is bounded, and ends by itself; the exit status is 1 where a row misses its line.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.reliability.board import FULL, QUICK, Plan, Row, table
from tests.reliability.by_hand import by_hand_rows
from tests.reliability.canaries import canary_rows
from tests.reliability.crowd import cancel_rows, crowd_rows
from tests.reliability.drains import drain_rows, start_rows
from tests.reliability.faults import fault_rows
from tests.reliability.pictures import hostile_rows
from tests.reliability.replicas import replica_rows
from tests.reliability.server import Server
from tests.reliability.soak import soak_rows


class Board:
    """Runs rows; those that can share a server share one.

    Args:
        plan: how much is tried.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self._server: Server | None = None
        self.rows: dict[str, Callable[[], list[Row]]] = {
            "start": lambda: start_rows(plan),
            "hostile": lambda: hostile_rows(self.server(), plan),
            "requests": lambda: by_hand_rows(self.server()),
            "crowd": lambda: crowd_rows(self.server(), plan),
            "canary": lambda: canary_rows(self.server(), plan),
            "cancel": lambda: cancel_rows(self.server(), plan),
            "faults": lambda: fault_rows(self.server, plan),
            "replicas": lambda: replica_rows(plan),
            "drain": lambda: drain_rows(self.take_server, plan),
            "soak": lambda: soak_rows(plan),
        }

    def server(self) -> Server:
        """The shared server, started when it is first needed."""
        if self._server is None:
            self._server = Server().wait_until_ready()
        return self._server

    def take_server(self) -> Server:
        """A server to be ended: the shared one, where there is one, as the drain comes after all that need it."""
        server, self._server = self._server, None
        return server or Server().wait_until_ready()

    def close(self) -> None:
        """End the shared server."""
        if self._server is not None:
            self._server.close()

    def run(self, names: list[str], overlaps: bool) -> list[Row]:
        """Run these rows in their order; where it `overlaps`, the soak goes on beside all but the cold starts."""
        made: dict[str, list[Row]] = {}
        with ThreadPoolExecutor(1) as pool:
            beside: Future | None = None
            for name in names:
                if overlaps and beside is None and name != "start" and "soak" in names:
                    beside = pool.submit(self._run_one, "soak")
                if name != "soak" or beside is None:
                    made[name] = self._run_one(name)
            if beside is not None:
                made["soak"] = beside.result()
        return [row for name in names for row in made[name]]

    def _run_one(self, name: str) -> list[Row]:
        start = time.monotonic()
        try:
            rows = self.rows[name]()
        except Exception as error:
            rows = [Row(name, "", "broke off", "", (f"{type(error).__name__}: {error}",))]
        for row in rows:
            for fault in row.faults:
                print(f"{name}: {fault}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
        return rows


def main() -> int:
    """Run what is asked for. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--full", action="store_true", help="an hour or two, for a quiet machine; else a few minutes")
    parser.add_argument("--quick", action="store_true", help="a few minutes; the default")
    known = list(Board(QUICK).rows)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=known, help=f"these alone of {', '.join(known)}")
    found = parser.parse_args()
    board, start = Board(FULL if found.full else QUICK), time.monotonic()
    names = [name for name in board.rows if not found.only or name in found.only]
    try:
        rows = board.run(names, overlaps=not found.full)
    finally:
        board.close()
    print(table(rows))
    print(f"{time.monotonic() - start:.0f} s on {os.cpu_count()} processor cores", file=sys.stderr)
    return int(any(row.faults for row in rows))


if __name__ == "__main__":
    sys.exit(main())
