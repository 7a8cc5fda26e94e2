"""The processes that trainings run in. One can be started ahead, as TensorFlow takes seconds to load."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "styleprop.training.worker")
SPARE_SECONDS = 300.0


class Workers:
    """Starts processes that wait for a folder's name on their standard input, and end where none comes.

    Args:
        command: what starts a worker.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND):
        self._command = command
        self._lock = threading.Lock()
        self._spare: subprocess.Popen | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def prepare(self) -> None:
        """See that a worker is ready, or about to be; one that nobody takes is gone after five minutes."""
        with self._lock:
            if self._closed:
                return
            if self._spare is None or self._spare.poll() is not None:
                self._spare = self._start()
            self._wait_for_use()

    def begin(self, folder: Path) -> subprocess.Popen:
        """Give a run's folder to a worker, the one that is ready where there is one. Raises OSError."""
        with self._lock:
            spare, self._spare = self._spare, None
            process = spare if spare and spare.poll() is None else self._start()
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as stream:  # who waits for its end finds it dead
            stream.write(f"{folder}\n".encode())
        return process

    def dismiss(self) -> None:
        """End the worker that is ready."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare:
            end(spare)

    def close(self) -> None:
        """End the worker that is ready, and start no other ahead."""
        with self._lock:
            self._closed = True
            if self._timer:
                self._timer.cancel()
        self.dismiss()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self._command,
            cwd=PACKAGE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def _wait_for_use(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(SPARE_SECONDS, self.dismiss)
        self._timer.daemon = True
        self._timer.start()


def end(process: subprocess.Popen) -> None:
    """Kill a worker that may have ended already."""
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()
