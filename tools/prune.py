"""Take the last residual blocks out of an autoencoder's stages, as a start for a training of a faster network.

    python tools/prune.py autoencoder START --encoder-blocks 0 0 1 --decoder-blocks 1 1 2

A residual block adds to what passes by, so the rest of the network still works without it, if a little worse.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.models.autoencoder import Autoencoder, build_autoencoder
from styleprop.weights import load_autoencoder


def prune(network: Autoencoder, **blocks: tuple[int, ...]) -> Autoencoder:
    """A new autoencoder with fewer blocks and the weights of the old one in what is left.

    Args:
        network: the old one.
        blocks: `encoder_blocks`, `decoder_blocks` or both, at 1/2, 1/4 and 1/8.
    """
    pruned = build_autoencoder(replace(network.config, **blocks))
    known = {weight.path: weight for weight in network.weights}
    for weight in pruned.weights:
        weight.assign(known[weight.path])
    return pruned


def main() -> None:
    """Read the arguments, prune, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    for part in ("encoder", "decoder"):
        parser.add_argument(f"--{part}-blocks", type=int, nargs=3, metavar="N", help="at 1/2, 1/4 and 1/8")
    arguments = parser.parse_args()
    wanted = {"encoder_blocks": arguments.encoder_blocks, "decoder_blocks": arguments.decoder_blocks}
    network = load_autoencoder(find_checkpoint(arguments.checkpoint))
    pruned = prune(network, **{name: tuple(value) for name, value in wanted.items() if value})
    save_checkpoint(arguments.output, pruned, f"# {arguments.output.name}\n\nA start for a training: not a model.\n")


if __name__ == "__main__":
    main()
