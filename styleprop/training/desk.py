"""Fine-tunes for many people on one machine: one at a time, each in a process of its own, the others wait."""

import atexit
import queue
import re
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from styleprop.errors import BusyError, Sentence, TrainingError
from styleprop.training.job import FineTuning
from styleprop.training.line import Line, Turn
from styleprop.training.run_folder import (
    BEST_FILE,
    JOB_FILE,
    NO_ROOM,
    NO_ROOM_STATUS,
    OUTCOME_FILE,
    PREVIEW_FILE,
    REPORTS_FILE,
    RESULT_FOLDER,
    STOP_FILE,
    clean_up,
    copy_pictures,
    file_size,
    read_json,
    read_reports,
    seconds_before,
    write_json,
)
from styleprop.training.run_status import FINISHED, RunStatus
from styleprop.training.workers import COMMAND, Workers, end

MAX_WAITING, MAX_KEPT, KEEP_SECONDS = 8, 8, 1800.0
GRACE_SECONDS = 0.7  # from a wish to stop to the kill; the best weights are on the disk at any time
SILENCE_SECONDS = 120.0
START_FACTOR = 3.0  # until the first report, the networks load; at low priority, beside others, that can take minutes
POLL_SECONDS = 0.1
KILLED = "The training was killed, most likely for want of memory. The best weights so far were kept."
SILENT = "The training hung and was ended. The best weights so far were kept."
GONE = "This training is not here any more."


@dataclass
class _Run:
    job: FineTuning
    folder: Path
    turn: Turn
    state: str = "queued"
    sentence: str = ""
    touched: float = field(default_factory=time.monotonic)
    stop_at: float | None = None
    spent: float = 0.0


