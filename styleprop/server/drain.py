"""The end of the process: no new calls, running ones are finished, then all is cleared away."""

import atexit
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

FINISH_SECONDS = 25.0
LAST_WORDS_SECONDS = 0.5  # for results to reach their readers
CLOSE_SECONDS = 2.0
POLL_SECONDS = 0.1
log = logging.getLogger(__name__)


class Drain:
    """Turns SIGTERM, Ctrl-C and a closed terminal into an orderly end; a second one does not wait for running calls.

    Attributes:
        is_wished: whether the process is to end.
    """

    def __init__(self):
        self._wish, self._hurry = threading.Event(), threading.Event()
        self._last: list[Callable[[], object]] = []

    @property
    def is_wished(self) -> bool:
        """Whether the process is to end."""
        return self._wish.is_set()

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and SIGHUP, unless `nohup` has it ignored; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                    signal.signal(number, self._hear)

    def at_end(self, action: Callable[[], object]) -> None:
        """Do this once the page is closed; the last one given is done first."""
        self._last.append(action)

    def wait(self, page) -> None:
        """Return once the end is wished and all is cleared away; running calls have 25 s to finish."""
        self._wish.wait()
        end = time.monotonic() + FINISH_SECONDS
        while _is_busy(page) and time.monotonic() < end and not self._hurry.is_set():
            time.sleep(POLL_SECONDS)
        time.sleep(LAST_WORDS_SECONDS)
        _do_for_a_while(lambda: page.close(verbose=False))
        while self._last:
            _do(self._last.pop())

    def _hear(self, *_) -> None:
        if self.is_wished:
            self._hurry.set()
        self._wish.set()


def leave(status: int) -> None:
    """End the process now, whatever its threads still do: a picture that takes minutes cannot hold it.

    What was registered for the end is done first; TensorFlow removes files of its own there.
    """
    _do_for_a_while(atexit._run_exitfuncs)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # its terminal may be closed
            stream.flush()
    os._exit(status)


def _do_for_a_while(action: Callable[[], object]) -> None:
    thread = threading.Thread(target=_do, args=(action,), daemon=True)
    thread.start()
    thread.join(CLOSE_SECONDS)


def _do(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception:
        log.exception("something was not cleared away")


def _is_busy(page) -> bool:
    """Whether Gradio's queue has calls that run or wait."""
    waiting = any(queue.queue for queue in page._queue.event_queue_per_concurrency_id.values())
    return waiting or any(page._queue.active_jobs)
