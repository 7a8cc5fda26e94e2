"""`sheet`: a photo in many styles, or in one style at many strengths, in a single picture."""

import argparse
import os
from typing import TYPE_CHECKING, Any

from styleprop.cli.options import Commands, UsageError, to_number
from styleprop.cli.paths import plan_jobs
from styleprop.cli.pictures import MANY, add_common, add_settings
from styleprop.cli.recipes import open_style
from styleprop.config import StyleOptions

if TYPE_CHECKING:
    from styleprop.engine import SheetCell, Styleprop
    from styleprop.engine.canvas import Watcher
    from styleprop.images import Picture

MAX_CELLS = 40
SHEET = f"""Make a contact sheet: the photo in every built-in style, in the styles that are given, or, with --strengths,
in one style at several strengths.
{MANY}

  python -m styleprop sheet photo.jpg -o sheet.png
  python -m styleprop sheet photo.jpg --style a.jpg --style great-wave -o sheet.png
  python -m styleprop sheet photo.jpg --style great-wave --strengths 0.25,0.5,0.75,1 -o sheet.png
"""


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("sheet", description=SHEET, help="make a contact sheet of styles or strengths")
    parser.add_argument("sources", nargs="+", metavar="CONTENT", help="picture files, folders, or - for standard input")
    parser.add_argument(
        "--style",
        action="append",
        default=[],
        metavar="FILE|NAME",
        help="a picture, a .style.json file or a built-in style's name; any number of times "
        "(default: every built-in style)",
    )
    parser.add_argument(
        "--strengths", type=_strengths, metavar="S,S,…", help="one style at these strengths, 0 to 1 each (default: no)"
    )
    add_settings(parser)
    add_common(parser)
    parser.set_defaults(run=run_sheet)


def _strengths(text: str) -> list[float]:
    values = [to_number(part) for part in text.split(",")]
    if not all(value is not None and 0 <= value <= 1 for value in values) or len(values) > MAX_CELLS:
        raise argparse.ArgumentTypeError(f"must be up to {MAX_CELLS} numbers from 0 to 1 with commas between them")
    return [value for value in values if value is not None]


def run_sheet(arguments: argparse.Namespace) -> int:
    """Make a sheet of every input; the numbers of the job are the labels."""
    from styleprop.cli.batch import Batch, load_model

    names = arguments.style
    if arguments.strengths and len(names) != 1:
        raise UsageError("--strengths needs exactly one --style.")
    if len(names) > MAX_CELLS:
        raise UsageError(f"Give at most {MAX_CELLS} styles, not {len(names)}.")
    jobs = plan_jobs(arguments.sources, arguments.output, "sheet", f".{arguments.format}", names)
    model = load_model(arguments.checkpoint, arguments.debug)
    cells = _cells(model, names, arguments.strengths)
    options = StyleOptions.of(arguments)

    def make(picture: "Picture", watch: "Watcher") -> tuple[Any, dict[str, Any]]:
        from styleprop.engine import make_sheet

        made = make_sheet(model, picture, cells, watch, **options.to_dict())
        return made, {**options.to_settings(), "cells": [cell.label for cell in cells]}

    return Batch(jobs, arguments.json, arguments.debug).run(make)


def _cells(model: "Styleprop", names: list[str], strengths: list[float] | None) -> list["SheetCell"]:
    from styleprop.engine.sheets import SheetCell, strength_cells, style_cells

    if not names:
        if not model.styles:
            raise UsageError("This checkpoint brings no built-in styles: give some with --style.")
        return style_cells(model)
    styles = [open_style(name, model.styles) for name in names]
    if strengths:
        return strength_cells(styles[0], strengths)
    labels = [
        getattr(style, "title", None) or os.path.basename(name) for name, style in zip(names, styles, strict=True)
    ]
    return [SheetCell(label, style) for label, style in zip(labels, styles, strict=True)]
