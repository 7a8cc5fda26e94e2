"""What a training needs to go on exactly: weights, their running average, the optimizer and the step, in one file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from styleprop.errors import TrainingError


class WeightAverage:
    """Exponential moving average of a model's weights, kept in float32 on the host.

    The weights are taken in every `every` steps, and when somebody wants to look, with the momentum that as many single
    steps as have passed would give together.
    """

    def __init__(self, model: keras.Model, momentum: float, every: int = 8):
        self.model = model
        self.momentum = momentum
        self.every = every
        self.step = 0
        self.values = _to_arrays(model.weights)

    def update(self, step: int, now: bool = False) -> None:
        """Take the weights of this step in, if it is time to, or `now`."""
        passed = step - self.step
        if passed < (1 if now else self.every):
            return
        self.step = step
        keep = min(self.momentum**passed, step / (step + 10 * passed))
        for average, value in zip(self.values, _to_arrays(self.model.weights), strict=True):
            average += (1.0 - keep) * (value - average)

    def copy_to(self, model: keras.Model) -> None:
        """Give a model of the same shape the averaged weights."""
        model.set_weights(self.values)


def save_state(path: Path, step: int, average: WeightAverage, optimizer: Sequence[Any], pool: Any = None) -> None:
    """Write the training's state; the file is replaced whole or not at all.

    Args:
        path: of the file.
        step: how many steps are done.
        average: of the weights of its model, which are kept too.
        optimizer: the optimizers' variables.
        pool: what else must be kept; has `to_arrays` and `from_arrays`.
    """
    arrays = {"step": np.array(step)}
    arrays |= {f"weight_{index}": value for index, value in enumerate(_to_arrays(average.model.weights))}
    arrays |= {f"average_{index}": value for index, value in enumerate(average.values)}
    arrays |= {f"optimizer_{index}": value for index, value in enumerate(_to_arrays(optimizer))}
    arrays |= pool.to_arrays() if pool else {}
    temporary = path.with_suffix(".partial")
    with temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    os.replace(temporary, path)


def load_state(path: Path, average: WeightAverage, optimizer: Sequence[Any], pool: Any = None) -> int:
    """Restore what `save_state` wrote and return its step.

    Raises:
        TrainingError: the file is damaged, or belongs to a model of another shape.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            average.model.set_weights(_numbered(stored, "weight"))
            average.values = _numbered(stored, "average")
            for variable, value in zip(optimizer, _numbered(stored, "optimizer"), strict=True):
                variable.assign(value)
            if pool:
                pool.from_arrays(stored)
            average.step = int(stored["step"])
            return average.step
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(f"{path.name} does not fit this training; use a new folder for a new model.") from error


def _numbered(stored: Any, prefix: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{prefix}_") for key in stored.files)
    return [stored[f"{prefix}_{index}"] for index in range(count)]


def _to_arrays(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
