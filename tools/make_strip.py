"""Make the README's strip of pictures with the product itself: `python -m tools.make_strip`."""

from pathlib import Path

import numpy as np
from PIL import Image

from styleprop import Styleprop, images

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "styleprop/assets/examples"
ROWS = {
    "astronaut.jpg": ("starry-night", "stained-glass", "great-wave", "confetti"),
    "chelsea.jpg": ("self-portrait", "woven-strokes", "rhone", "ink-hatching"),
}
SIDE, GAP, QUALITY = 210, 6, 65


def main() -> None:
    """Each row a photo and four stylizations of it."""
    model = Styleprop.from_pretrained()
    rows = []
    for name, styles in ROWS.items():
        photo = images.center_square(images.load(EXAMPLES / name).image, 512)
        pictures = [photo, *(model.stylize(photo, style).array for style in styles)]
        cells = [
            np.pad(images.center_square(picture, SIDE), ((0, GAP), (0, GAP), (0, 0)), constant_values=255)
            for picture in pictures
        ]
        rows.append(np.concatenate(cells, axis=1))
    Image.fromarray(np.concatenate(rows)[:-GAP, :-GAP]).save(ROOT / "docs/strip.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
