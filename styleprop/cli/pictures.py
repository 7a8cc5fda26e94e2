"""`reconstruct`, `stylize` and `translate`."""

import argparse

from styleprop.cli.options import add_checkpoint, add_debug, add_engine, add_json, check_here, number, weighted_style
from styleprop.cli.paths import plan_jobs
from styleprop.cli.recipes import Recipe, Reconstruct, Stylize, Translate
from styleprop.config import StyleOptions

MANY = """
Several pictures, or a folder of them, need a folder for -o: an error does not stop the rest, and no input is
ever overwritten. A folder stands for the pictures right inside it. Names are kept, with the new ending: a.jpg
becomes a.png. Where a.jpg and a.webp come together, they become a.jpg.png and a.webp.png; of the same name in
several folders the second becomes a-2.png. No name depends on whether another picture could be read."""
RECONSTRUCT = f"""Encode pictures and decode them again: what the autoencoder keeps, with PSNR and SSIM.
{MANY}

  python -m styleprop reconstruct photo.jpg -o out.png
  python -m styleprop reconstruct photos/ -o reconstructed/ --json
"""
STYLIZE = f"""Put pictures into the style of others.
{MANY}

  python -m styleprop stylize photo.jpg --style painting.jpg -o out.png
  python -m styleprop stylize photos/ --style a.jpg:2 --style b.jpg:1 --strength 0.8 -o painted/
  python -m styleprop stylize photo.jpg --style great-wave --mask sky.png --outside confetti -o out.png
"""
TRANSLATE = f"""Translate photos to paintings of a domain, or paintings to photos, with a CycleGAN.
{MANY}

  python -m styleprop translate photo.jpg --domain monet -o out.png
  python -m styleprop translate paintings/ --domain monet --to-photo -o photos/
  python -m styleprop translate photo.jpg --domain monet --mask sky.png -o out.png
"""


def add_commands(commands) -> None:
    """Add the commands to the parser's."""
    _add_reconstruct(commands)
    _add_stylize(commands)
    _add_translate(commands)


def _add_reconstruct(commands) -> None:
    parser = commands.add_parser(
        "reconstruct", description=RECONSTRUCT, help="encode and decode pictures, and measure what was lost"
    )
    parser.add_argument("sources", nargs="+", metavar="IN", help="picture files, folders, or - for standard input")
    add_common(parser)
    add_engine(parser)
    parser.set_defaults(run=run_reconstruct)


def _add_stylize(commands) -> None:
    parser = commands.add_parser("stylize", description=STYLIZE, help="put pictures into the style of others")
    parser.add_argument("sources", nargs="+", metavar="CONTENT", help="picture files, folders, or - for standard input")
    parser.add_argument(
        "--style",
        action="append",
        required=True,
        type=weighted_style,
        metavar="FILE|NAME[:WEIGHT]",
        help="a picture, a .style.json file or a built-in style's name; up to four times, weights are relative "
        "(default weight: 1)",
    )
    add_settings(parser)
    _add_mask(parser)
    _add_outside(parser)
    add_common(parser)
    add_engine(parser)
    parser.set_defaults(run=run_stylize)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add --strength, --detail, --color and --brush."""
    _add_number(parser, "strength", "0 gives back the photo, 1 the full style")
    _add_number(parser, "detail", "how much of the photo's fine detail comes back on top")
    colors = StyleOptions.choices("color")
    help_ = "the style's colours, the photo's, or only the style's colours without its strokes"
    parser.add_argument("--color", choices=colors, default=colors[0], help=f"{help_} (default: {colors[0]})")
    _add_number(parser, "brush", "finer or coarser strokes, as a part of the picture")


def _add_number(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    """Add an option of `StyleOptions` that is a number."""
    span = StyleOptions.range(name)
    low, high, default = (f"{value:g}" for value in (span.low, span.high, span.default))
    parser.add_argument(
        f"--{name}",
        type=number(span.low, span.high),
        metavar=f"{low}..{high}",
        default=span.default,
        help=f"{text} (default: {default})",
    )


def _add_mask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mask",
        metavar="FILE",
        help="a picture, white where to restyle; where it is black the photo stays as it is (default: everywhere)",
    )
    parser.add_argument(
        "--invert-mask", action="store_true", help="restyle where the mask is black (default: where it is white)"
    )
    _add_number(parser, "feather", "width of the mask's soft edge, a share of the photo's shorter side")


def _add_outside(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--outside",
        action="append",
        default=[],
        type=weighted_style,
        metavar="FILE|NAME[:WEIGHT]",
        help="a style, as --style, for what lies outside the mask (default: the photo stays)",
    )


def _add_translate(commands) -> None:
    parser = commands.add_parser(
        "translate", description=TRANSLATE, help="translate photos to paintings of a domain, or back"
    )
    parser.add_argument("sources", nargs="+", metavar="IN", help="picture files, folders, or - for standard input")
    parser.add_argument(
        "--domain",
        required=True,
        metavar="NAME|DIR|REPO",
        help="an embedded domain, a CycleGAN's folder or OWNER/NAME@REVISION (required)",
    )
    parser.add_argument("--to-photo", action="store_true", help="from a painting to a photo (default: to a painting)")
    add_settings(parser)
    _add_mask(parser)
    add_common(parser)
    add_engine(parser)
    parser.set_defaults(run=run_translate)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add what all commands on pictures have."""
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="a .png, .jpg, .webp, .tif or .avif file, a folder, or - (required)",
    )
    parser.add_argument(
        "--format",
        choices=("png", "jpg", "webp", "tif", "avif"),
        default="png",
        help="of the files in a folder (default: png)",
    )
    add_checkpoint(parser)
    add_json(parser, "what was done for each input")
    add_debug(parser)


def run_reconstruct(arguments: argparse.Namespace) -> int:
    """Reconstruct every input."""
    return _run(Reconstruct(arguments))


def run_translate(arguments: argparse.Namespace) -> int:
    """Translate every input."""
    return _run(Translate(arguments))


def run_stylize(arguments: argparse.Namespace) -> int:
    """Stylize every input."""
    return _run(Stylize(arguments))


def _run(recipe: Recipe) -> int:
    """Make every input by a recipe, here or by Ray."""
    arguments = recipe.arguments
    if arguments.engine == "ray":
        from styleprop.cli.many import run_many

        return run_many(recipe)
    check_here(arguments)
    from styleprop.cli.batch import Batch, load_model

    recipe.check()
    ending = f".{arguments.format}"
    jobs = plan_jobs(arguments.sources, arguments.output, recipe.verb, ending, recipe.files)
    recipe = recipe.opened_first()
    model = load_model(arguments.checkpoint, arguments.debug)
    return Batch(jobs, arguments.json, arguments.debug).run(recipe.made_by(model))
