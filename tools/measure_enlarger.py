"""Measure an enlarger at 100 %: `python -m tools.measure_enlarger --photos DIR [--styles DIR] [--enlarger NAME|DIR]`.

Every photo is painted with every style, the built-in ones where none are given, at 768 pixels on its shorter side and
brought to the photo's size. The middle of each is looked at: the painting enlarged smoothly, what the network makes of
it, and that with crisp outlines and smooth strokes, as the engine gives it. Medians:

  energy     gradient energy along the photo's strong outlines, of the photo's; also on the canvas, before
  overshoot  how far along outlines it is outside the range of the enlarged painting around, grey levels
  flat       what varies within 7 pixels where the photo is flat, grey levels
  leak       correlation of the fine structure with the photo's, in its textured parts
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from styleprop import Styleprop, images
from styleprop.checkpoints import find_checkpoint
from styleprop.data import list_images
from styleprop.engine.enlarging import Enlarger, enlarge_part
from styleprop.outlines import flat_pattern, leak, outline_energy, overshoot
from styleprop.training.enlarger_check import enlarge_painting
from styleprop.weights import load_enlarger

PART = 768  # of the middle of the photo, pixels


def middle(image: np.ndarray, side: float) -> np.ndarray:
    """The middle square of about `side` pixels, or what there is of it."""
    top, left = (max(0, round((length - side) / 2)) for length in image.shape[:2])
    return image[top : top + round(side), left : left + round(side)]


def look(network, canvas: np.ndarray, photo: np.ndarray, code: Any) -> dict[str, np.ndarray]:
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
    parser.add_argument("--styles", nargs="+", metavar="DIR", help="pictures (default: the built-in styles)")
    parser.add_argument("--enlarger", default="enlarger", metavar="NAME|DIR")
    parser.add_argument("--checkpoint", default="autoencoder", metavar="NAME|DIR", help="what paints")
    parser.add_argument("--save", metavar="DIR", help="write what was looked at, side by side (default: none)")
    arguments = parser.parse_args()
    model = Styleprop.from_pretrained(arguments.checkpoint)
    network = load_enlarger(find_checkpoint(arguments.enlarger))
    rows: dict[str, list[list[float]]] = {"enlarged": [], "refined": [], "crisp": []}
    canvases = []
    for path in list_images(arguments.photos):
        photo = images.load(path)
        for style in list_images(arguments.styles) if arguments.styles else model.styles:
            painting = model.paint(photo, style)
            (layer,), height = painting.layers, photo.image.shape[0]
            side = PART * layer.painted.shape[0] / height
            canvases.append(outline_energy(middle(layer.painted, side), middle(painting.canvas, side)))
            seen = look(network, layer.painted, photo.image, layer.code)
            for name, found in rows.items():
                found.append(figures(seen[name], seen["enlarged"], seen["photo"]))
            if arguments.save:
                beside = np.concatenate(list(seen.values()), axis=1)
                images.save(beside, Path(arguments.save) / f"{path.stem}-{Path(style).stem}.png")
    print("| | energy | overshoot | flat | leak |\n|---|---|---|---|---|")
    print(f"| canvas | {np.nanmedian(canvases):.3f} | | | |")
    for name, found in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in np.nanmedian(found, axis=0)) + " |")


if __name__ == "__main__":
    main()
