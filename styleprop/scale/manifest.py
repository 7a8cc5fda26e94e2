"""`results.jsonl`: a line for every picture of a folder of results, appended as they are made."""

import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from styleprop.errors import ImageError
from styleprop.scale import files

NAME = "results.jsonl"
PART_LINES, PART_SECONDS = 1000, 30.0  # of a part that goes to a file system on which nothing can be appended


class Manifest:
    """What is known of the pictures in a folder. A line that a killed process has left half written is forgotten.

    On this computer lines are appended to `results.jsonl`, each at once. Elsewhere, where nothing can be appended,
    parts named `results-….jsonl` are written, each when it has a thousand lines or is half a minute old.

    Args:
        folder: path or address of the folder; made where it is missing.

    Raises:
        ImageError: it cannot be written.
    """

    def __init__(self, folder: str):
        self.folder = folder
        self._known: dict[str, tuple[str | None, str | None]] = {}
        self._lines: list[str] = []
        self._begun = time.monotonic()
        try:
            self._stream = None if files.is_remote(folder) else _open_whole(Path(folder) / NAME)
            for line in self._read():
                record = json.loads(line)
                self._known[record["output"]] = (record["hash"], record.get("error"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ImageError(
                f"{NAME} in the folder of the results cannot be read or written; choose another."
            ) from error

    def hash_of(self, output: str) -> str | None:
        """The hash that an output was made of; None where there is none, or it failed."""
        made_of, problem = self._known.get(output, (None, None))
        return None if problem else made_of

    def add(self, record: dict[str, Any]) -> None:
        """Keep a line with at least "output", "hash" and perhaps "error"; not the same failure twice."""
        found = (record["hash"], record.get("error"))
        if found[1] and self._known.get(record["output"]) == found:
            return
        self._known[record["output"]] = found
        line = json.dumps(record, allow_nan=False) + "\n"
        if self._stream:
            self._stream.write(line.encode())
            self._stream.flush()
            return
        self._lines.append(line)
        if len(self._lines) >= PART_LINES or time.monotonic() - self._begun > PART_SECONDS:
            self._write_part()

    def close(self) -> None:
        """Write what is left."""
        if self._stream:
            self._stream.close()
        self._write_part()

    def _read(self) -> Iterator[str]:
        if self._stream:
            with open(self._stream.name, encoding="utf-8") as stream:
                yield from stream
            return
        system, path = files.open_system(self.folder)
        for part in sorted(system.glob(f"{path.rstrip('/')}/results*.jsonl")):
            yield from system.cat_file(part).decode().splitlines()

    def _write_part(self) -> None:
        if self._lines:
            system, path = files.open_system(self.folder)
            system.makedirs(path, exist_ok=True)
            name = f"results-{time.time_ns()}-{secrets.token_hex(4)}.jsonl"
            system.pipe_file(f"{path.rstrip('/')}/{name}", "".join(self._lines).encode())
        self._lines, self._begun = [], time.monotonic()


def _open_whole(path: Path) -> Any:
    """Open for appending, after the last whole line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = open(path, "a+b")  # noqa: SIM115
    end = stream.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        stream.seek(start)
        found = stream.read(end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    stream.truncate(end)
    return stream
