"""The figures of a reconstruction, in numbers and in plain words."""

import math

import numpy as np

from styleprop import images
from styleprop.server.texts import say

TILE_PIXELS = 192
BUSY_SHARE = 0.1
VERDICTS = (
    (40.0, "Side by side you would hardly find a difference."),
    (32.0, "It looks the same at first sight; fine texture is a little softer."),
    (26.0, "Shapes and colours are kept; fine texture and small print are softened."),
    (-math.inf, "The large shapes are kept; much of the fine detail is lost."),
)


def figures(result, config) -> str:
    """HTML with PSNR, SSIM and the latent's size against the picture's.

    Args:
        result: a `Reconstruction`.
        config: the `AutoencoderConfig` of the network that made it.
    """
    height, width = result.array.shape[:2]
    steps = config.multiple // config.stride
    rows, columns = (-(-side // config.multiple) * steps for side in (height, width))
    channels = result.latent.shape[2]
    kept, given = rows * columns * channels, 3 * height * width
    cards = [
        (
            "PSNR",
            "∞" if math.isinf(result.psnr_db) else f"{result.psnr_db:.1f} dB",
            say("higher is closer; 40 is very close"),
        ),
        ("SSIM", f"{result.ssim:.3f}", say("structure kept; 1 is the same")),
        (
            say("Latent"),
            f"{kept / given:.2f} ×",
            say(
                "as many numbers: {latent} against {picture}",
                latent=f"{columns} × {rows} × {channels}",
                picture=f"{width} × {height} × 3",
            ),
        ),
    ]
    return '<div class="cards">' + "".join(_card(*card) for card in cards) + "</div>"


def _card(name: str, value: str, meaning: str) -> str:
    return f'<div class="card"><span>{name}</span><b>{value}</b><small>{meaning}</small></div>'


def lost_sentence(image: np.ndarray, result) -> str:
    """HTML that says what was lost, and where."""
    verdict = say(next(text for limit, text in VERDICTS if result.psnr_db >= limit))
    share = busy_error_share(image, result.array)
    where = "Of the squared error, {share} lies in the busiest tenth of the picture: edges and texture."
    return f'<p class="lost">{verdict} {say(where, share=f"{share:.0%}") if share else ""}</p>'


def busy_error_share(image: np.ndarray, other: np.ndarray) -> float:
    """The share of the squared error that falls on the tenth of the pixels with the strongest gradient, 0..1."""
    small = images.fit_within(image, 1024)
    error = np.square(small.astype(np.float32) - images.fit_within(other, 1024)).sum(axis=2)
    rise = np.add(*(np.abs(part) for part in np.gradient(small.mean(axis=2))))
    total = float(error.sum())
    return float(error[rise >= np.quantile(rise, 1 - BUSY_SHARE)].sum()) / total if total else 0.0


def channel_tiles(result) -> list[tuple[np.ndarray, str]]:
    """Pictures of the 16 strongest latent channels, with captions, enlarged without smoothing."""
    return [
        (_enlarged(images.heat_tile(values)), say("Channel {number}", number=number))
        for number, values in result.strongest_channels()
    ]


def _enlarged(tile: np.ndarray) -> np.ndarray:
    factor = max(1, round(TILE_PIXELS / max(tile.shape[:2])))
    return tile.repeat(factor, axis=0).repeat(factor, axis=1)
