"""The page's pictures painted by replicas of a Ray Serve deployment, so that the page itself is one thin process."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from styleprop import images
from styleprop.checkpoints import Checkpoint
from styleprop.config import AutoencoderConfig
from styleprop.errors import BusyError, CancelledError, StylepropError
from styleprop.hub import open_checkpoint
from styleprop.own_styles import OwnStyle
from styleprop.scale.cluster import connected
from styleprop.scale.pool import THREADS
from styleprop.styles import BuiltInStyle, load_styles

BUSY = "All painters are busy; try again in a minute."
LOST = "The painter of this picture was lost; try again in a minute."
STOPPED = "This picture was stopped."
NAME = "styleprop"
QUEUED = 64  # calls that may wait for a replica, beside the page's own queue
TRIES = 3  # of a call whose replica was killed
DELAYS = {"upscale_delay_s": 5.0, "downscale_delay_s": 120.0}  # for how long more or fewer replicas would do
SECONDS, LOOK_SECONDS = 300.0, 0.2  # for an answer; between two looks whether it is still wanted


class Replica:
    """A process with a model of its own, which paints one picture at a time.

    Args:
        source: of the weights, as `Styleprop.from_pretrained` has it.
        threads: for arithmetic.
    """

    def __init__(self, source: str | None, threads: int):
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        from styleprop.engine import Styleprop

        self._model = Styleprop.from_pretrained(source, token=False)
        self._model.warm_up()

    def make(self, job: str, arguments: tuple, keywords: dict[str, Any]) -> Any:
        """What a method of `Styleprop` makes: "reconstruct", "stylize", "translate" or "make_style"."""
        return getattr(self._model, job)(*arguments, **keywords)

    def paint(self, job: str, arguments: tuple, keywords: dict[str, Any]) -> tuple[np.ndarray, Any]:
        """The photo and the painting, for a screen, of what "paint", "paint_domain" or "first_reconstruction" makes."""
        painting = getattr(self._model, job)(*arguments, **keywords)
        return painting.before, painting.preview


@dataclass(frozen=True)
class RemotePainting:
    """A `Painting` whose full size is made elsewhere; its attributes are that one's."""

    photo: images.Picture
    before: np.ndarray
    preview: Any
    make: Callable[[Any], Any]

    def full(self, watch: Any = None, cancel: Any = None) -> Any:
        """See `Painting.full`; nothing is watched, and what is cancelled is not waited for any more."""
        return self.preview if self.before.shape == self.photo.image.shape else self.make(cancel)


