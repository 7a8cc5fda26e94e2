"""Files of this computer, and of whatever `fsspec` opens: s3://, gs://, hdfs://, sftp://, file:// and others."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from styleprop import images
from styleprop.errors import ImageError, StylepropError

NO_PACKAGE = "Files at {protocol}:// need a package that is not installed; {hint}"


def is_remote(name: str) -> bool:
    """Whether a name is an address, such as s3://bucket/folder, and no path of this computer."""
    return "://" in name


def open_system(name: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it. Raises StylepropError where nothing opens it."""
    import fsspec

    protocol = name.partition("://")[0]
    try:
        return fsspec.core.url_to_fs(name)
    except (ImportError, ValueError) as error:
        hint = " ".join(str(error).split()) or f"install fsspec's package for {protocol}."
        raise StylepropError(NO_PACKAGE.format(protocol=protocol, hint=hint)) from error


def list_pictures(source: str) -> list[str]:
    """Addresses of the pictures right inside a folder, sorted; else the address itself. Raises StylepropError."""
    system, path = open_system(source)
    if not system.isdir(path):
        return [source]
    names = [Path(entry).name for entry in system.ls(path, detail=False)]
    wanted = [name for name in names if not name.startswith(".") and Path(name).suffix.lower() in images.ENDINGS]
    return [join(source, name) for name in sorted(wanted)] or [source]


def join(folder: str, name: str) -> str:
    """The path or address of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_remote(folder) else os.path.join(folder, name)


def read(name: str) -> bytes:
    """The bytes of a picture, not more than a picture may have. Raises ImageError."""
    if not is_remote(name):
        if os.path.isdir(name):
            raise ImageError("There are no pictures in this folder.")
        return images.read_source(name)
    system, path = open_system(name)
    try:
        with system.open(path, "rb") as stream:
            return images.read_source(stream)
    except FileNotFoundError as error:
        raise ImageError("The file does not exist.") from error
    except OSError as error:
        raise ImageError("The file cannot be read.") from error


def exists(name: str) -> bool:
    """Whether there is such a file."""
    if not is_remote(name):
        return os.path.isfile(name)
    system, path = open_system(name)
    return bool(system.isfile(path))


def write(name: str, save: Callable[[str], None]) -> None:
    """Write a picture whole or not at all; `save(path)` does so on this computer. Raises ImageError."""
    if not is_remote(name):
        save(name)
        return
    system, path = open_system(name)
    folder, _, last = path.rpartition("/")
    draft = f"{folder}/.{secrets.token_hex(8)}.part"
    with tempfile.TemporaryDirectory(prefix="styleprop-") as here:
        local = os.path.join(here, last)
        save(local)
        try:
            system.makedirs(folder, exist_ok=True)
            system.put_file(local, draft)
            system.mv(draft, path)
        except OSError as error:
            raise ImageError(f"{last} cannot be written: the system refused.") from error
