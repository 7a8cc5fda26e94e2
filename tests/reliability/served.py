"""`python app.py` with trainings that can be made to fail, and a line on standard input for what it knows of itself."""

import functools
import hashlib
import json
import sys
import threading

from styleprop.training import desk
from styleprop.ui import serve

WORKER = (sys.executable, "-m", "tests.reliability.worker")
opened: list = []


def launch(*arguments, **keywords):
    """What `serve.launch` does, remembered."""
    opened.extend(launch_page(*arguments, **keywords))
    return opened


def figures() -> dict:
    """The state of the models, the hash of the weights in memory, traces, and how many calls run or wait."""
    page, models = opened
    found = {"state": models.status.state, "sentence": models.status.sentence, "settled": models.status.settled}
    if found["state"] == "ready":
        networks, digest = models.wait().networks, hashlib.sha256()
        for value in networks.network.get_weights():
            digest.update(value.tobytes())
        found |= {"base": digest.hexdigest(), "traces": max(networks.trace_counts().values())}
    waiting = sum(len(group.queue) for group in page._queue.event_queue_per_concurrency_id.values())
    return {**found, "busy": waiting + sum(job is not None for job in page._queue.active_jobs)}


def answer() -> None:
    """Give the figures for every line that comes in."""
    for line in sys.stdin:
        wish = json.loads(line)
        desk.SILENCE_SECONDS = wish.get("silence", desk.SILENCE_SECONDS)
        print(json.dumps(figures()), flush=True)


if __name__ == "__main__":
    launch_page = serve.launch
    serve.launch = launch
    serve.Desk = functools.partial(desk.Desk, command=WORKER)
    threading.Thread(target=answer, daemon=True).start()
    sys.exit(serve.main(sys.argv[1:]))
