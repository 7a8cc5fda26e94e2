"""The model that all visitors share, loaded behind the page, so that the page is there first."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from styleprop.errors import BusyError, CheckpointError, StylepropError

WAIT_SECONDS = 300.0
UNUSABLE = "The models cannot be loaded here, so no picture can be made."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """Where the loading stands.

    Attributes:
        state: "loading", "ready" or "failed".
        sentence: what a person should know.
    """

    state: str
    sentence: str


def load_model(source: str | None) -> Any:
    """Load and warm up a `Styleprop`. This imports TensorFlow, which takes seconds."""
    from styleprop.engine import Styleprop

    model = Styleprop.from_pretrained(source)
    model.warm_up()
    return model


class Models:
    """Loads one model in a thread of its own; whoever asks for it waits until it is there.

    Args:
        source: name or folder of a checkpoint; where it cannot be used, the embedded one is.
        load: makes a model from a source.
    """

    def __init__(self, source: str | None = None, load: Callable[[str | None], Any] = load_model):
        self.source = source
        self._load = load
        self._done = threading.Event()
        self._model: Any = None
        self._status = Status("loading", "The models are loading…")

    @property
    def status(self) -> Status:
        """Where the loading stands now."""
        return self._status

    def start(self) -> None:
        """Begin to load; returns at once."""
        threading.Thread(target=self._run, name="load-models", daemon=True).start()

    def wait(self, seconds: float = WAIT_SECONDS):
        """Return the `Styleprop`, once it is there.

        Raises:
            CheckpointError: it cannot be loaded.
            BusyError: it is not there after `seconds`.
        """
        if not self._done.wait(seconds):
            raise BusyError("The models are still loading; try again in a minute.")
        if self._model is None:
            raise CheckpointError(self._status.sentence)
        return self._model

    def _run(self) -> None:
        try:
            self._model, self._status = self._load_or_fall_back()
        finally:
            self._done.set()

    def _load_or_fall_back(self) -> tuple[Any, Status]:
        model, problem = self._attempt(self.source)
        if model is not None:
            return model, Status("ready", "Ready")
        if self.source is not None:
            model, _ = self._attempt(None)
        if model is None:
            return None, Status("failed", f"{UNUSABLE} {problem}")
        return model, Status("ready", f"{problem} The embedded checkpoint is used instead.")

    def _attempt(self, source: str | None) -> tuple[Any, str]:
        try:
            return self._load(source), ""
        except StylepropError as error:
            log.error("the models were not loaded: %s", error)
            return None, str(error)
        except Exception:
            number = secrets.token_hex(4)
            log.exception("error %s while the models were loading", number)
            return None, f"Loading failed for a reason that is in the log under {number}."
