"""`train features`, `train autoencoder`, `train stylizer`, `train cyclegan`, `train enlarger` and `train sound`."""

import argparse
import json
import math
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from styleprop.cli.exits import EXIT_STOPPED, report
from styleprop.cli.features import FEATURES_HELP, open_features
from styleprop.cli.options import Commands, Parser, add_debug, add_json, number, whole_number
from styleprop.cli.terminal import complain, quiet
from styleprop.cli.train_report import Reporter
from styleprop.config import ADVERSARIAL_LOSSES, KINDS, Config, CycleGANTrainingConfig
from styleprop.config.words import counted
from styleprop.errors import CheckpointError, SettingsError

if TYPE_CHECKING:
    from styleprop.models.features import FeatureNetwork
    from styleprop.training.plan import TrainingPlan
    from styleprop.training.team import Team

DESCRIPTION = """{what}

The run folder gets run.json, state.npz, log.csv, scores.csv and preview.png. Where it holds a run already, that
run goes on, and only what is given is changed in it: `train {kind} --run DIR` is enough. Ctrl-C ends a run as
the last step does. Set KERAS_BACKEND=jax to train on a GPU.
"""
ALL_DONE = (
    "The only step of the run is done; --steps gives it more.",
    "All {number} steps of the run are done; --steps gives it more.",
)
DATA = {"images": "pictures", "content": "photos", "style": "paintings"}
FEATURES = ("--features", {"metavar": "FILE|vgg16", "help": FEATURES_HELP})
OPTIONS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "features": (FEATURES,),
    "autoencoder": (
        ("--architecture", {"choices": ("propagation", "classic"), "help": "of the network (default: propagation)"}),
    ),
    "stylizer": (
        FEATURES,
        (
            "--half-features",
            {"metavar": "FILE|vgg16", "help": "another one for the half-size pictures (default: the same)"},
        ),
    ),
    "cyclegan": (
        (
            "--features",
            {
                "metavar": "FILE|vgg16",
                "help": "a VGG network for a style loss beside the paper's (default: none), or for the training of "
                "style codes (default: the embedded one)",
            },
        ),
        (
            "--judge",
            {"metavar": "FILE|vgg16", "help": "score set-aside pictures with this VGG16 (default: cycle error alone)"},
        ),
        ("--adversarial-loss", {"choices": ADVERSARIAL_LOSSES, "help": "(default: least_squares)"}),
    ),
    "enlarger": (
        FEATURES,
        ("--enlarger", {"metavar": "NAME|DIR", "help": "enlarger to start from (default: random weights)"}),
    ),
    "sound": (),
}
EVALUATE_EVERY, REPORT_EVERY = 500, 50
SHARED = ("autoencoder", "stylizer")  # kinds whose steps are one program on one batch


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    sentence = (
        "train a feature network, an autoencoder, a stylizer, a CycleGAN, an enlarger or an autoencoder of sounds"
    )
    parser = commands.add_parser("train", description=f"{sentence.capitalize()}.", help=sentence)
    kinds = parser.add_subparsers(metavar="KIND", required=True, parser_class=Parser)
    for name, kind in KINDS.items():
        command = kinds.add_parser(name, description=DESCRIPTION.format(what=kind.what, kind=name), help=kind.what)
        for data in kind.data:
            sentence = f"{DATA[data]} (required for a new run)"
            command.add_argument(f"--{data}", nargs="+", metavar="DIR", help=sentence)
        for option, settings in OPTIONS[name]:
            command.add_argument(option, **settings)
        _add_common(command, kind.defaults or kind.training())
        command.set_defaults(run=run_train, kind=name)


def _add_common(parser: argparse.ArgumentParser, config: Config) -> None:
    default = config.to_dict()
    parser.add_argument("--run", required=True, metavar="DIR", dest="folder", help="folder of the run (required)")
    parser.add_argument(
        "--config", metavar="FILE", help='JSON of settings, and of the network\'s under "model" (default: none)'
    )
    start = "checkpoint to start from (default: random weights); an enlarger's: the autoencoder that paints (required)"
    parser.add_argument("--start", metavar="NAME|DIR", help=start)
    many = whole_number(1)
    for option, name, kind in (
        ("--steps", "total_steps", whole_number(0) if isinstance(config, CycleGANTrainingConfig) else many),
        ("--batch-size", "batch_size", many),
        ("--crop-size", "crop_size", whole_number(16, 2048)),
        ("--learning-rate", "learning_rate", number(1e-9, 1)),
        ("--seed", "seed", whole_number(0)),
    ):
        sentence = f"{name.replace('_', ' ')} (default: {default[name]})"
        parser.add_argument(option, type=kind, metavar="N", dest=name, help=sentence)
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        help=f"of the arithmetic (default: {default['precision']})",
    )
    parser.add_argument("--minutes", type=number(0, 1e6), metavar="M", help="time limit (default: none)")
    parser.add_argument(
        "--cool-down", action="store_true", help="the learning rate falls by the end of --minutes (default: of --steps)"
    )
    parser.add_argument(
        "--evaluate-every", type=many, default=EVALUATE_EVERY, metavar="N", help=f"in steps (default: {EVALUATE_EVERY})"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="write a checkpoint at the end (default: none)")
    parser.add_argument(
        "--overwrite", action="store_true", help="a new run may replace the checkpoint of -o (default: no)"
    )
    parser.add_argument(
        "--processes",
        type=whole_number(1, 10_000),
        metavar="N",
        help="share each batch among N processes, on JAX (default: one, without sharing)",
    )
    add_json(parser, "each report")
    add_debug(parser)


