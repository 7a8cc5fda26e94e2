"""Average the weights of two CycleGANs of which one was trained from the other (Wortsman et al. 2022, "Model soups").

    python -m tools.average OLD NEW OUTPUT --share 0.5 --part generator_ab

What is between two trainings' ends has less of what each has taken too far. Parts that are not named are NEW's.
"""

import argparse
from pathlib import Path

from styleprop.checkpoints import HELD_OUT_FILE, find_checkpoint, save_checkpoint
from styleprop.models.cyclegan import CycleGAN
from styleprop.weights import load_cyclegan


def average(old: CycleGAN, new: CycleGAN, share: float, parts: list[str]) -> None:
    """Give the named parts of `new` the weights (1 - share) old + share new."""
    for name in parts:
        pairs = zip(old.parts[name].get_weights(), new.parts[name].get_weights(), strict=True)
        new.parts[name].set_weights([(1 - share) * before + share * after for before, after in pairs])


def main() -> None:
    """Read the arguments, average, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, required=True, help="NEW's, 0 to 1")
    parser.add_argument("--part", action="append", required=True, help="such as generator_ab; may be repeated")
    arguments = parser.parse_args()
    old, new = (find_checkpoint(name) for name in (arguments.old, arguments.new))
    network = load_cyclegan(new)
    average(load_cyclegan(old), network, arguments.share, arguments.part)
    held_out = (new.folder / HELD_OUT_FILE).read_text(encoding="utf-8")
    save_checkpoint(arguments.output, network, f"# {arguments.output.name}\n\nAn average.\n", {HELD_OUT_FILE: held_out})


if __name__ == "__main__":
    main()
