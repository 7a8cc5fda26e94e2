"""`evaluate --domain`: how near a CycleGAN's paintings come to real ones."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from styleprop.cli.features import open_features
from styleprop.cli.tables import markdown_table
from styleprop.cli.terminal import json_line, quiet
from styleprop.errors import TrainingError

if TYPE_CHECKING:
    import numpy as np

    from styleprop.checkpoints import Checkpoint

SIDES = (256, 1024)
SHOWN = 12
HEADERS = (
    "side",
    "Fréchet ratio",
    "real against real",
    "palette ratio",
    "grain, flat",
    "grain, gradient",
    "overshoot",
    "lattice",
    "cycle PSNR dB",
    "seconds a picture",
)


def run_domain(arguments: argparse.Namespace) -> int:
    """Score a domain's CycleGAN on the pictures of --content and --style that its training set aside."""
    from styleprop.cli.batch import load_model

    model = load_model(arguments.checkpoint, arguments.debug)
    with quiet(arguments.debug):
        from styleprop.judge import DomainJudge

        checkpoint = model.translators.open(arguments.domain, False).checkpoint
        photos, _ = _split(checkpoint, arguments.content)
        paintings, others = _split(checkpoint, arguments.style)
        if not others:
            raise TrainingError("--style needs other paintings, too, to compare with those set aside.")
        judge = DomainJudge(open_features(arguments.features), *map(_read, (photos, paintings, others)))

    def translate(image: "np.ndarray") -> tuple["np.ndarray", "np.ndarray", float]:
        result = model.translate(image, arguments.domain, round_trip=True)
        assert result.cycled is not None
        return result.array, result.cycled, result.seconds

    def paint(image: "np.ndarray") -> "np.ndarray":
        return model.paint_domain(image, arguments.domain).without_lines().full().array

    rows = []
    for side in arguments.sides or SIDES:
        squares = _read(photos, side)
        translate(squares[0])
        score, painted = judge.score(translate, paint, squares)
        rows.append(tuple(asdict(score).values()))
        if arguments.json:
            print(json_line({"checkpoint": checkpoint.name, **asdict(score)}))
    if not arguments.json:
        print(markdown_table((checkpoint.name, *HEADERS[1:]), [(f"{side} px", *values) for side, *values in rows]))
    if arguments.sheet:
        _save_sheet(arguments.sheet, squares, painted)
    return 0


def _split(checkpoint: "Checkpoint", folder: str) -> tuple[list[Path], list[Path]]:
    """The pictures that were set aside, and as many that were not."""
    from styleprop.checkpoints import HELD_OUT_FILE
    from styleprop.data import list_images

    listed = checkpoint.folder / HELD_OUT_FILE
    names = set(listed.read_text(encoding="utf-8").splitlines()) if listed.is_file() else set()
    found = list_images([folder])
    aside = [path for path in found if path.name in names]
    if not aside:
        raise TrainingError(f"{Path(folder).name} has none of the pictures that {checkpoint.name} set aside.")
    others = [path for path in found if path.name not in names]
    return aside, others[:: max(1, len(found) // (2 * len(aside)))][: len(aside)]


def _read(paths: list[Path], side: int = SIDES[0]) -> list:
    from styleprop import images

    return [images.center_square(images.load(path).image, side) for path in paths]


def _save_sheet(path: str, photos: Sequence["np.ndarray"], painted: Sequence["np.ndarray"]) -> None:
    from styleprop import images
    from styleprop.images.sheets import contact_sheet

    half = SHOWN // 2
    rows = [part[start : start + half] for start in (0, half) for part in (photos, painted)]
    images.save(contact_sheet(rows, SIDES[0]), path)
