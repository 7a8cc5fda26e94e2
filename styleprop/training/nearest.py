"""Which embedded domain a person's paintings are nearest to."""

from collections.abc import Sequence
from pathlib import Path

from keras import ops

from styleprop.checkpoints import DOMAIN_PREFIX, find_checkpoint, list_domains
from styleprop.training.cyclegan import mean_style
from styleprop.weights import load_generator

CROP_SIZE, CROPS = 128, 16


def nearest_domain(paintings: Sequence[Path]) -> str:
    """Name of the checkpoint whose style code is nearest to the paintings' mean; "autoencoder" where there is none."""
    names = [DOMAIN_PREFIX + domain for domain in list_domains()]
    return min(names, key=lambda name: _distance(name, list(paintings)), default="autoencoder")


def _distance(name: str, paintings: list[Path]) -> float:
    generator = load_generator(find_checkpoint(name))
    difference = mean_style(generator.autoencoder, paintings, CROP_SIZE, CROPS) - generator.style
    return float(ops.norm(difference) / ops.norm(generator.style))