def run_train(arguments: argparse.Namespace) -> int:
    """Train; 130 where it was stopped by Ctrl-C, after state and checkpoint were written."""
    if arguments.processes is None:
        stopped, reporter = _train(arguments)
        return _finish(arguments, reporter, stopped)
    from styleprop.scale.processes import joined

    if arguments.kind not in SHARED:
        raise SettingsError(f"--processes is for {' and '.join(SHARED)}; other trainings have one process.")
    with quiet(arguments.debug), joined(arguments.processes) as team:
        try:
            stopped, reporter = _train(arguments, team)
        except (Exception, KeyboardInterrupt) as error:
            team.fail(error, partial(report, error, arguments.debug))
    return _finish(arguments, reporter, stopped) if team.is_writer else 0


def _train(arguments: argparse.Namespace, team: "Team | None" = None) -> tuple[bool, Reporter]:
    """Train; whether it was stopped, and what told of it."""
    folder = Path(arguments.folder)
    if arguments.cool_down and not arguments.minutes:
        raise SettingsError("--cool-down needs --minutes, above 0.")
    with quiet(arguments.debug):
        from styleprop.training import runs

        plan = _plan(arguments, folder, runs)
        first = runs.saved_step(folder)
    if first and first >= plan.training.total_steps:
        complain(counted(first, *ALL_DONE))
    seconds = math.inf if arguments.minutes is None else arguments.minutes * 60
    reporter = Reporter(first, seconds, arguments.json)
    often = arguments.evaluate_every
    every = {"report_every": math.gcd(REPORT_EVERY, often), "evaluate_every": often}
    with stop_on_ctrl_c() as stop:
        features = _features(plan, runs, arguments.debug)
        options = {"seconds": seconds, "stop": stop, "cool_down": arguments.cool_down, **every}
        options |= {"team": team} if team else {}
        watch(runs.start_training(plan, folder, features, **options), reporter, arguments.debug)
    return stop.is_set(), reporter


def check_output(output: Path, replace: bool, choices: str = "--overwrite replaces it") -> None:
    """Raise CheckpointError where a checkpoint cannot be written there, or would replace one unasked."""
    from styleprop.checkpoints import CONFIG_FILE, check_replaceable

    check_replaceable(output)
    if not replace and (output / CONFIG_FILE).is_file():
        raise CheckpointError(f"{output.name!r} is a checkpoint already: {choices}.")


def _plan(arguments: argparse.Namespace, folder: Path, runs: ModuleType) -> "TrainingPlan":
    from styleprop.training.plan import NETWORKS, plan_training

    if arguments.output:
        check_output(Path(arguments.output), arguments.overwrite or runs.saved_step(folder) > 0)
    model, settings = _settings(arguments)
    data = {name: getattr(arguments, name) for name in KINDS[arguments.kind].data}
    wanted = {name: getattr(arguments, name, None) for name in ("start", *NETWORKS)}
    return plan_training(folder, arguments.kind, model=model, training=settings, data=data, **wanted)


def _features(plan: "TrainingPlan", runs: ModuleType, debug: bool) -> "FeatureNetwork | None":
    with quiet(debug):
        return open_features(plan.features, runs.feature_dtype(plan)) if plan.kind in ("stylizer", "enlarger") else None


def watch(training: Iterator, reporter: Reporter, debug: bool) -> None:
    """Run a training and show its reports."""
    with quiet(debug):  # set-up and the first steps, where TensorFlow and XLA comment on their work
        first = next(training, None)
    if first is not None:
        reporter.tell(first)
    for progress in training:
        reporter.tell(progress)


def _finish(arguments: argparse.Namespace, reporter: Reporter, stopped: bool) -> int:
    from styleprop.training import runs

    reporter.end()
    folder = Path(arguments.folder)
    if arguments.output:
        checkpoint = runs.export_run(folder, Path(arguments.output), reporter.scores)
        print(f"Wrote the checkpoint {checkpoint.name!r}.", file=sys.stderr)
    if stopped:
        complain(f"Stopped after step {runs.saved_step(folder)}; the same command goes on from there.")
        return EXIT_STOPPED
    return 0


def _settings(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """The wanted fields of the model's and the training's config: those of --config, then those of the options."""
    settings = _read_config(arguments.config) if arguments.config else {}
    model = settings.pop("model", {})
    if not isinstance(model, dict):
        raise SettingsError('"model" in the --config file must be a JSON object.')
    if getattr(arguments, "architecture", None):
        model["architecture"] = arguments.architecture
    for field in fields(KINDS[arguments.kind].training):
        value = getattr(arguments, field.name, None)
        if value is not None:
            settings[field.name] = value
    return model, settings


def _read_config(path: str) -> dict[str, Any]:
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file {Path(path).name!r} cannot be read as JSON.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {Path(path).name!r} must hold a JSON object.")
    return values


@contextmanager
def stop_on_ctrl_c() -> Iterator[threading.Event]:
    """The first Ctrl-C or SIGTERM sets what is yielded, which ends a training after its step; a second one ends all."""
    stop = threading.Event()

    def listen(number: int, frame: FrameType | None) -> None:
        stop.set()
        restore()
        complain("Stopping after this step; Ctrl-C again stops at once and loses what was not saved.")

    def restore() -> None:
        for signal_number, handler in before.items():
            signal.signal(signal_number, handler)

    before = {number: signal.signal(number, listen) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        restore()
