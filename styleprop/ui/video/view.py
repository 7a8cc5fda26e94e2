"""What the Video tab says of a clip."""

import html

from styleprop.config.words import counted
from styleprop.errors import StylepropError
from styleprop.server.clips import ClipStatus
from styleprop.server.texts import say
from styleprop.ui.widgets.line import bar, waiting
from styleprop.video.clip import About

KNOWN = "{width} × {height} pixels, {rate}, {seconds} s."
RATE = "1 frame a second", "{number} frames a second"
UNKNOWN = "{width} × {height} pixels."  # of a camera's clip, which does not say how long it is
ENDED = {
    "done": "Done: {frames} in {span}.",
    "stopped": "Stopped: the clip ends after {frames}, painted in {span}.",
}
TOO_EARLY = "Stopped before there was a frame."


def clip_line(about: About) -> str:
    """HTML of the line below a clip."""
    known = {"width": about.width, "height": about.height}
    if about.seconds:
        rate, seconds = say(counted(float(about.rate), *RATE, ".4g")), f"{about.seconds:.1f}"
        return f'<p class="note">{say(KNOWN, rate=rate, seconds=seconds, **known)}</p>'
    return f'<p class="note">{say(UNKNOWN, **known)}</p>'


def problem_note(error: StylepropError) -> str:
    """HTML of that line where it is no clip."""
    return f'<p class="note problem" role="alert">{html.escape(say(error.sentence))}</p>'


def status_html(status: ClipStatus) -> str:
    """HTML of the line about a clip that is painted, with a bar meanwhile."""
    if status.state == "failed":
        return f'<p class="status problem" role="alert">{html.escape(say(status.sentence))}</p>'
    is_under_way = status.state == "running" and status.total > 0
    shown = bar(say("Painting"), status.frame / status.total) if is_under_way else ""
    return f'<div class="status" role="status"><p>{html.escape(_sentence(status))}</p>{shown}</div>'


def _sentence(status: ClipStatus) -> str:
    if status.state == "queued" or (status.state == "running" and not status.frame):
        return waiting(status.place)
    if status.state == "running":
        return _under_way(status)
    if status.file is None:
        return say(TOO_EARLY)
    frames = say(counted(status.frame, "1 frame", "{number} frames"))
    done = say(ENDED[status.state], frames=frames, span=_span(status.seconds))
    return f"{done} {say(status.sentence)}" if status.sentence else done


def _under_way(status: ClipStatus) -> str:
    total = max(status.total, status.frame)
    if not status.total or status.seconds_left is None:
        return say("Frame {frame}.", frame=status.frame)
    left = _span(status.seconds_left)
    return say("Frame {frame} of {total}, about {span} left.", frame=status.frame, total=total, span=left)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
