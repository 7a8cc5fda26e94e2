"""Processes of our own that read what strangers send: a way to this package, and limits of memory and time."""

import os
from pathlib import Path

NICE = 5


def package_environment(**more: str) -> dict[str, str]:
    """The environment of this process, with a way to this package, and more of it."""
    package = str(Path(__file__).resolve().parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **more}


def limit_process(memory_bytes: int, cpu_seconds: int, file_bytes: int = 0) -> None:
    """Take this process's memory and time, and what it may write to a file, where the system has limits.

    Args:
        memory_bytes: of address space.
        cpu_seconds: of a processor.
        file_bytes: that a file may have.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    os.nice(NICE)
