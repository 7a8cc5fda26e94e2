"""The janitor: removes what visitors and dead processes left behind, where nobody else does."""

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from styleprop.server.clips import Clips
from styleprop.server.uploads import CLIPS, EXAMPLES, LOCK, PREFIX, TRAININGS
from styleprop.training.desk import Desk

SWEEP_SECONDS = 60.0
ABORTED_SECONDS = 600.0  # since the last byte of an upload
KEEP_SECONDS = 4200.0  # ten minutes more than Gradio, whose own sweeper can die
log = logging.getLogger(__name__)


class Janitor:
    """Sweeps the app's folder and the desk every minute.

    Gradio deletes the files that it knows of after an hour. It does not know uploads that broke off, and folders of
    processes that were killed.

    Args:
        folder: the app's own; what lies in it now, such as pictures of the page itself, stays.
        desk: forgets trainings that nobody has asked for; None where there is no training.
        clock: seconds since the epoch, as in the times of files.
        clips: forgets clips likewise; or None.
    """

    def __init__(
        self,
        folder: Path,
        desk: Desk | None,
        clock: Callable[[], float] = time.time,
        clips: Clips | None = None,
    ):
        self.folder = folder
        self.desks = [one for one in (desk, clips) if one is not None]
        self.clock = clock
        self._stays = frozenset(path for path in folder.rglob("*") if path.is_file())

    def start(self) -> None:
        """Sweep now and every minute in a thread of its own, until the folder is gone."""
        threading.Thread(target=self._run, name="janitor", daemon=True).start()

    def sweep(self) -> None:
        """Remove what is old, aborted or nobody's."""
        for desk in self.desks:
            desk.sweep()
        now = self.clock()
        for path in self._visitors_files():
            if _age(path, now) > (ABORTED_SECONDS if self._is_upload_under_way(path) else KEEP_SECONDS):
                path.unlink(missing_ok=True)
        remove_empty_folders(self.folder, now - ABORTED_SECONDS)
        remove_dead_folders(self.folder.parent)

    def _run(self) -> None:
        pause = threading.Event()
        while self.folder.is_dir():
            try:
                self.sweep()
            except Exception:
                log.exception("the folder was not swept")
            pause.wait(SWEEP_SECONDS)

    def _visitors_files(self) -> Iterator[Path]:
        for top in self.folder.iterdir():
            if top.name not in (CLIPS, EXAMPLES, LOCK, TRAININGS):
                files = top.rglob("*") if top.is_dir() else [top]
                yield from (path for path in files if path.is_file() and path not in self._stays)

    def _is_upload_under_way(self, path: Path) -> bool:
        """Gradio writes an upload beside the folders and moves it into one once it is whole."""
        return path.parent == self.folder and path.name.startswith("tmp")


def _age(path: Path, now: float) -> float:
    """Seconds since a file was last written or moved; 0 where it is gone."""
    try:
        found = path.lstat()
    except OSError:
        return 0.0
    return now - max(found.st_mtime, found.st_ctime)


def remove_empty_folders(folder: Path, before: float) -> None:
    """Remove the empty folders below a folder in which nothing has changed since `before`."""
    for place, _, _ in os.walk(folder, topdown=False):
        path = Path(place)
        try:
            if path != folder and path.stat().st_mtime < before and not any(path.iterdir()):
                path.rmdir()
        except OSError:
            continue  # somebody was faster, or has just put something there


def remove_dead_folders(place: Path) -> None:
    """Remove our folders whose process is gone: nobody holds their lock any more."""
    for folder in place.glob(f"{PREFIX}*"):
        try:
            with (folder / LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # it lives, or is none of ours
