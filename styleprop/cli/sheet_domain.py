"""`domain-sheet`: many photos and what a domain makes of them, in a single picture to be looked at."""

import argparse
from pathlib import Path

from styleprop.cli.options import Commands, add_checkpoint, add_debug, whole_number
from styleprop.cli.terminal import progress_bar

DESCRIPTION = """Translate photos with a domain and lay them out in pairs, the photo and its painting, as squares.

  python -m styleprop domain-sheet photos/ large.jpg --domain monet -o sheet.png
"""
COLUMNS = 4


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser(
        "domain-sheet", description=DESCRIPTION, help="show what a domain makes of many photos, in one picture"
    )
    parser.add_argument("sources", nargs="+", metavar="PHOTO", help="picture files or folders")
    parser.add_argument("--domain", required=True, metavar="NAME|DIR", help="the domain (required)")
    parser.add_argument("--to-photo", action="store_true", help="from paintings to photos (default: no)")
    many = whole_number(64, 1024)
    parser.add_argument("--side", type=many, default=256, metavar="N", help="of a square on the sheet (default: 256)")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="a .png, .jpg or .webp file (required)")
    add_checkpoint(parser)
    add_debug(parser)
    parser.set_defaults(run=run_domain_sheet)


def run_domain_sheet(arguments: argparse.Namespace) -> int:
    """Make the sheet; one photo is held at a time, whatever its size."""
    from styleprop import images
    from styleprop.cli.batch import load_model
    from styleprop.data import list_images
    from styleprop.images.sheets import contact_sheet

    paths = list_images(arguments.sources)
    model = load_model(arguments.checkpoint, arguments.debug)
    model.translators.open(arguments.domain, arguments.to_photo)
    cells = []
    for path in progress_bar(paths):
        photo = images.load(path).image
        made = model.translate(photo, arguments.domain, to_photo=arguments.to_photo).array
        cells += [images.center_square(picture, arguments.side) for picture in (photo, made)]
    step = 2 * COLUMNS
    rows = [cells[start : start + step] for start in range(0, len(cells), step)]
    images.save(contact_sheet(rows, arguments.side), Path(arguments.output))
    return 0
