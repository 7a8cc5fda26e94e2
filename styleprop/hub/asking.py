"""Ask the Hub, in a process of its own that is ended when its time is up.

A server that hangs, drips or never closes cannot hold the caller longer than the budget. The process has no token in
its environment; the one of a push goes through its standard input.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from styleprop.errors import CheckpointError

ROOT = Path(__file__).resolve().parent.parent.parent
STEP_SECONDS = 5
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


def ask(job: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Do one job of `worker.py`.

    Args:
        job: "action" and what it needs.
        seconds: when to give up.

    Raises:
        UnreachableError: no answer in time, or none for now.
        CheckpointError: the Hub refused, or what it has is not usable.
    """
    command = [sys.executable, "-P", "-m", "styleprop.hub.worker"]
    text = json.dumps({**job, "seconds": seconds})
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=seconds, env=_environment(), check=False
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise UnreachableError(f"The Hub did not answer within {seconds:g} seconds.") from None
    except (OSError, ValueError):  # no cause: it may hold what was sent
        raise CheckpointError("The Hub could not be asked, for a reason of this computer's.") from None
    if "error" in answer:
        raise (UnreachableError if answer["passing"] else CheckpointError)(answer["error"])
    return answer


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NEVER_PASSED}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, **ALWAYS_SET, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
