"""A fold in each tab: how it works, with the formula and a figure drawn from the shipped weights."""

import base64
from dataclasses import dataclass

import gradio as gr

from styleprop.assets import ASSETS
from styleprop.server.texts import say

FIGURES = ASSETS / "how"
KINDS = {".svg": "svg+xml", ".webp": "webp"}


@dataclass(frozen=True)
class How:
    """What a fold says.

    Attributes:
        explanation: what the networks of the tab do, in English.
        formulas: lines of HTML.
        figure: name of a file that `tools/make_figures.py` writes; or none.
        caption: what the figure shows, in English; also its text for those who cannot see it.
    """

    explanation: str
    formulas: tuple[str, ...]
    figure: str = ""
    caption: str = ""


RECONSTRUCT = How(
    explanation=(
        "The encoder E turns the picture into features at a half, a quarter and an eighth of its size; the smallest "
        "are the latent z. The mean μ and the deviation σ of every channel are the style code k. The decoder D "
        "makes a picture of the two again, and what it cannot is the error that you see here."
    ),
    formulas=(
        "z = E(x), &nbsp; k = (μ, σ)",
        "x̂ = D(z, k), &nbsp; PSNR = 10 log<sub>10</sub>(255² / <u>(x − x̂)²</u>)",
    ),
    figure="latent.webp",
    caption="A photo, the sixteen channels of its latent that vary most, and what the decoder makes of them.",
)
STYLE = How(
    explanation=(
        "Both pictures are encoded. Then the photo's latent is given the mean and deviation of the style's in every "
        "channel (AdaIN, Huang and Belongie 2017): it keeps what is where, and takes how it is painted. The strength s "
        "says how far it goes, the detail d how much of what the decoder lost comes back."
    ),
    formulas=(
        "z<sub>full</sub> = σ(z<sub>s</sub>) (z<sub>c</sub> − μ(z<sub>c</sub>)) / σ(z<sub>c</sub>) + μ(z<sub>s</sub>)",
        "z = z<sub>c</sub> + s (z<sub>full</sub> − z<sub>c</sub>), &nbsp; "
        "k = k<sub>c</sub> + s (k<sub>s</sub> − k<sub>c</sub>)",
        "y = D(z, k) + w (x − D(z<sub>c</sub>, k<sub>c</sub>)), &nbsp; w = 1 − s + s d",
    ),
    figure="moved.svg",
    caption=(
        "What AdaIN moves: each line is a channel of the latent, from the photo of the cat (sand) to the Great Wave "
        "(blue); across its mean, upwards its deviation."
    ),
)
CYCLEGAN = How(
    explanation=(
        "Two generators G and F, one for each way, learn from photos and paintings that do not belong together (Zhu "
        "et al. 2017). A discriminator J for each side says whether a picture could be a real one, and a picture that "
        "goes there and back must be itself again. Each generator is an autoencoder with learnt style codes; of 64, a "
        "photo gets the one of the nearest colours."
    ),
    formulas=(
        "G(x) = D(AdaIN(E(x), k<sub>G</sub>))",
        "L = (1 − J(G(x)))² + λ |F(G(x)) − x| + …",
    ),
    figure="round-trip.webp",
    caption="A photo, the photo as a Monet, and the Monet as a photo again: the round trip.",
)
VIDEO = How(
    explanation=(
        "All frames have one style code. The statistics μ and σ of the content follow slowly, and begin anew at a "
        "cut, so that nothing breathes. Optical flow w finds where each pixel was in the frame before; where the last "
        "painting, moved like that, still fits the clip by a weight m, it is blended into the next."
    ),
    formulas=(
        "k<sub>t</sub> = k(x<sub>t</sub>) + e<sup>−Δt/τ</sup> (k<sub>t−1</sub> − k(x<sub>t</sub>))",
        "y<sub>t</sub> = (1 − m) D(x<sub>t</sub>) + m y<sub>t−1</sub>(· + w)",
    ),
)
SOUND = How(
    explanation=(
        "The encoder E turns the spectrogram, decibels by time and pitch, into a latent z. What changes slowly in it, "
        "n in each channel and band of pitches, is mixed from both sounds and given the texture's mean and deviation "
        "(AdaIN); what changes fast is the texture's own. The decoder makes a spectrogram of it, each pitch gets the "
        "texture's distribution, and the phases are mixed by the strength and made to agree (Griffin and Lim 1984). At "
        "the end the loudness is led along that of your sound."
    ),
    formulas=(
        "n = (slow(z) − μ) / σ, &nbsp; m = ½ n<sub>c</sub> + √¾ n<sub>s</sub>",
        "z = μ<sub>s</sub> + σ<sub>s</sub> m / σ(m) + z<sub>s</sub> − slow(z<sub>s</sub>)",
    ),
)
FINE_TUNE = How(
    explanation=(
        "A copy of the weights θ goes on learning from your pictures, a few at a time, in a process of its own: by "
        "steps of the learning rate η down the loss L, for a kind of picture the mean squared error; its fine detail "
        "then goes by the principal components of what is still missed. Some pictures are held out: every few seconds "
        "the weights are judged on them, and the best so far are kept. Stop whenever you like."
    ),
    formulas=("θ ← θ − η ∇L(θ)", "L = <u>(x − x̂)²</u>"),
    figure="learning.svg",
    caption=(
        "Held-out pictures get closer while the autoencoder learns eighteen small paintings for a minute: PSNR in dB "
        "over seconds."
    ),
)


def build_how(how: How) -> None:
    """Lay out the fold inside the open `gr.Blocks`."""
    with gr.Accordion(say("How it works"), open=False, elem_classes="how"), gr.Row():
        with gr.Column(min_width=300):
            gr.HTML(f"<p>{say(how.explanation)}</p>", padding=False)
            gr.HTML("".join(f'<p class="formula">{line}</p>' for line in how.formulas), padding=False)
        if not how.figure:
            return
        with gr.Column(min_width=300):
            gr.HTML(f'<img src="{_data_url(how.figure)}" alt="{say(how.caption)}">', padding=False)
            gr.HTML(f'<p class="hint" aria-hidden="true">{say(how.caption)}</p>', padding=False)


def _data_url(name: str) -> str:
    path = FIGURES / name
    return f"data:image/{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