class Desk:
    """Takes fine-tunes and runs them one after the other.

    Args:
        make_root: gives the folder in which runs get folders of their own; called with the first run.
        command: what starts a worker.
        line: where its runs wait for their turn, with others of the machine's; None for one of its own.

    Attributes:
        line: the same.
    """

    def __init__(self, make_root: Callable[[], Path], command: tuple[str, ...] = COMMAND, line: Line | None = None):
        self.line = line or Line()
        self._make_root = make_root
        self._workers = Workers(command)
        self._runs: dict[str, _Run] = {}
        self._waiting: queue.SimpleQueue[tuple[str, Turn]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen | None = None
        self._closed = threading.Event()
        atexit.register(self.close)

    def prepare(self) -> None:
        """Expect a training soon: its first preview will come some seconds earlier."""
        with self._lock:
            is_free = not any(run.state in ("queued", "running") for run in self._runs.values())
        if is_free:
            self._workers.prepare()

    def submit(self, job: FineTuning) -> str:
        """Copy the job's pictures, queue it, and return its id, 32 hexadecimal digits. Raises BusyError."""
        with self._lock:
            self._sweep(MAX_KEPT - 1)
            if sum(run.state == "queued" for run in self._runs.values()) >= MAX_WAITING:
                raise BusyError("Too many trainings are waiting; try again in a few minutes.")
            name = secrets.token_hex(16)
            folder = self._make_root() / name
            self._queue(name, _Run(_with_copies(job, folder), folder, self.line.join()))
        return name

    def resume(self, name: str, seconds: float) -> None:
        """Go on with a run that has ended. Raises TrainingError where it is gone, or has not ended."""
        with self._lock:
            run = self._find(name)
            if run.state not in FINISHED:
                raise TrainingError("This training is still under way.")
            run.job, run.state, run.sentence, run.stop_at = replace(run.job, seconds=seconds), "queued", "", None
            run.spent, run.turn = seconds_before(run.folder), self.line.join()
            self._queue(name, run)

    def stop(self, name: str) -> None:
        """End a run and keep its best weights. Raises TrainingError where it is gone."""
        with self._lock:
            run = self._find(name)
            if run.state == "queued":
                run.state = "stopped"
                run.turn.leave()
            elif run.state == "running":
                (run.folder / STOP_FILE).touch()
                run.stop_at = run.stop_at or time.monotonic()

    def wait(self, name: str, seconds: float) -> None:
        """Return once a run has ended, or the time is over. Raises TrainingError where it is gone."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                if self._find(name).state in FINISHED:
                    return
            time.sleep(POLL_SECONDS)

    def delete(self, name: str) -> None:
        """Forget a run and remove all it has written. Raises TrainingError where it is gone."""
        self.stop(name)
        with self._lock:
            run = self._runs.pop(name)
            if run.state != "running":  # else the thread removes it once the process is gone
                shutil.rmtree(run.folder, ignore_errors=True)

    def status(self, name: str) -> RunStatus:
        """How a run stands. Raises TrainingError where it is gone."""
        with self._lock:
            run = self._find(name)
            place = run.turn.place if run.state == "queued" else 0
        preview, checkpoint = run.folder / PREVIEW_FILE, run.folder / RESULT_FOLDER
        return RunStatus(
            run.state,
            place,
            run.sentence,
            run.job,
            read_reports(run.folder),
            preview if preview.exists() else None,
            checkpoint if checkpoint.exists() else None,
            read_json(run.folder / BEST_FILE) or {},
            run.spent,
        )

    def sweep(self) -> None:
        """Forget what nobody has asked for in half an hour, and the oldest beyond eight."""
        with self._lock:
            self._sweep(MAX_KEPT)

    def close(self) -> None:
        """Kill what runs, and start no other; for the end of the process."""
        self._closed.set()
        self._workers.close()
        if self._process:
            end(self._process)

    def _find(self, name: str) -> _Run:
        run = self._runs.get(name) if re.fullmatch("[0-9a-f]{32}", name or "") else None
        if run is None:
            raise TrainingError(GONE)
        run.touched = time.monotonic()
        return run

    def _queue(self, name: str, run: _Run) -> None:
        """With the lock, in which the turn was taken too: both lines have one order."""
        self._runs[name] = run
        self._waiting.put((name, run.turn))
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="training-desk", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            name, turn = self._waiting.get()
            run = self._runs.get(name)
            is_next = run is not None and run.turn is turn and self._has_turn(run)  # it may have been queued anew
            if self._closed.is_set():
                return
            if run is None or not is_next:
                continue
            try:
                state, sentence = self._run(run)
            except OSError as error:
                state, sentence = (
                    "failed",
                    Sentence("The training could not be started: {reason}.", reason=error.strerror),
                )
            with self._lock:
                run.turn.leave()
                run.state, run.sentence, run.touched = state, sentence, time.monotonic()
                if name not in self._runs:
                    shutil.rmtree(run.folder, ignore_errors=True)

    def _has_turn(self, run: _Run) -> bool:
        """Wait for a run's turn, and let it run; it has none where it is stopped before, or the desk closed."""
        while run.state == "queued" and not run.turn.wait(POLL_SECONDS) and not self._closed.is_set():
            pass
        with self._lock:
            if run.state != "queued" or self._closed.is_set():
                return False
            run.state = "running"
            return True

    def _run(self, run: _Run) -> tuple[str, str]:
        for name in (STOP_FILE, OUTCOME_FILE):
            (run.folder / name).unlink(missing_ok=True)
        write_json(run.folder / JOB_FILE, run.job.to_dict())
        self._process = self._workers.begin(run.folder)
        sentence = self._watch(run, self._process)
        clean_up(run.folder)
        return _outcome(run, sentence)

    def _watch(self, run: _Run, process: subprocess.Popen) -> str:
        """Wait for the end of a process, or bring it about; returns why."""
        heard, size = time.monotonic(), -1
        while process.poll() is None:
            now, written = time.monotonic(), file_size(run.folder / REPORTS_FILE)
            heard, size = (now, written) if written != size else (heard, size)
            stopping = run.stop_at is not None and now - run.stop_at > GRACE_SECONDS
            patience = SILENCE_SECONDS if size > 0 else SILENCE_SECONDS * START_FACTOR
            if stopping or self._closed.is_set() or now - heard > patience:
                end(process)
                return "" if stopping else SILENT
            time.sleep(POLL_SECONDS)
        return NO_ROOM if process.returncode == NO_ROOM_STATUS else ""

    def _sweep(self, kept: int) -> None:
        now = time.monotonic()
        ended = sorted((run.touched, name) for name, run in self._runs.items() if run.state in FINISHED)
        old = [name for touched, name in ended if now - touched > KEEP_SECONDS]
        beyond = [name for _, name in ended[: max(0, len(ended) - kept)]]
        for name in {*old, *beyond}:
            shutil.rmtree(self._runs.pop(name).folder, ignore_errors=True)


def _with_copies(job: FineTuning, folder: Path) -> FineTuning:
    """The job with copies of its pictures in a new folder, which is gone again where they cannot be copied."""
    try:
        folder.mkdir(parents=True, mode=0o700)
        pictures = copy_pictures(job.pictures, folder / "pictures")
        return replace(job, pictures=pictures, content=copy_pictures(job.content, folder / "content"))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _outcome(run: _Run, sentence: str) -> tuple[str, str]:
    values = read_json(run.folder / OUTCOME_FILE)
    if values:
        return values["state"], Sentence.from_parts(values["sentence"])
    if run.stop_at is not None:
        return "stopped", ""
    return "failed", sentence or KILLED
