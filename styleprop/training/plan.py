"""What a training is to do, kept as `run.json` in its folder, so that the folder alone is enough to go on."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from styleprop.checkpoints import Checkpoint, find_checkpoint
from styleprop.config import KINDS, AutoencoderConfig, CycleGANConfig, CycleGANTrainingConfig
from styleprop.config.models import STYLED
from styleprop.errors import SettingsError, TrainingError

PLAN_FILE = "run.json"
CODES_FEATURES = "features"  # the embedded ones, where style codes are trained and none are named
NETWORKS = ("features", "half_features", "judge", "enlarger")


@dataclass(frozen=True)
class TrainingPlan:
    """A training run.

    Attributes:
        kind: one of `KINDS`.
        model: the network's config.
        training: the kind's training config.
        data: absolute paths of folders by what they hold: "images", or "content" and "style" (a CycleGAN's domains a
            and b).
        features: the feature network of the losses, an absolute path or "vgg16"; "" for a CycleGAN that has none.
        half_features: another one for the half-size pictures, or "".
        start: absolute folder of the checkpoint whose weights it starts from, or ""; of the autoencoder that paints,
            where an enlarger is trained.
        judge: the feature network of a CycleGAN's held-out Fréchet distance, or "".
        enlarger: absolute folder of the enlarger whose weights an enlarger's training starts from, or "".
    """

    kind: str
    model: Any
    training: Any
    data: Mapping[str, tuple[str, ...]]
    features: str = "vgg16"
    half_features: str = ""
    start: str = ""
    judge: str = ""
    enlarger: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingsError(f"A training is of kind {', '.join(KINDS)}, not {self.kind!r}.")
        for name in KINDS[self.kind].data:
            if not self.data.get(name):
                raise SettingsError(f"Training a {self.kind} needs a folder of pictures: --{name} DIR.")
        if self.kind == "enlarger" and not self.start:
            raise SettingsError("Training an enlarger needs the autoencoder that paints: --start NAME.")
        if self.kind == "cyclegan" and self.training.game == "codes" and not self.features:
            raise SettingsError("Training style codes needs a feature network: --features FILE.")
        if self.kind == "stylizer" and self.model.architecture not in STYLED:
            raise SettingsError(f"The {self.model.architecture} architecture has no style to train; use propagation.")

    def save(self, folder: Path) -> None:
        """Write `run.json`; the folder is made where it is missing. Raises TrainingError."""
        values = {
            "kind": self.kind,
            "model": self.model.to_dict(),
            "training": self.training.to_dict(),
            "data": {name: list(paths) for name, paths in self.data.items()},
            "start": self.start,
            **{name: getattr(self, name) for name in NETWORKS},
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / PLAN_FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise TrainingError(f"The run folder {folder.name!r} cannot be written: {error.strerror}.") from error


def load_plan(folder: Path) -> TrainingPlan | None:
    """The plan of a run folder, or None where it has none. Raises TrainingError for a damaged one."""
    path = folder / PLAN_FILE
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        kind = KINDS[values["kind"]]
        values["model"] = kind.model.from_dict(values["model"])
        values["training"] = kind.training.from_dict(values["training"])
        values["data"] = {name: tuple(paths) for name, paths in values["data"].items()}
        return TrainingPlan(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
        raise TrainingError(
            f"{PLAN_FILE} of the run folder {folder.name!r} cannot be read; use a new folder."
        ) from error


def plan_training(
    folder: Path,
    kind: str,
    *,
    model: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    data: Mapping[str, Sequence[str]] | None = None,
    start: str | None = None,
    **networks: str | None,
) -> TrainingPlan:
    """Plan a new run, or take up the folder's own with what is given changed in it.

    Args:
        folder: of the run.
        kind: one of `KINDS`.
        model: wanted fields of the network's config. A run that exists must agree with them; a new one takes the rest
            from the checkpoint it starts from, or the defaults.
        training: wanted fields of the training's config.
        data: wanted folders by what they hold.
        start: as in `TrainingPlan`; it has no effect on a run that exists.
        networks: `features`, `half_features`, `judge` and `enlarger` of `TrainingPlan`, where they are wished for.

    Raises:
        TrainingError: the folder holds a run of another kind or model, or a damaged one.
        SettingsError: a setting is unknown or out of range, or a folder of pictures is missing.
        CheckpointError: `start` cannot be found.
    """
    saved = load_plan(folder)
    if saved:
        _check_agreement(saved, folder, kind, model or {})
        model_config, steps, paths = saved.model, saved.training.to_dict(), dict(saved.data)
        start, known = saved.start, {name: getattr(saved, name) for name in NETWORKS}
    else:
        origin = find_checkpoint(start) if start else None
        start = os.path.abspath(origin.folder) if origin else ""
        if kind == "enlarger":  # what it starts from paints; its own weights come from another
            refined = networks.get("enlarger")
            origin = find_checkpoint(refined) if refined else None
            networks["enlarger"] = os.path.abspath(origin.folder) if origin else None
        model_config, steps, paths = new_model(kind, model or {}, origin), {}, {}
        known, defaults = {"features": KINDS[kind].features}, KINDS[kind].defaults
        if kind == "cyclegan":
            steps = _recipe(model_config, bool(origin))
            game = {**steps, **(training or {})}.get("game")
            known["features"] = CODES_FEATURES if game == "codes" and origin else ""
        elif kind == "sound" and defaults:
            steps = defaults.to_dict()
    paths |= {name: tuple(map(os.path.abspath, folders)) for name, folders in (data or {}).items() if folders}
    return TrainingPlan(
        kind,
        model_config,
        KINDS[kind].training.from_dict({**steps, **(training or {})}),
        paths,
        start=start,
        **{**known, **{name: _absolute(source) for name, source in networks.items() if source}},
    )


def _recipe(model: CycleGANConfig, started: bool) -> dict[str, Any]:
    if model.autoencoder.normalization == "weights":
        return CycleGANTrainingConfig.painter().to_dict()
    if started and model.styles > 1:
        return CycleGANTrainingConfig.codes().to_dict()
    return {} if started else {"freeze_pixels": False}  # there is nothing that those layers have learnt


def _check_agreement(saved: TrainingPlan, folder: Path, kind: str, wanted: Mapping[str, Any]) -> None:
    if saved.kind != kind:
        raise TrainingError(f"The run folder {folder.name!r} holds a training of kind {saved.kind}; use a new folder.")
    type(saved.model).from_dict({**saved.model.to_dict(), **wanted})
    for name, value in wanted.items():
        known = saved.model.to_dict()[name]
        if known != (list(value) if isinstance(value, tuple) else value):
            raise TrainingError(
                f"The run folder {folder.name!r} trains a model with {name} {known}, not {value}; use a new folder."
            )


def new_model(kind: str, wanted: Mapping[str, Any], origin: Checkpoint | None) -> Any:
    """The config of a new network: what is wanted, the rest from its origin or the defaults. Raises CheckpointError."""
    if kind == "cyclegan":
        return _new_cyclegan(wanted, origin)
    config_class = KINDS[kind].model
    if origin:
        base = origin.config_as(config_class)
    else:
        base = AutoencoderConfig.classic() if wanted.get("architecture") == "classic" else config_class()
    return config_class.from_dict({**base.to_dict(), **wanted})


def _new_cyclegan(wanted: Mapping[str, Any], origin: Checkpoint | None) -> CycleGANConfig:
    base = CycleGANConfig.painter().to_dict()
    if origin and origin.kind == "cyclegan":
        base = origin.config.to_dict()
    elif origin:
        base = CycleGANConfig.single_paintings(origin.config_as(AutoencoderConfig)).to_dict()
    inner = {**base["autoencoder"], **wanted.get("autoencoder", {})}
    return CycleGANConfig.from_dict({**base, **wanted, "autoencoder": inner})


def _absolute(source: str) -> str:
    return os.path.abspath(source) if os.path.exists(source) else source
