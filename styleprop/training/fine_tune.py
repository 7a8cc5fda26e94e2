"""A short training on a person's own pictures: from a shipped checkpoint, on a copy, the best weights kept."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np

from styleprop.checkpoints import check_replaceable, find_checkpoint, save_checkpoint
from styleprop.config import CycleGANTrainingConfig, TrainingConfig
from styleprop.config.models import STYLED
from styleprop.config.words import counted
from styleprop.data import example_photos, hold_out
from styleprop.models.features import FeatureNetwork
from styleprop.styles import STYLES_FILE
from styleprop.training.autoencoder import train_autoencoder
from styleprop.training.card import model_card
from styleprop.training.check import PairedCheck
from styleprop.training.cyclegan import train_cyclegan
from styleprop.training.detail import then_fit_detail
from styleprop.training.domain_styles import set_domain_styles, set_styles
from styleprop.training.held_out import HeldOutCheck
from styleprop.training.job import FineTuning
from styleprop.training.nearest import nearest_domain
from styleprop.training.own_style import StyleTable, train_own_style
from styleprop.training.precision import fast_precision
from styleprop.training.progress import Progress
from styleprop.training.run_folder import BEST_FILE, RESULT_FOLDER, read_json, write_json
from styleprop.training.runs import copy_network, start_network
from styleprop.training.state import WeightAverage
from styleprop.training.stop import Stop
from styleprop.training.style_check import StyleCheck
from styleprop.training.translation_check import TranslationCheck
from styleprop.weights import load_autoencoder, open_feature_network

PREVIEW_SECONDS = 8.0
MOST_HELD_OUT = 8
FIT_SECONDS, FIT_SHARE = 5.0, 0.1  # of the budget of a kind of picture, for the detail
CONTENT_MARGIN = 1.025
STYLE_SETTINGS = {
    "crop_size": 384,
    "batch_size": 1,
    "warmup_steps": 5,
    "ema_momentum": 0.9,
    "reconstruction_weight": 2.0,
    "grid_weight": 20.0,
    "style_weight": 12.0,
    "content_weight": 0.3,
    "appearance_weight": 0.4,
}


def fine_tune(job: FineTuning, folder: Path, stop: Stop | None = None) -> Iterator[Progress]:
    """Train a copy, from the folder's state where there is one, and keep the best weights by held-out loss.

    `folder`/tuned holds the best so far after every report with scores, the first of which, at step 0, is that of
    the untouched weights (for a CycleGAN from the autoencoder: with the paintings' mean style). Their preview comes in
    a report before.

    Args:
        job: what to do.
        folder: where state, log and result go; made where it is missing.
        stop: ends it early, as at its last step.

    Yields:
        Progress with losses, and every few seconds with scores ("loss" is what the best is chosen by) and a preview:
        rows of a held-out picture and what is made of it.

    Raises:
        TrainingError, CheckpointError: it cannot start, or had to stop; the best weights so far stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(job.seed)
    job = replace(job, start=job.start or _nearest(job))
    check, train = PREPARE[job.job](job)
    keeper = BestKeeper(check, folder, job)
    if not keeper.known:
        made = check.look(WeightAverage(check.network, 0.9))
        yield Progress(0, job.steps, {}, 0.0, preview=check.beside(made))  # the scores take seconds more
        yield Progress(0, job.steps, {}, 0.0, keeper.keep(made))
    options: dict[str, Any] = {"report_every": 5, "evaluate_every": job.steps, "evaluate_seconds": PREVIEW_SECONDS}
    options |= {"folder": folder, "evaluate": keeper, "seconds": job.seconds, "cool_down": True}
    yield from train(**options, **({"stop": stop} if stop else {}))


class BestKeeper:
    """Scores the averaged weights with a check, and writes a checkpoint whenever they are better than before."""

    def __init__(self, check: PairedCheck, folder: Path, job: FineTuning):
        self.check = check
        self.path = folder / BEST_FILE
        self.result = folder / RESULT_FOLDER
        self.job = job
        self.known: dict[str, Any] = read_json(self.path) or {}
        check_replaceable(self.result)

    def __call__(self, average: WeightAverage) -> tuple[dict[str, float], np.ndarray]:
        """Scores, with their "loss", and the preview."""
        made = self.check.look(average)
        return self.keep(made), self.check.beside(made)

    def keep(self, made: Any) -> dict[str, float]:
        """Scores of what `check.look` made; its weights are kept where no others were better."""
        scores = self.check.score(made)
        scores = {**scores, "loss": held_out_loss(self.job.job, scores, self.known.get("base", scores))}
        if math.isfinite(scores["loss"]) and scores["loss"] < self.known.get("best", {}).get("loss", math.inf):
            start = find_checkpoint(self.job.start).name
            self.known = {"start": start, "base": self.known.get("base", scores), "best": scores}
            save_checkpoint(self.result, self.check.network, self._card(), _built_in_styles(self.job))
            write_json(self.path, self.known)
        return scores

    def _card(self) -> str:
        job, base, best = self.job, self.known["base"], self.known["best"]
        pictures = counted(len(job.pictures), "1 picture", "{number} pictures")
        made = (
            f"Made by `python -m styleprop fine-tune {job.job}` from {find_checkpoint(job.start).name} on "
            f"{pictures}: {job.optimizer}, learning rate {job.rate:g}, at most {job.seconds:g} s."
        )
        scores = {name: (base[name], best[name]) for name in best}
        return model_card(f"Fine-tuned {job.job}", [made], ("held out", "before", "after"), scores)


def held_out_loss(job: str, scores: dict[str, float], base: dict[str, float]) -> float:
    """What the best weights are chosen by: lower is better.

    A style's distance counts as it is while the content's is hardly above that of the `base`, and is worth less the
    further it rises.
    """
    if job == "autoencoder":
        return -scores["psnr_db"]
    if job == "style":
        return scores["style"] * max(1.0, scores["content"] / (CONTENT_MARGIN * base["content"])) ** 4
    return scores["frechet_ratio"]


Prepared = tuple[PairedCheck, Callable[..., Iterator[Progress]]]

# What is not needed for the first preview is loaded by `train`, for which a person waits with a picture to look at.


def _prepare_autoencoder(job: FineTuning) -> Prepared:
    learned, held = hold_out_few(job.pictures)
    check = HeldOutCheck(start_network("autoencoder", find_checkpoint(job.start)), held)

    def train(evaluate: BestKeeper, seconds: float, **options: Any) -> Iterator[Progress]:
        network = copy_network(check.network, fast_precision())
        features = _features() if job.loss == "perceptual" else None
        absolute = float(job.loss == "perceptual")
        config = _config(job, crop_size=128, batch_size=4, appearance_weight=0.25, absolute_weight=absolute)
        has_detail = network.config.architecture in STYLED and network.config.detail_filters > 0
        options |= {"features": features, "evaluate": evaluate}
        if not has_detail:
            return train_autoencoder(network, learned, config, seconds=seconds, **options)
        fitting = min(FIT_SECONDS, FIT_SHARE * seconds)
        reports = train_autoencoder(network, learned, config, seconds=seconds - fitting, **options)
        return then_fit_detail(reports, check.network, evaluate, learned, example_photos())

    return check, train


def _prepare_style(job: FineTuning) -> Prepared:
    learned, held = hold_out_few(job.content, share=2)  # of four photos a single one would be a poor judge
    features = cache(_features)
    check = StyleCheck(start_network("autoencoder", find_checkpoint(job.start)), held, job.pictures, features)

    def train(**options: Any) -> Iterator[Progress]:
        network = copy_network(check.network, fast_precision())
        base = load_autoencoder(find_checkpoint(job.start))
        styles = StyleTable(base, features(), job.pictures)
        return train_own_style(network, learned, styles, _config(job, **STYLE_SETTINGS), **options)

    return check, train


def _prepare_cyclegan(job: FineTuning) -> Prepared:
    photos, held_photos = hold_out_few(job.content)
    paintings, held_paintings = hold_out_few(job.pictures)
    start = find_checkpoint(job.start)
    cyclegan = start_network("cyclegan", start)
    if start.kind == "cyclegan":
        set_domain_styles(cyclegan.generator_ab, paintings, photos, 128, 32)
    else:
        set_styles(cyclegan, photos, paintings, 128, 32)
    check = TranslationCheck(cyclegan, held_photos, held_paintings, open_feature_network("features"))

    def train(**options: Any) -> Iterator[Progress]:
        paints = cyclegan.config.autoencoder.normalization == "weights"
        config = (CycleGANTrainingConfig.painter if paints else CycleGANTrainingConfig)(
            total_steps=job.steps,
            batch_size=2,
            crop_size=128,
            learning_rate=job.rate,
            lead_steps=20,
            ema_momentum=0.98,
            optimizer=job.optimizer,
            precision=fast_precision(),
            seed=job.seed,
            freeze_autoencoder=cyclegan.generator_ab.tones is not None,
        )
        network = copy_network(cyclegan, fast_precision())
        return train_cyclegan(network, photos, paintings, config, features=_features(), **options)

    return check, train


PREPARE = {"autoencoder": _prepare_autoencoder, "style": _prepare_style, "cyclegan": _prepare_cyclegan}


def hold_out_few(pictures: Sequence[Path], share: int = 4) -> tuple[list[Path], list[Path]]:
    """One in `share`, at most eight, is held out; of a single one, itself is both."""
    return hold_out(pictures, min(MOST_HELD_OUT, max(1, len(pictures) // share)))


def _nearest(job: FineTuning) -> str:
    return nearest_domain(job.pictures) if job.job == "cyclegan" else "autoencoder"


def _config(job: FineTuning, **settings: Any) -> TrainingConfig:
    return TrainingConfig(
        **{
            "total_steps": job.steps,
            "learning_rate": job.rate,
            "optimizer": job.optimizer,
            "warmup_steps": 10,
            "ema_momentum": 0.98,
            "precision": fast_precision(),
            "seed": job.seed,
            **settings,
        }
    )


def _built_in_styles(job: FineTuning) -> dict[str, str]:
    path = find_checkpoint(job.start).folder / STYLES_FILE
    return {STYLES_FILE: path.read_text(encoding="utf-8")} if job.job == "style" and path.exists() else {}


def _features() -> FeatureNetwork:
    return open_feature_network("features", "bfloat16" if fast_precision() == "mixed_bfloat16" else "float32")
