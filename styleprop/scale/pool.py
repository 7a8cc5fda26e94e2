"""One callable in many processes, over many tasks.

An actor pool of Ray Core, not Ray Data: of a task whose process is killed Ray Data either ends everything or drops a
block of rows without naming them, and here every picture must be accounted for.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from styleprop.errors import StylepropError
from styleprop.scale.cluster import import_ray

RETRIES = 2  # of a task whose process was killed
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
T = TypeVar("T")


class _Worker:
    """A process of the pool. It has this many threads for arithmetic, whatever the computer has cores."""

    def __init__(self, threads: int):
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        self._work: Callable[[Any], Any] | None = None

    def hello(self) -> None:
        """Answer once the process is there."""

    def do(self, shared: list[Any], task: Any) -> Any:
        """One task; what works is fetched for the first."""
        if self._work is None:
            self._work = import_ray().get(shared[0])
        return self._work(task)


def spread(
    tasks: Iterable[T], work: Callable[[T], Any], workers: int, threads: int = 1
) -> Iterator[tuple[T, Any | None]]:
    """Run `work(task)` in processes of a connected Ray, as many at once as there are workers.

    A task is handed out when a process is free, so that neither tasks nor results pile up, and a process that the
    cluster has no room for yet gets none. A killed process is started again, its task tried up to three times.

    Args:
        tasks: what to do; may be endless, and is read as results come.
        work: goes to every process once.
        workers: processes.
        threads: of each; the cluster keeps as many cores for it.

    Yields:
        (task, result) as they are finished; None as the result of a task that killed its process every time.

    Raises:
        StylepropError: `work` has raised it; the sentence of any other error of `work` is lost with its type.
    """
    ray = import_ray()
    make = ray.remote(_Worker).options(num_cpus=threads, max_restarts=-1, max_task_retries=RETRIES)
    shared, left = [ray.put(work)], iter(tasks)
    crew = [make.remote(threads) for _ in range(workers)]  # a busy one ends when nobody knows it any more
    running: dict[Any, tuple[Any, list[T]]] = {worker.hello.remote(): (worker, []) for worker in crew}
    try:
        while running:
            done = ray.wait(list(running), num_returns=1)[0][0]
            worker, given = running.pop(done)
            result = _result(ray, done)
            following = next(left, None)
            if following is not None:
                running[worker.do.remote(shared, following)] = (worker, [following])
            for task in given:
                yield task, result
            if following is None and not _busy(running):
                return
    finally:
        busy = _busy(running)
        for worker in crew:
            if worker not in busy:
                ray.kill(worker)


def _busy(running: dict[Any, tuple[Any, list[Any]]]) -> list[Any]:
    return [worker for worker, given in running.values() if given]


def _result(ray: Any, done: Any) -> Any | None:
    try:
        return ray.get(done)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        raise cause if isinstance(cause, StylepropError) else error from None
    except ray.exceptions.RayError:  # its process was killed, by hand or for memory, or its computer is gone
        return None
