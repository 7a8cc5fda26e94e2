"""A visitor's own fine-tune in the place of the embedded weights, in the visitor's own tabs alone."""

from functools import lru_cache
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.checkpoints import find_checkpoint
from styleprop.errors import SettingsError, StylepropError
from styleprop.server.job import SLOTS
from styleprop.server.texts import say
from styleprop.training.desk import Desk
from styleprop.training.run_status import RunStatus

NOTHING: dict[str, Any] = {"run": "", "used": False}
KEPT = 2
NO_STYLE = "Your own style is not here any more: choose one of the others."
GONE = "Your own checkpoint is not here any more: the embedded one was used."


class Tuned:
    """Opens the weights that a visitor wishes to use.

    A visitor is known by what their browser keeps: {"run": an id that the desk gave, "used": whether to use it}.

    Args:
        models: the `Models` that all visitors share.
        desk: where fine-tunes run; None where there is no training.
        pushing: whether visitors may push their weights to the Hub.
    """

    def __init__(self, models, desk: Desk | None, pushing: bool = True):
        self.models = models
        self.desk = desk
        self.pushing = pushing
        self._opened = lru_cache(maxsize=KEPT)(_open_model)

    def status(self, mine: Any) -> RunStatus | None:
        """How the visitor's run stands; None where there is none, or none any more."""
        run = mine.get("run") if isinstance(mine, dict) else None
        if self.desk is None or not isinstance(run, str) or not run:
            return None
        try:
            return self.desk.status(run)
        except StylepropError:
            return None

    def model(self, mine: Any, jobs: tuple[str, ...]):
        """The `Styleprop` for the visitor's pictures, their own where one of these jobs made it."""
        base, status = self.models.wait(), self.used(mine)
        return self.open(status) if status and status.job.job in jobs else base

    def style_pictures(self, mine: Any) -> list[images.Picture]:
        """The first pictures that the visitor's own style, where one is in use, has learnt from."""
        status = self.used(mine)
        if status is None or status.job.job != "style":
            raise SettingsError(NO_STYLE)
        return [images.load(path) for path in status.job.pictures[:SLOTS]]

    def domain(self, mine: Any) -> str | None:
        """The folder of the visitor's own CycleGAN, where one is in use."""
        status = self.used(mine)
        return str(status.checkpoint) if status and status.job.job == "cyclegan" else None

    def wished(self, mine: Any) -> RunStatus | None:
        """The visitor's run, where they wish its weights to be used and it is still here."""
        return self.status(mine) if isinstance(mine, dict) and mine.get("used") is True else None

    def has_domain(self, mine: Any) -> bool:
        """Whether the visitor wishes to use a CycleGAN of their own."""
        status = self.wished(mine)
        return status is not None and status.job.job == "cyclegan"

    def used(self, mine: Any) -> RunStatus | None:
        """The visitor's run, where its weights are to be used in the other tabs; tells them where they are gone."""
        if not isinstance(mine, dict) or mine.get("used") is not True:
            return None
        status = self.status(mine)
        if status is None or status.checkpoint is None:
            gr.Warning(say(GONE))
            return None
        return status

    def open(self, status: RunStatus):
        """The `Styleprop` of a run's best weights. Raises CheckpointError."""
        return self._opened(status.checkpoint, find_checkpoint(status.checkpoint).sha256)


def _open_model(folder, sha256: str):
    from styleprop.engine import Styleprop

    return Styleprop.from_pretrained(folder)
