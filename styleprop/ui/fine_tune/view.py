"""What the fine-tune tab shows of a run: a line, the curves, the gain, the archive."""

import html
import io
import math
import zipfile
from pathlib import Path
from typing import Any

from styleprop import images
from styleprop.server.texts import say
from styleprop.training.run_status import FINISHED, RunStatus
from styleprop.ui.widgets.line import bar, waiting

TRAINING, HELD_OUT = "training", "held out"
CURVE_COLORS = {TRAINING: "#b9a88a", HELD_OUT: "#5c6be2"}
X_TITLE, Y_TITLE = "step", "loss, relative to the start"
SMOOTHING = 0.8
POINTS = 200
THUMBNAIL_SIDE = 160
ENDED = {
    "stopped": "Stopped at step {steps}, after {seconds} s.",
    "done": "Done at step {steps}, after {seconds} s.",
}
KEPT = "The best weights are kept."
LOADING, MEASURING = "Starting: the networks are loading…", "Starting: measuring what there is to gain…"
TOO_EARLY = "Stopped before there was anything to keep."
CLOSER = "Closer to your style than before by {percent} %."
CLOSER_SET = "Closer to your paintings than before by {percent} %."
EXACT = "Your pictures are rebuilt more exactly, by {gained} dB."
HARDLY = "Hardly better than before yet: more time may show."
BALANCED = "Better in style and content together than before."
EMPTY = "Add pictures and press Start: the best weights so far are kept at any time, whatever comes after."


def status_html(status: RunStatus | None) -> str:
    """One line about a run, with a progress bar while it is under way."""
    if status is None:
        return f'<p class="status" role="status">{say(EMPTY)}</p>'
    if status.state == "failed":
        return f'<p class="note problem" role="alert">{html.escape(f"{say(status.sentence)} {gain(status)[0]}")}</p>'
    bar = _bar(status) if status.state == "running" else ""
    figures = gain(status)[1]
    fold = f"<details><summary>{say('Figures')}</summary>{html.escape(figures)}</details>" if figures else ""
    return f'<div class="status" role="status"><p>{html.escape(_sentence(status))}</p>{bar}{fold}</div>'


def _sentence(status: RunStatus) -> str:
    if status.state == "queued":
        return waiting(status.place)
    if status.state == "stopped" and not status.best:
        return say(TOO_EARLY)
    if not any(report["scores"] or report["losses"] for report in status.reports):
        return say(LOADING if status.preview is None else MEASURING)
    steps = status.reports[-1]["step"]
    if status.state == "running":
        left = say("Step {steps}, about {seconds} s left.", steps=steps, seconds=f"{seconds_left(status):.0f}")
        return f"{left} {gain(status)[0]}"
    seconds = f"{status.reports[-1]['seconds']:.0f}"
    done = say(ENDED["stopped" if status.state == "stopped" else "done"], steps=steps, seconds=seconds)
    kept = f" {say(KEPT)}" if status.is_better else ""
    return f"{done}{kept} {gain(status)[0]}"


def _bar(status: RunStatus) -> str:
    done = status.job.seconds - seconds_left(status) if status.reports else 0
    return bar(say("Training"), done / status.job.seconds)


def seconds_left(status: RunStatus) -> float:
    """Of the budget, going by the last report."""
    spent = status.reports[-1]["seconds"] - status.spent if status.reports else 0.0
    return max(0.0, status.job.seconds - spent)


def gain(status: RunStatus) -> tuple[str, str]:
    """What the best weights so far are better in, on the held-out pictures: a plain sentence, and the figures.

    Both are "" before there is anything to compare.
    """
    if not status.best:
        return "", ""
    base, best = status.best["base"], status.best["best"]
    if best == base:
        ended = status.state in FINISHED
        return say("Nothing was better than the start: try another learning rate or more time.") if ended else "", ""
    if status.job.job == "autoencoder":
        change = f"{base['psnr_db']:.1f} → {best['psnr_db']:.1f}"
        gained = f"{best['psnr_db'] - base['psnr_db']:.1f}"
        said = say(HARDLY) if gained == "0.0" else say(EXACT, gained=gained)
        return said, say("Held-out pictures: {change} dB PSNR.", change=change)
    if status.job.job == "cyclegan":
        before, after = base["frechet_ratio"], best["frechet_ratio"]
        figures = say("Distance to your paintings: {change}.", change=_change(before, after))
        return _closer(CLOSER_SET, before, after), figures
    style, content = (_change(base[name], best[name]) for name in ("style", "content"))
    figures = say("Held-out photos: style distance {style}, content distance {content}.", style=style, content=content)
    is_closer = best["style"] < base["style"]
    return _closer(CLOSER, base["style"], best["style"]) if is_closer else say(BALANCED), figures


def _closer(sentence: str, before: float, after: float) -> str:
    percent = f"{100 * (1 - after / before):.0f}"
    return say(HARDLY) if percent == "0" else say(sentence, percent=percent)


def _change(before: float, after: float) -> str:
    return f"{before:.3g} → {after:.3g} ({after / before - 1:+.0%})"


def curves(status: RunStatus):
    """A data frame with the columns step, loss (relative to the first) and of (training or held out)."""
    import pandas

    rows = [*_training_rows(status.reports), *_held_out_rows(status)]
    return pandas.DataFrame(rows, columns=["step", "loss", "of"])


def _training_rows(reports: list[dict[str, Any]]) -> list[tuple]:
    """A running mean, as single batches differ more than the training moves; thinned to what a curve can show."""
    rows: list[tuple] = []
    mean = first = None
    for report in reports:
        value = report["losses"].get("loss", report["losses"].get("style"))
        if value is None or not math.isfinite(value):
            continue
        mean = value if mean is None else SMOOTHING * mean + (1 - SMOOTHING) * value
        first = first or mean
        rows.append((report["step"], mean / first, TRAINING))
    return rows[:: len(rows) // POINTS + 1]


def _held_out_rows(status: RunStatus) -> list[tuple]:
    scored = [(report["step"], report["scores"]) for report in status.reports if report["scores"]]
    values = [(step, _positive_loss(status.job.job, scores)) for step, scores in scored]
    return [(step, value / values[0][1], HELD_OUT) for step, value in values if math.isfinite(value)]


def _positive_loss(job: str, scores: dict[str, float]) -> float:
    """The held-out loss on a scale with a zero: for an autoencoder the mean squared error instead of the PSNR."""
    return 10 ** (-scores["psnr_db"] / 10) if job == "autoencoder" else scores["loss"]


def thumbnail(path: Path):
    """A small uint8 copy of a picture. Raises ImageError."""
    return images.fit_within(images.load(path).image, THUMBNAIL_SIDE)


def archive(folder: Path) -> bytes:
    """A zip of a checkpoint's folder: config, weights, card, hashes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(folder.iterdir()):
            made.write(path, path.name)
    return stream.getvalue()
