"""`style`: keep the style of pictures under a name, in a small file."""

import argparse
import os

from styleprop.cli.exits import EXIT_OK
from styleprop.cli.options import Commands, UsageError, add_checkpoint, add_debug, add_json, weighted_style
from styleprop.cli.paths import check_output
from styleprop.cli.recipes import check_styles, open_style
from styleprop.cli.terminal import json_line, one_line
from styleprop.config.files import STYLE_ENDING

DESCRIPTION = """Keep the style of one to four pictures under a name, in a file of some ten kilobytes.

OUT is a style for --style of the other commands, and for the page. It works with the weights that read it and
with no others: one that is made with --checkpoint needs that checkpoint. It holds the style as it is read at sides
of 192, 384 and 768 pixels. At brush 1, photos of 768 pixels or more on the shorter side come out as with the pictures
themselves, to the bit; for smaller photos and other brushes it is interpolated.

  python -m styleprop style painting.jpg --name "My dusk" -o my-dusk.style.json
  python -m styleprop style a.jpg:2 great-wave:1 -o mix.style.json
  python -m styleprop stylize photo.jpg --style my-dusk.style.json:2 --style confetti:1 -o out.png
"""


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("style", description=DESCRIPTION, help="keep the style of pictures in a small file")
    parser.add_argument(
        "styles",
        nargs="+",
        type=weighted_style,
        metavar="FILE|NAME[:WEIGHT]",
        help="a picture, a .style.json file or a built-in style's name; up to four, weights are relative",
    )
    parser.add_argument("--name", metavar="NAME", help="what to call it, up to 40 characters (default: OUT's name)")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=f"a {STYLE_ENDING} file (required)")
    add_checkpoint(parser)
    add_json(parser, "what was made")
    add_debug(parser)
    parser.set_defaults(run=run_style)


def run_style(arguments: argparse.Namespace) -> int:
    """Make a style file."""
    from styleprop.cli.batch import load_model

    styles, output = arguments.styles, arguments.output
    check_styles(styles)
    base = os.path.basename(output)
    if not base.lower().endswith(STYLE_ENDING):
        raise UsageError(f"The output {base!r} must end in {STYLE_ENDING}.")
    check_output(output, [name for name, _ in styles])
    name = base[: -len(STYLE_ENDING)] if arguments.name is None else arguments.name
    model = load_model(arguments.checkpoint, arguments.debug)
    made = model.make_style([(open_style(source, model.styles), weight) for source, weight in styles], name)
    made.save(output)
    if arguments.json:
        print(json_line({"output": output, "name": made.title, "network": made.network}))
    else:
        print(one_line(f"{', '.join(source for source, _ in styles)} -> {output} ({made.title})"))
    return EXIT_OK
