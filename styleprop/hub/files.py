"""Which files a checkpoint's repository may have, and what they must look like before anything opens them."""

import re
from pathlib import Path

import h5py

from styleprop.checkpoints import (
    CARD_FILE,
    CONFIG_FILE,
    HELD_OUT_FILE,
    MAX_FILE_BYTES,
    PALETTE_FILE,
    SUMS_FILE,
    WEIGHTS_SUFFIX,
    Checkpoint,
    verify_checkpoint,
)
from styleprop.config import AutoencoderConfig
from styleprop.errors import CheckpointError
from styleprop.styles import STYLES_FILE, load_styles
from styleprop.weights import LOADERS

MAX_BYTES = 128 * 1024 * 1024
MAX_FILES = 32
MAX_VALUES = 128 * 1024 * 1024  # of the arrays of one weights file, however well they are packed
MAX_PARAMETERS = 64_000_000
TEXTS = (CONFIG_FILE, SUMS_FILE, CARD_FILE, STYLES_FILE, HELD_OUT_FILE, PALETTE_FILE)
TOTAL_FILE = ".total"  # in a folder that files are downloaded to: how many bytes they will be
HDF5_START = b"\x89HDF\r\n\x1a\n"


def is_allowed(name: str) -> bool:
    """Whether a file of this name belongs to a checkpoint."""
    return name in TEXTS or bool(re.fullmatch(rf"[a-z0-9_]{{1,64}}{re.escape(WEIGHTS_SUFFIX)}", name))


def count_bytes(folder: Path) -> tuple[int, int]:
    """How much of a download is there, and how much it will be; 0 and 0 before that is known."""
    try:
        total = int((folder / TOTAL_FILE).read_text())
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != TOTAL_FILE]
    except (OSError, ValueError):  # not there yet, or renamed meanwhile
        return 0, 0
    return min(sum(sizes), total), total


def choose_files(sizes: dict[str, int | None], repo: str) -> list[str]:
    """The names to download, of all that a repository has with their sizes. Raises CheckpointError."""
    chosen = {name: size for name, size in sizes.items() if is_allowed(name)}
    if CONFIG_FILE not in chosen or SUMS_FILE not in chosen:
        raise CheckpointError(
            "{repo} holds no styleprop checkpoint: {file} or {other} is missing.",
            repo=repo,
            file=CONFIG_FILE,
            other=SUMS_FILE,
        )
    known = [size for size in chosen.values() if isinstance(size, int) and 0 <= size <= MAX_FILE_BYTES]
    if len(known) < len(chosen) or sum(known) > MAX_BYTES or len(chosen) > MAX_FILES:
        raise CheckpointError(
            "{repo} is too large for a checkpoint: {files} files, {each} MB each and {all} MB in all are the most.",
            repo=repo,
            files=MAX_FILES,
            each=MAX_FILE_BYTES >> 20,
            all=MAX_BYTES >> 20,
        )
    return sorted(chosen)


def check_whole(folder: Path) -> Checkpoint:
    """Verify a folder that came from afar: every file's kind and hash, every array's shape, every value finite.

    Files that SHA256SUMS does not list are removed, but for the card.

    Raises:
        CheckpointError: anything is not as it should be.
    """
    for path in sorted(folder.iterdir()):
        _check_kind(path)
    checkpoint = verify_checkpoint(folder)
    _remove_unlisted(folder)
    for path in sorted(folder.glob(f"*{WEIGHTS_SUFFIX}")):
        _check_arrays(path)
    _check_dimensions(checkpoint.config.to_dict(), checkpoint.name)
    LOADERS[checkpoint.kind](checkpoint)
    if isinstance(checkpoint.config, AutoencoderConfig):
        load_styles(folder, checkpoint.config.code_size)
    return checkpoint


def _check_kind(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(512)
    if start.startswith(b"version https://git-lfs"):
        raise CheckpointError("{name} is a git-LFS pointer, not the file itself.", name=path.name)
    if start.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise CheckpointError("{name} is a web page, not the file itself.", name=path.name)
    if path.name.endswith(WEIGHTS_SUFFIX) and not start.startswith(HDF5_START):
        raise CheckpointError("{name} is not a file of weights.", name=path.name)


def _remove_unlisted(folder: Path) -> None:
    listed = {line.partition("  ")[2].strip() for line in (folder / SUMS_FILE).read_text("utf-8").splitlines()}
    for path in folder.iterdir():
        if path.name not in listed | {SUMS_FILE, CARD_FILE}:
            path.unlink()


def _check_arrays(path: Path) -> None:
    """Refuse arrays that lie in other files, and those that would be huge once unpacked."""
    try:
        with h5py.File(path, "r") as file:
            total = _count_values(file, depth=0)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError("{name} is not a whole file of weights.", name=path.name) from error
    if not 0 < total <= MAX_VALUES:
        raise CheckpointError("{name} holds more than weights, or nothing.", name=path.name)


def _count_values(group: h5py.Group, depth: int) -> int:
    total = 0
    for name in group:
        linked = isinstance(group.get(name, getlink=True), h5py.HardLink)
        item = group[name] if linked and depth < 16 else None
        if isinstance(item, h5py.Group):
            total += _count_values(item, depth + 1)
        elif isinstance(item, h5py.Dataset) and not item.is_virtual and not item.external:
            total += item.size or 0
        else:
            raise ValueError("a link out of the file")
    return total


def _check_dimensions(config: object, name: str) -> None:
    """Refuse a config whose network would not fit into memory, before it is built."""
    if not isinstance(config, dict):
        return
    for value in config.values():
        _check_dimensions(value, name)
    widths: list[int] = []
    depths: list[int] = []
    for key, value in config.items():
        values = value if isinstance(value, list | tuple) else [value]
        numbers = [number for number in values if isinstance(number, int)]
        (depths if "blocks" in key else widths).extend(numbers)
    if 18 * (1 + sum(depths)) * max([0, *widths]) ** 2 > 8 * MAX_PARAMETERS:
        raise CheckpointError("Checkpoint {name} describes a network that is too large.", name=repr(name))
