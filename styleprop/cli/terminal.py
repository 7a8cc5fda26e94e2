"""What goes to the terminal: plain single lines, JSON lines, and silence from libraries that chatter."""

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

from styleprop.errors import StylepropError


def one_line(text: object) -> str:
    """The text on one line, with a question mark for whatever a terminal would not show as a character."""
    words = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def complain(text: object) -> None:
    """Write one line about a problem to standard error."""
    print(f"styleprop: {one_line(text)}", file=sys.stderr, flush=True)


def progress_bar(items: Iterable[Any] | None = None, **options: Any) -> Any:
    """A bar of tqdm's on standard error, where that is a terminal; else one that shows nothing."""
    from tqdm import tqdm

    return tqdm(items, leave=False, file=sys.stderr, disable=not sys.stderr.isatty(), **options)


def describe(error: BaseException) -> str:
    """One plain sentence about any error."""
    if isinstance(error, StylepropError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "Stopped."
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "There is not enough memory; use a smaller picture."
    return f"An unexpected {type(error).__name__} happened; run again with --debug to see where."


def json_line(values: dict[str, Any]) -> str:
    """One JSON object on one line; a number that JSON does not know (infinity, NaN) becomes null."""
    return json.dumps(_plain(values), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def peak_memory_mb() -> float | None:
    """The most memory this process has held, in megabytes (2**20 bytes); None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


@contextmanager
def quiet(debug: bool = False) -> Iterator[None]:
    """Discard what libraries written in C write to standard error; what Python writes still gets there.

    Such libraries write to file descriptor 2 before anyone can ask them not to, so the descriptor itself is turned away
    for a while, and `sys.stderr` is given another way to the same place. With `debug` nothing is turned away.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if debug else "3")
    if debug or not _is_descriptor_two(sys.stderr):
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as away, open(kept, "w", errors="backslashreplace", buffering=1) as ours:
        os.dup2(away.fileno(), 2)
        try:
            with redirect_stderr(ours):
                yield
        finally:
            os.dup2(kept, 2)


def _is_descriptor_two(stream: Any) -> bool:
    try:
        return stream.fileno() == 2
    except (AttributeError, OSError, ValueError):
        return False
