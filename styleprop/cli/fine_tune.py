"""`fine-tune`: a short training on a person's own pictures."""

import argparse
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from styleprop.cli.options import Parser, add_debug, add_json, number, whole_number
from styleprop.cli.terminal import complain, quiet
from styleprop.cli.train import stop_on_ctrl_c, watch
from styleprop.cli.train_report import Reporter
from styleprop.config import FINE_TUNES, OPTIMIZERS

DESCRIPTION = """Train a copy of the embedded weights on your own pictures, for a minute or two.

{what}

A quarter of the pictures is held out; the weights that do best on them are kept. The outcome is a checkpoint
for --checkpoint of the other commands. Ctrl-C ends the training and keeps the best so far.
"""


def add_commands(commands) -> None:
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
        from styleprop.checkpoints import check_replaceable, copy_checkpoint, find_checkpoint
        from styleprop.training.fine_tune import RESULT_FOLDER, fine_tune
        from styleprop.training.runs import saved_step

        output = Path(arguments.output)
        check_replaceable(output)
        job = _job(arguments)
    with nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reporter = Reporter(saved_step(folder), job.seconds, arguments.json)
        with stop_on_ctrl_c() as stop:
            watch(fine_tune(job, folder, stop), reporter, arguments.debug)
        reporter.end()
        copy_checkpoint(find_checkpoint(folder / RESULT_FOLDER), output)
    print(f"Wrote the checkpoint {output.name!r}.", file=sys.stderr)
    if stop.is_set():
        complain("Stopped early; the best weights so far were kept.")
    return 130 if stop.is_set() else 0


def _job(arguments: argparse.Namespace):
    from styleprop.data import example_photos, list_images
    from styleprop.training.job import FineTuning, check_pictures

    pictures = tuple(list_images(arguments.images))
    check_pictures(arguments.job, pictures)
    content = getattr(arguments, "content", None)
    return FineTuning(
        arguments.job,
        pictures,
        content=tuple(list_images(content) if content else example_photos()),
        loss=getattr(arguments, "loss", "mse"),
        **{name: getattr(arguments, name) for name in ("seconds", "steps", "optimizer", "learning_rate", "start")},
    )
