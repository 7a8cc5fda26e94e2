"""Which embedded domain a person's paintings are nearest to."""

from collections.abc import Sequence
from pathlib import Path

from styleprop.checkpoints import DOMAIN_PREFIX, find_checkpoint, list_domains
from styleprop.training.domain_styles import style_distance
from styleprop.weights import load_generator

SEEN = 8  # of the paintings


def nearest_domain(paintings: Sequence[Path]) -> str:
    """Name of the checkpoint whose style codes are nearest to the paintings'; "autoencoder" where there is none."""
    distances: dict[str, float] = {}
    generator = None
    for domain in list_domains():
        generator = load_generator(find_checkpoint(DOMAIN_PREFIX + domain), reuse=generator)
        distances[DOMAIN_PREFIX + domain] = style_distance(generator, paintings, SEEN)
    return min(distances, key=distances.__getitem__, default="autoencoder")
