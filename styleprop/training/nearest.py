"""Which embedded domain a person's paintings are nearest to."""

from collections.abc import Sequence
from pathlib import Path

from keras import ops

from styleprop.checkpoints import DOMAIN_PREFIX, find_checkpoint, list_domains
from styleprop.models.cyclegan import Generator
from styleprop.training.domain_styles import mean_style
from styleprop.weights import load_generator

CROP_SIZE, CROPS = 128, 16


def nearest_domain(paintings: Sequence[Path]) -> str:
    """Name of the checkpoint whose style code is nearest to the paintings' mean; "autoencoder" where there is none."""
    distances: dict[str, float] = {}
    generator = None
    for domain in list_domains():
        generator = load_generator(find_checkpoint(DOMAIN_PREFIX + domain), reuse=generator)
        distances[DOMAIN_PREFIX + domain] = _distance(generator, list(paintings))
    return min(distances, key=distances.__getitem__, default="autoencoder")


def _distance(generator: Generator, paintings: list[Path]) -> float:
    known = ops.mean(generator.style, axis=0, keepdims=True)
    difference = mean_style(generator.autoencoder, paintings, CROP_SIZE, CROPS) - known
    return float(ops.norm(difference) / ops.norm(known))
