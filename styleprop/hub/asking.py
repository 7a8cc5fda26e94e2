"""Ask the Hub, in a process of its own that is ended when its time is up.

A server that hangs, drips or never closes cannot hold the caller longer than the budget. The process has no token in
its environment; one that it is to use goes through its standard input.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from styleprop.errors import CheckpointError, Sentence

ROOT = Path(__file__).resolve().parent.parent.parent
STEP_SECONDS = 5
WATCH_SECONDS = 0.2
NEVER_PASSED = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_DEBUG", "HF_HUB_ENABLE_HF_TRANSFER")
ALWAYS_SET = {
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_XET": "1",  # plain HTTPS, whose sizes and time the process can bound
    "HF_HUB_ETAG_TIMEOUT": str(STEP_SECONDS),
    "HF_HUB_DOWNLOAD_TIMEOUT": str(STEP_SECONDS),
}


class UnreachableError(CheckpointError):
    """The Hub did not answer, or not for now: what was pulled before is still good."""


class LoginError(CheckpointError):
    """The Hub wants a login, or another one.

    Attributes:
        refused: "read", or "agree" where the repository's agreement is missing.
    """

    def __init__(self, sentence: str, refused: str = "read"):
        super().__init__(sentence)
        self.refused = refused


def ask(job: dict[str, Any], seconds: float, watch: Callable[[], None] | None = None) -> dict[str, Any]:
    """Do one job of `worker.py`.

    Args:
        job: "action" and what it needs.
        seconds: when to give up.
        watch: called five times a second until then.

    Raises:
        UnreachableError: no answer in time, or none for now.
        LoginError: the Hub wants a login, or another one.
        CheckpointError: the Hub refused, or what it has is not usable.
    """
    try:
        answer = json.loads(_converse(json.dumps({**job, "seconds": seconds}), seconds, watch or (lambda: None)))
    except subprocess.TimeoutExpired:
        raise UnreachableError("The Hub did not answer within {seconds} seconds.", seconds=f"{seconds:g}") from None
    except (OSError, ValueError):  # no cause: it may hold what was sent
        raise CheckpointError("The Hub could not be asked, for a reason of this computer's.") from None
    if "error" not in answer:
        return answer
    sentence = Sentence.from_parts(answer["error"])
    if answer["refused"]:
        raise LoginError(sentence, answer["refused"])
    raise (UnreachableError if answer["passing"] else CheckpointError)(sentence)


def _converse(text: str, seconds: float, watch: Callable[[], None]) -> str:
    """What the process answers. Raises TimeoutExpired, and the process is ended whatever happens."""
    command = [sys.executable, "-P", "-m", "styleprop.hub.worker"]
    given_up, sent, pipe = time.monotonic() + seconds, [text], subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=_environment()
    ) as process:
        try:
            while True:
                left = given_up - time.monotonic()
                try:
                    return process.communicate(sent.pop() if sent else None, timeout=min(left, WATCH_SECONDS))[0]
                except subprocess.TimeoutExpired:
                    if left <= WATCH_SECONDS:
                        raise
                    watch()
        finally:
            process.kill()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NEVER_PASSED}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, **ALWAYS_SET, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
