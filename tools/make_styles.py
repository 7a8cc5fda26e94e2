"""Make a checkpoint's built-in styles: `styles.json` from paintings and patterns, and the gallery's pictures.

    python -m tools.make_styles PAINTINGS_FOLDER --photos DIR --features FILE.npz [--checkpoint NAME|DIR]

The folder holds one picture for each name in PAINTINGS, such as `great-wave.jpg`. No painting is copied: what ships is
its style code, 3 x 512 numbers, and one of our example photos in its style. The codes are those that are read from the
pictures, trained for `--steps` on photos at each of the larger sides; the smallest goes the way of the next.
"""

import argparse
from pathlib import Path

import numpy as np

from styleprop import Styleprop, images
from styleprop.checkpoints import find_checkpoint, write_sums
from styleprop.data import list_images
from styleprop.models.features import load_feature_network
from styleprop.styles import SIDES, STYLES_FILE, BuiltInStyle, dump_styles
from styleprop.training.own_style import read_code
from styleprop.training.style_code import train_style_code
from styleprop.weights import load_autoencoder
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
MIDDLE = {"grande-jatte": 0.5}  # of both sides, what is read: its dots are too small for the canvas in the whole
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
        yield name, title, credit, _middle(images.load(next(folder.glob(f"{name}.*"))).image, MIDDLE.get(name, 1.0))
    for name, (title, paint) in PATTERNS.items():
        yield name, title, OUR_OWN, paint()


def _middle(image: np.ndarray, share: float) -> np.ndarray:
    top, left = (int(side * (1 - share) / 2) for side in image.shape[:2])
    return np.ascontiguousarray(image[top : image.shape[0] - top, left : image.shape[1] - left])


def make_styles(folder: Path, arguments: argparse.Namespace) -> list[BuiltInStyle]:
    """Read every picture's code at the three sides, and train it."""
    network = load_autoencoder(find_checkpoint(arguments.checkpoint))
    features, photos = load_feature_network(arguments.features), list_images([arguments.photos])
    styles = []
    for name, title, credit, image in pictures(folder):
        codes = [train_style_code(network, features, image, photos, side, arguments.steps) for side in SIDES[1:]]
        smallest = read_code(network, image, SIDES[0]) + codes[0] - read_code(network, image, SIDES[1])
        styles.append(BuiltInStyle(name, title, credit, np.concatenate([smallest, *codes])))
        print(name, flush=True)
    return styles


def make_thumbnails(model: Styleprop, styles: list[BuiltInStyle]) -> None:
    """Paint the example photo in every style."""
    photo = images.center_square(images.load(PHOTO).image, 384)
    for style in styles:
        small = images.center_square(model.stylize(photo, style).array, THUMBNAIL)
        images.save(small, THUMBNAILS / f"{style.name}.webp")


def main() -> None:
    """Write the styles, the hashes and the thumbnails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", required=True, metavar="DIR")
    parser.add_argument("--features", required=True, metavar="FILE.npz")
    parser.add_argument("--checkpoint", default="autoencoder", metavar="NAME|DIR")
    parser.add_argument("--steps", type=int, default=64, metavar="N")
    arguments = parser.parse_args()
    styles = make_styles(arguments.folder, arguments)
    folder = find_checkpoint(arguments.checkpoint).folder
    (folder / STYLES_FILE).write_text(dump_styles(styles), encoding="utf-8")
    write_sums(folder)
    make_thumbnails(Styleprop.from_pretrained(arguments.checkpoint), styles)


if __name__ == "__main__":
    main()
