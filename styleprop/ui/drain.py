"""The end of the process: no new calls, running ones are finished, then all is cleared away."""

import signal
import threading
import time

FINISH_SECONDS = 25.0
LAST_WORDS_SECONDS = 0.5  # for results to reach their readers
POLL_SECONDS = 0.1


class Drain:
    """Turns SIGTERM and Ctrl-C into an orderly end.

    Attributes:
        is_wished: whether the process is to end.
    """

    def __init__(self):
        self._wish = threading.Event()

    @property
    def is_wished(self) -> bool:
        """Whether the process is to end."""
        return self._wish.is_set()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._wish.set())

    def wait(self, page) -> None:
        """Return once the end is wished and the page's running calls are done, after 25 s at the latest."""
        self._wish.wait()
        end = time.monotonic() + FINISH_SECONDS
        while _is_busy(page) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        time.sleep(LAST_WORDS_SECONDS)
        page.close(verbose=False)


def _is_busy(page) -> bool:
    """Whether Gradio's queue has calls that run or wait."""
    waiting = any(queue.queue for queue in page._queue.event_queue_per_concurrency_id.values())
    return waiting or any(page._queue.active_jobs)
