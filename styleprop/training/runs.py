"""A training from its run folder: `run.json` says what to do, `state.npz` how far it is; a checkpoint comes out."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from styleprop.checkpoints import (
    HELD_OUT_FILE,
    PALETTE_FILE,
    Checkpoint,
    check_replaceable,
    find_checkpoint,
    save_checkpoint,
)
from styleprop.config import AutoencoderConfig, Config, CycleGANConfig, EnlargerConfig, FeaturesConfig, SoundConfig
from styleprop.config.words import counted
from styleprop.data import hold_out, list_images
from styleprop.errors import CheckpointError, TrainingError
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.cyclegan import CycleGAN, build_cyclegan
from styleprop.models.distilled import LAYERS, build_student
from styleprop.models.enlarger import build_enlarger
from styleprop.models.features import FeatureNetwork, load_feature_network
from styleprop.models.sound import build_sound_autoencoder
from styleprop.training.autoencoder import train_autoencoder
from styleprop.training.card import model_card
from styleprop.training.codes import train_codes
from styleprop.training.cyclegan import train_cyclegan
from styleprop.training.domain_styles import set_styles
from styleprop.training.enlarger import LAYERS as ENLARGER_LAYERS
from styleprop.training.enlarger import train_enlarger
from styleprop.training.enlarger_check import EnlargerCheck
from styleprop.training.features import train_features
from styleprop.training.held_out import HeldOutCheck
from styleprop.training.loop import STATE_FILE
from styleprop.training.palettes import measure_palette
from styleprop.training.plan import TrainingPlan, load_plan, new_model
from styleprop.training.progress import Progress
from styleprop.training.sound import SoundCheck, train_sound
from styleprop.training.stylizer import NEEDED_LAYERS, train_stylizer
from styleprop.training.team import ALONE, Team
from styleprop.training.translation_check import TranslationCheck
from styleprop.weights import LOADERS, load_autoencoder, load_cyclegan, open_feature_network

Training = partial[Iterator[Progress]]


def start_training(
    plan: TrainingPlan, folder: Path, features: FeatureNetwork | None = None, **options: Any
) -> Iterator[Progress]:
    """Run a plan in a folder, from the folder's state where there is one.

    The folder gets `run.json` once everything is found to be in place, then `state.npz`, `log.csv`, `scores.csv` and
    `preview.png`.

    Args:
        plan: what to do.
        folder: made where it is missing.
        features: the plan's feature network where the caller has it already.
        options: of `loop.Run`, such as `seconds`, `stop` and `report_every`; `evaluate_every` is a multiple of that.

    Raises:
        TrainingError, CheckpointError: the run cannot start, or had to stop.
    """
    team: Team = options.get("team", ALONE)
    train = PREPARE[plan.kind](plan, folder, features)
    team.agree(0.0, False)  # none reads the folder any more
    if team.is_writer:
        plan.save(folder)
    else:
        train.keywords["evaluate"].folder = None
    yield from train(folder=folder, **options)


def _prepare_features(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    pictures, _ = hold_out(list_images(plan.data["images"]))
    teacher = _features_with(LAYERS, "which VGG16 has", plan, features)
    return partial(train_features, _new_network(plan, folder), teacher, pictures, plan.training)


def _prepare_autoencoder(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    pictures, held_out = hold_out(list_images(plan.data["images"]))
    check = HeldOutCheck(build_autoencoder(plan.model), held_out, folder=folder)
    return partial(train_autoencoder, _new_network(plan, folder), pictures, plan.training, evaluate=check)


def _prepare_stylizer(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    features = _features_with(NEEDED_LAYERS, "which the losses need", plan, features)
    half = open_feature_network(plan.half_features, feature_dtype(plan)) if plan.half_features else None
    content, held_content = hold_out(list_images(plan.data["content"]))
    style, held_style = hold_out(list_images(plan.data["style"]))
    check = HeldOutCheck(build_autoencoder(plan.model), held_content, held_style, features, folder)
    pictures = {"content": content, "style": style}
    network = _new_network(plan, folder)
    return partial(train_stylizer, network, features, pictures, plan.training, half_features=half, evaluate=check)


def _prepare_cyclegan(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    judge = load_feature_network(plan.judge) if plan.judge else None
    if plan.features and features is None:
        features = open_feature_network(plan.features, feature_dtype(plan))
    photos, held_photos = split_domain(plan.data["content"], plan.training.held_out)
    paintings, held_paintings = split_domain(plan.data["style"], plan.training.held_out)
    network = _new_network(plan, folder)
    if plan.model.strength and not (folder / STATE_FILE).exists() and not _starts_from_cyclegan(plan):
        set_styles(network, photos, paintings, plan.training.crop_size)
    check = TranslationCheck(build_cyclegan(plan.model), held_photos, held_paintings, judge, folder)
    if features and plan.training.game == "codes" and plan.training.total_steps:
        return partial(train_codes, network, photos, paintings, plan.training, features, evaluate=check)
    return partial(train_cyclegan, network, photos, paintings, plan.training, features=features, evaluate=check)


def _prepare_enlarger(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    features = _features_with(ENLARGER_LAYERS, "which the losses need", plan, features)
    painter = load_autoencoder(find_checkpoint(plan.start))
    content, held_content = hold_out(list_images(plan.data["content"]))
    style, held_style = hold_out(list_images(plan.data["style"]))
    side = plan.training.picture_size
    check = EnlargerCheck(build_enlarger(plan.model), painter, held_content, held_style, side, folder)
    pictures = {"content": content, "style": style}
    network = _new_network(plan, folder)
    return partial(train_enlarger, network, painter, features, pictures, plan.training, folder=folder, evaluate=check)


def _prepare_sound(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None) -> Training:
    check = SoundCheck(build_sound_autoencoder(plan.model), folder)
    return partial(train_sound, _new_network(plan, folder), plan.training, evaluate=check)


PREPARE: dict[str, Callable[[TrainingPlan, Path, FeatureNetwork | None], Training]] = {
    "features": _prepare_features,
    "autoencoder": _prepare_autoencoder,
    "stylizer": _prepare_stylizer,
    "cyclegan": _prepare_cyclegan,
    "enlarger": _prepare_enlarger,
    "sound": _prepare_sound,
}


def split_domain(folders: Sequence[str | Path], count: int) -> tuple[list[Path], list[Path]]:
    """Pictures of a domain to learn from, and `count` others, or a quarter of them where that is less; see `hold_out`.

    Raises:
        TrainingError: a folder is missing, or there are fewer than four pictures.
    """
    found = list_images(folders)
    if len(found) < 4:
        names = ", ".join(Path(folder).name for folder in folders)
        raise TrainingError(
            "A domain needs at least 4 pictures to learn from; {names} has {count}.", names=names, count=len(found)
        )
    return hold_out(found, min(count, len(found) // 4))


def _features_with(
    layers: Sequence[str], why: str, plan: TrainingPlan, features: FeatureNetwork | None
) -> FeatureNetwork:
    features = features or load_feature_network(plan.features, feature_dtype(plan))
    missing = sorted(set(layers) - set(features.names))
    if missing:
        raise CheckpointError(f"{Path(plan.features).name} has no layer {missing[0]}, {why}.")
    return features


def feature_dtype(plan: TrainingPlan) -> str:
    """The dtype of the feature network in a plan's precision."""
    return "bfloat16" if plan.training.precision == "mixed_bfloat16" else "float32"


