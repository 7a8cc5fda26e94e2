"""Networks belong to the process that first had one: the threads of TensorFlow are not there after a fork."""

import os
from functools import cache

from styleprop.errors import StylepropError

FORKED = (
    "This process was forked from one that had networks already, and TensorFlow would wait in it for ever: "
    "start processes with multiprocessing's 'spawn' method, and load the model in each."
)


def check_process() -> None:
    """Call before anything that TensorFlow computes. Raises StylepropError in a fork of a process that called it."""
    if _first_process() != os.getpid():
        raise StylepropError(FORKED)


@cache
def _first_process() -> int:
    return os.getpid()
