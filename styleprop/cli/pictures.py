"""`reconstruct`, `stylize` and `translate`."""

import argparse
import difflib
from typing import Any

from styleprop.cli.options import UsageError, add_checkpoint, add_debug, add_json, number, weighted_style
from styleprop.cli.paths import STREAM, plan_jobs
from styleprop.config import StyleOptions
from styleprop.errors import ImageError

MAX_STYLES = 4
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
        help="a picture or a built-in style's name; up to four times, weights are relative (default weight: 1)",
    )
    add_settings(parser)
    _add_mask(parser)
    add_common(parser)
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
    add_common(parser)
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
    """Reconstruct every input; the numbers of the job are PSNR, SSIM and the latent's shape."""
    from styleprop.cli.batch import Batch, load_model

    jobs = plan_jobs(arguments.sources, arguments.output, "reconstructed", f".{arguments.format}")
    model = load_model(arguments.checkpoint, arguments.debug)

    def make(picture, watch) -> tuple[Any, dict[str, Any]]:
        result = model.reconstruct(picture, watch)
        numbers = {"psnr_db": round(result.psnr_db, 3), "ssim": round(result.ssim, 5)}
        return result, {**numbers, "latent_shape": list(result.latent.shape)}

    return Batch(jobs, arguments.json, arguments.debug).run(make)


def run_translate(arguments: argparse.Namespace) -> int:
    """Translate every input; the numbers of the job are the cycle's errors."""
    from styleprop.cli.batch import Batch, load_model

    jobs = plan_jobs(arguments.sources, arguments.output, "translated", f".{arguments.format}")
    model = load_model(arguments.checkpoint, arguments.debug)
    model.translators.open(arguments.domain, arguments.to_photo)

    def make(picture, watch) -> tuple[Any, dict[str, Any]]:
        result = model.translate(
            picture, arguments.domain, to_photo=arguments.to_photo, round_trip=arguments.json, watch=watch
        )
        numbers: dict[str, Any] = {"domain": result.settings["domain"], "to_photo": arguments.to_photo}
        if result.cycled is not None:
            numbers |= {"cycle_l1": round(result.cycle_l1, 3), "cycle_psnr_db": round(result.cycle_psnr_db, 3)}
        return result, numbers

    return Batch(jobs, arguments.json, arguments.debug).run(make)


def run_stylize(arguments: argparse.Namespace) -> int:
    """Stylize every input; the numbers of the job are the settings."""
    from styleprop.cli.batch import Batch, load_model

    check_styles(arguments.style, arguments.outside)
    _check_mask(arguments)
    files = [name for name, _ in (*arguments.style, *arguments.outside)] + ([arguments.mask] if arguments.mask else [])
    jobs = plan_jobs(arguments.sources, arguments.output, "stylized", f".{arguments.format}", files)
    mask = _open_mask(arguments.mask, arguments.invert_mask) if arguments.mask else None
    model = load_model(arguments.checkpoint, arguments.debug)
    styles, outside = (
        [(open_style(name, model.styles), weight) for name, weight in pairs]
        for pairs in (arguments.style, arguments.outside)
    )
    options = StyleOptions.of(arguments)
    region = {"mask": mask, "outside": outside or None}
    shown = {**options.to_settings(mask is not None), "styles": [list(style) for style in arguments.style]}
    if mask is not None:
        names = ("mask", "invert_mask")
        shown |= {name: getattr(arguments, name) for name in names}
        shown["outside"] = [list(style) for style in arguments.outside]

    def make(picture, watch) -> tuple[Any, dict[str, Any]]:
        return model.stylize(picture, styles, **options.to_dict(), **region, watch=watch), shown

    return Batch(jobs, arguments.json, arguments.debug).run(make)


def check_styles(*groups: list[tuple[str, float]]) -> None:
    """Raise UsageError where there are too many styles, or none with a weight."""
    for pairs in groups:
        if len(pairs) > MAX_STYLES:
            raise UsageError(f"Give one to {MAX_STYLES} styles, not {len(pairs)}.")
        if pairs and not any(weight for _, weight in pairs):
            raise UsageError("At least one style needs a weight above 0.")


def _check_mask(arguments: argparse.Namespace) -> None:
    if arguments.mask is None and (arguments.outside or arguments.invert_mask):
        raise UsageError("--outside and --invert-mask need --mask FILE.")


def _open_mask(name: str, invert: bool):
    from styleprop import images
    from styleprop.cli.batch import open_source

    try:
        mask = images.to_mask(open_source(name))
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    return 255 - mask if invert else mask


def open_style(name: str, built_in: dict):
    """The built-in style, or the picture, that a name stands for. Raises ImageError."""
    from styleprop.cli.batch import open_source

    if name in built_in:
        return built_in[name]
    try:
        return open_source(name)
    except ImageError as error:
        if name == STREAM or "does not exist" not in str(error):
            raise ImageError(f"{name}: {error}") from error
        raise ImageError(
            f"{name}: There is neither a file nor a built-in style of that name.{_hint(name, built_in)}"
        ) from error


def _hint(name: str, built_in: dict) -> str:
    near = difflib.get_close_matches(name, built_in, n=3, cutoff=0.4) or sorted(built_in)
    return f" Built-in styles: {', '.join(near)}." if near else ""