def _new_network(plan: TrainingPlan, folder: Path) -> keras.Model:
    keras.utils.set_random_seed(plan.training.seed)
    network = _build_in(plan.training.precision, plan.model)
    start = plan.enlarger if plan.kind == "enlarger" else plan.start
    if start and not (folder / STATE_FILE).exists():
        _start_from(find_checkpoint(start), network)
    return network


def start_network(kind: str, checkpoint: Checkpoint) -> keras.Model:
    """A new network in float32 with a checkpoint's weights.

    A CycleGAN may start from an autoencoder; its discriminators and style codes are new then.

    Args:
        kind: what the network is to be, "autoencoder" or "cyclegan".
        checkpoint: where the weights come from.

    Raises:
        CheckpointError: an autoencoder is wanted, and the checkpoint is none; or its weights do not fit.
    """
    if kind == "autoencoder":
        return load_autoencoder(checkpoint)
    if checkpoint.kind == "cyclegan":
        return load_cyclegan(checkpoint)
    network = _build_in("float32", new_model(kind, {}, checkpoint))
    _start_from(checkpoint, network)
    return network


def copy_network(source: keras.Model, precision: str) -> keras.Model:
    """Another network with the weights of `source`, an autoencoder or a CycleGAN, that computes in a precision."""
    network = _build_in(precision, source.config)
    _copy_weights(source, network)
    return network


def _build_in(precision: str, model: Config) -> keras.Model:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return _build(model)
    finally:
        keras.config.set_dtype_policy(policy)


