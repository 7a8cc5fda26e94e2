"""Measure an enlarger at 100 %: `python -m tools.measure_enlarger --photos DIR --styles DIR [--enlarger NAME|DIR]`.

Every photo is painted with every style at 768 pixels on its shorter side and brought to the photo's size. The middle of
each is looked at: the painting enlarged smoothly, what the network makes of it, and that with crisp outlines
and smooth strokes, as the engine gives it. Medians:

  energy     gradient energy along the photo's strong outlines, a share of the photo's
  overshoot  how far along outlines it is outside the range of the enlarged painting around, grey levels
  flat       what varies within 7 pixels where the photo is flat, grey levels
  leak       correlation of the fine structure with the photo's, in its textured parts
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.data import list_images
from styleprop.engine.enlarging import Enlarger, enlarge_part
from styleprop.outlines import flat_pattern, leak, outline_energy, overshoot
from styleprop.training.enlarger_check import enlarge_painting
from styleprop.training.painted import stylize
from styleprop.weights import load_autoencoder, load_enlarger

CANVAS, PART = 768, 768  # of the canvas' shorter side; of the middle of the photo, pixels


def middle(image: np.ndarray, side: float) -> np.ndarray:
    """The middle square of about `side` pixels, or what there is of it."""
    top, left = (max(0, round((length - side) / 2)) for length in image.shape[:2])
    return image[top : top + round(side), left : left + round(side)]


def paint(painter, photo: np.ndarray, style: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The canvas of a photo, and the style's code."""
    height, width = photo.shape[:2]
    scale = min(1.0, CANVAS / min(height, width))
    small = images.resize(photo, round(width * scale), round(height * scale))
    return stylize(painter, small, images.resize_to_area(style, small.shape[0] * small.shape[1]))


def look(network, canvas: np.ndarray, photo: np.ndarray, code: np.ndarray) -> dict[str, np.ndarray]:
    """Middles of the photo and of the painting: enlarged smoothly, refined by the network, and as the engine has it."""
    part = middle(photo, PART)
    seen = middle(canvas, PART * canvas.shape[0] / photo.shape[0])
    enlarged = np.array(Image.fromarray(seen).resize(part.shape[1::-1], Image.Resampling.BICUBIC))
    refined = enlarge_painting(network, seen, part, code)
    crisp = enlarge(Enlarger(network, code.shape[1]), seen, part, code)
    return {"photo": part, "enlarged": enlarged, "refined": refined, "crisp": crisp}


def enlarge(enlarger: Enlarger, painting: np.ndarray, photo: np.ndarray, code: np.ndarray) -> np.ndarray:
    """A painting brought to its photo's size as the engine does it, whole."""
    side = painting.shape[0]
    for height, width in enlarger.plan_steps(painting.shape[:2], photo.shape[:2]):
        smooth = enlarge_part(painting, height, width, (0, 0, height, width))
        painting = enlarger.refine(smooth, images.resize(photo, width, height), code, height / side)
    return painting


def figures(made: np.ndarray, enlarged: np.ndarray, photo: np.ndarray) -> list[float]:
    """Energy, overshoot, flat and leak."""
    return [
        outline_energy(made, photo),
        overshoot(made, enlarged, photo),
        flat_pattern(made, photo),
        leak(made, photo),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", nargs="+", required=True, metavar="DIR")
    parser.add_argument("--styles", nargs="+", required=True, metavar="DIR")
    parser.add_argument("--enlarger", default="enlarger", metavar="NAME|DIR")
    parser.add_argument("--checkpoint", default="autoencoder", metavar="NAME|DIR", help="what paints")
    parser.add_argument("--save", metavar="DIR", help="write what was looked at, side by side (default: none)")
    arguments = parser.parse_args()
    painter = load_autoencoder(find_checkpoint(arguments.checkpoint))
    network = load_enlarger(find_checkpoint(arguments.enlarger))
    rows: dict[str, list[list[float]]] = {"enlarged": [], "refined": [], "crisp": []}
    for path in list_images(arguments.photos):
        photo = images.load(path).image
        for other in list_images(arguments.styles):
            canvas, code = paint(painter, photo, images.load(other).image)
            seen = look(network, canvas, photo, code)
            for name, found in rows.items():
                found.append(figures(seen[name], seen["enlarged"], seen["photo"]))
            if arguments.save:
                images.save(
                    np.concatenate(list(seen.values()), axis=1), Path(arguments.save) / f"{path.stem}-{other.stem}.png"
                )
    print("| | energy | overshoot | flat | leak |\n|---|---|---|---|---|")
    for name, found in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in np.nanmedian(found, axis=0)) + " |")


if __name__ == "__main__":
    main()
