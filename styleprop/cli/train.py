"""`train features`, `train autoencoder`, `train stylizer` and `train cyclegan`."""

import argparse
import json
import math
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from styleprop.cli.evaluate import add_features, open_features
from styleprop.cli.options import Parser, add_debug, add_json, number, whole_number
from styleprop.cli.terminal import complain, quiet
from styleprop.cli.train_report import Reporter
from styleprop.config import ADVERSARIAL_LOSSES, CycleGANTrainingConfig, TrainingConfig
from styleprop.errors import SettingsError

DESCRIPTION = """{what}

The run folder gets run.json, state.npz, log.csv, scores.csv and preview.png. Where it holds a run already, that
run goes on, and only what is given is changed in it: `train {kind} --run DIR` is enough. Ctrl-C ends a run as
the last step does. Set KERAS_BACKEND=jax to train on a GPU.
"""
AUTOENCODER = "Train an autoencoder on pictures to themselves."
FEATURES = "Distil a small feature network from VGG16, for perceptual losses without it."
STYLIZER = "Train an autoencoder that puts pictures into the style of others, on photos and paintings."
CYCLEGAN = "Train a CycleGAN that translates photos to paintings of a domain and back, on folders that are not paired."
EVALUATE_EVERY, REPORT_EVERY = 500, 50


def add_commands(commands) -> None:
    """Add the command to the parser's."""
    sentence = "train a feature network, an autoencoder, a stylizer or a CycleGAN"
    parser = commands.add_parser("train", description=f"{sentence.capitalize()}.", help=sentence)
    kinds = parser.add_subparsers(metavar="KIND", required=True, parser_class=Parser)
    autoencoder = kinds.add_parser(
        "autoencoder", description=DESCRIPTION.format(what=AUTOENCODER, kind="autoencoder"), help=AUTOENCODER
    )
    autoencoder.add_argument("--images", nargs="+", metavar="DIR", help="pictures (required for a new run)")
    autoencoder.add_argument(
        "--architecture", choices=("propagation", "classic"), help="of the network (default: propagation)"
    )
    autoencoder.set_defaults(run=run_train, kind="autoencoder", features=None, half_features=None, judge=None)
    stylizer = kinds.add_parser(
        "stylizer", description=DESCRIPTION.format(what=STYLIZER, kind="stylizer"), help=STYLIZER
    )
    stylizer.add_argument("--content", nargs="+", metavar="DIR", help="photos (required for a new run)")
    stylizer.add_argument("--style", nargs="+", metavar="DIR", help="paintings (required for a new run)")
    add_features(stylizer)
    stylizer.add_argument(
        "--half-features", metavar="FILE|vgg16", help="another one for the half-size pictures (default: the same)"
    )
    stylizer.set_defaults(run=run_train, kind="stylizer", architecture=None, judge=None)
    cyclegan = kinds.add_parser(
        "cyclegan", description=DESCRIPTION.format(what=CYCLEGAN, kind="cyclegan"), help=CYCLEGAN
    )
    cyclegan.add_argument("--content", nargs="+", metavar="DIR", help="photos (required for a new run)")
    cyclegan.add_argument("--style", nargs="+", metavar="DIR", help="paintings (required for a new run)")
    cyclegan.add_argument(
        "--features", metavar="FILE|vgg16", help="a VGG network for a style loss beside the paper's (default: none)"
    )
    cyclegan.add_argument(
        "--judge", metavar="FILE|vgg16", help="score set-aside pictures with this VGG16 (default: cycle error alone)"
    )
    cyclegan.add_argument("--adversarial-loss", choices=ADVERSARIAL_LOSSES, help="(default: least_squares)")
    cyclegan.set_defaults(run=run_train, kind="cyclegan", architecture=None, half_features=None)
    features = kinds.add_parser(
        "features", description=DESCRIPTION.format(what=FEATURES, kind="features"), help=FEATURES
    )
    features.add_argument("--images", nargs="+", metavar="DIR", help="pictures (required for a new run)")
    add_features(features)
    features.set_defaults(run=run_train, kind="features", architecture=None, half_features=None, judge=None)
    for kind, config in (
        (features, TrainingConfig()),
        (autoencoder, TrainingConfig()),
        (stylizer, TrainingConfig()),
        (cyclegan, CycleGANTrainingConfig.painter()),
    ):
        _add_common(kind, config)


