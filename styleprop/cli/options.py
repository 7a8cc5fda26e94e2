"""Kinds of arguments, and the options that several commands share."""

import argparse
import math
import os
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from styleprop.errors import StylepropError

MAX_WEIGHT = 1e6
Commands: TypeAlias = "argparse._SubParsersAction[Any]"  # what `add_subparsers` gives; it has no public name


class UsageError(StylepropError):
    """Arguments that do not go together; the command ends with code 2."""


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=30, width=110)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def __init__(self, **kwargs: Any):
        super().__init__(allow_abbrev=False, formatter_class=_Help, **kwargs)

    def error(self, message: str) -> NoReturn:
        """End with code 2 and one line on standard error."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (--help shows the options)\n")


def number(low: float, high: float) -> Callable[[str], float]:
    """A kind of argument: a number from `low` to `high`."""

    def parse(text: str) -> float:
        value = to_number(text)
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be a number from {low:g} to {high:g}, not {text!r}")
        return value

    return parse


def whole_number(low: int, high: int = 10**9) -> Callable[[str], int]:
    """A kind of argument: a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return parse


def to_number(text: str) -> float | None:
    """The finite number that a text spells, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def weighted_style(text: str) -> tuple[str, float]:
    """A kind of argument: FILE or NAME, with :WEIGHT where what follows the last colon is a number.

    A file of exactly that name wins, so a name that ends in a colon and a number is no weight.
    """
    head, _, tail = text.rpartition(":")
    weight = to_number(tail) if head else None
    if weight is None or os.path.isfile(text):
        return text, 1.0
    if not 0 <= weight <= MAX_WEIGHT:
        raise argparse.ArgumentTypeError(f"the weight of {head!r} must be a number from 0 to {MAX_WEIGHT:g}")
    return head, weight


def add_debug(parser: argparse.ArgumentParser) -> None:
    """Add --debug."""
    parser.add_argument("--debug", action="store_true", help="show where an unexpected error happened (default: no)")


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help=f"print {what} as JSON, one object a line (default: text)")


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Add --checkpoint."""
    parser.add_argument(
        "--checkpoint",
        metavar="NAME|DIR|REPO",
        help="an embedded checkpoint, a checkpoint's folder or OWNER/NAME@REVISION (default: autoencoder)",
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add --engine, --address and --workers."""
    parser.add_argument(
        "--engine",
        choices=("here", "ray"),
        default="here",
        help="paint in this process, or in many, by Ray, with a manifest in OUT (default: here)",
    )
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="with --engine ray: a cluster, or auto (default: this computer alone)"
    )
    parser.add_argument(
        "--workers",
        type=whole_number(1, 100_000),
        metavar="N",
        help="with --engine ray: processes, which share the cores (default: one for each core)",
    )


def check_here(arguments: argparse.Namespace) -> None:
    """Raise UsageError where there are options of another engine."""
    if arguments.address is not None or arguments.workers is not None:
        raise UsageError("--address and --workers need --engine ray.")
