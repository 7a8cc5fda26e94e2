"""Golden outputs of the shipped weights. `python -m tests.golden` makes them anew after a change of weights."""

from pathlib import Path

import numpy as np

from styleprop import Styleprop, images
from tests.conftest import make_picture

FILE = Path(__file__).parent / "golden.npz"
STYLES = ("starry-night", "confetti")
SMALL = 24


def outputs(model: Styleprop) -> dict[str, np.ndarray]:
    """Small copies of what the shipped weights make of a generated picture, uint8 (24, 24, 3), by name."""
    picture = make_picture(192, 256, np.random.default_rng(11))
    made = {"reconstruction": model.reconstruct(picture).array}
    for name in STYLES:
        made[name] = model.stylize(picture, name).array
    made["half-strength"] = model.stylize(picture, STYLES[0], strength=0.5, detail=0.5, brush=1.5).array
    for domain in model.translators.domains:
        made[domain] = model.translate(picture, domain).array
    return {name: images.center_square(image, SMALL) for name, image in made.items()}


if __name__ == "__main__":
    np.savez_compressed(FILE, **outputs(Styleprop.from_pretrained()))
