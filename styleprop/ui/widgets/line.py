"""What a visitor sees of a job that takes minutes: its place in the line, and a bar."""

from styleprop.config.words import counted
from styleprop.server.texts import say

WAITING = "Waiting: 1 training or clip is before yours.", "Waiting: {number} trainings or clips are before yours."


def waiting(place: int) -> str:
    """How many jobs are before one, in the visitor's language."""
    return say(counted(place, *WAITING)) if place else say("Starting…")


def bar(label: str, share: float) -> str:
    """HTML of a progress bar; `label` says of what, in the visitor's language, and `share` is done, 0 to 1."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    told = f'role="progressbar" aria-label="{label}" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100"'
    return f'<div class="bar" {told}><i style="width: {percent}%"></i></div>'
