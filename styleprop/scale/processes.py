"""Several processes for one training, each with a part of every batch: `keras.distribution` over `jax.distributed`.

All of them run the same program on the same global arrays, so that a step is the one that a single process would take
with the whole batch: batch statistics and the clipping of gradients, too.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any, NoReturn

import numpy as np

from styleprop.config.words import counted
from styleprop.errors import SettingsError, StylepropError
from styleprop.training.team import Team

NO_JAX = "--processes needs JAX: pip install -r requirements-scale.txt (or styleprop[scale])."
NOT_JAX = "--processes trains with JAX: set KERAS_BACKEND=jax, or leave it unset."
UNEVEN = "{pictures} of a batch cannot be shared evenly by {size} processes; give another --batch-size."
LOST = "A process of the training has ended; the same command goes on from the last state that was saved."
COORDINATOR, RANK = "STYLEPROP_COORDINATOR", "STYLEPROP_RANK"
STOP_SECONDS, LOOK_SECONDS = 60.0, 2.0
_leaving = threading.Lock()


class Processes(Team):
    """The team of this process.

    Args:
        rank: of this process; 0 writes.
        size: how many there are.
        others: those that this one has started.
    """

    def __init__(self, rank: int, size: int, others: Sequence[subprocess.Popen] = ()):
        self.rank = rank
        self.size = size
        self.others = others
        self.is_writer = rank == 0

    def share(self, batch: Any) -> Any:
        """See `Team`; of arrays, and of mappings of arrays."""
        if isinstance(batch, Mapping):
            return {name: self.share(part) for name, part in batch.items()}
        rows, rest = divmod(len(batch), self.size)
        if rest:
            pictures = counted(len(batch), "1 picture", "{number} pictures")
            raise SettingsError(UNEVEN.format(pictures=pictures, size=self.size))
        return batch[self.rank * rows : (self.rank + 1) * rows]

    def agree(self, seconds: float, stop: bool) -> tuple[float, bool]:
        """See `Team`."""
        from jax.experimental import multihost_utils

        said = multihost_utils.broadcast_one_to_all(np.array([seconds, stop], "float32"))
        return float(said[0]), bool(said[1])

    def fail(self, error: BaseException, report: Callable[[], int]) -> NoReturn:
        """End this process and those that it has started: at an ordinary end JAX would wait for the others.

        Args:
            error: what went wrong; a `StylepropError` does so in all of them.
            report: says it, and gives the exit status; where another process is lost, that is said instead.
        """
        if not isinstance(error, StylepropError | KeyboardInterrupt):
            for other in self.others:
                with suppress(subprocess.TimeoutExpired):
                    if other.wait(LOOK_SECONDS):
                        _leave()
        with _leaving:  # else those that watch would take the others for lost
            status = report()
            for other in self.others:
                other.kill()
            if self.rank:
                time.sleep(STOP_SECONDS)  # the first says it, and ends this one
            sys.stdout.flush()
            os._exit(status)


@contextmanager
def joined(size: int, environment: Mapping[str, str] = os.environ) -> Iterator[Processes]:
    """Take part in a training of `size` processes; Keras must not have been imported before.

    Where the environment has STYLEPROP_COORDINATOR (HOST:PORT of the first process) and STYLEPROP_RANK, from 0, the
    processes are started by whoever set these, on one computer or many. Else this is the first, and starts the others
    here with its own command; where one of them is lost, this process ends too.

    Raises:
        StylepropError: JAX is missing, or Keras is set to another backend.
    """
    _choose_jax()
    coordinator = environment.get(COORDINATOR) or f"127.0.0.1:{_free_port()}"
    rank = int(environment.get(RANK, "0"))
    others = [] if COORDINATOR in environment else _start_all(coordinator, size)
    if rank and not sys.stdin.isatty():
        threading.Thread(target=_end_with_the_first, daemon=True).start()
    done = threading.Event()
    for other in others:
        threading.Thread(target=_watch, args=(other, done), daemon=True).start()
    with _own_output():
        import keras

        if size > 1:
            keras.distribution.initialize(coordinator, size, rank)
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
        try:
            yield Processes(rank, size, others)
        finally:
            done.set()
            keras.distribution.set_distribution(None)
            _end(others, size)


@contextmanager
def _own_output() -> Iterator[None]:
    """Keep what Gloo writes to file descriptor 1 out of our output; it goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(kept, "w", errors="backslashreplace", buffering=1) as ours:
        os.dup2(2, 1)
        try:
            with redirect_stdout(ours):
                yield
        finally:
            os.dup2(kept, 1)


def _choose_jax() -> None:
    if os.environ.setdefault("KERAS_BACKEND", "jax") != "jax":
        raise SettingsError(NOT_JAX)
    os.environ.setdefault("JAX_CPU_COLLECTIVES_IMPLEMENTATION", "gloo")
    try:
        import jax  # noqa: F401
    except ImportError as error:
        raise StylepropError(NO_JAX) from error


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _start_all(coordinator: str, size: int) -> list[subprocess.Popen]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # all are here, and JAX might wait for ever to reach 127.0.0.1 by a proxy
    return [_start(coordinator, rank) for rank in range(1, size)]


def _start(coordinator: str, rank: int) -> subprocess.Popen:
    """Another process of the same command, which ends where this one does, as its standard input ends then."""
    environment = {**os.environ, COORDINATOR: coordinator, RANK: str(rank)}
    command = [sys.executable, "-m", "styleprop", *sys.argv[1:]]
    quiet = None if "--debug" in sys.argv else subprocess.DEVNULL
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": quiet}
    return subprocess.Popen(command, env=environment, start_new_session=True, **pipes)


def _end_with_the_first() -> None:
    sys.stdin.read()
    os._exit(1)


def _watch(other: subprocess.Popen, done: threading.Event) -> None:
    """End this process where another ends before its time: it would wait for it for ever."""
    if other.wait() and not done.is_set():
        _leave()


def _leave() -> NoReturn:
    with _leaving:  # whoever comes second waits for the end
        print(f"styleprop: {LOST}", file=sys.stderr, flush=True)
        os._exit(1)


def _end(others: list[subprocess.Popen], size: int) -> None:
    import jax

    if size > 1:
        jax.distributed.shutdown()  # where all meet once more
    for other in others:
        try:
            other.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            other.kill()