def _add_common(parser: argparse.ArgumentParser, config: TrainingConfig | CycleGANTrainingConfig) -> None:
    default = config.to_dict()
    parser.add_argument("--run", required=True, metavar="DIR", dest="folder", help="folder of the run (required)")
    parser.add_argument(
        "--config", metavar="FILE", help='JSON of settings, and of the network\'s under "model" (default: none)'
    )
    parser.add_argument("--start", metavar="NAME|DIR", help="checkpoint to start from (default: random weights)")
    many = whole_number(1)
    for option, name, kind in (
        ("--steps", "total_steps", many),
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
    add_json(parser, "each report")
    add_debug(parser)


def run_train(arguments: argparse.Namespace) -> int:
    """Train; 130 where it was stopped by Ctrl-C, after state and checkpoint were written."""
    folder = Path(arguments.folder)
    if arguments.cool_down and not arguments.minutes:
        raise SettingsError("--cool-down needs --minutes, above 0.")
    with quiet(arguments.debug):
        from styleprop.training import runs
        from styleprop.training.limits import TimeLimit

        plan = _plan(arguments, folder, runs)
        first = runs.saved_step(folder)
    if first >= plan.training.total_steps:
        complain(f"All {first} steps of the run are done; --steps gives it more.")
    limit = TimeLimit("inf" if arguments.minutes is None else arguments.minutes * 60)
    reporter = Reporter(first, float(limit), arguments.json)
    often = arguments.evaluate_every
    every = {"report_every": math.gcd(REPORT_EVERY, often), "evaluate_every": often}
    options = {"schedule_seconds": float(limit)} if arguments.cool_down else {}
    with stop_on_ctrl_c(limit):
        features = _features(plan, runs, arguments.debug)
        watch(runs.start_training(plan, folder, limit, features, **every, **options), reporter, arguments.debug)
    return _finish(arguments, runs, reporter, limit.stopped)


def _plan(arguments: argparse.Namespace, folder: Path, runs):
    from styleprop.checkpoints import check_replaceable
    from styleprop.training.plan import DATA_OF, plan_training

    if arguments.output:
        check_replaceable(Path(arguments.output))
    model, settings = _settings(arguments)
    data = {name: getattr(arguments, name) for name in DATA_OF[arguments.kind]}
    wanted = {name: getattr(arguments, name) for name in ("features", "half_features", "start", "judge")}
    return plan_training(folder, arguments.kind, model=model, training=settings, data=data, **wanted)


def _features(plan, runs, debug: bool):
    with quiet(debug):
        return open_features(plan.features, runs.feature_dtype(plan)) if plan.kind == "stylizer" else None


def watch(training: Iterator, reporter: Reporter, debug: bool) -> None:
    """Run a training and show its reports."""
    with quiet(debug):  # set-up and the first steps, where TensorFlow and XLA comment on their work
        first = next(training, None)
    if first is not None:
        reporter.tell(first)
    for progress in training:
        reporter.tell(progress)


def _finish(arguments: argparse.Namespace, runs, reporter: Reporter, stopped: bool) -> int:
    reporter.end()
    folder = Path(arguments.folder)
    if arguments.output:
        checkpoint = runs.export_run(folder, Path(arguments.output), reporter.scores)
        print(f"Wrote the checkpoint {checkpoint.name!r}.", file=sys.stderr)
    if stopped:
        complain(f"Stopped after step {runs.saved_step(folder)}; the same command goes on from there.")
        return 130
    return 0


def _settings(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """The wanted fields of the model's and the training's config: those of --config, then those of the options."""
    from styleprop.training.plan import config_classes

    settings = _read_config(arguments.config) if arguments.config else {}
    model = settings.pop("model", {})
    if not isinstance(model, dict):
        raise SettingsError('"model" in the --config file must be a JSON object.')
    if arguments.architecture:
        model["architecture"] = arguments.architecture
    training = config_classes(arguments.kind)[1]
    for field in fields(training):
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
def stop_on_ctrl_c(limit) -> Iterator[None]:
    """The first Ctrl-C ends the training after the step under way, a second one at once."""

    def stop(number, frame) -> None:
        limit.stop()
        signal.signal(signal.SIGINT, before)
        complain("Stopping after this step; Ctrl-C again stops at once and loses what was not saved.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
