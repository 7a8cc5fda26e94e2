"""One fine-tune in a process of its own: `python -m styleprop.training.worker`, and its folder on standard input.

The folder holds `job.json`; it gets `reports.jsonl` (a line for each `Progress`), `before.png`, `preview.png`,
`outcome.json`, and what `fine_tune` writes. A file named `stop` in it ends the training after the step under way.
"""

import contextlib
import errno
import importlib
import json
import os
import resource
import sys
from pathlib import Path

from styleprop import images
from styleprop.errors import Sentence, StylepropError
from styleprop.images.sheets import beside
from styleprop.training.job import FineTuning
from styleprop.training.run_folder import (
    BEFORE_FILE,
    JOB_FILE,
    LOG_FILE,
    NO_ROOM,
    NO_ROOM_STATUS,
    OUTCOME_FILE,
    PREVIEW_FILE,
    REPORTS_FILE,
    STOP_FILE,
    seconds_before,
    write_json,
)
from styleprop.training.stop import FileStop

MEMORY_BYTES = 6 * 1024**3
NO_MEMORY = "The training needs more memory than there is; use fewer or smaller pictures."
UNEXPECTED = "The training stopped for a reason that is in the log."
NICENESS = 10


def wait_for_folder() -> Path | None:
    """Load what every training needs, and return the folder that is wished for; None where the parent has ended."""
    os.nice(NICENESS)
    with contextlib.suppress(Exception):  # what is amiss will be so again where it can be told
        importlib.import_module("styleprop.training.fine_tune")
    line = sys.stdin.readline().rstrip("\n")
    return Path(line) if line else None


def main(folder: Path) -> None:
    """Run the folder's job to its end."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(OSError), (folder / LOG_FILE).open("ab") as log:
        for number in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(log.fileno(), number)
    try:
        state, sentence = _train(folder), ""
    except StylepropError as error:
        state, sentence = "failed", error.sentence
    except MemoryError:
        state, sentence = "failed", NO_MEMORY
    except Exception as error:
        with contextlib.suppress(OSError):  # the log may lie on a full disk
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        state, sentence = "failed", _sentence(error)
    try:
        write_json(folder / OUTCOME_FILE, {"state": state, "sentence": Sentence(sentence).parts()})
    except OSError:
        os._exit(NO_ROOM_STATUS)  # an orderly end would try to write once more, and have another status


def _sentence(error: Exception) -> str:
    if "ResourceExhausted" in type(error).__name__ or "bad_alloc" in str(error):
        return NO_MEMORY
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return NO_ROOM if is_full else UNEXPECTED


def _train(folder: Path) -> str:
    from styleprop.training.fine_tune import fine_tune

    job = FineTuning.from_dict(json.loads((folder / JOB_FILE).read_text(encoding="utf-8")))
    stop, spent = FileStop(folder / STOP_FILE), seconds_before(folder)
    for progress in fine_tune(job, folder, stop):
        if progress.preview is not None:
            if not (folder / BEFORE_FILE).exists():
                images.save(progress.preview, folder / BEFORE_FILE)
            before = images.load(folder / BEFORE_FILE).image
            images.save(beside(before, progress.preview), folder / PREVIEW_FILE)
        values = {"step": progress.step, "seconds": spent + progress.seconds}
        with (folder / REPORTS_FILE).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({**values, "losses": progress.losses, "scores": progress.scores}) + "\n")
    return "stopped" if stop.is_set() else "done"


if __name__ == "__main__":
    wished = wait_for_folder()
    if wished:
        main(wished)
