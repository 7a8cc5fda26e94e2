"""Bytes from a path or a stream: ordinary files only, and never more than the limit."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, TypeAlias

from styleprop.errors import ImageError, Sentence
from styleprop.images.picture import MAX_FILE_BYTES

FileSource: TypeAlias = str | os.PathLike | bytes | bytearray | memoryview | BinaryIO
TOO_MANY_BYTES = Sentence("The file is larger than {most} MB; use a smaller one.", most=MAX_FILE_BYTES // 2**20)
CHUNK_BYTES = 1024 * 1024


def read_source(source: FileSource) -> bytes:
    """Return the whole content of a path, a bytes object or a binary stream.

    Raises ImageError where there is no ordinary readable file, nothing in it, or more than MAX_FILE_BYTES.
    """
    try:
        data = _read(source)
    except (OSError, ValueError) as error:
        raise ImageError(_sentence(error)) from error
    if not data:
        raise ImageError("The file is empty.")
    return data


def _read(source: FileSource) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _limited(bytes(source))
    if isinstance(source, (str, os.PathLike)):
        return _read_path(os.fspath(source))
    if hasattr(source, "read"):
        return _read_stream(source)
    raise TypeError(f"a picture cannot come from {type(source).__name__}")


def _read_path(path: str | bytes) -> bytes:
    with _open_path(path, "a picture") as stream:
        if os.fstat(stream.fileno()).st_size > MAX_FILE_BYTES:
            raise ImageError(TOO_MANY_BYTES)
        return _read_stream(stream)


def open_ordinary(path: str | bytes | os.PathLike, what: str) -> BinaryIO:
    """Open an ordinary file for reading; `what` it should be, such as "a picture". Raises ImageError."""
    try:
        return _open_path(os.fspath(path), what)
    except (OSError, ValueError) as error:
        raise ImageError(_sentence(error)) from error


def _open_path(path: str | bytes, what: str) -> BinaryIO:
    _check_ordinary(os.stat(path).st_mode, what)  # before the open: opening a device can already do something
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    stream = open(descriptor, "rb")  # noqa: SIM115
    try:
        _check_ordinary(os.fstat(descriptor).st_mode, what)  # again: the name may point elsewhere by now
    except ImageError:
        stream.close()
        raise
    return stream


def _check_ordinary(mode: int, what: str) -> None:
    if stat.S_ISDIR(mode):
        raise ImageError(f"This is a folder, not {what}.")
    if not stat.S_ISREG(mode):
        raise ImageError("Only ordinary files can be opened.")


def _read_stream(stream: BinaryIO) -> bytes:
    parts: list[bytes] = []
    total = 0
    while total <= MAX_FILE_BYTES:
        part = stream.read(min(CHUNK_BYTES, MAX_FILE_BYTES + 1 - total))
        if not part:
            break
        if not isinstance(part, (bytes, bytearray)):
            raise ImageError("A picture must be read from a file opened in binary mode.")
        parts.append(bytes(part))
        total += len(part)
    return _limited(b"".join(parts))


def _limited(data: bytes) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(TOO_MANY_BYTES)
    return data


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The file does not exist."
    if isinstance(error, PermissionError):
        return "The file cannot be read: permission is missing."
    return "The file cannot be read."
