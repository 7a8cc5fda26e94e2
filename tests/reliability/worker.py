"""A training to which happens what stands in the file that FAULT_FILE names; without it, the real one."""

import os
import resource
import signal
import time
from pathlib import Path

from styleprop.training import worker


def after_the_first_scores(act) -> None:
    """Let `act` happen once there are weights to keep."""
    from styleprop.training import fine_tune as module

    real = module.fine_tune

    def fine_tune(*arguments, **keywords):
        for progress in real(*arguments, **keywords):
            yield progress
            if progress.scores:
                act()

    module.fine_tune = fine_tune


def give_nan() -> None:
    """Let the loss be no number."""
    from styleprop.training import own_style

    own_style.statistics_loss = lambda *_: float("nan")


FAULTS = {
    "training killed": lambda: after_the_first_scores(lambda: os.kill(os.getpid(), signal.SIGKILL)),
    "training hung": lambda: time.sleep(600),
    "training out of memory": lambda: after_the_first_scores(lambda: bytearray(worker.MEMORY_BYTES)),
    "training NaN": give_nan,
    "training disk full": lambda: after_the_first_scores(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))),
}


if __name__ == "__main__":
    folder, wished = worker.wait_for_folder(), Path(os.environ["FAULT_FILE"])
    if folder:
        FAULTS.get(wished.read_text() if wished.exists() else "", lambda: None)()
        worker.main(folder)
