"""A training from its run folder: `run.json` says what to do, `state.npz` how far it is; a checkpoint comes out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np

from styleprop.checkpoints import HELD_OUT_FILE, Checkpoint, check_replaceable, find_checkpoint, save_checkpoint
from styleprop.config import CycleGANConfig, FeaturesConfig
from styleprop.data import set_aside
from styleprop.errors import CheckpointError, TrainingError
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.cyclegan import CycleGAN, build_cyclegan
from styleprop.models.distilled import LAYERS, build_student
from styleprop.models.features import FeatureNetwork, load_feature_network
from styleprop.training.autoencoder import train_autoencoder
from styleprop.training.card import model_card
from styleprop.training.cyclegan import set_mean_styles, train_cyclegan
from styleprop.training.features import train_features
from styleprop.training.held_out import HeldOutCheck, split_pictures
from styleprop.training.loop import STATE_FILE
from styleprop.training.plan import TrainingPlan, load_plan, new_model
from styleprop.training.progress import Progress
from styleprop.training.stylizer import NEEDED_LAYERS, train_stylizer
from styleprop.training.translation_check import TranslationCheck
from styleprop.weights import load_autoencoder, load_cyclegan


def start_training(
    plan: TrainingPlan,
    folder: Path,
    seconds: float = float("inf"),
    features: FeatureNetwork | None = None,
    **every: float,
) -> Iterator[Progress]:
    """Run a plan in a folder, from the folder's state where there is one.

    The folder gets `run.json` once everything is found to be in place, then `state.npz`, `log.csv`, `scores.csv` and
    `preview.png`.

    Args:
        plan: what to do.
        folder: made where it is missing.
        seconds: time limit; a `TimeLimit` can be stopped early, and then state and scores are written as at the end.
        features: the plan's feature network where the caller has it already.
        every: `report_every` and `evaluate_every`, in steps, the second a multiple of the first; `schedule_seconds`, of
            `loop.Run`.

    Raises:
        TrainingError, CheckpointError: the run cannot start, or had to stop.
    """
    prepare, train = KINDS[plan.kind]
    network, check, arguments = prepare(plan, folder, features)
    plan.save(folder)
    options: dict = dict(every)
    if plan.kind == "cyclegan" and plan.features:
        options["features"] = features or load_feature_network(plan.features, feature_dtype(plan))
    if plan.half_features:
        options["half_features"] = load_feature_network(plan.half_features, feature_dtype(plan))
    yield from train(network, *arguments, plan.training, folder, check, seconds, **options)


def _prepare_features(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None):
    pictures, _ = split_pictures(plan.data["images"])
    teacher = load_feature_network(plan.features, feature_dtype(plan))
    missing = sorted(set(LAYERS) - set(teacher.names))
    if missing:
        raise CheckpointError(f"{Path(plan.features).name} has no layer {missing[0]}, which VGG16 has.")
    return _new_network(plan, folder), None, (teacher, pictures)


def _prepare_autoencoder(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None):
    pictures, held_out = split_pictures(plan.data["images"])
    check = HeldOutCheck(build_autoencoder(plan.model), held_out, folder=folder)
    return _new_network(plan, folder), check, (pictures,)


def _prepare_stylizer(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None):
    features = features or load_feature_network(plan.features, feature_dtype(plan))
    missing = sorted(set(NEEDED_LAYERS) - set(features.names))
    if missing:
        raise CheckpointError(f"{Path(plan.features).name} has no layer {missing[0]}, which the losses need.")
    content, held_content = split_pictures(plan.data["content"])
    style, held_style = split_pictures(plan.data["style"])
    check = HeldOutCheck(build_autoencoder(plan.model), held_content, held_style, features, folder)
    return _new_network(plan, folder), check, (features, content, style)


def _prepare_cyclegan(plan: TrainingPlan, folder: Path, features: FeatureNetwork | None):
    judge = load_feature_network(plan.judge) if plan.judge else None
    photos, held_photos = set_aside(plan.data["content"], plan.training.held_out)
    paintings, held_paintings = set_aside(plan.data["style"], plan.training.held_out)
    network = _new_network(plan, folder)
    if plan.model.strength and not (folder / STATE_FILE).exists() and not _starts_from_cyclegan(plan):
        set_mean_styles(network, photos, paintings, plan.training.crop_size)
    check = TranslationCheck(build_cyclegan(plan.model), held_photos, held_paintings, judge, folder)
    return network, check, (photos, paintings)


KINDS: dict[str, tuple[Callable, Callable[..., Iterator[Progress]]]] = {
    "features": (_prepare_features, train_features),
    "autoencoder": (_prepare_autoencoder, train_autoencoder),
    "stylizer": (_prepare_stylizer, train_stylizer),
    "cyclegan": (_prepare_cyclegan, train_cyclegan),
}


def feature_dtype(plan: TrainingPlan) -> str:
    """The dtype of the feature network in a plan's precision."""
    return "bfloat16" if plan.training.precision == "mixed_bfloat16" else "float32"


def _new_network(plan: TrainingPlan, folder: Path):
    keras.utils.set_random_seed(plan.training.seed)
    network = _build_in(plan.training.precision, plan.model)
    if plan.start and not (folder / STATE_FILE).exists():
        _start_from(find_checkpoint(plan.start), network)
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
    if checkpoint.config.get("model") == "cyclegan":
        return load_cyclegan(checkpoint)
    network = _build_in("float32", new_model(kind, {}, checkpoint))
    _start_from(checkpoint, network)
    return network


def copy_network(source, precision: str):
    """Another network with the weights of `source`, an autoencoder or a CycleGAN, that computes in a precision."""
    network = _build_in(precision, source.config)
    _copy_weights(source, network)
    return network


def _build_in(precision: str, model):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return _build(model)
    finally:
        keras.config.set_dtype_policy(policy)


def _build(model):
    if isinstance(model, FeaturesConfig):
        return build_student(model)
    return build_cyclegan(model) if isinstance(model, CycleGANConfig) else build_autoencoder(model)


def _starts_from_cyclegan(plan: TrainingPlan) -> bool:
    return bool(plan.start) and find_checkpoint(plan.start).config.get("model") == "cyclegan"


def _start_from(checkpoint: Checkpoint, network) -> None:
    if checkpoint.config.get("model") == "cyclegan":
        _copy_weights(load_cyclegan(checkpoint), network)
        return
    source = load_autoencoder(checkpoint)
    if isinstance(network, CycleGAN):
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
    _measure_styles(network, plan)
    card = model_card(destination.name, plan, saved_step(folder), scores or {})
    return save_checkpoint(destination, network, card, _held_out_names(plan))


def _measure_styles(network, plan: TrainingPlan) -> None:
    """Style codes that no generator uses tell all the same what a domain looks like: see `nearest_domain`."""
    if plan.kind == "cyclegan" and not plan.model.strength:
        photos, paintings = (set_aside(plan.data[kind], plan.training.held_out)[0] for kind in ("content", "style"))
        set_mean_styles(network, photos, paintings, plan.training.crop_size)


def _held_out_names(plan: TrainingPlan) -> dict[str, str]:
    if plan.kind != "cyclegan":
        return {}
    splits = [set_aside(paths, plan.training.held_out) for paths in plan.data.values()]
    names = [path.name for learned, aside in splits for path in aside if path not in learned]
    return {HELD_OUT_FILE: "".join(f"{name}\n" for name in sorted(names))}
