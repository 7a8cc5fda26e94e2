"""The folder of a fine-tune that runs in a process of its own."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

JOB_FILE, REPORTS_FILE, OUTCOME_FILE, STOP_FILE = "job.json", "reports.jsonl", "outcome.json", "stop"
BEFORE_FILE, PREVIEW_FILE, LOG_FILE = "before.png", "preview.png", "worker.log"
NO_ROOM, NO_ROOM_STATUS = "The training stopped: there is no room left on the disk.", 74
BEST_FILE, RESULT_FOLDER = "best.json", "tuned"


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


def read_reports(folder: Path) -> list[dict[str, Any]]:
    """The reports so far; a line that is being written is left out."""
    try:
        lines = (folder / REPORTS_FILE).read_text(encoding="utf-8").split("\n")[:-1]
    except OSError:
        return []
    return [json.loads(line) for line in lines]


def seconds_before(folder: Path) -> float:
    """How long the folder's run has been trained so far."""
    reports = read_reports(folder)
    return reports[-1]["seconds"] if reports else 0.0


def read_json(path: Path) -> dict[str, Any] | None:
    """What `write_json` wrote, or None where there is nothing."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(values), encoding="utf-8")
    os.replace(temporary, path)