class RemoteStyleprop:
    """What the page asks of a `Styleprop`, answered by replicas.

    Args:
        checkpoint: that the replicas have.
        handle: of their deployment.
    """

    def __init__(self, checkpoint: Checkpoint, handle: Any):
        self.checkpoint = checkpoint
        size = checkpoint.config_as(AutoencoderConfig).code_size
        self.styles: dict[str, BuiltInStyle] = load_styles(checkpoint.folder, size)
        self._handle = handle

    def reconstruct(self, picture: Any, watch: Any = None) -> Any:
        """See `Styleprop`; nothing is watched, here and below."""
        return self._ask("make", "reconstruct", (_open(picture),), {})

    def first_reconstruction(self, picture: Any) -> RemotePainting:
        """See `Styleprop`."""
        return self._paint("first_reconstruction", "reconstruct", (_open(picture),), {})

    def stylize(self, content: Any, style: Any, *, watch: Any = None, cancel: Any = None, **settings: Any) -> Any:
        """See `Styleprop`."""
        return self._ask("make", "stylize", (_open(content), style), settings, cancel)

    def make_style(self, style: Any, name: str) -> OwnStyle:
        """See `Styleprop`."""
        return self._ask("make", "make_style", (style, name), {})

    def translate(self, picture: Any, domain: str, *, watch: Any = None, cancel: Any = None, **settings: Any) -> Any:
        """See `Styleprop`."""
        return self._ask("make", "translate", (_open(picture), domain), settings, cancel)

    def paint(self, content: Any, style: Any, **settings: Any) -> RemotePainting:
        """See `Styleprop`."""
        return self._paint("paint", "stylize", (_open(content), style), settings)

    def paint_domain(self, picture: Any, domain: str, *, watch: Any = None, **settings: Any) -> RemotePainting:
        """See `Styleprop`."""
        return self._paint("paint_domain", "translate", (_open(picture), domain), settings)

    def _paint(self, job: str, whole: str, arguments: tuple, settings: dict[str, Any]) -> RemotePainting:
        before, preview = self._ask("paint", job, arguments, settings)

        def make(cancel: Any) -> Any:
            return self._ask("make", whole, arguments, settings, cancel)

        return RemotePainting(arguments[0], before, preview, make)

    def _ask(self, method: str, job: str, arguments: tuple, keywords: dict[str, Any], cancel: Any = None) -> Any:
        """An answer, also where replicas are killed meanwhile. Raises what the replica raises, and BusyError."""
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import BackPressureError, RayServeException

        for _ in range(TRIES):
            call = getattr(self._handle, method).remote(job, arguments, keywords)
            try:
                return _wait(call, cancel)
            except BackPressureError as error:
                raise BusyError(BUSY) from error
            except RayTaskError as error:
                cause = error.cause
                raise cause if isinstance(cause, StylepropError) else error from None
            except (RayError, RayServeException):
                continue
        raise BusyError(LOST)


def _wait(call: Any, cancel: Any) -> Any:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            return call.result(timeout_s=LOOK_SECONDS if cancel else SECONDS)
        except TimeoutError:
            if cancel is not None and cancel.is_set():
                call.cancel()
                raise CancelledError(STOPPED) from None
    call.cancel()
    raise BusyError(BUSY)


def _open(picture: Any) -> images.Picture:
    return picture if isinstance(picture, images.Picture) else images.load(picture)


class Service:
    """A deployment on this computer or a cluster; Ray is there from the first `load` to `close`.

    Args:
        replicas: processes that paint, at least and at most: the more are asked at once, the more there are.
        address: of a cluster, as `cluster.connected` has it.
    """

    def __init__(self, replicas: tuple[int, int], address: str | None = None):
        self.least, self.most = replicas
        self._connection = connected(address)
        self._keeper = ThreadPoolExecutor(1)  # the processes of Ray end with the thread that started them
        self._cores = 0
        self._lock = threading.Lock()

    def connect(self) -> None:
        """Start Ray or join the cluster, unless that is done; Ray takes the process' signals. Raises StylepropError."""
        with self._lock:
            self._cores = self._cores or self._keeper.submit(self._connection.__enter__).result()

    def load(self, source: str | None) -> RemoteStyleprop:
        """Bring weights to the replicas, one after another where there are others already. Raises StylepropError."""
        checkpoint = open_checkpoint(source, token=False)
        self.connect()
        from ray import serve

        threads = max(1, self._cores // self.most)
        limits = {"min_replicas": self.least, "max_replicas": self.most}
        deployment: Any = serve.deployment(Replica)
        deployment = deployment.options(
            autoscaling_config={**limits, "target_ongoing_requests": 1, **DELAYS},
            max_ongoing_requests=1,
            max_queued_requests=QUEUED,
            health_check_period_s=2,
            health_check_timeout_s=60,
            ray_actor_options={"num_cpus": min(threads, self._cores / self.most)},
        )
        serve.start(proxy_location="Disabled")
        handle = serve.run(deployment.bind(source, threads), name=NAME, route_prefix=None)
        return RemoteStyleprop(checkpoint, handle)

    def close(self) -> None:
        """End the deployment, and Ray where it was started here."""
        if self._cores:
            from ray import serve

            serve.delete(NAME)
            self._keeper.submit(self._connection.__exit__, None, None, None).result()
        self._keeper.shutdown()
