"""What happens in the fine-tune tab when something is uploaded, clicked, or the second is over."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop.config.words import counted
from styleprop.data import example_photos
from styleprop.errors import ImageError, TrainingError
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.once import OncePerPage
from styleprop.server.queues import AT_ONCE, CHECKS, LOOKS
from styleprop.server.texts import say
from styleprop.server.tuned import NOTHING, Tuned
from styleprop.training.job import FineTuning, check_amount, choose_pictures, choose_readable
from styleprop.training.run_status import FINISHED, RunStatus
from styleprop.ui.fine_tune.parts import Banner, TuningForm, TuningResult, TuningView
from styleprop.ui.fine_tune.use import connect_compare, connect_use, teller, told
from styleprop.ui.fine_tune.view import CURVE_COLORS, X_TITLE, Y_TITLE, archive, curves, status_html, thumbnail
from styleprop.ui.widgets.visit import returning

HINTS = {
    "style": "The decoder learns one or a few style pictures by heart, so that it restyles with them more closely.",
    "autoencoder": "The autoencoder learns to rebuild one kind of picture more exactly: drawings, screenshots, faces.",
    "cyclegan": "A CycleGAN learns a whole set of paintings, 20 or more of one hand, from the nearest built-in domain.",
}
BUDGETS = {"style": 60, "autoencoder": 60, "cyclegan": 300}
UNDER_WAY = "Your training is still under way: stop it first."
ONE_ONLY = "From one picture a style can be learnt, but a kind of picture needs more, and a domain many."
STOP_SECONDS = 1.5


def connect(
    tuned: Tuned,
    mine: gr.BrowserState,
    form: TuningForm,
    view: TuningView,
    result: TuningResult,
    banner: Banner,
    page: gr.Blocks,
    tab: gr.Tab,
) -> None:
    """Attach all handlers of the tab."""
    assert tuned.desk is not None
    _connect_form(form)
    gr.on([tab.select, form.job.change, form.pictures.upload], tuned.desk.prepare, **AT_ONCE)
    report = _reporter(tuned, mine, view, result, banner)
    call = {"inputs": {mine, view.seen}, "outputs": list(_idle(view, result, banner)), **AT_ONCE}
    _connect_run(tuned, mine, form, view, report, call)
    connect_use(tuned, mine, result, banner, report, call)
    banner.chip.click(lambda: gr.Tabs(selected="fine-tune"), outputs=[banner.tabs], **AT_ONCE)
    attached = returning(page.load, [mine])(_attach(tuned), [mine], [mine, view.seen], **AT_ONCE)
    attached.then(report, **call).then(teller(tuned, mine, result, banner), **told(mine, result, banner))
    connect_compare(tuned, mine, result)


def _connect_form(form: TuningForm) -> None:
    def choose(job: str):
        return f'<p class="hint">{say(HINTS[job]) if job in HINTS else ""}</p>', BUDGETS.get(job, 60)

    form.job.change(choose, [form.job], [form.hint, form.seconds], **AT_ONCE)
    form.hint.value = choose("style")[0]

    @plain_errors
    def look(job: str, payload: Any):
        kept, problem, pictures = _look_at(payload)
        note = _note(job, pictures, problem)
        return _left(kept, problem), note, gr.Gallery(pictures or None, visible=bool(pictures))

    @plain_errors
    def look_at_photos(payload: Any):
        kept, problem, pictures = _look_at(payload)
        return _left(kept, problem), _note("", pictures, problem)

    files, photos = form.pictures, form.photos
    outputs = [files, form.note, form.thumbnails]
    gr.on([files.upload, files.delete, files.clear], look, [form.job, files], outputs, **LOOKS)
    gr.on([photos.upload, photos.delete, photos.clear], look_at_photos, [photos], [photos, form.photo_note], **LOOKS)


def _left(kept: list[str] | None, problem: str) -> Any:
    """What the input is to hold: where nothing was left out it stays, as more may have been added meanwhile."""
    return kept if problem else gr.skip()


def _look_at(payload: Any) -> tuple[list[str] | None, str, list]:
    """The files that can be learnt from, a sentence about the others, and thumbnails of the first eighteen."""
    paths = uploads.checked_files(payload)
    try:
        check_amount(paths)
    except TrainingError as error:
        return None, say(error.sentence), []
    kept, problems, pictures = [], [], []
    for path in paths:
        try:
            pictures.append(thumbnail(path))
            kept.append(str(path))
        except ImageError as error:
            problems.append(_left_out(path, error))
    return kept or None, " ".join(problems), pictures


def _left_out(path: Path, error: ImageError) -> str:
    return say("{name} was left out: {reason}", name=repr(path.name), reason=say(error.sentence))


def _warn(path: Path, error: ImageError) -> None:
    gr.Warning(html.escape(_left_out(path, error), quote=False))


def _note(job: str, pictures: list, problem: str) -> str:
    number = len(pictures)
    count = say(counted(number, "1 picture.", "{number} pictures.")) if number else ""
    if number == 1 and job and job != "style":
        count = f"{count} {say(ONE_ONLY)}"
    alert = f'<p class="note problem" role="alert">{html.escape(problem)}</p>' if problem else ""
    return f'<p class="note">{count}</p>{alert}'


def _connect_run(tuned: Tuned, mine, form: TuningForm, view: TuningView, report, call: dict) -> None:
    desk = tuned.desk
    assert desk is not None
    once = OncePerPage(lambda run: _is_under_way(tuned.status({"run": run})))

    @plain_errors
    def start(mine, job, pictures, photos, seconds, loss, optimizer, rate):
        if _is_under_way(tuned.status(mine)):
            raise TrainingError(UNDER_WAY)
        paths = choose_pictures(job, uploads.checked_files(pictures), _warn)
        content = choose_readable(uploads.checked_files(photos), _warn) or tuple(example_photos())
        from_here = "" if job == "cyclegan" else str(tuned.models.wait().checkpoint.folder)
        settings = {"seconds": float(seconds), "loss": loss, "optimizer": optimizer, "learning_rate": rate or None}
        training = FineTuning(job, paths, content, start=from_here, **settings)
        return {"run": once.start(lambda: desk.submit(training)), "used": False}, ""

    @plain_errors
    def stop(mine):
        desk.stop(mine["run"])
        return gr.Button(say("Stopping…"), interactive=False)

    @plain_errors
    def report_end(values: dict):
        desk.wait(values[mine]["run"], STOP_SECONDS)  # the timer would be up to a second late
        return report(values)

    @plain_errors
    def resume(mine, seconds):
        desk.resume(mine["run"], float(seconds))
        return ""

    asked = [mine, form.job, form.pictures, form.photos, form.seconds, form.loss, form.optimizer, form.rate]
    view.start.click(start, asked, [mine, view.seen], **CHECKS).success(report, **call)
    view.stop.click(stop, [mine], [view.stop], **AT_ONCE).success(report_end, **call)
    view.resume.click(resume, [mine, form.seconds], [view.seen], **AT_ONCE).success(report, **call)
    view.timer.tick(report, **call)


def _is_under_way(status: RunStatus | None) -> bool:
    return status is not None and status.state not in FINISHED


def _reporter(tuned: Tuned, mine: gr.BrowserState, view: TuningView, result: TuningResult, banner: Banner):
    """Handler that shows how the visitor's run stands; what has not changed since `seen` is left as it is."""

    @plain_errors
    def report(values: dict):
        status = tuned.status(values[mine])
        if status is None:
            return _idle(view, result, banner)
        ended, kept = status.state in FINISHED, status.checkpoint is not None
        now = f"{values[mine]['run']} {status.state} {len(status.reports)}"
        is_news = now != values[view.seen]
        found: dict[Any, Any] = {
            view.seen: now,
            view.timer: gr.Timer(active=not ended),
            view.status: status_html(status),
            view.start: gr.Button(say("Start anew" if ended else "Start"), interactive=ended, variant="secondary"),
            view.stop: _stop_button(ended, known=not is_news),
            view.resume: gr.Button(visible=ended and kept),
            result.panel: gr.Column(visible=ended and status.is_better),
            banner.chip: gr.Button(visible=not ended),
        }
        if is_news:
            found |= {view.preview: _preview(status), view.captions: gr.Row(visible=status.preview is not None)}
            found |= {view.plot: _plot(status)}
        if not ended:
            found[result.download] = gr.DownloadButton(interactive=False)
        elif is_news and kept:
            found[result.download] = gr.DownloadButton(value=_zip(status), interactive=True)
        return found

    return report


