"""Make a checkpoint's built-in styles: `styles.json` from paintings and patterns, and the gallery's pictures.

    python -m tools.make_styles PAINTINGS_FOLDER [CHECKPOINT]

The folder holds one picture for each name in PAINTINGS, such as `great-wave.jpg`. No painting is copied: what ships is
its style code, 3 x 512 numbers, and one of our example photos in its style.
"""

import sys
from pathlib import Path

import numpy as np

from styleprop import Styleprop, images
from styleprop.checkpoints import write_sums
from styleprop.styles import SIDES, STYLES_FILE, BuiltInStyle, dump_styles
from tools import patterns

ROOT = Path(__file__).resolve().parent.parent
THUMBNAIL = 160
PHOTO = ROOT / "styleprop/assets/examples/chelsea.jpg"
THUMBNAILS = ROOT / "styleprop/assets/styles"
TERMS = "public domain"
PAINTINGS = {
    "great-wave": (
        "The Great Wave",
        f"Katsushika Hokusai (1760–1849), The Great Wave off Kanagawa, about 1831; {TERMS}",
    ),
    "starry-night": ("The Starry Night", f"Vincent van Gogh (1853–1890), The Starry Night, 1889; {TERMS}"),
    "rhone": ("Night over the Rhône", f"Vincent van Gogh (1853–1890), Starry Night over the Rhône, 1888; {TERMS}"),
    "self-portrait": ("Van Gogh's Straw Hat", f"Vincent van Gogh (1853–1890), Self-Portrait, 1887; {TERMS}"),
    "bedroom": ("Bedroom in Arles", f"Vincent van Gogh (1853–1890), Bedroom in Arles, 1889; {TERMS}"),
    "grande-jatte": ("La Grande Jatte", f"Georges Seurat (1859–1891), A Sunday on La Grande Jatte, 1886; {TERMS}"),
    "card-players": ("The Card Players", f"Paul Cézanne (1839–1906), The Card Players, about 1895; {TERMS}"),
    "basket-of-apples": ("Basket of Apples", f"Paul Cézanne (1839–1906), The Basket of Apples, about 1893; {TERMS}"),
    "pearl-earring": ("Pearl Earring", f"Johannes Vermeer (1632–1675), Girl with a Pearl Earring, about 1665; {TERMS}"),
    "galette": ("Moulin de la Galette", f"Auguste Renoir (1841–1919), Bal du moulin de la Galette, 1876; {TERMS}"),
    "pont-neuf": ("Pont Neuf", f"Auguste Renoir (1841–1919), Pont Neuf, Paris, 1872; {TERMS}"),
    "shipwreck": ("The Shipwreck", f"J. M. W. Turner (1775–1851), The Wreck of a Transport Ship, about 1810; {TERMS}"),
}
OUR_OWN = "painted by styleprop's own code; CC0"
PATTERNS = {
    "stained-glass": ("Stained Glass", patterns.stained_glass),
    "confetti": ("Confetti", patterns.confetti),
    "ink-hatching": ("Ink Hatching", patterns.ink_hatching),
    "woven-strokes": ("Woven Strokes", patterns.woven_strokes),
    "marble": ("Marbled Paper", patterns.marble),
    "paper-cut": ("Paper Cut", patterns.paper_cut),
}


def pictures(folder: Path):
    """Yield (name, title, credit, uint8 image) for every built-in style."""
    for name, (title, credit) in PAINTINGS.items():
        yield name, title, credit, images.load(folder / f"{name}.jpg").image
    for name, (title, paint) in PATTERNS.items():
        yield name, title, OUR_OWN, paint()


def make_styles(model: Styleprop, folder: Path) -> list[BuiltInStyle]:
    """Encode every picture at the three sides."""
    styles = []
    for name, title, credit, image in pictures(folder):
        codes = np.concatenate([model.stylist.encode(image, side) for side in SIDES])
        styles.append(BuiltInStyle(name, title, credit, codes))
    return styles


def make_thumbnails(model: Styleprop, styles: list[BuiltInStyle]) -> None:
    """Paint the example photo in every style."""
    photo = images.center_square(images.load(PHOTO).image, 384)
    for style in styles:
        small = images.center_square(model.stylize(photo, style).array, THUMBNAIL)
        images.save(small, THUMBNAILS / f"{style.name}.webp")


def main() -> None:
    """Write the styles, the hashes and the thumbnails."""
    folder, *checkpoint = sys.argv[1:]
    model = Styleprop.from_pretrained(*checkpoint)
    styles = make_styles(model, Path(folder))
    (model.checkpoint.folder / STYLES_FILE).write_text(dump_styles(styles), encoding="utf-8")
    write_sums(model.checkpoint.folder)
    make_thumbnails(model, styles)


if __name__ == "__main__":
    main()
