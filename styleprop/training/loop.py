"""The one training loop: batches in, `Progress` out; resumable, logged, stopped by a NaN."""

import csv
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras

from styleprop.config import CycleGANTrainingConfig, EnlargerTrainingConfig, TrainingConfig
from styleprop.data import prefetch
from styleprop.errors import TrainingError
from styleprop.training.progress import Progress
from styleprop.training.schedules import Schedule, cosine, learning_rate
from styleprop.training.state import WeightAverage, load_state, save_state
from styleprop.training.stop import Stop
from styleprop.training.team import ALONE, Team

STATE_FILE = "state.npz"
TINY = 1e-9  # seconds
SAVE_SECONDS = 120.0


class Player(keras.Model):
    """What a training compiles: it moves the variables that it has learned, and all the others stay as they are."""

    @property
    def learned(self) -> list[keras.Variable]:
        """The variables that a step changes."""
        raise NotImplementedError

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """Those that are `learned`."""
        return self.learned

    @property
    def non_trainable_variables(self) -> list[keras.Variable]:
        """All the others."""
        learned = {id(variable) for variable in self.learned}
        return [variable for variable in self.variables if id(variable) not in learned]

    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables


@dataclass
class Run:
    """A training under way.

    Attributes:
        trainer: its `train_on_batch` takes one step and returns the losses. A compiled `keras.Model`, or an object with
            several as its `players` and a `pool` to be saved with them.
        network: the part of it that is kept (its weights are averaged and saved).
        make_batch: step to a batch; the same step gives the same batch.
        folder: where state and log are kept; None keeps nothing.
        evaluate: called with the averaged weights in `network`'s copy; returns scores and a preview.
        report_every, evaluate_every: in steps.
        evaluate_seconds: evaluate also where the last time, or the first step, is so long ago.
        save_seconds: save the state where the last time, or the first step, is so long ago: a kill costs no more.
        seconds: time limit.
        stop: asked after every step; the training then ends as at its last step.
        schedule: of the learning rate.
        cool_down: the rate has fallen after `seconds`, where they are over before `total_steps`.
        team: the processes that take part.
    """

    trainer: Any
    network: keras.Model
    config: TrainingConfig | CycleGANTrainingConfig | EnlargerTrainingConfig
    make_batch: Callable[[int], object]
    folder: Path | None = None
    evaluate: Callable[[WeightAverage], tuple[dict[str, float], Any]] | None = None
    report_every: int = 50
    evaluate_every: int = 500
    evaluate_seconds: float = math.inf
    save_seconds: float = SAVE_SECONDS
    seconds: float = math.inf
    stop: Stop = field(default_factory=threading.Event)
    schedule: Schedule = cosine
    cool_down: bool = False
    team: Team = ALONE

    @property
    def players(self) -> Sequence[keras.Model]:
        """The compiled models."""
        return getattr(self.trainer, "players", (self.trainer,))

    @property
    def pool(self) -> Any:
        """What the trainer keeps beside weights and optimizers, or None."""
        return getattr(self.trainer, "pool", None)

    @property
    def optimizer_variables(self) -> list:
        """Of all optimizers, in order."""
        return [variable for player in self.players for variable in player.optimizer.variables]


