"""Clips that are painted for visitors: one at a time, behind the page, so that a reload loses nothing."""

import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from styleprop.errors import BusyError, StylepropError, VideoError
from styleprop.server import outcome, uploads
from styleprop.server.guard import sentence_of
from styleprop.server.queues import give_way
from styleprop.training.line import Line, Turn

MAX_WAITING, MAX_KEPT, KEEP_SECONDS = 8, 16, 1800.0
LONELY_SECONDS = 300.0  # without anybody who asks; a tab in the background asks once a minute
PREVIEW_SECONDS, WATCHED_SECONDS = 3.0, 10.0
POLL_SECONDS = 0.05
FINISHED = ("done", "stopped", "failed")
GONE = "This clip is not here any more."
log = logging.getLogger(__name__)
# Paints a clip: make(source, target, cancel) gives `VideoProgress`.
Make = Callable[[Path, Path, threading.Event], Iterator[Any]]


@dataclass(frozen=True)
class ClipStatus:
    """How the painting of a clip stands.

    Attributes:
        state: "queued", "running", "done", "stopped" or "failed".
        place: how many trainings and clips are before it.
        sentence: what went wrong or is missing, or "".
        frame, total, seconds, seconds_left: as `VideoProgress` has them.
        pair: paths of a frame and its painting, for a look; or None.
        before: path of the clip as it came.
        file: path of the painted clip, where it is finished; or None.
    """

    state: str
    place: int = 0
    sentence: str = ""
    frame: int = 0
    total: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None
    pair: tuple[str, str] | None = None
    before: str = ""
    file: str | None = None


@dataclass
class _Job:
    make: Make
    source: Path
    folder: Path
    name: str
    turn: Turn
    status: ClipStatus
    cancel: threading.Event = field(default_factory=threading.Event)
    touched: float = field(default_factory=time.monotonic)
    shown: float = 0.0
    pairs: list[tuple[str, str]] = field(default_factory=list)


class Clips:
    """Paints clips one after the other, in a line with the trainings.

    Args:
        make_root: gives a folder that visitors cannot read, in which clips get folders of their own.
        line: where they wait.
        is_busy: whether somebody waits for a picture now: it goes before the next frame.
    """

    def __init__(self, make_root: Callable[[], Path], line: Line, is_busy: Callable[[], bool] = lambda: False):
        self.is_busy = is_busy
        self._make_root, self._line = make_root, line
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def submit(self, make: Make, source: Path, name: str) -> str:
        """Put a clip into the line.

        Args:
            make: paints it.
            source: the clip; it may be gone afterwards.
            name: of the file to download, with its ending.

        Returns:
            An id, 32 hexadecimal digits.

        Raises:
            BusyError: too many are waiting.
        """
        with self._lock:
            self._sweep()
            if sum(job.status.state not in FINISHED for job in self._jobs.values()) > MAX_WAITING:
                raise BusyError("Too many clips are waiting; try again in a few minutes.")
            run = secrets.token_hex(16)
            folder = self._make_root() / run
            copy = _with_own(source, folder)
            job = _Job(make, copy, folder, name, self._line.join(), ClipStatus("queued", before=str(source)))
            self._jobs[run] = job
        threading.Thread(target=self._work, args=(job,), name="clip", daemon=True).start()
        return run

    def status(self, run: Any) -> ClipStatus:
        """How a clip stands. Raises VideoError where it is gone."""
        with self._lock:
            job = self._jobs.get(run) if isinstance(run, str) else None
            if job is None:
                raise VideoError(GONE)
            job.touched = time.monotonic()
            return replace(job.status, place=job.turn.place) if job.status.state == "queued" else job.status

    def stop(self, run: Any) -> None:
        """Finish a clip with the frames that there are. Raises VideoError where it is gone."""
        self.status(run)
        self._jobs[run].cancel.set()

    def sweep(self) -> None:
        """Forget what nobody has asked for in half an hour, and the oldest beyond sixteen."""
        with self._lock:
            self._sweep()

    def close(self) -> None:
        """Let all of them end; for the end of the process."""
        for job in list(self._jobs.values()):
            job.cancel.set()

    def _sweep(self) -> None:
        now = time.monotonic()
        ended = sorted((job.touched, run) for run, job in self._jobs.items() if job.status.state in FINISHED)
        old = {run for touched, run in ended if now - touched > KEEP_SECONDS}
        for run in old | {run for _, run in ended[: max(0, len(ended) - MAX_KEPT)]}:
            del self._jobs[run]

    def _work(self, job: _Job) -> None:
        try:
            while not job.turn.wait(POLL_SECONDS) and not self._is_over(job):
                pass
            state, sentence, file = ("stopped", "", None) if job.cancel.is_set() else self._painted(job)
        except StylepropError as error:
            state, sentence, file = "failed", error.sentence, None
        except Exception as error:
            state, sentence, file = "failed", sentence_of(error, "a clip"), None
        finally:
            job.turn.leave()
            shutil.rmtree(job.folder, ignore_errors=True)
        with self._lock:
            job.touched = time.monotonic()
            job.status = replace(job.status, state=state, sentence=sentence, file=file, seconds_left=0.0)

    def _is_over(self, job: _Job) -> bool:
        if time.monotonic() - job.touched > LONELY_SECONDS:
            job.cancel.set()
        return job.cancel.is_set()

    def _painted(self, job: _Job) -> tuple[str, str, str | None]:
        """Paint it; how it ended, what is missing, and the file."""
        job.status = replace(job.status, state="running")
        target, progress = job.folder / "painted.mp4", None
        for progress in job.make(job.source, target, job.cancel):
            self._show(job, progress)
            self._is_over(job)
            give_way(self.is_busy, job.cancel.is_set)
        if progress is None or not target.exists():
            return "stopped", "", None
        file = uploads.move_result(target, job.name)
        return "done" if progress.is_whole else "stopped", " ".join(progress.notes), file

    def _show(self, job: _Job, progress: Any) -> None:
        now, pair = time.monotonic(), job.status.pair
        if progress.is_done or (now - job.shown > PREVIEW_SECONDS and now - job.touched < WATCHED_SECONDS):
            job.shown = now
            pair = outcome.preview_file(progress.photo), outcome.preview_file(progress.painted)
            job.pairs.append(pair)
            for path in job.pairs.pop(0) if len(job.pairs) > 2 else ():  # the one before may still be on its way
                Path(path).unlink(missing_ok=True)
        numbers = {name: getattr(progress, name) for name in ("frame", "total", "seconds", "seconds_left")}
        with self._lock:
            job.status = replace(job.status, pair=pair, **numbers)


def _with_own(source: Path, folder: Path) -> Path:
    """A clip's own name in a new folder, which is gone again where there is no room."""
    try:
        folder.mkdir(parents=True, mode=0o700)
        target = folder / f"clip{source.suffix}"
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
        return target
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
