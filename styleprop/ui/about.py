"""The fold at the foot of the page: what this is, what happens to pictures, models, limits, and who made what."""

import re
from collections.abc import Callable, Iterable, Mapping

import gradio as gr

from styleprop import __version__
from styleprop.checkpoints import EMBEDDED
from styleprop.server.queues import AT_ONCE
from styleprop.server.texts import say
from styleprop.styles import BuiltInStyle
from styleprop.ui.widgets.tiles import EXAMPLES

ABOUT = (
    "It encodes a picture with an autoencoder, carries the statistics of a style through the latent, and decodes it "
    "again. Everything runs on the computer that serves this page. Pictures are kept in a private folder there, are "
    "not used for anything else, and are deleted after about an hour. A downloaded PNG holds the settings that made "
    "it, and dropping it here restores them. All tabs can be called over HTTP: see *Use via API* below."
)
MODELS = (
    "An autoencoder for styles and reconstructions, a CycleGAN for each domain, and a small network that judges "
    "fine-tunes. They were trained on photos of public research sets (ImageNet, BSDS500, PACS, Caltech-101, SUN and a "
    "weather set) and on paintings of WikiArt. Program and weights have the MIT licence; the judging network is a "
    "student of VGG16 and has CC BY 4.0. Rights in many of the training photos stay with their makers; none is here."
)
LIMITS = (
    "Styles are statistics: colours and textures are taken, shapes and the place of things are not. The CycleGANs know "
    "landscapes best, and turn a painting into a photo in light and colour only. A fine-tune of a minute is not always "
    "better than the base: compare before you keep it."
)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def build_about(offered: Callable[[], Mapping[str, BuiltInStyle]]) -> None:
    """Lay out the fold inside the open `gr.Blocks`; `offered` gives the built-in styles by name."""
    with gr.Accordion(say("About, limits and credits"), open=False, elem_classes="about") as about:
        _section(f"styleprop {__version__}", ABOUT)
        _section("Models, data and licences", MODELS)
        _section("Limits", LIMITS)
        with gr.Accordion(say("Model cards: data, commands, hours and scores"), open=False) as fold:
            cards = gr.Markdown()
        fold.expand(model_cards, outputs=[cards], **AT_ONCE)
        _section("Example photos")
        gr.Markdown((EXAMPLES / "CREDITS.md").read_text(encoding="utf-8").partition("\n\n")[2])
        _section("Built-in styles")
        credits_ = gr.Markdown()
    about.expand(lambda: _credits(offered().values()), outputs=[credits_], **AT_ONCE)


def model_cards() -> str:
    """The cards of the embedded checkpoints, one below the other; they are in English."""
    cards = [path.read_text(encoding="utf-8") for path in sorted(EMBEDDED.glob("*/README.md"))]
    return "\n\n---\n\n".join(FRONT_MATTER.sub("", card).strip().replace("# ", "### ", 1) for card in cards)


def _credits(styles: Iterable[BuiltInStyle]) -> str:
    return "\n".join(f"- {_plain(style.title)} — {_plain(style.credit)}" for style in styles)


def _section(title: str, text: str = "") -> None:
    gr.HTML(f"<h3>{say(title)}</h3>", padding=False)
    if text:
        gr.Markdown(say(text))


def _plain(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#" else letter for letter in text)
