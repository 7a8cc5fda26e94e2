"""Compare the distances of `checkpoints/features` with those of VGG16: do they rank stylised pictures alike.

    python -m tools.compare_features CONTENT_FOLDER STYLE_FOLDER VGG16.npz

Ten contents and twenty styles give 200 pictures of mixed quality: strengths from 0.2 to 1, every third one blurred,
every fifth with noise. Prints Spearman's rank correlation over all of them, for content, appearance and style.
"""

import sys
from pathlib import Path

import numpy as np

from styleprop import Styleprop, images
from styleprop.checkpoints import find_checkpoint
from styleprop.data import list_images
from styleprop.losses import (
    APPEARANCE_LAYERS,
    CONTENT_LAYERS,
    STYLE_LAYERS,
    appearance_loss,
    content_loss,
    style_loss,
)
from styleprop.models.features import load_feature_network
from styleprop.weights import load_features

SIDE = 256
LOSSES = {
    "content": (content_loss, CONTENT_LAYERS),
    "appearance": (appearance_loss, APPEARANCE_LAYERS),
    "style": (style_loss, STYLE_LAYERS),
}


def main(content: str, style: str, vgg16: str) -> None:
    """Print a line for each distance."""
    networks = [load_feature_network(vgg16), load_features(find_checkpoint("features"))]
    contents, styles = _squares(content, 10), _squares(style, 20)
    model, random = Styleprop.from_pretrained(), np.random.default_rng(0)
    found: dict = {name: ([], []) for name in LOSSES}
    for index in range(200):
        photo, painting = contents[index % 10], styles[index % 20 if index < 100 else (index // 10 + index) % 20]
        made = _spoil(model.stylize(photo, painting, strength=random.uniform(0.2, 1)).array, index, random)
        for name, (loss, layers) in LOSSES.items():
            other = painting if name == "style" else photo
            for network, values in zip(networks, found[name], strict=True):
                values.append(_distance(network, loss, layers, made, other))
    for name, (wanted, ours) in found.items():
        print(f"{name}: rank correlation {_rank_correlation(wanted, ours):.3f}")


def _squares(folder: str, count: int) -> list[np.ndarray]:
    return [images.center_square(images.load(path).image, SIDE) for path in list_images([folder])[:count]]


def _spoil(image: np.ndarray, index: int, random: np.random.Generator) -> np.ndarray:
    if index % 3 == 0:
        image = images.resize(images.resize(image, SIDE // 3, SIDE // 3), SIDE, SIDE)
    if index % 5 == 0:
        image = np.clip(image + random.normal(0, 20, image.shape), 0, 255).astype("uint8")
    return image


def _distance(network, loss, layers, image: np.ndarray, other: np.ndarray) -> float:
    names = [name for name in layers if name in network.names]
    maps = [network(images.to_batch(picture), names=names) for picture in (image, other)]
    return float(loss(*maps))


def _rank_correlation(one: list[float], other: list[float]) -> float:
    ranks = np.array([np.argsort(np.argsort(values)) for values in (one, other)], float)
    return float(np.corrcoef(ranks)[0, 1])


if __name__ == "__main__":
    main(*(str(Path(path)) for path in sys.argv[1:4]))
