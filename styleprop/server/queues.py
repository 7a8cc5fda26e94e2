"""How the page's events wait: which share a queue, and how many of a queue run at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

GIVE_WAY_SECONDS, POLL_SECONDS = 10.0, 0.05


def _queue(name: str, limit: int, visibility: str = "private") -> dict[str, Any]:
    """Arguments of an event that waits in a queue and hands over files as they were sent."""
    return {
        "concurrency_id": name,
        "concurrency_limit": limit,
        "api_visibility": visibility,
        "preprocess": False,
    }


INFERENCE = _queue("inference", 1)
PUBLIC = _queue("inference", 1, "public")  # the calls of programs
SOUNDS = _queue("sounds", 1)  # a minute of sound takes longer than pictures should wait
PUBLIC_SOUNDS = _queue("sounds", 1, "public")
FULL_SIZE = _queue("full-size", 1)  # not the previews' queue: those answer meanwhile
CHECKS = _queue("checks", 2)
LOOKS: dict[str, Any] = {**CHECKS, "trigger_mode": "always_last"}  # at what was sent: the newest is looked at last
DOWNLOADS = _queue("downloads", 2)  # not the pictures' queue, which a Hub that hangs must not hold up
PUSHES = _queue("pushes", 2)
TILES = _queue("tiles", 1)
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
# A state that changes starts what waits for it only where the event went through a queue.
WISHES: dict[str, Any] = {**_queue("wishes", 4), "show_progress": "hidden"}
UNREAD = {**AT_ONCE, "preprocess": False}  # at once, with the files as they were sent


def is_under_way(page: gr.Blocks, queue: dict[str, Any]) -> bool:
    """Whether an event of one of these queues runs now."""
    events = [event for job in page._queue.active_jobs for event in job or ()]
    return any(event.fn.concurrency_id == queue["concurrency_id"] for event in events)


def give_way(is_busy: Callable[[], bool], is_over: Callable[[], bool] = lambda: False) -> None:
    """Wait as long as somebody waits for a picture, but do not stand still for long."""
    end = time.monotonic() + GIVE_WAY_SECONDS
    while is_busy() and time.monotonic() < end and not is_over():
        time.sleep(POLL_SECONDS)


def paint_at_once(number: int) -> None:
    """Let so many pictures be painted at once; before the page is built."""
    for queue in (INFERENCE, PUBLIC, FULL_SIZE):
        queue["concurrency_limit"] = number