def train(run: Run) -> Iterator[Progress]:
    """Run to `total_steps`, for `seconds` or until it is stopped, from the folder's state where there is one.

    Yields:
        Progress every `report_every` steps and at the end; the state is saved with every evaluation, at the end, and
        every `save_seconds`.

    Raises:
        TrainingError: a loss is not finite (the last saved state is kept), or the state does not fit.
    """
    start, team = time.monotonic(), run.team
    average = WeightAverage(run.network, run.config.ema_momentum)
    first = _resume(run, average)
    run.trainer.reset_metrics()
    if not run.config.total_steps:
        yield _report(run, average, Progress(0, 0, {}, 0.0), True)
    step, evaluated, saved = first, 0.0, 0.0
    elapsed, _ = team.agree(time.monotonic() - start, False)
    for batch in prefetch(lambda number: team.share(run.make_batch(number)), first, run.config.total_steps):
        _set_rate(run, step, elapsed)
        losses = run.trainer.train_on_batch(batch, return_dict=True)
        elapsed, stopped = team.agree(time.monotonic() - start, run.stop.is_set())
        if step == first:  # it takes seconds to compile
            evaluated = saved = elapsed
        step += 1
        last = step == run.config.total_steps or elapsed > run.seconds or stopped
        due = last or step % run.evaluate_every == 0 or elapsed - evaluated > run.evaluate_seconds
        save = not due and elapsed - saved > run.save_seconds
        average.update(step, now=due or save)
        if save:
            _save(run, step, average, losses)
        saved = elapsed if due or save else saved
        if due or step % run.report_every == 0:
            yield _report(run, average, Progress(step, run.config.total_steps, _finite(losses, step), elapsed), due)
            elapsed, _ = team.agree(time.monotonic() - start, False)
            evaluated = elapsed if due else evaluated
        if last:
            return


def _save(run: Run, step: int, average: WeightAverage, losses: dict[str, Any]) -> None:
    if run.folder and run.team.is_writer:
        _finite(losses, step)
        save_state(run.folder / STATE_FILE, step, average, run.optimizer_variables, run.pool)


def _set_rate(run: Run, step: int, elapsed: float) -> None:
    time_done = elapsed / max(run.seconds, TINY) if run.cool_down else 0.0
    run.trainer.done = min(1.0, max(step / run.config.total_steps, time_done))
    rate = learning_rate(run.config, run.schedule, step, time_done)
    for player in run.players:
        player.optimizer.learning_rate = rate


def _resume(run: Run, average: WeightAverage) -> int:
    for player in run.players:
        player.optimizer.build(player.trainable_variables)
    path = run.folder / STATE_FILE if run.folder else None
    if path and path.exists():
        return load_state(path, average, run.optimizer_variables, run.pool)
    return 0


def _finite(losses: dict[str, Any], step: int) -> dict[str, float]:
    values = {name: float(value) for name, value in losses.items()}
    if not all(map(math.isfinite, values.values())):
        raise TrainingError(
            "The training stopped at step {step}: a loss is not a finite number. Lower the learning rate.", step=step
        )
    return values


def _report(run: Run, average: WeightAverage, report: Progress, due: bool) -> Progress:
    run.trainer.reset_metrics()
    if due and run.evaluate:
        scores, preview = run.evaluate(average)
        report = replace(report, scores=scores, preview=preview)
    if due:
        _save(run, report.step, average, report.losses)
    if run.folder and run.team.is_writer:
        _log(run.folder / "log.csv", {"step": report.step, "seconds": round(report.seconds, 1), **report.losses})
        if report.scores:
            _log(run.folder / "scores.csv", {"step": report.step, **report.scores})
    return report


def _log(path: Path, row: dict[str, Any]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if new:
            writer.writeheader()
        writer.writerow({name: f"{value:.5g}" if isinstance(value, float) else value for name, value in row.items()})


def make_optimizer(name: str, beta_1: float = 0.9) -> keras.optimizers.Optimizer:
    """A Keras optimizer with gradients clipped to a norm of 5; `train` sets its learning rate.

    Args:
        name: "adam" (Kingma and Ba 2015), "momentum" (of 0.9) or "sgd".
        beta_1: Adam's.
    """
    if name == "adam":
        return keras.optimizers.Adam(beta_1=beta_1, global_clipnorm=5.0)
    return keras.optimizers.SGD(momentum=0.9 if name == "momentum" else 0.0, global_clipnorm=5.0)


def compile_trainer(trainer: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Compile for `train_on_batch`: XLA where the backend is JAX, TensorFlow's own graph where it is not."""
    trainer.compile(optimizer=optimizer, jit_compile=keras.backend.backend() == "jax")
