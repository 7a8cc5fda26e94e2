"""`fine-tune`: a short training on a person's own pictures."""

import argparse
import os
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from styleprop.cli.options import Commands, Parser, UsageError, add_debug, add_json, number, whole_number
from styleprop.cli.terminal import complain, quiet
from styleprop.cli.train import check_output, stop_on_ctrl_c, watch
from styleprop.cli.train_report import GainReporter
from styleprop.config import FINE_TUNES, OPTIMIZERS
from styleprop.errors import ImageError

if TYPE_CHECKING:
    from styleprop.training.job import FineTuning

DESCRIPTION = """Train a copy of the embedded weights on your own pictures, for a minute or two.

{what}

A quarter of the pictures is held out; the weights that do best on them are kept. A picture that cannot be
read is named and left out. The outcome is a checkpoint for --checkpoint of the other commands. Ctrl-C ends the
training and keeps the best so far.
"""
CHOICES = "--overwrite replaces it, --resume goes on from it"


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    sentence = "train on your own pictures for a minute or two"
    parser = commands.add_parser("fine-tune", description=f"{sentence.capitalize()}.", help=sentence)
    jobs = parser.add_subparsers(metavar="JOB", required=True, parser_class=Parser)
    for job, kind in FINE_TUNES.items():
        command = jobs.add_parser(job, description=DESCRIPTION.format(what=kind.what), help=kind.what)
        _add_options(command, job)
        command.set_defaults(run=run_fine_tune, job=job)


def _add_options(parser: argparse.ArgumentParser, job: str) -> None:
    parser.add_argument("--images", nargs="+", required=True, metavar="DIR|FILE", help="your pictures (required)")
    if job != "autoencoder":
        parser.add_argument("--content", nargs="+", metavar="DIR|FILE", help="photos (default: the app's examples)")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="checkpoint to write (required)")
    there = parser.add_mutually_exclusive_group()
    there.add_argument("--overwrite", action="store_true", help="replace the checkpoint of -o (default: no)")
    there.add_argument(
        "--resume",
        action="store_true",
        help="go on from the run of --run, else from the checkpoint of -o, and replace it (default: no)",
    )
    parser.add_argument("--seconds", type=number(1, 3600), default=60.0, metavar="S", help="time limit (default: 60)")
    parser.add_argument("--steps", type=whole_number(1, 20000), default=5000, metavar="N", help="limit (default: 5000)")
    if job == "autoencoder":
        parser.add_argument("--loss", choices=("mse", "perceptual"), default="mse", help="(default: mse)")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="adam", help="(default: adam)")
    parser.add_argument(
        "--learning-rate", type=number(1e-9, 1), metavar="R", help="(default: the optimizer's usual one)"
    )
    parser.add_argument("--start", default="", metavar="NAME|DIR", help="checkpoint to start from (default: embedded)")
    parser.add_argument("--run", dest="folder", metavar="DIR", help="keep the run here, to go on later (default: no)")
    add_json(parser, "each report")
    add_debug(parser)


def run_fine_tune(arguments: argparse.Namespace) -> int:
    """Fine-tune; 130 where it was stopped by Ctrl-C, after the checkpoint was written."""
    with quiet(arguments.debug):
        from styleprop.checkpoints import copy_checkpoint, find_checkpoint
        from styleprop.training.fine_tune import RESULT_FOLDER, fine_tune
        from styleprop.training.runs import saved_step

        output = Path(arguments.output)
        check_output(output, arguments.overwrite or arguments.resume, CHOICES)
        first = saved_step(Path(arguments.folder)) if arguments.folder else 0
        job = _job(arguments, _start(arguments, output, first))
    with nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reporter = GainReporter(job.job, folder, first, job.seconds, arguments.json)
        with stop_on_ctrl_c() as stop:
            watch(fine_tune(job, folder, stop), reporter, arguments.debug)
        reporter.end()
        copy_checkpoint(find_checkpoint(folder / RESULT_FOLDER), output)
        gain = reporter.gain() or "nothing was better than at the start; try another learning rate or more time"
    print(f"Wrote the checkpoint {output.name!r}: {gain}.", file=sys.stderr)
    if stop.is_set():
        complain("Stopped early; the best weights so far were kept.")
    return 130 if stop.is_set() else 0


def _start(arguments: argparse.Namespace, output: Path, first: int) -> str:
    """What to start from: for a --resume without a run that has state, the checkpoint that is there."""
    if not arguments.resume or first:
        return arguments.start
    if arguments.start:
        raise UsageError("--start and --resume do not go together: both say what to start from.")
    if not output.exists():
        raise UsageError(f"There is no checkpoint {output.name!r} to go on from; leave out --resume.")
    return os.path.abspath(output)  # never the embedded checkpoint of that name


def _leave_out(path: Path, error: ImageError) -> None:
    complain(f"{path.name!r} was left out: {error}")


def _job(arguments: argparse.Namespace, start: str) -> "FineTuning":
    from styleprop.data import example_photos, list_images
    from styleprop.training.job import FineTuning, choose_pictures, choose_readable

    pictures = choose_pictures(arguments.job, list_images(arguments.images), _leave_out)
    content = getattr(arguments, "content", None)
    return FineTuning(
        arguments.job,
        pictures,
        content=choose_readable(list_images(content), _leave_out) if content else tuple(example_photos()),
        loss=getattr(arguments, "loss", "mse"),
        start=start,
        **{name: getattr(arguments, name) for name in ("seconds", "steps", "optimizer", "learning_rate")},
    )
