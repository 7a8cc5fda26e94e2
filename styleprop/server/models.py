"""The model that all visitors share, loaded behind the page, so that the page is there first."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from styleprop import hub as hub_of
from styleprop.errors import BusyError, CheckpointError, Sentence, StylepropError
from styleprop.server.domains import Domains
from styleprop.styles import BuiltInStyle

WAIT_SECONDS = 300.0
UNUSABLE = "The models cannot be loaded here, so no picture can be made."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """Where the loading stands.

    Attributes:
        state: "loading", "ready" or "failed".
        sentence: what a person should know.
        settled: whether it stays like this.
    """

    state: str
    sentence: Sentence
    settled: bool = True


EMBEDDED = Status("ready", Sentence("Ready, with the embedded weights"))


def _ready_with(folder: Path) -> Status:
    return Status("ready", Sentence("Ready, with {name}", name=hub_of.title_of(folder)))


def _because(status: Status, reason: str) -> Status:
    """The same weights as before, and why they are."""
    before = status.sentence
    template = f"{before.template.rstrip('.')}. {{reason}}"
    return replace(status, sentence=Sentence(template, **before.values, reason=Sentence(reason)))


def load_model(source: str | None) -> Any:
    """Load and warm up a `Styleprop`. This imports TensorFlow, which takes seconds."""
    from styleprop.engine import Styleprop

    model = Styleprop.from_pretrained(source, token=False)  # nobody's login for what visitors use
    model.warm_up()
    return model


class Models:
    """Loads one model in a thread of its own; whoever asks for it waits until it is there.

    Args:
        source: name or folder of a checkpoint; where it cannot be used, the embedded one is.
        load: makes a model from a source.
        hub: a repository, "owner/name@revision", that is asked behind the page unless there is a source. What was
            pulled from it before answers until then, else the embedded checkpoint does. Its registry, if it has one,
            adds to the `domains`.
    """

    def __init__(
        self, source: str | None = None, load: Callable[[str | None], Any] = load_model, hub: str | None = None
    ):
        self.source = source
        self._hub = hub_of.parse_source(hub) if hub and source is None else None
        self.domains = Domains(hub if self._hub else None)
        self._load = load
        self._done = threading.Event()
        self._model: Any = None
        self._status = Status("loading", Sentence("The models are loading…"), settled=False)

    @property
    def status(self) -> Status:
        """Where the loading stands now."""
        return self._status

    @property
    def styles(self) -> dict[str, BuiltInStyle]:
        """The built-in styles of the model that answers now, by name; empty until there is one."""
        return self._model.styles if self._model is not None else {}

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
            cached = hub_of.find_cached(self._hub) if self._hub else None
            self._model, now = self._load_cached(cached) or self._load_or_fall_back()
            self._status = replace(now, settled=self._hub is None)
        finally:
            self._done.set()
        if self._hub:
            now = self._refresh(self._hub, now)
            self._status = replace(now, settled=False)
            self.domains.learn()
            self._status = now

    def _load_cached(self, cached: Path | None) -> tuple[Any, Status] | None:
        if cached is None:
            return None
        model, _ = self._attempt(str(cached))
        return (model, _ready_with(cached)) if model is not None else None

    def _refresh(self, source: hub_of.Source, before: Status) -> Status:
        """Pull, and replace the model by what came; the one before answers meanwhile, and afterwards if it fails."""
        self._status = replace(_because(before, Sentence("{repo} is on its way.", repo=source.repo)), settled=False)
        try:
            folder = hub_of.pull(*source)
        except StylepropError as error:
            log.error("the Hub's model was not pulled: %s", error)
            return _because(before, error.sentence)
        except Exception:
            log.exception("the Hub's model was not pulled")
            return _because(before, "The Hub's weights could not be fetched.")
        if before == _ready_with(folder):
            return before
        model, problem = self._attempt(str(folder))
        if model is None:
            return _because(before, problem)
        self._model = model
        return _ready_with(folder)

    def _load_or_fall_back(self) -> tuple[Any, Status]:
        model, problem = self._attempt(self.source)
        if model is not None:
            return model, Status(
                "ready", Sentence("Ready, with {name}", name=Path(self.source).name)
            ) if self.source else EMBEDDED
        if self.source is not None:
            model, _ = self._attempt(None)
        if model is None:
            return None, Status("failed", Sentence(UNUSABLE + " {reason}", reason=Sentence(problem)))
        return model, _because(EMBEDDED, problem)

    def _attempt(self, source: str | None) -> tuple[Any, str]:
        try:
            return self._load(source), ""
        except StylepropError as error:
            log.error("the models were not loaded: %s", error)
            return None, error.sentence
        except Exception:
            number = secrets.token_hex(4)
            log.exception("error %s while the models were loading", number)
            return None, Sentence("Loading failed for a reason that is in the log under {number}.", number=number)
