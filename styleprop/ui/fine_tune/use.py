"""What can be done with a visitor's own weights: use them in the other tabs, compare them, delete them."""

import html
from typing import Any

import gradio as gr

from styleprop.checkpoints import DOMAIN_PREFIX
from styleprop.errors import TrainingError
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, INFERENCE
from styleprop.server.texts import say
from styleprop.server.tuned import NOTHING, Tuned
from styleprop.training.run_status import RunStatus
from styleprop.ui.fine_tune.parts import Banner, TuningResult
from styleprop.ui.widgets.domains import OWN, domain_choices
from styleprop.ui.widgets.examples import PHOTOS

IN_USE = {
    "style": "Your own style is in use in Style transfer and Reconstruct.",
    "autoencoder": "Your own kind of picture is in use in Reconstruct.",
    "cyclegan": "Your own domain is in use in CycleGAN.",
}


def connect_use(tuned: Tuned, mine, result: TuningResult, banner: Banner, in_use: list, report, call: dict) -> None:
    """Attach the handlers of using and deleting weights; `in_use` are what `teller` fits to it."""
    desk = tuned.desk
    assert desk is not None
    tell = teller(tuned, banner)

    @plain_errors
    def use(mine):
        return {**mine, "used": not mine.get("used")}

    @plain_errors
    def delete(mine):
        desk.delete(mine["run"])
        return NOTHING

    gr.on([result.use.click, banner.back.click], use, [mine], [mine], **AT_ONCE).success(
        tell, [mine], in_use, **AT_ONCE
    )
    result.delete.click(delete, [mine], [mine], **AT_ONCE).success(report, **call)
    mine.change(tell, [mine], in_use, **AT_ONCE)


def teller(tuned: Tuned, banner: Banner):
    """Handler that fits the page to whether own weights are in use."""

    def tell(mine: Any):
        status, domain = tuned.wished(mine), tuned.has_domain(mine)
        words = say(IN_USE[status.job.job]) if status else ""
        values = [gr.Row(visible=bool(words)), f"<p>{words}</p>"]
        values.append(gr.Button(say("Use the base again" if words else "Use in the other tabs")))
        if banner.domain:
            choices = domain_choices(tuned.models.domains, own=domain)
            values.append(gr.Radio(choices=choices, value=OWN) if domain else gr.Radio(choices=choices))
        return values

    return tell


def connect_compare(tuned: Tuned, mine, result: TuningResult) -> None:
    """Attach the handlers of the comparison with the base."""

    @plain_errors
    def compare(mine: Any, payload: Any):
        status = tuned.status(mine)
        if status is None or status.checkpoint is None:
            raise TrainingError("There are no weights of yours to compare.")
        picture = uploads.open_picture(payload)
        base, own, sentence = compare_on(tuned, status, picture)
        pair = (outcome.preview(base.array, base.alpha), outcome.preview(own.array, own.alpha))
        return pair, f'<p class="status">{html.escape(sentence)}</p>'

    call: dict[str, Any] = {"inputs": [mine, result.image], "outputs": [result.slider, result.status], **INFERENCE}
    result.compare.click(compare, show_progress_on=result.slider, **call)
    for example, button in zip(PHOTOS, result.examples, strict=True):
        filled = button.click(lambda path=example.path: uploads.copy_in(path), outputs=[result.image], **AT_ONCE)
        filled.then(compare, show_progress_on=result.slider, **call)


def compare_on(tuned: Tuned, status: RunStatus, picture) -> tuple[Any, Any, str]:
    """What the base and a run's weights make of a picture, and a sentence."""
    base = tuned.models.wait()
    if status.job.job == "cyclegan":
        start = status.best["start"]
        domain = start.removeprefix(DOMAIN_PREFIX) if start.startswith(DOMAIN_PREFIX) else str(status.checkpoint)
        pair = (base.paint_domain(picture, source).preview for source in (domain, str(status.checkpoint)))
        return *pair, say("Left: {domain}, where it started. Right: yours.", domain=domain)
    own = tuned.open(status)
    if status.job.job == "autoencoder":
        before, after = base.reconstruct(picture), own.reconstruct(picture)
        sentence = "Left: the base, {before} dB PSNR. Right: yours, {after} dB."
        return before, after, say(sentence, before=f"{before.psnr_db:.1f}", after=f"{after.psnr_db:.1f}")
    styles = [(path, 1.0) for path in status.job.pictures[:4]]
    return (
        base.paint(picture, styles).preview,
        own.paint(picture, styles).preview,
        say("Left: restyled by the base. Right: by yours."),
    )
