"""Which embedded domain a person's paintings are nearest to."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from styleprop.checkpoints import DOMAIN_PREFIX, find_checkpoint, list_domains
from styleprop.training.domain_styles import style_codes, style_distances
from styleprop.weights import load_generator

SEEN = 8  # of the paintings


def nearest_domain(paintings: Sequence[Path]) -> str:
    """Name of the checkpoint whose style codes are nearest to the paintings'; "autoencoder" where there is none."""
    names, known = [DOMAIN_PREFIX + domain for domain in list_domains()], []
    generator = None
    for name in names:
        generator = load_generator(find_checkpoint(name), reuse=generator)
        known.append(np.array(generator.style))
    if generator is None:
        return "autoencoder"
    distances = style_distances(style_codes(generator, paintings, SEEN), known)  # all read them with one encoder
    return names[int(np.argmin(distances))]