BUILDERS: dict[type[Config], Callable[..., Any]] = {
    AutoencoderConfig: build_autoencoder,
    CycleGANConfig: build_cyclegan,
    EnlargerConfig: build_enlarger,
    FeaturesConfig: build_student,
    SoundConfig: build_sound_autoencoder,
}


def _build(model: Config) -> keras.Model:
    return BUILDERS[type(model)](model)


def _starts_from_cyclegan(plan: TrainingPlan) -> bool:
    return bool(plan.start) and find_checkpoint(plan.start).kind == "cyclegan"


def _start_from(checkpoint: Checkpoint, network: keras.Model) -> None:
    source = LOADERS[checkpoint.kind](checkpoint)
    if isinstance(network, CycleGAN) and checkpoint.kind == "autoencoder":
        for generator in (network.generator_ab, network.generator_ba):
            _copy_weights(source, generator.autoencoder)
    else:
        _copy_weights(source, network)


def _copy_weights(source: keras.Model, target: keras.Model) -> None:
    if [weight.shape for weight in source.weights] != [weight.shape for weight in target.weights]:
        raise CheckpointError("The weights to start from have other shapes than the model; give it the same settings.")
    target.set_weights(source.get_weights())


def saved_step(folder: Path) -> int:
    """How many steps a run folder's state has behind it; 0 where there is none. Raises TrainingError."""
    if not (folder / STATE_FILE).exists():
        return 0
    return int(_read_state(folder, ["step"])[0])


def load_average(folder: Path, network: keras.Model) -> None:
    """Give a network the averaged weights of a run folder's state. Raises TrainingError."""
    values = _read_state(folder, [f"average_{index}" for index in range(len(network.weights))])
    try:
        network.set_weights(values)
    except ValueError as error:
        raise TrainingError(f"{STATE_FILE} of the run folder {folder.name!r} does not fit its model.") from error


def _read_state(folder: Path, names: list[str]) -> list[np.ndarray]:
    try:
        with np.load(folder / STATE_FILE, allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(f"The run folder {folder.name!r} has no state that can be read.") from error


def export_run(folder: Path, destination: Path, scores: dict[str, float] | None = None) -> Checkpoint:
    """Make a checkpoint of a run folder's averaged weights.

    Args:
        folder: of the run.
        destination: the checkpoint's folder; a checkpoint that is there is replaced, anything else is left alone.
        scores: for the model card.

    Raises:
        TrainingError: the folder has no plan, or no state yet.
        CheckpointError: the destination cannot be written, or is no checkpoint.
    """
    plan = load_plan(folder)
    if plan is None:
        raise TrainingError(f"{folder.name!r} is not the folder of a training run.")
    check_replaceable(destination)
    network = _build(plan.model)
    load_average(folder, network)
    extra = _domain_files(network, plan) if plan.kind == "cyclegan" else {}
    held_out = {name: (value,) for name, value in (scores or {}).items()}
    card = model_card(destination.name, _history(plan, saved_step(folder)), ("held out", "score"), held_out)
    return save_checkpoint(destination, network, card, extra)


def _domain_files(network: CycleGAN, plan: TrainingPlan) -> dict[str, str]:
    """The names of what a CycleGAN has not seen, and the colours of what it has; where it lacks style codes, these.

    Style codes that no generator uses tell all the same what a domain looks like: see `nearest_domain`. Those of single
    paintings bring their colours along.
    """
    splits = {kind: split_domain(plan.data[kind], plan.training.held_out) for kind in ("content", "style")}
    photos, paintings = (learned for learned, _ in splits.values())
    if not plan.model.strength:
        set_styles(network, photos, paintings, plan.training.crop_size)
    names = [path.name for learned, aside in splits.values() for path in aside if path not in learned]
    files = {HELD_OUT_FILE: "".join(f"{name}\n" for name in sorted(names))}
    if plan.model.styles == 1:
        files[PALETTE_FILE] = measure_palette(network.generator_ab, photos, paintings).to_cube()
    return files


def _history(plan: TrainingPlan, step: int) -> list[str]:
    data = "; ".join(f"{kind}: {', '.join(Path(path).name for path in paths)}" for kind, paths in plan.data.items())
    settings = plan.training
    steps = counted(settings.total_steps, "1 step", "{number} steps")
    crops = counted(settings.batch_size, "1 crop", "{number} crops")
    made = (
        f"Made by `python -m styleprop train {plan.kind}`: {step} of {steps}, "
        f"{crops} of {settings.crop_size} pixels a step, learning rate {settings.learning_rate:g}."
    )
    return [made, f"Data: {data}.", *([f"Starts from: {Path(plan.start).name}."] if plan.start else [])]