def _stop_button(ended: bool, known: bool) -> gr.Button:
    return gr.Button(visible=not ended) if known else gr.Button(say("Stop"), visible=not ended, interactive=True)


def _idle(view: TuningView, result: TuningResult, banner: Banner) -> dict[Any, Any]:
    return {
        view.seen: "",
        view.timer: gr.update(active=False),
        view.status: status_html(None),
        view.start: gr.update(value=say("Start"), interactive=True, variant="primary"),
        view.stop: gr.update(visible=False),
        view.resume: gr.update(visible=False),
        view.preview: gr.update(value=None, visible=False),
        view.captions: gr.update(visible=False),
        view.plot: gr.update(visible="hidden"),
        result.panel: gr.update(visible=False),
        result.download: gr.update(value=None, interactive=False),
        banner.chip: gr.update(visible=False),
    }


def _preview(status: RunStatus):
    made = uploads.copy_result(status.preview) if status.preview else None
    return gr.Image(value=made, visible=made is not None)


def _plot(status: RunStatus):
    data = curves(status)
    words: dict[str, Any] = {"x_title": say(X_TITLE), "y_title": say(Y_TITLE)}
    words["color_map"] = {say(name): color for name, color in CURVE_COLORS.items()}
    return gr.LinePlot(data.assign(of=data["of"].map(say)), visible=True if len(data) > 1 else "hidden", **words)


def _zip(status: RunStatus) -> str:
    assert status.checkpoint is not None
    return uploads.write_result(archive(status.checkpoint), f"styleprop-{status.job.job}.zip")


def _attach(tuned: Tuned):
    """Handler of the page's load: a run that the browser remembers is shown again, or forgotten where it is gone."""

    def attach(mine: Any):
        is_true = mine == NOTHING or tuned.status(mine) is not None
        return (gr.skip() if is_true else NOTHING), ""

    return attach
