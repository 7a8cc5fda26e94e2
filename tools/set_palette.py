"""Measure the palette of a CycleGAN's checkpoint anew, from the pictures that its training did not set aside.

python -m tools.set_palette checkpoints/cyclegan-photo-monet --content photos/landscape --style domains/monet
"""

import argparse

from styleprop.checkpoints import HELD_OUT_FILE, PALETTE_FILE, find_checkpoint, write_sums
from styleprop.data import list_images
from styleprop.training.palettes import measure_palette
from styleprop.weights import load_generator


def main() -> None:
    """Write the palette, and its hash among the others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", metavar="DIR", help="the checkpoint's folder")
    parser.add_argument("--content", required=True, metavar="DIR", help="photos")
    parser.add_argument("--style", required=True, metavar="DIR", help="paintings")
    arguments = parser.parse_args()
    checkpoint = find_checkpoint(arguments.checkpoint)
    aside = set((checkpoint.folder / HELD_OUT_FILE).read_text(encoding="utf-8").splitlines())
    photos, paintings = (
        [path for path in list_images([folder]) if path.name not in aside]
        for folder in (arguments.content, arguments.style)
    )
    palette = measure_palette(load_generator(checkpoint), photos, paintings)
    (checkpoint.folder / PALETTE_FILE).write_text(palette.to_cube(), encoding="ascii")
    write_sums(checkpoint.folder)


if __name__ == "__main__":
    main()
