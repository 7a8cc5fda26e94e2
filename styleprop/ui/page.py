"""The page: a header that says how far the models are, the tabs, the HTTP calls, and a fold with credits."""

import html

import gradio as gr

from styleprop.server.calls import Page, add_calls
from styleprop.server.clips import Clips
from styleprop.server.guard import guard_all
from styleprop.server.live import Live
from styleprop.server.models import Status
from styleprop.server.queues import AT_ONCE, INFERENCE, UNREAD, is_under_way
from styleprop.server.sounds import Sounds
from styleprop.server.texts import say
from styleprop.server.tuned import NOTHING, Tuned
from styleprop.server.waiting import limit_waiting
from styleprop.styles import BuiltInStyle
from styleprop.ui import how
from styleprop.ui.about import build_about
from styleprop.ui.cyclegan.tab import build_cyclegan_tab
from styleprop.ui.fine_tune.parts import UNDER_WAY_CHIP, Banner
from styleprop.ui.fine_tune.tab import build_tuning_tab
from styleprop.ui.how import build_how
from styleprop.ui.reconstruct.tab import build_reconstruct_tab
from styleprop.ui.sound.tab import build_sound_tab
from styleprop.ui.style.events import Context
from styleprop.ui.style.tab import build_style_tab
from styleprop.ui.video.events import CLIP_CHIP, Owner
from styleprop.ui.video.tab import build_video_tab
from styleprop.ui.widgets.domains import domain_choices
from styleprop.ui.widgets.styles import Shelf, StyleChoice
from styleprop.ui.widgets.visit import Visit

TITLE = "styleprop"
PURPOSE = "Restyle a photo with a painting or a whole school of them, or see what an autoencoder keeps of it."
SWEEP_SECONDS, KEEP_SECONDS = 600, 3600


def build_page(tuned: Tuned, styles: list[BuiltInStyle], clips: Clips | None, live: Live | None = None) -> gr.Blocks:
    """Build the page; it does not wait for the models.

    Args:
        tuned: opens the weights that a visitor uses: those of the `Models` that load behind the page, or their own.
        styles: the built-in styles to offer.
        clips: paints visitors' clips; None for no tab Video.
        live: paints their cameras; or None.
    """
    models, sounds = tuned.models, Sounds(tuned.models)
    page = Page(title=TITLE, analytics_enabled=False, delete_cache=(SWEEP_SECONDS, KEEP_SECONDS), fill_width=False)
    with page:
        add_calls(models, sounds)  # first: an event's public name is taken from the first that asks for it
        with gr.Row(elem_classes="masthead"):
            gr.HTML(f"<h1>{TITLE}</h1><p>{say(PURPOSE)}</p>", padding=False)
            chip = gr.Button(say(UNDER_WAY_CHIP), visible=False, size="sm", elem_classes="chip")
            clip_chip = gr.Button(say(CLIP_CHIP), visible=False, size="sm", elem_classes="chip")
            status = gr.HTML(_pill(models.status), padding=False)
        mine = gr.BrowserState(NOTHING, storage_key="styleprop-fine-tune")
        shelf = Shelf(tuned, mine, styles)
        context, owner = Context(shelf, Visit()), Owner(shelf, clip_chip, gr.Timer(1.0, active=False))
        with gr.Row(visible=False, elem_classes="banner") as row:
            text = gr.HTML(padding=False)
            back = gr.Button(say("Use the base again"), size="sm", min_width=140, scale=0)
        with gr.Tabs() as tabs:
            with gr.Tab(say("Style transfer"), id="style") as style_tab:
                form = build_style_tab(context, style_tab, page.load)
                build_how(how.STYLE)
            with gr.Tab(say("Reconstruct"), id="reconstruct") as tab:
                build_reconstruct_tab(tuned, mine, context.visit, tab)
                build_how(how.RECONSTRUCT)
            with gr.Tab(say("CycleGAN"), id="cyclegan") as tab:
                domain = build_cyclegan_tab(tuned, mine, context.visit, tab, page.load)
                build_how(how.CYCLEGAN)
            if clips is not None:
                with gr.Tab(say("Video"), id="video") as tab:
                    build_video_tab(owner, clips, live, tab, page.load)
                    build_how(how.VIDEO)
                clip_chip.click(lambda: gr.Tabs(selected="video"), outputs=[tabs], **AT_ONCE)
            with gr.Tab(say("Sound"), id="sound"):
                build_sound_tab(sounds)
                build_how(how.SOUND)
            with gr.Tab(say("Fine-tune"), id="fine-tune") as tab:
                choice = StyleChoice(form.source, form.built_in, form.wishes, shelf)
                banner = Banner(row, text, back, domain, choice, tabs, chip)
                build_tuning_tab(tuned, mine, banner, page, tab)
                build_how(how.FINE_TUNE)
        build_about(lambda: shelf.offered)
        _watch_status(page, shelf, status, form.built_in)
        if domain and models.domains.source:
            _watch_domains(page, tuned, mine, domain)
    guard_all(page)
    page.queue(api_open=False, max_size=64)
    limit_waiting(page)
    if clips is not None:
        clips.is_busy = lambda: is_under_way(page, INFERENCE)
    return page


def _watch_status(page: gr.Blocks, shelf: Shelf, status: gr.HTML, choice: gr.Radio) -> None:
    """Ask every second until the models are there; offer the styles that the loaded checkpoint really has."""
    timer, models = gr.Timer(1.0), shelf.tuned.models
    offered = [style.name for style in shelf.styles]

    def report(values: dict):
        now = models.status
        is_true = now.state != "ready" or list(models.wait().styles) == offered
        offer = gr.skip() if is_true else shelf.offer(values, values[choice])
        return {status: _pill(now), timer: gr.Timer(active=not now.settled), choice: offer}

    gr.on([page.load, timer.tick], report, {choice, *shelf.inputs}, [status, timer, choice], **UNREAD)


def _watch_domains(page: gr.Blocks, tuned: Tuned, mine: gr.BrowserState, choice: gr.Radio) -> None:
    """Offer the domains of the Hub once its registry has been read."""
    models, timer = tuned.models, gr.Timer(1.0)

    def offer(kept):
        choices = domain_choices(models.domains, tuned.has_domain(kept))
        offered = gr.Radio(choices=choices) if models.domains.remote else gr.skip()
        return offered, gr.Timer(active=not models.status.settled)

    page.load(offer, [mine], [choice, timer], **AT_ONCE)
    timer.tick(offer, [mine], [choice, timer], **AT_ONCE)


def _pill(status: Status) -> str:
    return f'<p class="pill {status.state}" role="status">{html.escape(say(status.sentence), quote=False)}</p>'
