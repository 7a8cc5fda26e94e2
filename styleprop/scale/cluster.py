"""Ray on this computer, started and ended with us, or a cluster that is there."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from styleprop.errors import StylepropError

NO_RAY = "Ray is not installed: pip install -r requirements-scale.txt (or styleprop[scale])."
UNREACHABLE = "There is no Ray cluster at {address!r}; write it as HOST:PORT, or as auto on one of its computers."
# Read at the import: listen on 127.0.0.1 alone, and want a token, so that other users cannot run code in our processes.
ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
REACH_SECONDS = 10.0
STORE_BYTES = 256 * 2**20  # pictures go through files, so little lies in Ray's own memory
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_SCHEDULER_EVENTS": "0"}


def import_ray() -> Any:
    """The package, told to report nothing to anybody. Raises StylepropError where it is not installed."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise StylepropError(NO_RAY) from error
    return ray


@contextmanager
def connected(address: str | None = None, cores: int | None = None) -> Iterator[int]:
    """Join a cluster, or start Ray on this computer and end it afterwards; where there is Ray already, it is used.

    Args:
        address: of a cluster, "HOST:PORT" or "auto"; None starts one here, on 127.0.0.1.
        cores: that Ray may use here; None for all.

    Yields:
        The processor cores of the cluster.

    Raises:
        StylepropError: Ray is not installed, or there is no cluster.
    """
    if address is None:
        for name, value in ALONE.items():
            os.environ.setdefault(name, value)
    ray = import_ray()
    ours = not ray.is_initialized()
    if ours:
        _start(ray, address, cores)
    try:
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        if ours:
            ray.shutdown()


def _start(ray: Any, address: str | None, cores: int | None) -> None:
    common: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False, "configure_logging": False}
    if address is None:
        here = {"include_dashboard": False, "object_store_memory": STORE_BYTES}
        ray.init("local", num_cpus=cores, **here, **common)
        return
    try:
        _check_reachable(address)
        ray.init(address, **common)
    except (OSError, ValueError, RuntimeError) as error:
        raise StylepropError(UNREACHABLE.format(address=address)) from error


def _check_reachable(address: str) -> None:
    """Raise OSError where nobody listens, which Ray would ask for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
