"""What can be done with a visitor's own weights: use them in the other tabs, compare them, delete them."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop.checkpoints import DOMAIN_PREFIX
from styleprop.errors import TrainingError
from styleprop.server import outcome, uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, INFERENCE, UNREAD, WISHES
from styleprop.server.texts import say
from styleprop.server.tuned import NOTHING, Tuned
from styleprop.training.run_status import RunStatus
from styleprop.ui.fine_tune.parts import Banner, TuningResult
from styleprop.ui.fine_tune.view import thumbnail
from styleprop.ui.widgets.domains import OWN, domain_choices
from styleprop.ui.widgets.styles import BUILT_IN, MINE
from styleprop.ui.widgets.tiles import tile_rule

IN_USE = {
    "style": "Your own style is in use in Style transfer and Reconstruct.",
    "autoencoder": "Your own kind of picture is in use in Reconstruct.",
    "cyclegan": "Your own domain is in use in CycleGAN.",
}
TAB_OF = {"style": "style", "autoencoder": "reconstruct", "cyclegan": "cyclegan"}


def connect_use(tuned: Tuned, mine, result: TuningResult, banner: Banner, report, call: dict) -> None:
    """Attach the handlers of using and deleting weights.

    Args:
        tuned, mine, result, banner: whose weights, and what shows them.
        report, call: the handler that shows how a run stands, and its arguments.
    """
    desk = tuned.desk
    assert desk is not None
    form = banner.style
    tell = {"fn": teller(tuned, mine, result, banner), **told(mine, result, banner)}

    @plain_errors
    def use(mine):
        return {**mine, "used": not mine.get("used")}

    @plain_errors
    def go(values: dict):
        """Open the tab where the weights are used, with them chosen."""
        status = tuned.wished(values[mine])
        if status is None:
            return {banner.tabs: gr.skip()}
        found: dict[Any, Any] = {banner.tabs: gr.Tabs(selected=TAB_OF[status.job.job])}
        if status.job.job == "style":
            found |= {form.source: BUILT_IN, form.built_in: MINE, form.wishes: values[form.wishes] + 1}
        return found

    @plain_errors
    def delete(mine):
        desk.delete(mine["run"])
        return NOTHING

    used = gr.on([result.use.click, banner.back.click], use, [mine], [mine], **AT_ONCE).success(**tell)
    used.success(go, {mine, form.wishes}, [banner.tabs, form.source, form.built_in, form.wishes], **WISHES)
    result.delete.click(_asking, outputs=[result.delete, result.sure, result.keep], **AT_ONCE)
    result.keep.click(_not_asking, outputs=[result.delete, result.sure, result.keep], **AT_ONCE)
    deleted = result.sure.click(delete, [mine], [mine], **AT_ONCE)
    deleted.then(_not_asking, outputs=[result.delete, result.sure, result.keep], **AT_ONCE)
    deleted.success(report, **call)
    gr.on([form.shelf.taught, form.shelf.tiles.change], **tell)


def _asking():
    return gr.Button(visible=False), gr.Button(visible=True), gr.Button(visible=True)


def _not_asking():
    return gr.Button(visible=True), gr.Button(visible=False), gr.Button(visible=False)


def told(mine, result: TuningResult, banner: Banner) -> dict[str, Any]:
    """Inputs and outputs of what `teller` makes."""
    outputs = [banner.row, banner.text, result.use, banner.style.built_in, *([banner.domain] if banner.domain else [])]
    return {"inputs": {banner.style.built_in, *banner.style.shelf.inputs}, "outputs": outputs, **UNREAD}


def teller(tuned: Tuned, mine, result: TuningResult, banner: Banner):
    """Handler that fits the page to whether own weights are in use."""

    def tell(values: dict):
        status, domain = tuned.wished(values[mine]), tuned.has_domain(values[mine])
        own = status is not None and status.job.job == "style"
        words = say(IN_USE[status.job.job]) if status else ""
        found: dict[Any, Any] = {
            banner.row: gr.Row(visible=bool(words)),
            banner.text: f"<p>{words}</p>{_tile(status) if status and own else ''}",
            result.use: gr.Button(say("Use the base again" if words else "Use in the other tabs")),
        }
        choice = banner.style.built_in
        found[choice] = banner.style.shelf.offer(values, values[choice])
        if banner.domain:
            choices = domain_choices(tuned.models.domains, own=domain)
            found[banner.domain] = gr.Radio(choices=choices, value=OWN) if domain else gr.Radio(choices=choices)
        return found

    return tell


def _tile(status: RunStatus) -> str:
    """The rule that puts the first picture that the style was learnt from on its tile."""
    return f"<style>{tile_rule(MINE, thumbnail(Path(status.job.pictures[0])))}</style>"


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
    for example, button in result.examples:
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
