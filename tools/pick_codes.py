"""Look at the style codes of a CycleGAN's domain, and leave some of them out.

    python -m tools.pick_codes checkpoints/cyclegan-photo-monet --photos PHOTO [PHOTO ...] -o codes.jpg
    python -m tools.pick_codes checkpoints/cyclegan-photo-monet --leave-out 3 41 --content photos/landscape -o DIR

The first paints photos with every code, one sheet after the other, each code with its number. The second writes the
checkpoint without some; the others share the photos of --content, less those set aside, evenly among them.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from keras import ops

from styleprop import images
from styleprop.checkpoints import CARD_FILE, HELD_OUT_FILE, PALETTE_FILE, Checkpoint, find_checkpoint, save_checkpoint
from styleprop.data import list_images
from styleprop.images.sheets import labelled_sheet
from styleprop.models.cyclegan import CycleGAN, Generator, build_cyclegan
from styleprop.training.domain_styles import even_out, read_tones
from styleprop.weights import load_cyclegan, load_generator

SHOWN = 192  # pixels of a painting's side on a sheet


def paint_all(generator: Generator, photo: np.ndarray) -> np.ndarray:
    """A uint8 photo painted with every style code, at the size at which the domain paints, as one labelled sheet."""
    batch = images.to_batch(images.center_square(photo, generator.config.canvas_side))
    painted = (images.from_batch(generator.paint(batch, code[None])) for code in ops.convert_to_numpy(generator.style))
    return labelled_sheet([(images.resize(one, SHOWN, SHOWN), str(number)) for number, one in enumerate(painted)])


def leave_out(cyclegan: CycleGAN, numbers: Sequence[int], photo_tones: np.ndarray) -> CycleGAN:
    """A new CycleGAN without some of the style codes; each of the others is the nearest of as many photos as any.

    Args:
        cyclegan: whose generator of paintings has several codes.
        numbers: of those that go.
        photo_tones: (n, 6), `picture_tones` of photos.

    Raises:
        ValueError: there is no code of such a number, or fewer than two would stay.
    """
    old = cyclegan.generator_ab
    kept = np.setdiff1d(np.arange(old.config.styles), numbers)
    if len(kept) + len(set(numbers)) != old.config.styles or len(kept) < 2:
        raise ValueError(f"Of {old.config.styles} codes {list(numbers)} cannot be left out.")
    back = cyclegan.config.generator("generator_ba")
    new = build_cyclegan(replace(cyclegan.config, styles=len(kept), back=back))
    for name, part in cyclegan.parts.items():
        for weight, known in zip(new.parts[name].weights, part.weights, strict=True):
            weight.assign(known if weight.shape == known.shape else ops.convert_to_numpy(known)[kept])
    generator = new.generator_ab
    generator.handicaps.assign(even_out(photo_tones, ops.convert_to_numpy(generator.tones)))
    return new


def _write(checkpoint: Checkpoint, numbers: Sequence[int], content: str, output: str) -> None:
    kept = {name: checkpoint.folder / name for name in (HELD_OUT_FILE, PALETTE_FILE)}
    extra = {name: path.read_text(encoding="utf-8") for name, path in kept.items() if path.exists()}
    aside = set(extra.get(HELD_OUT_FILE, "").splitlines())
    photos = [path for path in list_images([content]) if path.name not in aside]
    new = leave_out(load_cyclegan(checkpoint), numbers, read_tones(photos))
    save_checkpoint(Path(output), new, (checkpoint.folder / CARD_FILE).read_text(encoding="utf-8"), extra)


def main() -> None:
    """Write sheets, or a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", metavar="DIR", help="the CycleGAN's folder")
    work = parser.add_mutually_exclusive_group(required=True)
    work.add_argument("--photos", nargs="+", metavar="PHOTO", help="to paint with every code")
    work.add_argument("--leave-out", nargs="+", type=int, metavar="N", help="numbers of codes, as the sheets have them")
    parser.add_argument("--content", metavar="DIR", help="photos among which the other codes are shared out")
    parser.add_argument("-o", "--output", required=True, metavar="FILE|DIR")
    arguments = parser.parse_args()
    checkpoint = find_checkpoint(arguments.checkpoint)
    if arguments.leave_out is None:
        generator = load_generator(checkpoint)
        sheets = [paint_all(generator, images.load(path).image) for path in arguments.photos]
        images.save(np.concatenate(sheets), arguments.output)
    elif arguments.content is None:
        parser.error("--leave-out takes --content.")
    else:
        _write(checkpoint, arguments.leave_out, arguments.content, arguments.output)


if __name__ == "__main__":
    main()
