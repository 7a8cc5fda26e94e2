"""How many calls of one visitor may wait: nobody fills the line alone."""

import asyncio

import gradio as gr

MAX_WAITING = 2
TOO_MANY = "Two of your calls are waiting already; let one finish first."


def limit_waiting(page: gr.Blocks) -> None:
    """Let at most two calls of a session wait in each of the page's queues.

    A session is what a browser or a client says of itself. A program that takes a new one for every call is held back
    by the length of the queue and by the gate's rate.
    """
    queue, lock = page._queue, asyncio.Lock()
    push = queue.push

    async def push_unless_many(body, request, username):
        async with lock:  # else two calls at once would both find room
            if _waiting(page, body) >= MAX_WAITING:
                return False, TOO_MANY, "error"
            return await push(body=body, request=request, username=username)

    queue.push = push_unless_many  # type: ignore[method-assign]


def _waiting(page: gr.Blocks, body) -> int:
    """How many calls of the session wait where this one would."""
    event = page.fns.get(body.fn_index)
    if event is None or body.session_hash is None:
        return 0
    queue = page._queue.event_queue_per_concurrency_id.get(event.concurrency_id)
    return sum(waiting.session_hash == body.session_hash for waiting in queue.queue) if queue else 0
