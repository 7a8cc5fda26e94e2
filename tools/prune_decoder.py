"""Take the last residual block out of decoder stages, as a start for a shorter training of a faster network.

    python tools/prune_decoder.py autoencoder START --decoder-blocks 1 1 1

A residual block adds to what passes by, so the rest of the network still works without it, if a little worse.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.models.autoencoder import Autoencoder, build_autoencoder
from styleprop.weights import load_autoencoder


def prune(network: Autoencoder, decoder_blocks: tuple[int, ...]) -> Autoencoder:
    """A new autoencoder with fewer decoder blocks and the weights of the old one in what is left."""
    pruned = build_autoencoder(replace(network.config, decoder_blocks=decoder_blocks))
    known = {weight.path: weight for weight in network.weights}
    for weight in pruned.weights:
        weight.assign(known[weight.path])
    return pruned


def main() -> None:
    """Read the arguments, prune, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    parser.add_argument("--decoder-blocks", type=int, nargs=3, required=True, metavar="N", help="at 1/2, 1/4 and 1/8")
    arguments = parser.parse_args()
    network = load_autoencoder(find_checkpoint(arguments.checkpoint))
    pruned = prune(network, tuple(arguments.decoder_blocks))
    save_checkpoint(arguments.output, pruned, f"# {arguments.output.name}\n\nA start for a training: not a model.\n")


if __name__ == "__main__":
    main()
