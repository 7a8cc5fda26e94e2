"""Measure an enlarger at 100 %: `python tools/measure_enlarger.py --photos DIR --styles DIR [--enlarger NAME|DIR]`.

Every photo is painted with every style at 768 pixels on its shorter side, the painting enlarged to the photo's size
and refined. A row each for the enlarged painting, the refined one and the photo painted at its own size:

  energy     gradient energy in a band of two pixels along the photo's strong outlines, a share of the photo's
  overshoot  mean of what lies outside the range of the enlarged painting around it, there, in grey levels
  flat       root mean square in the photo's flat parts of what varies within 7 pixels, in grey levels
  leak       correlation of the fine structure with the photo's, in its textured parts
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from keras import ops
from PIL import Image

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.data import list_images
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.enlarger import STRIDE, Enlarger
from styleprop.weights import load_autoencoder, load_enlarger

CANVAS, PART = 768, 1024  # of the canvas' shorter side; of the middle of the photo that is looked at
STRONG, FLAT = 24.0, 4.0  # gradients, grey levels a pixel
BAND = 2


def grey(image: np.ndarray) -> np.ndarray:
    """Luminance of uint8 (H, W, 3), float32 (H, W) in grey levels."""
    return image.astype("float32") @ np.array([0.299, 0.587, 0.114], "float32")


def blur(values: np.ndarray, side: int) -> np.ndarray:
    """Means over squares of `side` pixels of (H, W), borders of fewer."""
    return np.array(ops.average_pool(values[None, ..., None], side, 1, "same"))[0, ..., 0]


def spread(values: np.ndarray, reach: int) -> np.ndarray:
    """Largest value within `reach` pixels, rows and columns, of (H, W)."""
    return np.array(ops.max_pool(values[None, ..., None], 2 * reach + 1, 1, "same"))[0, ..., 0]


def slope(values: np.ndarray) -> np.ndarray:
    """Length of the gradient of (H, W), grey levels a pixel."""
    return np.hypot(*np.gradient(values))


def along_outlines(photo: np.ndarray) -> np.ndarray:
    """Whether a pixel is within `BAND` of a strong outline of a uint8 photo, (H, W)."""
    return spread((slope(blur(grey(photo), 3)) > STRONG).astype("float32"), BAND) > 0


def outline_energy(made: np.ndarray, photo: np.ndarray) -> float:
    """Squared gradients of a picture along the photo's strong outlines over those of the photo; NaN without any."""
    band = along_outlines(photo)
    return float(np.sum(np.square(slope(grey(made))[band])) / np.sum(np.square(slope(grey(photo))[band])))


def overshoot(made: np.ndarray, enlarged: np.ndarray, photo: np.ndarray, reach: int = 8) -> float:
    """How far a picture is outside the range that the enlarged painting has within `reach`, mean along outlines."""
    ours, theirs = grey(made), grey(enlarged)
    outside = np.maximum(ours - spread(theirs, reach), 0) + np.maximum(-spread(-theirs, reach) - ours, 0)
    return float(np.mean(outside[along_outlines(photo)]))


def flat_pattern(made: np.ndarray, photo: np.ndarray) -> float:
    """What varies within 7 pixels where the photo is flat for 8 pixels around, root mean square; NaN without such."""
    calm = spread(slope(blur(grey(photo), 5)), 8) < FLAT
    fine = grey(made) - blur(grey(made), 7)
    return float(np.sqrt(np.mean(np.square(fine[calm]))))


def leak(made: np.ndarray, photo: np.ndarray) -> float:
    """Correlation of two pictures' structure within 7 pixels, where the photo is neither flat nor has outlines."""
    strength = blur(slope(grey(photo)), 9)
    textured = (strength > 1.5 * FLAT) & ~along_outlines(photo)
    ours, theirs = ((grey(image) - blur(grey(image), 7))[textured] for image in (made, photo))
    return float(np.corrcoef(ours, theirs)[0, 1])


def refine(network: Enlarger, enlarged: np.ndarray, photo: np.ndarray, code: np.ndarray) -> np.ndarray:
    """The network's outcome for uint8 pictures of one size, in one go."""
    batches = [images.pad_to_multiple(images.to_batch(image), STRIDE) for image in (enlarged, photo)]
    made = np.array(network(*batches, code))[:, : photo.shape[0], : photo.shape[1]]
    return images.from_batch(made)


def stylize(network: Autoencoder, photo: np.ndarray, style: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A painting of a uint8 photo of any size, and the style's code."""
    stride = network.config.stride
    batch, other = (images.pad_to_multiple(images.to_batch(image), stride) for image in (photo, style))
    latent, code = network.encode(batch)
    target = network.encode(other)[1]
    painted = np.array(network.decoder(*network.propagate(latent, code, target)))
    return images.from_batch(painted[:, : photo.shape[0], : photo.shape[1]]), np.array(target)


def paint(network: Autoencoder, photo: np.ndarray, style: np.ndarray, side: int = CANVAS):
    """A painting of a uint8 photo reduced to `side` on its shorter side, enlarged again, and the style's code."""
    height, width = photo.shape[:2]
    scale = min(1.0, side / min(height, width))
    small = images.resize(photo, round(width * scale), round(height * scale))
    canvas, code = stylize(network, small, images.resize_to_area(style, small.shape[0] * small.shape[1]))
    return np.array(Image.fromarray(canvas).resize((width, height), Image.Resampling.BICUBIC)), code


def compare(photo: np.ndarray, enlarged: np.ndarray, made: dict[str, np.ndarray]) -> Iterator[tuple[str, list[float]]]:
    """The four figures of each picture."""
    for name, image in made.items():
        figures = [outline_energy(image, photo), overshoot(image, enlarged, photo), flat_pattern(image, photo)]
        yield name, [*figures, leak(image, photo)]


def middle(image: np.ndarray) -> np.ndarray:
    """The middle square of `PART` pixels, or what there is of it."""
    top, left = (max(0, (side - PART) // 2) for side in image.shape[:2])
    return image[top : top + PART, left : left + PART]


def main() -> None:
    """Print the table: medians over all pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", nargs="+", required=True, metavar="DIR")
    parser.add_argument("--styles", nargs="+", required=True, metavar="DIR")
    parser.add_argument("--enlarger", default="enlarger", metavar="NAME|DIR")
    parser.add_argument("--checkpoint", default="autoencoder", metavar="NAME|DIR", help="what paints")
    parser.add_argument("--save", metavar="DIR", help="write the crops that were looked at (default: none)")
    arguments = parser.parse_args()
    painter = load_autoencoder(find_checkpoint(arguments.checkpoint))
    network = load_enlarger(find_checkpoint(arguments.enlarger))
    rows: dict[str, list[list[float]]] = {}
    for path in list_images(arguments.photos):
        photo = images.load(path).image
        for other in list_images(arguments.styles):
            enlarged, code = paint(painter, photo, images.load(other).image)
            whole, seen = middle(photo), middle(enlarged)
            made = {"enlarged": seen, "refined": refine(network, seen, whole, code)}
            for name, figures in compare(whole, seen, made):
                rows.setdefault(name, []).append(figures)
            if arguments.save:
                sheet = np.concatenate([whole, *made.values()], axis=1)
                images.save(sheet, Path(arguments.save) / f"{path.stem}-{other.stem}.png")
    print("| | energy | overshoot | flat | leak |\n|---|---|---|---|---|")
    for name, values in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in np.nanmedian(values, axis=0)) + " |")


if __name__ == "__main__":
    main()
