"""The parser of all commands, and what becomes of an error."""

import io
import os
import sys
import warnings
from collections.abc import Sequence

from styleprop import __version__
from styleprop.cli import (
    benchmark,
    checkpoints,
    evaluate,
    fine_tune,
    pictures,
    sheet,
    sheet_domain,
    sound,
    style,
    train,
    video,
)
from styleprop.cli.exits import EXIT_FAILED, EXIT_OK, report
from styleprop.cli.options import Parser
from styleprop.errors import StylepropError

DESCRIPTION = "Restyle pictures: reconstruct them, put them into the style of others, train the network that does it."
EPILOG = """examples:
  python -m styleprop stylize photo.jpg --style painting.jpg -o out.png
  python -m styleprop translate photos/ --domain monet -o paintings/
  python -m styleprop serve

`python -m styleprop COMMAND --help` shows a command's options."""


def build_parser() -> Parser:
    """The parser; building it imports neither Keras nor NumPy."""
    parser = Parser(prog=_program(), description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"styleprop {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    made = (pictures, style, video, sound, sheet, sheet_domain)
    for module in (*made, fine_tune, train, evaluate, benchmark, checkpoints):
        module.add_commands(commands)
    commands.add_parser("serve", add_help=False, help="open the app in the browser, as `python app.py` does")
    return parser


def _program() -> str:
    """How the command line was called: the installed program, or the module."""
    return "styleprop" if os.path.basename(sys.argv[0]) == "styleprop" else "python -m styleprop"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments without the program's name; `sys.argv`'s where None.

    Returns:
        0 where all went well, 1 where an input failed, 2 for wrong usage, 130 where it was stopped by Ctrl-C.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        return _serve(argv[1:]) if argv[:1] == ["serve"] else _run_command(argv)
    except SystemExit as stop:  # argparse has written its line
        return stop.code if isinstance(stop.code, int) else EXIT_OK
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except (Exception, KeyboardInterrupt) as error:
        return report(error, "--debug" in argv)


def _run_command(argv: list[str]) -> int:
    arguments = build_parser().parse_args(argv)
    return arguments.run(arguments)


def _serve(argv: list[str]) -> int:
    try:
        from styleprop.ui import serve
    except ImportError as error:
        raise StylepropError("The app needs packages that are missing: pip install -r requirements.txt") from error
    return serve.main(argv) or EXIT_OK


def run() -> int:
    """Run as a program of its own: no warnings of libraries, and names that the terminal cannot show are escaped."""
    if "--debug" not in sys.argv:
        warnings.simplefilter("ignore")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return main()
