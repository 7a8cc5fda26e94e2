"""Draw the figures of the page's "how it works" folds from the shipped weights: `python -m tools.make_figures`.

It takes about two minutes, one of them for the fine-tune whose curve is shown, and prints what the figures say.
"""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from styleprop import Styleprop, images

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "styleprop/assets"
FIGURES = ASSETS / "how"
PHOTO, LANDSCAPE, STYLE, DOMAIN = "chelsea", "bay", "great-wave", "monet"
SIDE, TILE, GAP, QUALITY, READ = 150, 160, 6, 65, 512
INK, GREY, BLUE = "#23211e", "#b9a88a", "#3f4dc4"


def main() -> None:
    """Write all figures."""
    FIGURES.mkdir(exist_ok=True)
    model = Styleprop.from_pretrained()
    photo = images.center_square(images.load(ASSETS / f"examples/{PHOTO}.jpg").image, 256)
    draw_latent(model, photo)
    draw_move(model, photo)
    draw_round_trip(model)
    draw_domains(model)
    draw_fine_tune()


def draw_domains(model: Styleprop) -> None:
    """The tile of each embedded domain: a landscape as it paints it."""
    (ASSETS / "domains").mkdir(exist_ok=True)
    square = images.center_square(images.load(ASSETS / f"landscapes/{LANDSCAPE}.jpg").image, 512)
    for name in model.translators.domains:
        tile = Image.fromarray(model.translate(square, name).array).resize((TILE, TILE), Image.Resampling.LANCZOS)
        tile.save(ASSETS / f"domains/{name}.webp", quality=QUALITY + 10, method=6)


def draw_latent(model: Styleprop, photo: np.ndarray) -> None:
    """Photo, the 16 strongest latent channels, reconstruction."""
    made = model.reconstruct(photo)
    tiles = [images.heat_tile(values) for _, values in made.strongest_channels(16)]
    rows = [np.concatenate(tiles[start : start + 4], axis=1) for start in range(0, 16, 4)]
    save_row("latent.webp", [photo, np.concatenate(rows), made.array])
    print(f"latent.webp: {PHOTO}, reconstructed at {made.psnr_db:.1f} dB PSNR")


def draw_move(model: Styleprop, photo: np.ndarray) -> None:
    """Mean and deviation of each latent channel: the photo's, the style's, and lines for what AdaIN moves."""
    filters = model.networks.config.feature_filters
    count = filters[-1] - model.networks.config.detail_filters

    def points(code: np.ndarray) -> np.ndarray:
        mean, std = np.split(code[0, -2 * filters[-1] :], 2)
        return np.stack([mean[:count], std[:count]], axis=1)

    before, after = points(np.asarray(model.stylist.encode(photo, READ))), points(model.styles[STYLE].code(READ))
    low, high = np.percentile(np.concatenate([before, after]), [1, 99], axis=0)
    width, height = 460, 190
    scale = np.array([width - 60, 40 - height]) / (high - low)
    place = np.array([40, height - 25]) - low * scale
    drawn = [(points * scale + place).round().astype(int) for points in (before, after)]
    moves = "".join(f"M{x} {y}L{u} {v}" for (x, y), (u, v) in zip(*drawn, strict=True))
    content = f'<path d="{moves}" stroke="{BLUE}" stroke-opacity=".25"/>'
    for places, color in zip(drawn, (GREY, BLUE), strict=True):
        dots = "".join(f"M{x} {y}h0" for x, y in places)
        content += f'<path d="{dots}" stroke="{color}" stroke-width="6" stroke-linecap="round"/>'
    save_svg("moved.svg", width, height, content + axes(width, height, "μ", "σ"))
    print(
        f"moved.svg: {count} channels of {PHOTO} and {STYLE}, moved by {np.abs(after - before).mean():.2f} on average"
    )


def draw_round_trip(model: Styleprop) -> None:
    """Photo, painting, photo again."""
    photo = images.center_square(images.load(ASSETS / "examples/rocket.jpg").image, 256)
    made = model.translate(photo, DOMAIN, round_trip=True)
    assert made.cycled is not None
    save_row("round-trip.webp", [photo, made.array, made.cycled])
    print(f"round-trip.webp: rocket, {DOMAIN}, comes back at {made.cycle_psnr_db:.1f} dB PSNR")


def draw_fine_tune() -> None:
    """Held-out PSNR while the autoencoder learns the thumbnails of the built-in styles for a minute."""
    from styleprop.training.fine_tune import fine_tune
    from styleprop.training.job import FineTuning

    job = FineTuning("autoencoder", tuple(sorted((ASSETS / "styles").glob("*.webp"))), seconds=60.0)
    with tempfile.TemporaryDirectory() as folder:
        reports = [report for report in fine_tune(job, Path(folder)) if report.scores]
    found = np.array([(report.seconds, report.scores["psnr_db"]) for report in reports])
    width, height = 460, 190
    low, high = found.min(axis=0), found.max(axis=0)
    drawn = (found - low) / (high - low) * [width - 70, 50 - height] + [45, height - 35]
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in drawn)
    dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{BLUE}"/>' for x, y in drawn)
    words = "".join(
        f'<text x="{x:.0f}" y="{y + shift:.0f}" text-anchor="{anchor}">{value:.1f} dB</text>'
        for (x, y), value, shift, anchor in (
            (drawn[0], found[0, 1], -8, "start"),
            (drawn[-1], found[-1, 1], 18, "end"),
        )
    )
    curve = f'<path d="M{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    save_svg("learning.svg", width, height, curve + dots + words + axes(width, height, "s", "dB"))
    print(f"learning.svg: {found[0, 1]:.1f} to {found[-1, 1]:.1f} dB PSNR in {found[-1, 0]:.0f} s")


def axes(width: int, height: int, x: str, y: str) -> str:
    """Two lines with a letter each."""
    bottom = height - 20
    return (
        f'<path d="M30 8V{bottom}H{width - 8}" fill="none" stroke="{INK}"/>'
        f'<text x="{width - 8}" y="{height - 4}" text-anchor="end">{x}</text><text x="4" y="18">{y}</text>'
    )


def save_svg(name: str, width: int, height: int, content: str) -> None:
    """Write an SVG with the page's letters."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    text = f'{head} font-family="sans-serif" font-size="13" fill="{INK}">{content}</svg>\n'
    (FIGURES / name).write_text(text, encoding="utf-8")


def save_row(name: str, pictures: list[np.ndarray]) -> None:
    """Write square pictures side by side."""
    cells = [np.asarray(Image.fromarray(picture).resize((SIDE, SIDE))) for picture in pictures]
    padded = [np.pad(cell, ((0, 0), (0, GAP), (0, 0)), constant_values=255) for cell in cells]
    Image.fromarray(np.concatenate(padded, axis=1)[:, :-GAP]).save(FIGURES / name, quality=QUALITY)


if __name__ == "__main__":
    main()
