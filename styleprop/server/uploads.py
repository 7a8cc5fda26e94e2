"""The app's own folder for what visitors send and get: private, outside the working directory, gone at the end."""

import atexit
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from styleprop import images
from styleprop.errors import GoneError, ImageError, StyleError, VideoError
from styleprop.own_styles import OwnStyle, load_style
from styleprop.server.decoded import Decoded

VARIABLE = "GRADIO_TEMP_DIR"
PREFIX = "styleprop-"
LOCK = ".lock"
RESULTS, EXAMPLES, TRAININGS, CLIPS = "results", "examples", "trainings", "clips"
_decoded = Decoded()
GONE = "This picture is not here any more: pictures are kept for an hour. Add it again."
NO_CLIP = "This clip is not here any more: clips are kept for an hour. Add it again."
NOT_UPLOADED = "This picture was not uploaded here: choose, drop or paste one."


def make_folder() -> Path:
    """Make a new 0700 folder, tell Gradio to use it, and remove it when the process ends.

    A lock in it says that the process lives; whoever can take it may remove the folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)  # held open until the process is gone
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.environ[VARIABLE] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def open_picture(payload: Any) -> images.Picture:
    """Open what an image component, or a caller over HTTP, sent.

    Args:
        payload: a file description with a "path", a path, or None.

    Raises:
        ImageError: there is none, it lies outside the app's folder, or it is no picture.
    """
    path = payload.get("path") if isinstance(payload, dict) else payload
    if path is None:
        raise ImageError("Choose a picture first.")
    return _decoded.load(checked(path))


def open_style(payload: Any) -> OwnStyle:
    """Open the style file that a file component, or a caller over HTTP, sent.

    Raises:
        ImageError: it lies outside the app's folder, or is not here any more.
        StyleError: there is none, or it cannot be read.
    """
    path = payload.get("path") if isinstance(payload, dict) else payload
    if path is None:
        raise StyleError("Choose a style file first.")
    return load_style(checked(path))


def checked(path: Any) -> Path:
    """The path with all links followed; it must be an ordinary file inside the app's folder."""
    if not isinstance(path, str):
        raise ImageError(NOT_UPLOADED)
    try:
        resolved = Path(path).resolve()
        inside = resolved.is_relative_to(Path(os.environ[VARIABLE]).resolve())
        there = inside and resolved.exists()
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(NOT_UPLOADED) from error
    if not inside or (there and not resolved.is_file()):
        raise ImageError(NOT_UPLOADED)
    if not there:
        raise GoneError(GONE)
    return resolved


def checked_clip(payload: Any) -> Path:
    """The path of what a video component sent, checked as that of a picture. Raises VideoError."""
    path = payload.get("path") if isinstance(payload, dict) else payload
    if path is None:
        raise VideoError("Choose a clip first.")
    try:
        return checked(path)
    except ImageError as error:
        raise VideoError(NO_CLIP) from error


def checked_files(payload: Any) -> list[Path]:
    """The paths of what a file component sent, each checked. Raises ImageError."""
    files = payload if isinstance(payload, list) else [payload] if payload else []
    return [checked(file.get("path") if isinstance(file, dict) else file) for file in files]


def write_result(data: bytes, name: str) -> str:
    """Write a file for a visitor to take and return its path; Gradio deletes it with its other files."""
    path = result_path(name)
    path.write_bytes(data)
    return str(path)


def move_result(source: Path, name: str) -> str:
    """Give a file of the app's folder to a visitor, under another name, and return its path."""
    path = result_path(name)
    source.replace(path)
    path.touch()
    return str(path)


def result_path(name: str) -> Path:
    """Where to write such a file, in a folder of its own whose name nobody can guess."""
    folder = Path(os.environ[VARIABLE]) / RESULTS / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    return folder / name


def copy_result(source: Path) -> str:
    """Copy a file out of a training's folder, which is closed to visitors; the same content is copied once."""
    data = source.read_bytes()
    path = Path(os.environ[VARIABLE]) / RESULTS / hashlib.sha256(data).hexdigest()[:32] / source.name
    if not path.is_file():
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        path.write_bytes(data)
    return str(path)


def copy_in(source: Path) -> str:
    """Copy a file of ours, such as an example, into the folder unless it is there, and return its path there."""
    path = Path(os.environ[VARIABLE]) / EXAMPLES / source.name
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, path)
    return str(path)
