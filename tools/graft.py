"""Give a new autoencoder what an old one of another shape has learnt, as a start for a training.

    python -m tools.graft autoencoder START --config settings.json

Every weight of the new network whose name and shape the old one has is taken over; the others are new.
"""

import argparse
import json
from pathlib import Path

import keras

from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.config import AutoencoderConfig
from styleprop.models.autoencoder import Autoencoder, build_autoencoder
from styleprop.weights import load_autoencoder


def graft(old: Autoencoder, config: AutoencoderConfig, seed: int = 0) -> tuple[Autoencoder, int]:
    """A new autoencoder with the old one's weights where names and shapes agree, and how many did."""
    keras.utils.set_random_seed(seed)
    new = build_autoencoder(config)
    known = {weight.path: weight for weight in old.weights}
    taken = [weight for weight in new.weights if weight.path in known and known[weight.path].shape == weight.shape]
    for weight in taken:
        weight.assign(known[weight.path])
    return new, len(taken)


def main() -> None:
    """Read the arguments, graft, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    parser.add_argument("--config", type=Path, required=True, help="JSON of the new network's settings")
    arguments = parser.parse_args()
    config = AutoencoderConfig.from_dict(json.loads(arguments.config.read_text(encoding="utf-8")))
    new, count = graft(load_autoencoder(find_checkpoint(arguments.checkpoint)), config)
    save_checkpoint(arguments.output, new, f"# {arguments.output.name}\n\nA start for a training: not a model.\n")
    print(f"{count} of {len(new.weights)} weights are the old network's.")


if __name__ == "__main__":
    main()
