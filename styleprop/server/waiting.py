"""How many calls of one visitor may wait, and in which order: nobody fills the line alone, and all take turns."""

import asyncio

import gradio as gr
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload

from styleprop.server.gate import REFUSAL
from styleprop.server.texts import spoken

MAX_WAITING = 40  # of 64; as many as one `gradio_client` has under way, so that a script of any length is served
TOO_MANY = "Forty of your calls are waiting already; let one finish first."


def limit_waiting(page: gr.Blocks) -> None:
    """Let at most 40 calls of a session wait in each of the page's queues, in turns with those of the others.

    A call beyond, and one that the gate has found a fault with, ends like one that failed, in a sentence: of an HTTP
    error, clients show the number alone. A session is what a browser or a client says of itself. A program that takes a
    new one for every call is held back by the length of the queue and by the gate's rate.
    """
    queue, lock = page._queue, asyncio.Lock()
    push = queue.push

    async def push_in_turn(body, request, username):
        async with lock:  # else two calls at once would both find room
            refusal = request.scope.get(REFUSAL) or (TOO_MANY if _waiting(page, body) >= MAX_WAITING else "")
            if refusal:
                return _refuse(page, body, request, spoken(refusal, request.headers))
            answer = await push(body=body, request=request, username=username)
            _take_turn(page, body)
            return answer

    queue.push = push_in_turn  # type: ignore[method-assign]


def _line(page: gr.Blocks, body: PredictBodyInternal) -> list[Event]:
    """The calls that wait where this one does or would."""
    event = page.fns.get(body.fn_index or 0)
    queue = page._queue.event_queue_per_concurrency_id.get(event.concurrency_id) if event else None
    return queue.queue if queue else []


def _waiting(page: gr.Blocks, body: PredictBodyInternal) -> int:
    """How many calls of the session wait where this one would."""
    return sum(body.session_hash == waiting.session_hash is not None for waiting in _line(page, body))


def _take_turn(page: gr.Blocks, body: PredictBodyInternal) -> None:
    """Let the session's last call go before those of sessions that would have had more turns until then."""
    line = _line(page, body)
    mine = [number for number, event in enumerate(line) if event.session_hash == body.session_hash]
    turns: dict[str | None, int] = {}
    for number, event in enumerate(line):
        turns[event.session_hash] = turns.get(event.session_hash, 0) + 1
        if mine and number < mine[-1] and turns[event.session_hash] > len(mine):
            line.insert(number, line.pop(mine[-1]))
            return page._queue.broadcast_estimations(event.concurrency_id)


def _refuse(page: gr.Blocks, body: PredictBodyInternal, request, sentence: str) -> tuple[bool, str, str]:
    """What `push` answers, and the end of a call that does not begin; without a session nobody would hear of it."""
    event = page.fns.get(-1 if body.fn_index is None else body.fn_index)
    if event is None or body.session_hash is None:
        return False, sentence, "error"
    queue, refused = page._queue, Event(body.session_hash, event, request, None)
    queue.pending_messages_per_session.setdefault(body.session_hash, asyncio.Queue())
    queue.pending_event_ids_session.setdefault(body.session_hash, set()).add(refused._id)
    output = error_payload(gr.Error(sentence, print_exception=False), False)
    queue.send_message(refused, ProcessCompletedMessage(output=output, success=False))
    return True, refused._id, "success"
