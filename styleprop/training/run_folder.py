"""The folder of a fine-tune that runs in a process of its own."""

import shutil
from pathlib import Path


def copy_pictures(paths: tuple[Path, ...], folder: Path) -> tuple[Path, ...]:
    """Copy files into a new folder, numbered; the ending stays."""
    folder.mkdir()
    return tuple(
        Path(shutil.copyfile(path, folder / f"{number:02d}{path.suffix}")) for number, path in enumerate(paths)
    )


def file_size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def clean_up(folder: Path) -> None:
    """Remove what a killed process may have left half-written."""
    for path in folder.glob("*.partial"):
        path.unlink(missing_ok=True)
    for path in folder.glob(".new-*"):
        shutil.rmtree(path, ignore_errors=True)
